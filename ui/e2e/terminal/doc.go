// Package terminal runs a program in a real terminal, types keys, and reads its screen. Only tests
// import it.
//
// Start reading at In in terminal_unix.go.
package terminal
