// Package edits is what both front ends do with settings that are edited and not saved: copy,
// compare, and put them on top of what another program or person made of the file. It is pure.
//
// Start reading in edits.go, its one file.
package edits
