// Package ui is the console: a root model that routes, and one page a tab. It sees the engine
// through control.Connector alone. Nothing here waits for anything: what may take time is a
// command, and progress is polled on a tick (P10).
//
// Start reading at Run, then root.Update. A page meets Page; everything that can be done is a
// Command, and the keys, menus, palette and help are all made from the same registry of them.
package ui
