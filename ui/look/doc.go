// Package look is how the console looks, in one place: styles made of the 16 ANSI colours, marks
// with their ASCII twins, and the forms of numbers, times and names. A Look is passed to all that
// draw; nothing here is global and nothing does I/O.
//
// Start reading with Look. Clean is what all text from outside goes through before a terminal shows
// it.
package look
