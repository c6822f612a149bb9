// Package program builds the program from its parts and a configuration. It is the only package
// that knows the adapters, the engine and the front ends together. Command dirbridge calls Main;
// the end-to-end tests use the rest.
//
// Start reading at Main in program.go, which hands everything to ui/cli. The connector in the same
// file turns the configuration into sources, a target and an engine; each front end works with the
// session that Open returns.
package program
