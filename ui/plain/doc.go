// Package plain is the accessible mode: a second front end beside the console, for screen readers
// and for the worst of lines. It reads lines and writes lines: numbered choices, one line for each
// change of state, no colours, no borders, and nothing is ever painted over. What it can do is what
// the console can; it speaks with control.Connector and, for a first start, control.Setup alone.
//
// Start reading at Run. A page is a function that asks and says, in the file of its name.
package plain
