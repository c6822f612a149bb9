// Package redact keeps the secrets of a session out of what leaves a client: errors, diagnostics,
// log lines. A server knows the secret that it was sent, and may send it back anywhere. Secrets are
// what a client has signed in with so far; the adapters add to it, and pass all that they return or
// report through it.
//
// Start reading at Secrets.Add; forms.go has the forms in which a secret is recognized.
package redact
