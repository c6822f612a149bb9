// Package why puts an explanation of one person, group or account into words, for the verb and for
// the console.
//
// Start reading in why.go, its only file; the facts come from control.Explanation.
package why
