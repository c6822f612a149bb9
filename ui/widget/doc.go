// Package widget holds the pieces that pages are made of: a long list of which only the rows near
// the screen are in memory, a line of text being typed, and a block of text that scrolls. None of
// them knows what it shows, and none does I/O: the page fetches the rows that a Window asks for.
//
// Start reading with Window.
package widget
