// Package setup is the set-up in the console: it draws the steps of the wizard, tests what is
// entered, and keeps the draft. What it needs of the console around it, it asks for by messages.
//
// Start reading in setup.go; messages.go has the messages, cloud.go, directory.go and later.go the
// steps.
package setup
