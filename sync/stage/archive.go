package stage

import (
	"context"

	"dirbridge/sync/identity"
	"dirbridge/sync/port"
)

// Archived returns a deleted account, if the cloud still shows it. It is told besides what is known
// without it, so that a failure to ask counts as no.
func (e *Env) Archived(ctx context.Context, kind identity.Kind, id identity.ResourceID) (port.Archived, bool) {
	archive, can := e.Target.(port.Archive)
	if !can || kind != identity.User || id == "" {
		return port.Archived{}, false
	}
	a, ok, err := archive.Archived(ctx, id)
	return a, ok && err == nil
}
