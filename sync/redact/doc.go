// Package redact removes the secrets of a session from what leaves a client: errors, diagnostics,
// log lines. A server knows the secret that it was sent, and may send it back anywhere. The secrets
// are those that a client has signed in with so far; the adapters add them, and pass everything
// that they return or report through this package.
//
// Start reading at Secrets.Add; forms.go has the forms in which a secret is recognized.
package redact
