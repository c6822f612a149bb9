// Package cloud is the client of a cloud user directory that speaks SCIM 2.0
// (RFC 7643, RFC 7644): Webex by a fixed profile, others by discovery. It lists
// whole or not at all, writes the least that a change asks for, and slows down as
// one where the cloud asks for it.
//
// Start at Target (target.go), the adapter. Reading begins at list.go and find.go, and
// decode.go makes identity.Resource of what comes, through the JSON scanner
// (json_scanner.go). Writing begins at apply.go: write.go and bulk.go send, body.go and
// patch.go make the bodies. Every request passes client.go, where rate_limit.go and
// circuit.go hold it back; failure.go says what a refusal means and how to repair it.
package cloud
