// Package scimtest is an embedded SCIM 2.0 cloud: a real HTTP server on loopback
// that any SCIM client can speak to, with Webex's schemas and limits, and with
// faults to order. It is for trying the program and for tests; it keeps everything
// in memory and has no protection but its bearer token.
//
// Start at Options (options.go) and Start (server.go). Tests fill a running cloud by data.go
// and load.go, order faults by Fault (fault.go), and count what was done by
// stats.go. A request comes in at exchange.go and is routed by route.go;
// crud.go, list.go, patch.go and bulk.go answer it from store.go; look.go decides which
// attributes an answer shows.
//
// Sources: RFC 7643, RFC 7644, and Webex's published administration API for what
// departs from them (Groups/{id}/Members, includeMembers, lower-case operations).
package scimtest
