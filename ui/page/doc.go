// Package page is what the console and its pages know of each other: the Page interface, the
// commands, and the messages that they exchange. A page is a model: it keeps what the messages of
// messages.go bring, and draws that alone. What it wants done outside itself it requests through
// its Host. No page knows another page, and none reads the state of the console.
//
// Start reading at Page, then Host.
package page
