package ldap

import (
	"context"
	"errors"
	"fmt"
	"time"

	goldap "github.com/go-ldap/ldap/v3"

	"dirbridge/sync/identity"
)

// Cookie returns the present point in the directory's history. Active Directory: DirSync if the
// bind account may use it, else uSNChanged. OpenLDAP: RFC 4533 if the database has the syncprov
// overlay. Other servers: modifyTimestamp. The error chain has an *identity.Stale if the server
// offers no way to read changes.
func (s *Source) Cookie(ctx context.Context) (now identity.Cookie, err error) {
	defer s.secrets.In(&err)
	err = s.with(ctx, func(c *session) (err error) {
		now, err = c.currentCookie(ctx)
		return err
	})
	return now, err
}

// Changes reads what changed since a cookie, on a single session.
//
// Notifications name their kind; a room is a user here. Only DirSync reports changes of members,
// and never for a group that was renamed, moved or restored: a restored group gets its members back
// without a report, and the other two look the same.
//
// A change of an attribute that neither the mapping nor a filter reads may be left out.
func (s *Source) Changes(ctx context.Context, since identity.Cookie,
	fn func(identity.ChangeNotification) error) (now identity.Cookie, err error) {
	defer s.secrets.In(&err)
	if s.opt.Changes != "" && s.opt.Changes != since.Way {
		return since, stale("they were asked for by %s so far, and are to be by %s now", since.Way, s.opt.Changes)
	}
	next := since
	err = s.with(ctx, func(c *session) (err error) {
		if next, err = c.changes(ctx, since, fn); err != nil {
			return err
		}
		return c.checkBases(ctx)
	})
	if err != nil {
		return since, err
	}
	return next, nil
}

// checkBases returns nil if every base DN exists. A renamed base DN takes all its people out of
// scope, and changes alone would show them as leavers. A listing refuses a missing base DN, so
// Changes must too. The check comes last, at the time of the new cookie.
func (c *session) checkBases(ctx context.Context) error {
	for _, base := range c.dir.bases {
		if base == c.dir.context {
			continue
		}
		q := query{what: fmt.Sprintf("looking for the base DN %s at %s", base, c.server), base: base,
			scope: goldap.ScopeBaseObject, filter: everything, attrs: none()}
		if err := c.run(ctx, q, func(*rawEntry) error { return nil }); err != nil {
			return err
		}
	}
	return nil
}

func (c *session) currentCookie(ctx context.Context) (identity.Cookie, error) {
	way := c.source.opt.Changes
	if !c.dir.ad() {
		return c.plainCurrentCookie(ctx, way)
	}
	if way == identity.DirSync || way == "" && c.dir.dirSync {
		p, err := c.dirSyncCurrentCookie(ctx)
		if err == nil || way != "" || !declined(err) {
			return p, err
		}
	}
	if way == identity.DirSync || way == identity.USN || way == "" {
		return c.usnCurrentCookie(ctx)
	}
	return identity.Cookie{}, stale("%s does not tell them by %s", c.server, way)
}

func (c *session) changes(ctx context.Context, since identity.Cookie,
	fn func(identity.ChangeNotification) error) (identity.Cookie, error) {
	ask := c.methodFor(since.Way)
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
		return ask(ctx, since, from, fn) // these servers always report when they have forgotten a change
	}
	if age := time.Since(time.Unix(from.At, 0)); age > cookieAge {
		return since, stale("the last position is of %s, and what was deleted since may be forgotten",
			time.Unix(from.At, 0).UTC().Format(time.DateOnly))
	}
	return ask(ctx, since, from, fn)
}

// methodFor returns the function that reads changes in that way, or nil if the server's kind of
// directory does not have it.
func (c *session) methodFor(way identity.Way) func(context.Context, identity.Cookie, cookie,
	func(identity.ChangeNotification) error) (identity.Cookie, error) {
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

// nextCookie makes the cookie from which the next changes are read.
func (c *session) nextCookie(ctx context.Context, way identity.Way, at cookie,
	since *identity.Cookie) (identity.Cookie, error) {
	at.Directory, at.At = c.dir.identity, time.Now().Unix()
	p := identity.Cookie{Way: way, Value: at.encode()}
	if way == identity.DirSync && at.Flags&objectSecurity == 0 && c.dir.product != samba {
		// The right to replicate shows everything (MS-ADTS section 3.1.1.3.4.1.3), but Samba still
		// reads with the account's own rights.
		return p, nil
	}
	hidden, err := c.hiddenDeletions(ctx)
	if err != nil {
		return p, err
	}
	if len(hidden) > 0 {
		p.NoDeletions, p.Remedy = hiddenDeletionsText(c.source.opt.BindUser, hidden)
	}
	if since != nil && since.NoDeletions != "" && p.NoDeletions == "" {
		return p, stale("deletions are visible to the bind account since now; those before are found by reading everything")
	}
	return p, nil
}

func stale(format string, args ...any) error {
	return giveUp("", "%w", &identity.Stale{Reason: fmt.Sprintf(format, args...)})
}

// declined reports whether the server gave an answer that a retry would not change.
func declined(err error) bool {
	var said *resultError
	if !errors.As(err, &said) {
		return false
	}
	switch said.result.ResultCode {
	case goldap.LDAPResultBusy, goldap.LDAPResultUnavailable, goldap.LDAPResultTimeLimitExceeded:
		return false
	}
	return true
}
