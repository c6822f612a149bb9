// Package check looks at the data of directories before, or between, synchronizations: what of it
// would be left alone, and what would surprise. It reads directories only, applies the mapping as a
// run would, and writes nothing but a temporary file. Memory does not grow with the directory (P9).
//
// Start reading in check.go; class.go has the kinds of finding.
package check
