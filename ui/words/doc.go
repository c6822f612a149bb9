// Package words is what the front ends say in the same words: the console, which draws, and the
// accessible mode, which speaks. It knows no screen.
//
// Start reading in words.go.
package words
