// Package check inspects the data of directories before, or between, synchronizations: what would
// not be synchronized, and what may be unexpected. It only reads directories, applies the mapping
// as a run does, and writes nothing but a temporary file. Memory does not grow with the directory
// (P9).
//
// Start reading in check.go; class.go has the kinds of finding.
package check
