// Package auth signs in to the cloud by OAuth 2.0 and stays signed in: device authorization
// (RFC 8628), client credentials with a secret or a signed assertion (RFC 7523), Webex service apps,
// and static tokens.
//
// Start reading at Source.Token, which every request to the cloud asks for its token. Source.renew
// refreshes: under a lock across processes, and the new tokens are on disk before their first use.
// Client.request is the one place that talks to a token endpoint; verdict.go says what its refusals
// mean; Device is the sign-in with a code.
package auth
