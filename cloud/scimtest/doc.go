// Package scimtest is an embedded SCIM 2.0 cloud: a real HTTP server on loopback for any SCIM
// client, with Webex's schemas and limits, and with injectable faults. It is for trying the program
// and for tests; it keeps everything in memory and has no protection except its bearer token.
//
// Start at Options (options.go) and Start (server.go). Tests fill a running cloud with data.go and
// load.go, inject faults (fault.go), and count requests with stats.go. A request arrives in
// exchange.go and is routed by route.go; crud.go, list.go, patch.go and bulk.go answer it from
// store.go; selection.go decides which attributes an answer shows.
//
// Sources: RFC 7643, RFC 7644, and Webex's published administration API for its deviations
// (Groups/{id}/Members, includeMembers, lower-case operations).
package scimtest
