package ldap

import (
	"context"

	"dirbridge/sync/identity"
)

// ListContacts lists the contacts, or the rooms, in scope (see kind), like People: below the base
// DNs, not excluded, matching the filter of their kind. Rooms are users that match
// Options.RoomFilter; they are never people. Group membership does not matter.
func (s *Source) ListContacts(ctx context.Context, kind identity.Kind, fn func(identity.Entry) error) (err error) {
	defer s.secrets.In(&err)
	if kind != identity.Contact && kind != identity.Room {
		return giveUp("", "%q is neither contact nor room", kind)
	}
	return s.list(ctx, kind, "listing "+string(kind)+"s", fn)
}
