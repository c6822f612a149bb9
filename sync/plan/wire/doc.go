// Package wire is the compact binary form in which changes and shadows are kept in
// plan files and in the store. Both outlive the program that wrote them: what is
// written once can be read for ever, so an encoding is only ever given a new
// version beside the old one, and words.go only ever grows at its end.
//
// Numbers are varints. A string is a number whose lowest two bits say what it is: a
// literal and its length, a word of the dictionary, or a literal that stood earlier
// in the same message. A person's values stand in a message up to three times (the
// change, the raw input, the value applied), which is what the last one is for.
//
// Start reading in wire.go.
package wire
