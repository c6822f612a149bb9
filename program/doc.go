// Package program builds the program out of its parts from a configuration: the one place
// that knows the adapters, the engine and the front ends together. Command dirbridge calls
// Main; the end-to-end tests use the rest.
//
// Start reading at Main in program.go, which hands everything to ui/cli. The connector of
// the same file turns the configuration into sources, a target and an engine; each front
// end works on what session returns.
package program
