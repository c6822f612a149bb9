// Package words has the texts that the front ends share: the console, which draws, and the
// accessible mode, which prints lines. It knows no screen.
//
// Start reading in words.go.
package words
