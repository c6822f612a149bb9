package ldap

import (
	"context"
	"strings"
	"time"

	"dirbridge/sync/identity"
)

// A server with modifyTimestamp (RFC 4512 section 3.4.4) can be searched for what changed since a
// time. The time must come from the server, because our clock may differ: it is the largest
// modifyTimestamp seen there.

// timestampOverlap is how far back each search reaches again: times have whole seconds, and a
// change can become visible after a later one.
const timestampOverlap = 10 * time.Second

// timestampAhead is how far a time may be ahead of our clock. A later one comes from a wrong clock,
// and a search from there would find no more changes.
const timestampAhead = 24 * time.Hour

func (c *session) timestampCurrentCookie(ctx context.Context) (identity.Cookie, error) {
	at := cookie{Roots: map[string][]byte{}}
	for _, root := range c.dir.roots() {
		newest, err := c.newest(ctx, root)
		if err != nil {
			return identity.Cookie{}, err
		}
		if newest.IsZero() {
			return identity.Cookie{},
				stale(
					"%s shows no modifyTimestamp below %s that is not in the future: it keeps none, hides it, or a clock is wrong",
					c.server, root)
		}
		if newest, err = c.replicated(ctx, root, newest); err != nil {
			return identity.Cookie{}, err
		}
		at.Roots[identity.FoldDN(root)] = []byte(timestamp(newest))
	}
	return c.timestampCookie(at), nil
}

// timestampCookie makes the cookie, and states which changes this way cannot see.
func (c *session) timestampCookie(at cookie) identity.Cookie {
	p := c.plainCookie(identity.Timestamp, at)
	p.NoDeletions = "by modifyTimestamp " + c.server + " tells what changed, not what went"
	p.Remedy = "Let full synchronizations run as often as deletions are to be seen."
	switch c.dir.product {
	case server389:
		p.Remedy = "Turn on the Retro Changelog and Content Synchronization plug-ins, and restart the server: " +
			"dsconf INSTANCE plugin retro-changelog enable; dsconf INSTANCE plugin retro-changelog set --attribute " +
			"nsuniqueid:targetUniqueId; " +
			"dsconf INSTANCE plugin contentsync enable."
	case openLDAP:
		p.Remedy = "Load the syncprov overlay on the database of " + strings.Join(c.dir.roots(), " and ") +
			`: in slapd.conf "moduleload syncprov" and, in the database, "overlay syncprov" and "syncprov-sessionlog 10000"; ` +
			`in cn=config the entry olcOverlay=syncprov with olcSpSessionlog: 10000 below the database.`
	}
	return p
}

func (c *session) timestampChanges(ctx context.Context, since identity.Cookie, from cookie,
	fn func(identity.ChangeNotification) error) (identity.Cookie, error) {
	if c.source.opt.Changes == "" && c.dir.contentSync {
		_, err := c.syncCurrentCookie(ctx)
		if err == nil {
			return since, stale("%s tells changes by %s since now, deletions too; those before are found by reading everything",
				c.server, identity.SyncRepl)
		}
		if !declined(err) && !isStale(err) {
			return since, err
		}
	}
	next := cookie{Roots: map[string][]byte{}}
	t := &notifier{session: c, fn: fn}
	for _, root := range c.dir.roots() {
		folded := identity.FoldDN(root)
		last, err := GeneralizedTime(string(from.Roots[folded]))
		switch {
		case len(from.Roots[folded]) == 0:
			return since, stale("base_dns reach into %s now, of which no position is known", root)
		case err != nil:
			return since, stale("the position that was remembered cannot be read (%v)", err)
		}
		newest := last
		err = c.modified(ctx, "asking by modifyTimestamp for the changes", root, last.Add(-timestampOverlap),
			append(c.dir.anchorAttributes(), "objectClass"),
			func(raw *rawEntry, at time.Time) error {
				if at.After(newest) && c.credible(at) {
					newest = at
				}
				return t.modified(raw, [16]byte{}, false)
			})
		if err != nil {
			return since, err
		}
		if newest, err = c.replicated(ctx, root, newest); err != nil {
			return since, err
		}
		if newest.Before(last) {
			newest = last
		}
		next.Roots[folded] = []byte(timestamp(newest))
	}
	if err := t.classify(ctx); err != nil {
		return since, err
	}
	return c.timestampCookie(next), nil
}

// newest returns the largest credible modifyTimestamp below root, or zero if there is none. Most
// directories have changed within a day, so this reads little.
func (c *session) newest(ctx context.Context, root string) (newest time.Time, err error) {
	const day = 24 * time.Hour
	now := c.source.opt.Clock()
	for _, begin := range []time.Time{now.Add(-day), now.Add(-31 * day), now.Add(-366 * day), {}} {
		err := c.modified(ctx, "looking for the last change", root, begin, nil, func(_ *rawEntry, at time.Time) error {
			if at.After(newest) && c.credible(at) {
				newest = at
			}
			return nil
		})
		if err != nil || !newest.IsZero() {
			return newest, err
		}
	}
	return newest, nil
}

func (c *session) credible(at time.Time) bool {
	return at.Before(c.source.opt.Clock().Add(timestampAhead))
}

// modified lists what was modified since a time, with its modifyTimestamp. Entries without a
// readable one are left out.
func (c *session) modified(ctx context.Context, what, root string, since time.Time, attrs []string,
	each func(*rawEntry, time.Time) error) error {
	q := query{filter: everything, attrs: append(attrs, "modifyTimestamp")}
	if !since.IsZero() {
		q.filter = "(modifyTimestamp>=" + timestamp(since) + ")"
	}
	return c.subtree(ctx, what, []string{root}, q, func(raw *rawEntry) error {
		at, ok := timeOf(raw, "modifyTimestamp")
		if !ok {
			return nil
		}
		return each(raw, at)
	})
}

// replicated returns the time up to which an OpenLDAP replica is complete. A replica that catches
// up receives entries in any order; its contextCSN says how far it has come. A contextCSN that is
// more than a day old is a leftover of an earlier database.
func (c *session) replicated(ctx context.Context, root string, newest time.Time) (time.Time, error) {
	if c.dir.product != openLDAP {
		return newest, nil
	}
	var last time.Time
	_, err := c.probe(ctx, root, everything, []string{"contextCSN"}, func(raw *rawEntry) {
		for _, a := range raw.attrs {
			for _, v := range a.values {
				number, _, _ := strings.Cut(string(v), "#")
				if at, err := GeneralizedTime(number); err == nil && at.After(last) {
					last = at
				}
			}
		}
	})
	if err != nil && !declined(err) {
		return newest, err
	}
	if last = last.Truncate(time.Second); last.Before(newest) && newest.Sub(last) < 24*time.Hour {
		return last, nil
	}
	return newest, nil
}

// timeOf returns the value of an attribute that has one time.
func timeOf(raw *rawEntry, name string) (t time.Time, ok bool) {
	for _, a := range raw.attrs {
		if strings.EqualFold(string(a.name), name) && len(a.values) == 1 {
			t, err := GeneralizedTime(string(a.values[0]))
			return t, err == nil
		}
	}
	return t, false
}

// timestamp is the form of RFC 4517 section 3.3.13, of whole seconds.
func timestamp(t time.Time) string { return t.UTC().Format("20060102150405Z") }
