// Package firststart is what both front ends know of a first start: its steps, where a draft
// stands, what is missing in it, and the words for what was found. It is pure: it knows no screen,
// asks nothing and keeps nothing.
//
// Start reading in firststart.go; words.go has the sentences.
package firststart
