package ldap

import (
	"context"
	"strings"
	"time"

	"dirbridge/sync/identity"

	ber "github.com/go-asn1-ber/asn1-ber"
	goldap "github.com/go-ldap/ldap/v3"
)

// plainPosition is the position in a directory that is not Active Directory's.
func (c *session) plainPosition(ctx context.Context, way identity.Way) (identity.Cookie, error) {
	if way == identity.SyncRepl || way == "" && c.dir.contentSync {
		p, err := c.syncPosition(ctx)
		// A server knows the control as soon as one of its databases has the overlay.
		if err == nil || way != "" || !declined(err) && !isStale(err) {
			return p, err
		}
	}
	if way == identity.Timestamp || way == "" {
		return c.timestampPosition(ctx)
	}
	return identity.Cookie{}, stale("%s (%s) does not tell them by %s", c.server, c.dir.product, way)
}

// syncPosition is where the server's databases stand. It asks for the head of each alone,
// and gets the cookie with it.
func (c *session) syncPosition(ctx context.Context) (identity.Cookie, error) {
	if !c.dir.contentSync {
		return identity.Cookie{}, stale("%s (%s) does not tell them by %s", c.server, c.dir.product, identity.SyncRepl)
	}
	at := cookie{Roots: map[string][]byte{}}
	for _, root := range c.dir.roots() {
		q := query{what: "asking by syncrepl from where changes begin below " + root, base: root, scope: goldap.ScopeBaseObject, filter: everything, attrs: c.dir.anchorAttributes()}
		r := refresh{session: c}
		if err := r.run(ctx, q, nil); err != nil {
			return identity.Cookie{}, err
		}
		begin, err := syncCookie(r.cookie)
		if err != nil {
			return identity.Cookie{}, stale("%s does not say where %s stands: in the cookie %q, %v", c.server, root, r.cookie, err)
		}
		if r.otherName || !r.named && c.dir.product != openLDAP {
			return identity.Cookie{}, stale("%s does not name %s by %s", c.server, root, c.dir.anchorAttributes()[1])
		}
		if _, ok := changelogNumber(begin); ok {
			log, err := c.changelog(ctx)
			if err == nil {
				err = c.proveChangelog(ctx, root, begin, log)
			}
			if err != nil {
				return identity.Cookie{}, err
			}
			at.Invocation = log.version
		}
		at.Roots[identity.FoldDN(root)] = begin
	}
	return c.plain(identity.SyncRepl, at), nil
}

// plain makes the position from which the next changes are asked for.
func (c *session) plain(way identity.Way, at cookie) identity.Cookie {
	at.Directory, at.At = c.dir.identity, time.Now().Unix()
	return identity.Cookie{Way: way, Value: at.encode()}
}

// syncChanges asks each naming context for what changed since its cookie (RFC 4533
// section 3.3, refreshOnly).
//
// It asks for objects of every class. What stops matching a filter is told to be
// deleted, and so is whatever changes and never matched.
func (c *session) syncChanges(ctx context.Context, since identity.Cookie, from cookie, fn func(identity.ChangeNotification) error) (identity.Cookie, error) {
	next := cookie{Roots: map[string][]byte{}, Invocation: from.Invocation}
	guids, err := c.hasGUIDs(ctx)
	if err != nil {
		return since, err
	}
	t := &telling{session: c, fn: fn, guids: guids}
	var told []string // whose server told what is left
	for _, root := range c.dir.roots() {
		folded := identity.FoldDN(root)
		begin, err := syncCookie(from.Roots[folded])
		switch {
		case len(from.Roots[folded]) == 0:
			return since, stale("base_dns reach into %s now, of which no position is known", root)
		case err != nil:
			return since, stale("the position that was remembered cannot be read (%v)", err)
		}
		number, ofLog := changelogNumber(begin)
		r := refresh{session: c, telling: t, cookie: begin, ofLog: ofLog}
		q := query{what: "asking by syncrepl for the changes below " + root, base: root, scope: goldap.ScopeWholeSubtree, filter: everything,
			attrs: append(c.dir.anchorAttributes(), "objectClass")}
		if err := r.run(ctx, q, begin); err != nil {
			if t.failed != nil {
				return since, err
			}
			if why := cannotTell(err); why != "" {
				return since, stale("%s: %s (%v)", root, why, err)
			}
			return since, c.absent(ctx, c.dir.optionOf(root), root, err)
		}
		if ofLog {
			if err := c.unbroken(ctx, number, from.Invocation); err != nil {
				return since, err
			}
		}
		if next.Roots[folded], err = syncCookie(r.cookie); err != nil {
			return since, stale("%s ends with a cookie that cannot be used: in %q, %v", c.server, r.cookie, err)
		}
		if r.presence {
			if r.present == 0 {
				return since, stale("%s told all that %s holds, instead of what changed", c.server, root)
			}
			told = append(told, root)
		}
	}
	if err := t.classify(ctx); err != nil {
		return since, err
	}
	if err := t.survivors(ctx, told); err != nil {
		return since, err
	}
	return c.plain(identity.SyncRepl, next), nil
}

