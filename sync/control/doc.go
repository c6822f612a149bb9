// Package control is what a console or a command may ask of the engine: small interfaces, served in
// process by Local.
//
// Nothing here blocks for long unless it takes a context. A screen's update loop must run these
// methods in a command, except Progress and Current, which only read memory.
//
// Start reading at Connector, which is all that a front end sees; then Local, and execute, which
// turns a request into a run.
package control
