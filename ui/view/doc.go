// Package view says what each page says: its facts, rows and sentences, and the remedies in the
// words of the front end that shows them. The console draws them, the accessible mode reads them
// out, and the verbs print them. It draws nothing and does no I/O.
//
// Start reading in audience.go, which says which front end a sentence is for; then a file a page.
package view
