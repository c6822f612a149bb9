// Package firststart has what both front ends know about a first start: its steps, the progress of
// a draft, its missing entries, and the texts for the results. It is pure: it knows no screen and
// does no I/O.
//
// Start reading in firststart.go; words.go has the sentences.
package firststart
