// Package control is what a console or a verb may ask of the engine: small interfaces, served in
// process by Local.
//
// Nothing here blocks for long unless it takes a context. None of it may be called from a screen's
// update loop without a command around it, except Progress and Current, which only read memory.
//
// Start reading at Connector, which is all that a front end sees; then Local, and execute, where a
// request becomes a run.
package control
