package cloud

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"

	"golang.org/x/sync/errgroup"

	"dirbridge/cloud/profile"
	"dirbridge/sync/identity"
)

// Members lists the memberships of all groups, each once.
func (t *Target) Members(ctx context.Context, fn func(group, member identity.ResourceID) error) (err error) {
	defer t.client.secrets.In(&err)
	switch {
	case !t.profile.Group.Supported:
		return ctx.Err()
	case t.profile.Group.Members != profile.InListing || t.profile.List.Paging == profile.Unlisted:
		return t.membersByGroup(ctx, fn, t.memberReader())
	}
	l := &listing{t: t, what: "the members of the groups", path: "/Groups", count: min(t.pages, 50),
		d: t.decoder(identity.Group, t.groupsWithMembers)}
	shown := false
	err = l.walk(ctx, func(r *row) error {
		shown = shown || r.hasMembers
		return each(r, fn)
	})
	if err != nil || shown {
		return err
	}
	// No group showed any members: either all are empty, or the list omits members. Only the groups
	// themselves tell.
	return t.membersByGroup(ctx, fn, t.membersWhole)
}

// each passes the members of a group to fn. Some servers list a member twice.
func each(r *row, fn func(group, member identity.ResourceID) error) error {
	seen := newIDSet()
	for _, m := range r.members {
		if !seen.add(m) {
			continue
		}
		if err := fn(r.ID, m); err != nil {
			return err
		}
	}
	return nil
}

// reader reads the members of one group.
type reader func(ctx context.Context, group identity.ResourceID, fn func(member identity.ResourceID) error) error

// membersByGroup reads each group's members separately, several groups at a time.
func (t *Target) membersByGroup(ctx context.Context, fn func(group, member identity.ResourceID) error,
	read reader) error {
	var groups []identity.ResourceID
	err := t.Resources(ctx, identity.Group, func(r identity.Resource) error {
		groups = append(groups, r.ID)
		return nil
	})
	if err != nil {
		return err
	}
	var one sync.Mutex // fn is never called concurrently
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(t.workers)
	for _, id := range groups {
		g.Go(func() error {
			return read(ctx, id, func(m identity.ResourceID) error {
				one.Lock()
				defer one.Unlock()
				if err := ctx.Err(); err != nil {
					return err
				}
				return fn(id, m)
			})
		})
	}
	return g.Wait()
}

// membersPaged reads members from /Groups/{id}/Members. A group that was deleted since the listing
// has none; one that is there although its members are not has them in itself.
func (t *Target) membersPaged(ctx context.Context, group identity.ResourceID,
	fn func(identity.ResourceID) error) error {
	l := &listing{t: t, what: "the members of group " + string(group), path: pathOf(identity.Group, group) + "/Members",
		count: t.profile.Group.MembersPage, d: t.decoder(identity.Member, t.members)}
	err := l.walk(ctx, func(r *row) error { return fn(r.ID) })
	if !gone(err) {
		return err
	}
	// It is the group that is gone, or what lists its members.
	shown := 0
	err = t.membersWhole(ctx, group, func(m identity.ResourceID) error { shown++; return fn(m) })
	if err == nil && shown >= l.count {
		return unreadable(fmt.Errorf("the members of group %s cannot be listed, and it shows %d at most", group, l.count))
	}
	return err
}

// membersWhole reads members from the group itself.
func (t *Target) membersWhole(ctx context.Context, group identity.ResourceID,
	fn func(identity.ResourceID) error) error {
	r, ok, err := t.get(ctx, t.decoder(identity.Group, t.groupsWithMembers), pathOf(identity.Group, group), "")
	if err != nil {
		return fmt.Errorf("reading the members of group %s in the cloud: %w", group, err)
	}
	if !ok {
		return nil
	}
	if err := each(&r, func(_, m identity.ResourceID) error { return fn(m) }); err != nil {
		return err
	}
	return ctx.Err()
}

// membersFound reads members as the users that are in the group, for a provider that shows groups
// without members.
func (t *Target) membersFound(ctx context.Context, group identity.ResourceID,
	fn func(identity.ResourceID) error) error {
	l, err := t.listing(identity.User)
	if err != nil {
		return err
	}
	l.what, l.filter = "the members of group "+string(group), "groups.value eq "+quote(string(group))
	err = l.walk(ctx, func(r *row) error { return fn(r.ID) })
	if gone(err) {
		return nil
	}
	return err
}

// GroupMembers lists the members of one group, each once.
func (t *Target) GroupMembers(ctx context.Context, group identity.ResourceID,
	fn func(member identity.ResourceID) error) (err error) {
	defer t.client.secrets.In(&err)
	return t.memberReader()(ctx, group, fn)
}

// memberReader returns how this provider lists the members of one group.
func (t *Target) memberReader() reader {
	switch t.profile.Group.Members {
	case profile.Endpoint:
		return t.membersPaged
	case profile.ByFilter:
		return t.membersFound
	}
	return t.membersWhole
}

var errFound = errors.New("found")

// HasMember reports whether the group has the member now.
func (t *Target) HasMember(ctx context.Context, group, member identity.ResourceID) (has bool, err error) {
	defer t.client.secrets.In(&err)
	in, err := t.holds(ctx, group, []identity.ResourceID{member})
	return in[member], err
}

// holds returns which of the members the group has now.
func (t *Target) holds(ctx context.Context, group identity.ResourceID,
	members []identity.ResourceID) (map[identity.ResourceID]bool, error) {
	asked := make(map[identity.ResourceID]bool, len(members))
	for _, m := range members {
		asked[m] = true
	}
	in := make(map[identity.ResourceID]bool, len(members))
	err := t.memberReader()(ctx, group, func(m identity.ResourceID) error {
		if asked[m] {
			in[m] = true
			if len(in) == len(asked) {
				return errFound // the rest does not matter
			}
		}
		return nil
	})
	if err != nil && !errors.Is(err, errFound) {
		return nil, err
	}
	return in, nil
}

// discard reads an answer that is not needed: a group with all its members.
func discard(_ int, _ http.Header, r io.Reader) error {
	_, err := io.Copy(io.Discard, r)
	return err
}