// cannotTell is the reason for which a server will not go on from a cookie, or cannot
// tell all that changed since, "" where the error is another.
func cannotTell(err error) string {
	const refreshRequired = 4096 // RFC 4533 section 2.6
	switch {
	case goldap.IsErrorWithCode(err, refreshRequired):
		return "the server does not know any more what changed"
	case goldap.IsErrorWithCode(err, goldap.LDAPResultSizeLimitExceeded), goldap.IsErrorWithCode(err, goldap.LDAPResultTimeLimitExceeded),
		goldap.IsErrorWithCode(err, goldap.LDAPResultAdminLimitExceeded):
		return "more changed than the server tells the bind account"
	case goldap.IsErrorWithCode(err, goldap.LDAPResultUnavailableCriticalExtension):
		return "the server does not tell by syncrepl any more"
	case refusedCookie(err):
		return "the server does not take the cookie any more"
	}
	return ""
}

// refresh is one answer of RFC 4533.
type refresh struct {
	session *session
	telling *telling // nil where nothing is to be told

	cookie   []byte // the last that was given
	presence bool   // what is left was told, instead of what went
	present  int64
	told     int64 // objects that were named
	ofLog    bool  // it answers out of a changelog, see syncrepl_changelog.go
	// named: it named an object as its anchor attributes do, otherName: it did not.
	named, otherName bool
}

// run asks. begin is the cookie to go on from, nil to begin with nothing. When it
// returns nil the answer was whole, with the control that says so.
func (r *refresh) run(ctx context.Context, q query, begin []byte) error {
	q.whole, q.controls = true, []goldap.Control{syncRequest{begin}}
	// The end of the answer is seen before its last entries are.
	var done *goldap.ControlSyncDone
	q.answered = func(controls []goldap.Control) error {
		var ok bool
		if done, ok = goldap.FindControl(controls, goldap.ControlTypeSyncDone).(*goldap.ControlSyncDone); !ok {
			return &unproven{"the answer has no Sync Done control, so it does not say whether it is whole"}
		}
		return nil
	}
	q.between = r.inform
	if err := r.session.run(ctx, q, r.entry); err != nil {
		return err
	}
	r.presence = r.presence || !done.RefreshDeletes && !r.ofLog
	r.keep(done.Cookie)
	return nil
}

// keep remembers a cookie. It points into a message.
func (r *refresh) keep(given []byte) {
	if len(given) > 0 {
		r.cookie = append([]byte(nil), given...)
	}
}

func (r *refresh) entry(raw *rawEntry) error {
	s, err := syncStateOf(raw.controls)
	if err != nil {
		return r.session.broken("asking by syncrepl", 0, err)
	}
	r.keep(s.cookie)
	r.told++
	if r.telling == nil {
		r.compare(raw, s.uuid)
		return nil
	}
	switch s.state {
	case statePresent:
		r.present++
		return r.telling.left(s.uuid, string(raw.dn))
	case stateDelete:
		return r.telling.gone(s.uuid, string(raw.dn))
	}
	return r.telling.changed(raw, s.uuid, r.ofLog)
}

// compare notes whether an object is named by what its anchor is made of where it has no
// objectGUID.
func (r *refresh) compare(raw *rawEntry, uuid [16]byte) {
	for _, a := range raw.attrs {
		name := string(a.name)
		if strings.EqualFold(name, "objectGUID") || len(a.values) == 0 {
			continue
		}
		guid, err := anchorText(name, a.values[0])
		r.named = r.named || err == nil && guid == dashed(uuid)
		r.otherName = r.otherName || strings.EqualFold(name, r.session.dir.anchorAttributes()[1]) && guid != dashed(uuid)
	}
}

func (r *refresh) inform(frame []byte) error {
	info, ok, err := decodeSyncInfo(frame)
	if err != nil {
		return r.session.broken("asking by syncrepl", 0, err)
	}
	r.told += int64(len(info.uuids))
	if !ok || r.telling == nil {
		return nil
	}
	r.keep(info.cookie)
	r.presence = r.presence || info.kind == infoPresent
	for _, uuid := range info.uuids {
		if info.deletes {
			err = r.telling.gone(uuid, "")
		} else {
			r.present++
			err = r.telling.left(uuid, "")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// syncRequest is the control of a request (RFC 4533 section 2.2), of mode refreshOnly
// and without a hint to reload: the server is to say that it cannot go on, rather than
// send everything.
type syncRequest struct{ cookie []byte }

func (syncRequest) GetControlType() string { return goldap.ControlTypeSyncRequest }
func (syncRequest) String() string         { return "sync request" }

func (s syncRequest) Encode() *ber.Packet {
	value := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "SyncRequestValue")
	value.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagEnumerated, int64(1), "Mode"))
	if len(s.cookie) > 0 {
		value.AppendChild(ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, string(s.cookie), "Cookie"))
	}
	return critical(goldap.ControlTypeSyncRequest, value)
}
