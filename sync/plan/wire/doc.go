// Package wire is the compact binary form of changes and shadows in plan files and in the store.
// Both outlive the program that wrote them: whatever was written must always be readable, so an
// encoding only ever gets a new version beside the old one, and words.go only ever grows at its
// end.
//
// Numbers are varints. A string is a number whose lowest two bits give its form: a literal and its
// length, a word of the dictionary, or a literal from earlier in the same message. A person's
// values occur in a message up to three times (the change, the raw input, the applied value), which
// the last form makes cheap.
//
// Start reading in wire.go.
package wire
