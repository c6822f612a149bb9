// Package look defines the appearance of the console: styles made of the 16 ANSI colors, marks with
// their ASCII counterparts, and the formats of numbers, times and names. Everything that draws
// receives a Look; nothing here is global and nothing does I/O.
//
// Start reading with Look. All external text goes through Clean before a terminal shows it.
package look
