// Package component has the parts of which pages are made: a long list of which only the rows near
// the screen are in memory, frames with titles, tables, text fields, text that scrolls, lines of
// names that can be clicked, boxes over a page, and the dialogs. None of them knows its contents, and none does
// I/O: the page fetches the rows that a Window asks for.
//
// Start reading with Window and Panel. Bubbles and Lip Gloss do the work wherever they can; what is
// written here says why.
package component
