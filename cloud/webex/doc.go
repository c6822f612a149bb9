// Package webex holds what is Webex's own among SCIM 2.0 providers: how its
// identity service departs from RFC 7643 and RFC 7644, and its limits. It is facts
// and pure functions; package cloud does the talking.
//
// Start at webex.go, which is all of it.
//
// Source: Cisco's published OpenAPI description of the Webex admin APIs.
package webex
