package ldap

import (
	"context"

	"dirbridge/sync/identity"
)

// Others lists the contacts, or rooms, in scope, like People: below the base DNs,
// not excluded, matching the filter of their kind. Rooms are users of whom
// Options.RoomFilter is true; they are never people. Membership of groups plays no
// part.
func (s *Source) Others(ctx context.Context, kind identity.Kind, fn func(identity.Entry) error) (err error) {
	defer s.secrets.In(&err)
	if kind != identity.Contact && kind != identity.Room {
		return giveUp("", "%q is neither contact nor room", kind)
	}
	return s.list(ctx, kind, "listing "+string(kind)+"s", fn)
}
