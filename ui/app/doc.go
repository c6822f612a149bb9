// Package app is the console: a root model that routes messages, and one page for each tab. It
// reaches the engine only through control.Connector. The update loop never waits: anything that may
// take time is a command, and progress is polled on a tick (P10).
//
// Start reading at Run, then root.Update. A page implements Page; everything that a user can do is
// a Command, and the keys, menus, palette and help all come from the same registry of commands.
package app
