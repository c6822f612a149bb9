package ldap

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	goldap "github.com/go-ldap/ldap/v3"

	"dirbridge/sync/identity"
)

// A domain controller numbers every change that it writes, including replicated ones, and stamps
// the object with the number (MS-ADTS section 3.1.1.1.9). The numbers are valid for its database
// alone. invocationId names the database, and changes when it is restored from a backup.

// usnCurrentCookie returns the last number of the connected server.
func (c *session) usnCurrentCookie(ctx context.Context) (identity.Cookie, error) {
	at, err := c.usnNow(ctx)
	if err != nil {
		return identity.Cookie{}, err
	}
	return c.nextCookie(ctx, identity.USN, at, nil)
}

func (c *session) usnChanges(ctx context.Context, since identity.Cookie, from cookie,
	fn func(identity.ChangeNotification) error) (identity.Cookie, error) {
	// Before the search: the next run reports again what changes meanwhile.
	now, err := c.usnNow(ctx)
	if err != nil {
		return since, err
	}
	if err := now.follows(from); err != nil {
		return since, err
	}
	if now.USN > from.USN {
		if err := c.usnSearch(ctx, from.USN+1, fn); err != nil {
			return since, err
		}
	}
	return c.nextCookie(ctx, identity.USN, now, &since)
}

// follows returns nil if the server still has the database of then, and was not set back.
func (now cookie) follows(then cookie) error {
	switch {
	case now.Invocation != then.Invocation && now.Settings == then.Settings:
		return stale("%s was restored or promoted again: it counts its changes from another number", now.Server)
	case now.Invocation != then.Invocation:
		return stale("another domain controller answers (%s, before it was %s), whose numbers of changes are its own",
			now.Server, then.Server)
	case now.USN < then.USN:
		return stale("%s was put back to an older state: its last change is number %d, and %d was seen", now.Server,
			now.USN, then.USN)
	}
	return nil
}

func (c *session) usnSearch(ctx context.Context, first int64, fn func(identity.ChangeNotification) error) error {
	q := query{filter: fmt.Sprintf("(&(uSNChanged>=%d)%s)", first, c.dir.anyObjectKind()),
		attrs: append(c.dir.anchorAttributes(), "objectClass", "isDeleted")}
	if c.dir.showDeleted {
		q.controls = []goldap.Control{showDeleted{}, showRecycled{}}
	}
	for _, root := range c.dir.roots() {
		m := &notificationMaker{source: c.source, dir: c.dir, root: identity.FoldDN(root)}
		err := c.subtree(ctx, "asking by uSNChanged for the changes", []string{root}, q, func(raw *rawEntry) error {
			if t, ok := m.notification(raw); ok {
				return fn(t)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// usnNow returns the server's present numbers.
func (c *session) usnNow(ctx context.Context) (at cookie, err error) {
	settings, last := "", ""
	read := func(raw *rawEntry, name string, into *string) {
		for _, a := range raw.attrs {
			if strings.EqualFold(string(a.name), name) && len(a.values) == 1 {
				*into = string(a.values[0])
			}
		}
	}
	if _, err := c.probe(ctx, "", everything, []string{"dsServiceName", "dnsHostName", "highestCommittedUSN"},
		func(raw *rawEntry) {
			read(raw, "dsServiceName", &settings)
			read(raw, "dnsHostName", &at.Server)
			read(raw, "highestCommittedUSN", &last)
		}); err != nil {
		return at, err
	}
	if at.USN, err = strconv.ParseInt(last, 10, 64); err != nil || at.USN < 0 || settings == "" {
		return at, stale("%s does not say the number of its last change", c.server)
	}
	settings = identity.DisplayDN(plainPart(settings))
	at.Settings = identity.FoldDN(settings)
	if _, err := c.probe(ctx, settings, everything, []string{"invocationId"}, func(raw *rawEntry) {
		var id string
		read(raw, "invocationId", &id)
		at.Invocation, _ = guidText([]byte(id))
	}); err != nil && !declined(err) {
		return at, err
	}
	if at.Invocation == "" {
		return at, stale("the invocationId of %s cannot be read, without which its numbers of changes mean nothing", settings)
	}
	return at, nil
}
