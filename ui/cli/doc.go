// Package cli is the verbs: the functions of the console without a terminal, with the same facts as
// text and as JSON.
//
// Start reading in cli.go, which lists the verbs; each has its own file.
package cli
