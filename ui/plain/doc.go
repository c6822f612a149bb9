// Package plain is the accessible mode: a second front end beside the console, for screen readers
// and poor connections. It reads lines and writes lines: numbered choices, one line for each change
// of state, no colors, no borders, and no overwriting. It can do what the console can; it uses only
// control.Connector and, for a first start, control.Setup.
//
// Start reading at Run. A page is a function that asks and prints, in the file of its name.
package plain
