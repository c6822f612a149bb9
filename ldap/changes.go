package ldap

import (
	"context"
	"errors"
	"fmt"
	"time"

	"dirbridge/sync/identity"

	goldap "github.com/go-ldap/ldap/v3"
)

// Cookie says from where Changes would begin now: of Active Directory by DirSync
// where the bind account may use it, else by uSNChanged; of OpenLDAP by RFC 4533
// where its database has the syncprov overlay; of others by modifyTimestamp. A chain
// with an *identity.Stale says that the server tells changes in no way.
func (s *Source) Cookie(ctx context.Context) (now identity.Cookie, err error) {
	defer s.secrets.In(&err)
	err = s.with(ctx, func(c *session) (err error) {
		now, err = c.position(ctx)
		return err
	})
	return now, err
}

// Changes tells what was touched since a position, on one session from beginning to
// end.
//
// Touches have their kinds; rooms are users here. Members are told by DirSync alone,
// and not of a group that was renamed, moved or undeleted: the first two look like the
// last, by which members come back without being told.
//
// A change of an attribute that neither the mapping nor a filter reads may be left
// out.
func (s *Source) Changes(ctx context.Context, since identity.Cookie, fn func(identity.ChangeNotification) error) (now identity.Cookie, err error) {
	defer s.secrets.In(&err)
	if s.opt.Changes != "" && s.opt.Changes != since.Way {
		return since, stale("they were asked for by %s so far, and are to be by %s now", since.Way, s.opt.Changes)
	}
	next := since
	err = s.with(ctx, func(c *session) (err error) {
		if next, err = c.changes(ctx, since, fn); err != nil {
			return err
		}
		return c.basesStand(ctx)
	})
	if err != nil {
		return since, err
	}
	return next, nil
}

// basesStand is nil where every base DN is there. One that was renamed takes all of
// its people out of scope, which changes alone would show as people who left; a listing
// refuses it, and so must this. It is asked for last, of the moment up to which was told.
func (c *session) basesStand(ctx context.Context) error {
	for _, base := range c.dir.bases {
		if base == c.dir.context {
			continue
		}
		q := query{what: fmt.Sprintf("looking for the base DN %s at %s", base, c.server), base: base, scope: goldap.ScopeBaseObject, filter: everything, attrs: none()}
		if err := c.run(ctx, q, func(*rawEntry) error { return nil }); err != nil {
			return err
		}
	}
	return nil
}

func (c *session) position(ctx context.Context) (identity.Cookie, error) {
	way := c.source.opt.Changes
	if !c.dir.ad() {
		return c.plainPosition(ctx, way)
	}
	if way == identity.DirSync || way == "" && c.dir.dirSync {
		p, err := c.dirSyncPosition(ctx)
		if err == nil || way != "" || !declined(err) {
			return p, err
		}
	}
	if way == identity.DirSync || way == identity.USN || way == "" {
		return c.usnPosition(ctx)
	}
	return identity.Cookie{}, stale("%s does not tell them by %s", c.server, way)
}

func (c *session) changes(ctx context.Context, since identity.Cookie, fn func(identity.ChangeNotification) error) (identity.Cookie, error) {
	ask := c.asking(since.Way)
	if ask == nil {
		return since, stale("%s (%s) does not tell them by %s", c.server, c.dir.product, since.Way)
	}
	from, err := decodeCookie(since.Value)
	if err != nil {
		return since, stale("the position that was remembered cannot be read (%v)", err)
	}
	if from.Directory != c.dir.identity {
		return since, stale("the position that was remembered is one of another directory")
	}
	if !c.dir.ad() {
		return ask(ctx, since, from, fn) // no server forgets there without saying so
	}
	if age := time.Since(time.Unix(from.At, 0)); age > cookieAge {
		return since, stale("the last position is of %s, and what was deleted since may be forgotten", time.Unix(from.At, 0).UTC().Format(time.DateOnly))
	}
	return ask(ctx, since, from, fn)
}

// asking is how changes are asked for by that way; nil where the server's kind of
// directory has no such way.
func (c *session) asking(way identity.Way) func(context.Context, identity.Cookie, cookie, func(identity.ChangeNotification) error) (identity.Cookie, error) {
	switch {
	case c.dir.ad() && way == identity.DirSync:
		return c.dirSyncChanges
	case c.dir.ad() && way == identity.USN:
		return c.usnChanges
	case !c.dir.ad() && way == identity.SyncRepl:
		return c.syncChanges
	case !c.dir.ad() && way == identity.Timestamp:
		return c.timestampChanges
	}
	return nil
}

// settle makes the position from which the next changes are asked for.
func (c *session) settle(ctx context.Context, way identity.Way, at cookie, since *identity.Cookie) (identity.Cookie, error) {
	at.Directory, at.At = c.dir.identity, time.Now().Unix()
	p := identity.Cookie{Way: way, Value: at.encode()}
	if way == identity.DirSync && at.Flags&objectSecurity == 0 && c.dir.product != samba {
		// With the right to replicate, nothing is hidden (MS-ADTS section
		// 3.1.1.3.4.1.3); Samba reads with the account's own rights all the same.
		return p, nil
	}
	hidden, err := c.hiddenDeletions(ctx)
	if err != nil {
		return p, err
	}
	if len(hidden) > 0 {
		p.Untold, p.Remedy = untold(c.source.opt.BindUser, hidden)
	}
	if since != nil && since.Untold != "" && p.Untold == "" {
		return p, stale("deletions are visible to the bind account since now; those before are found by reading everything")
	}
	return p, nil
}

func stale(format string, args ...any) error {
	return giveUp("", "%w", &identity.Stale{Reason: fmt.Sprintf(format, args...)})
}

// declined reports whether the server gave the answer that it will give again.
func declined(err error) bool {
	var said *answer
	if !errors.As(err, &said) {
		return false
	}
	switch said.result.ResultCode {
	case goldap.LDAPResultBusy, goldap.LDAPResultUnavailable, goldap.LDAPResultTimeLimitExceeded:
		return false
	}
	return true
}
