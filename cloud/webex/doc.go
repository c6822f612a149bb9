// Package webex describes what is specific to Webex among SCIM 2.0 providers: how its identity
// service departs from RFC 7643 and RFC 7644, and its limits. It has facts and pure functions only;
// package cloud sends the requests.
//
// Everything is in webex.go.
//
// Source: Cisco's published OpenAPI description of the Webex admin APIs.
package webex
