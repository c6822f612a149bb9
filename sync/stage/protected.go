package stage

import (
	"dirbridge/sync/identity"
	"dirbridge/sync/policy"
)

// Protects finds the rule of Options.Protected that covers an account or a group, by its id or its
// name.
func (e *Env) Protects(id identity.ResourceID, key string) (rule string, yes bool) {
	for _, p := range e.Protected {
		if id != "" && string(id) == p || policy.Globbed(identity.Fold(p), identity.Fold(key)) {
			return p, true
		}
	}
	return "", false
}
