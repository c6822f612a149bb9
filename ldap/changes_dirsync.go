package ldap

import (
	"bytes"
	"context"
	"errors"

	ber "github.com/go-asn1-ber/asn1-ber"
	goldap "github.com/go-ldap/ldap/v3"

	"dirbridge/sync/identity"
)

// Flags of DirSync (MS-ADTS section 3.1.1.3.4.1.3).
const (
	objectSecurity    uint32 = 1          // read with the account's own rights instead of the right to replicate
	incrementalValues uint32 = 0x80000000 // of linked attributes, send only the values that were added or removed
)

// dirSyncBytes is the requested size of one answer. Samba ignores it and sends all at once.
const dirSyncBytes = 1 << 20

// dirSyncCurrentCookie gets the present cookies without the entries: with the right to replicate, or
// else with the account's own rights.
func (c *session) dirSyncCurrentCookie(ctx context.Context) (identity.Cookie, error) {
	at, err := c.serverPosition(ctx)
	if err != nil {
		return identity.Cookie{}, err
	}
	at.Flags, at.Asked = incrementalValues, digest(c.dir.anyObjectKind(), c.source.watchedAttributes(c.dir))
	err = c.dirSyncCookies(ctx, &at)
	if goldap.IsErrorWithCode(err, goldap.LDAPResultInsufficientAccessRights) {
		at.Flags |= objectSecurity
		err = c.dirSyncCookies(ctx, &at)
	}
	if err != nil {
		return identity.Cookie{}, err
	}
	return c.nextCookie(ctx, identity.DirSync, at, nil)
}

func (c *session) dirSyncCookies(ctx context.Context, at *cookie) error {
	at.Roots = map[string][]byte{}
	for _, root := range c.dir.roots() {
		q := query{what: "asking by DirSync from where changes begin below " + root, base: root, filter: noEntry,
			attrs: []string{"objectGUID"}}
		last, err := c.dirSync(ctx, q, at.Flags, nil, func(*rawEntry) error { return nil })
		if err != nil {
			return err
		}
		at.Roots[identity.FoldDN(root)] = last
	}
	return nil
}

func (c *session) dirSyncChanges(ctx context.Context, since identity.Cookie, from cookie,
	fn func(identity.ChangeNotification) error) (identity.Cookie, error) {
	next, err := c.serverPosition(ctx)
	if err != nil {
		return since, err
	}
	if next.Settings == from.Settings {
		if err := next.follows(from); err != nil {
			return since, err
		}
	}
	attrs := c.source.watchedAttributes(c.dir)
	next.Flags, next.Asked, next.Roots = from.Flags, digest(c.dir.anyObjectKind(), attrs), map[string][]byte{}
	if next.Asked != from.Asked {
		return since, stale("other attributes decide now than when the position was remembered")
	}
	for _, root := range c.dir.roots() {
		begin := from.Roots[identity.FoldDN(root)]
		if len(begin) == 0 {
			return since, stale("base_dns reach into %s now, of which no position is known", root)
		}
		last, err := c.dirSyncRoot(ctx, root, attrs, from.Flags, begin, fn)
		if refusedCookie(err) {
			return since, stale("the server does not take the cookie any more (%v)", err)
		}
		if err != nil {
			return since, err
		}
		next.Roots[identity.FoldDN(root)] = last
	}
	return c.nextCookie(ctx, identity.DirSync, next, &since)
}

// dirSyncRoot searches for each kind of object separately: the entry of a change does not include
// its class, and a combined search would need another one to learn the kinds. A DirSync cookie is
// valid for any filter; the first search's cookie is kept, so the next run reports again what
// changes between the searches.
func (c *session) dirSyncRoot(ctx context.Context, root string, attrs []string, flags uint32, begin []byte,
	fn func(identity.ChangeNotification) error) (last []byte, err error) {
	for i, sort := range c.dir.objectKinds() {
		m := &notificationMaker{source: c.source, dir: c.dir, root: identity.FoldDN(root), kind: sort.kind,
			membersTold: flags&incrementalValues != 0}
		q := query{what: "asking by DirSync for the changes below " + root, base: root, filter: sort.filter, attrs: attrs}
		if c.dir.extendedDN {
			q.controls = []goldap.Control{extendedDN{}}
		}
		end, err := c.dirSync(ctx, q, flags, begin, func(raw *rawEntry) error {
			if t, ok := m.notification(raw); ok {
				return fn(t)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		if i == 0 {
			last = end
		}
	}
	return last, nil
}

// serverPosition returns the server's present numbers, as far as it reports them.
func (c *session) serverPosition(ctx context.Context) (cookie, error) {
	at, err := c.usnNow(ctx)
	if gone, ok := errors.AsType[*identity.Stale](err); ok && gone != nil {
		return cookie{}, nil
	}
	return at, err
}

// refusedCookie reports whether the server refused to continue from the cookie: the cookie is
// invalid there, or the account has lost the right.
func refusedCookie(err error) bool {
	for _, code := range []uint16{goldap.LDAPResultProtocolError, goldap.LDAPResultUnavailableCriticalExtension,
		goldap.LDAPResultInsufficientAccessRights, goldap.LDAPResultUnwillingToPerform} {
		if goldap.IsErrorWithCode(err, code) {
			return true
		}
	}
	return false
}

// dirSync repeats the request until no results are left, and returns the last cookie. An answer can
// be as large as the directory; its entries are streamed.
func (c *session) dirSync(ctx context.Context, q query, flags uint32, from []byte,
	each func(*rawEntry) error) (last []byte, err error) {
	others := q.controls
	q.scope, q.unpaged = goldap.ScopeWholeSubtree, true
	for {
		var more bool
		q.controls = append([]goldap.Control{dirSync{flags, from}}, others...)
		q.onControls = func(controls []goldap.Control) (err error) {
			last, more, err = dirSyncAnswer(controls)
			return err
		}
		if err := c.run(ctx, q, each); err != nil {
			return nil, err
		}
		if !more {
			return last, nil
		}
		if bytes.Equal(last, from) {
			return nil,
				retry("Try another domain controller.", "%s at %s: the server says that more follows, and does not go on",
					q.what, c.server)
		}
		from = last
	}
}

// dirSyncAnswer returns the cookie, and whether more results follow.
func dirSyncAnswer(controls []goldap.Control) (cookie []byte, more bool, err error) {
	answer, ok := goldap.FindControl(controls, controlDirSync).(*goldap.ControlDirSync)
	if !ok || len(answer.Cookie) == 0 {
		return nil, false, &unprovenError{"the answer has no DirSync cookie, so it does not say whether it is whole"}
	}
	return answer.Cookie, answer.Flags != 0, nil
}

// dirSync is the request control. The library's own control encodes flags beyond 31 bits in 5
// bytes, but servers expect 4.
type dirSync struct {
	flags  uint32
	cookie []byte
}

func (dirSync) GetControlType() string { return controlDirSync }
func (dirSync) String() string         { return "DirSync" }

func (d dirSync) Encode() *ber.Packet {
	value := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "DirSyncRequestValue")
	value.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger,
		int64(int32(d.flags)), "Flags"))
	value.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, int64(dirSyncBytes), "Bytes"))
	value.AppendChild(ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, string(d.cookie), "Cookie"))
	return critical(controlDirSync, value)
}
