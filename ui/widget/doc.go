// Package widget has the building blocks of pages: a long list of which only the rows near the
// screen are in memory, a text field, and a block of text that scrolls. None of them knows its
// contents, and none does I/O: the page fetches the rows that a Window asks for.
//
// Start reading with Window.
package widget
