package port

import (
	"context"

	"dirbridge/sync/identity"
	"dirbridge/sync/record"
)

// Archive is a Target that can still show an account after its deletion.
type Archive interface {
	// Archived reads a deleted account. ok is false if the cloud knows none with that id.
	Archived(ctx context.Context, id identity.ResourceID) (a Archived, ok bool, err error)
}

// Archived is a deleted account.
type Archived = record.Archived
