// Package cloud is the client of a cloud user directory with SCIM 2.0 (RFC 7643, RFC 7644). What a
// provider expects is in its profile (package profile), and in what it publishes. Listings are
// complete or return an error, writes contain only what a change requires, and all requests slow
// down together when the cloud asks for it.
//
// Start at Target (target.go), the adapter. Reading begins in list.go and find.go; decode.go makes
// an identity.Resource with the JSON scanner (json_scanner.go). Writing begins in apply.go:
// write.go, put.go and bulk.go send, body.go and patch.go make the bodies, and dialect.go writes
// them as the provider understands them. Every request passes through client.go, where
// rate_limit.go and circuit.go hold it back; failure.go explains a refusal and its remedy. probe.go
// finds out what a provider can do.
package cloud
