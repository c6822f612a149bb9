// Package match decides which account belongs to which object of the directory, and in which order
// accounts can change their names. Start reading at Objects; decide.go is the rule, without I/O.
package match
