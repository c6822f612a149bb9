// Package cli is the verbs: what the console does, without a terminal, with a plain and a JSON view
// of the same facts.
//
// Start reading in cli.go, which lists the verbs; each has a file of its own.
package cli
