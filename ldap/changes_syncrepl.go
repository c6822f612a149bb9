package ldap

import (
	"context"
	"strings"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
	goldap "github.com/go-ldap/ldap/v3"

	"dirbridge/sync/identity"
)

// plainCurrentCookie returns the present cookie of a directory other than Active Directory.
func (c *session) plainCurrentCookie(ctx context.Context, way identity.Way) (identity.Cookie, error) {
	if way == identity.SyncRepl || way == "" && c.dir.contentSync {
		p, err := c.syncCurrentCookie(ctx)
		// The server announces the control if any one of its databases has the overlay.
		if err == nil || way != "" || !declined(err) && !isStale(err) {
			return p, err
		}
	}
	if way == identity.Timestamp || way == "" {
		return c.timestampCurrentCookie(ctx)
	}
	return identity.Cookie{}, stale("%s (%s) does not tell them by %s", c.server, c.dir.product, way)
}

// syncCurrentCookie returns the present cookies of the server's databases. It searches for the head
// entry of each, and gets the cookie with it.
func (c *session) syncCurrentCookie(ctx context.Context) (identity.Cookie, error) {
	if !c.dir.contentSync {
		return identity.Cookie{}, stale("%s (%s) does not tell them by %s", c.server, c.dir.product, identity.SyncRepl)
	}
	at := cookie{Roots: map[string][]byte{}}
	for _, root := range c.dir.roots() {
		q := query{what: "asking by syncrepl from where changes begin below " + root, base: root,
			scope: goldap.ScopeBaseObject, filter: everything, attrs: c.dir.anchorAttributes()}
		r := refresh{session: c}
		if err := r.run(ctx, q, nil); err != nil {
			return identity.Cookie{}, err
		}
		begin, err := syncCookie(r.cookie)
		if err != nil {
			return identity.Cookie{},
				stale("%s does not say where %s stands: in the cookie %q, %v", c.server, root, r.cookie, err)
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
	return c.plainCookie(identity.SyncRepl, at), nil
}

// plainCookie makes the cookie from which the next changes are read.
func (c *session) plainCookie(way identity.Way, at cookie) identity.Cookie {
	at.Directory, at.At = c.dir.identity, time.Now().Unix()
	return identity.Cookie{Way: way, Value: at.encode()}
}

// syncChanges reads what changed in each naming context since its cookie (RFC 4533 section 3.3,
// refreshOnly).
//
// It searches for objects of every class. With a filter, an object that stops matching is reported
// as deleted, and so is every changed object that never matched.
func (c *session) syncChanges(ctx context.Context, since identity.Cookie, from cookie,
	fn func(identity.ChangeNotification) error) (identity.Cookie, error) {
	next := cookie{Roots: map[string][]byte{}, Invocation: from.Invocation}
	guids, err := c.hasGUIDs(ctx)
	if err != nil {
		return since, err
	}
	t := &notifier{session: c, fn: fn, guids: guids}
	var withRemaining []string // contexts of which the server reported what remains
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
		r := refresh{session: c, notifier: t, cookie: begin, changelog: ofLog}
		q := query{what: "asking by syncrepl for the changes below " + root, base: root, scope: goldap.ScopeWholeSubtree,
			filter: everything,
			attrs:  append(c.dir.anchorAttributes(), "objectClass")}
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
			if err := c.checkChangelog(ctx, number, from.Invocation); err != nil {
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
			withRemaining = append(withRemaining, root)
		}
	}
	if err := t.classify(ctx); err != nil {
		return since, err
	}
	if err := t.survivors(ctx, withRemaining); err != nil {
		return since, err
	}
	return c.plainCookie(identity.SyncRepl, next), nil
}

// cannotTell returns why a server does not continue from a cookie, or cannot report all changes
// since. It is "" for any other error.
func cannotTell(err error) string {
	const refreshRequired = 4096 // RFC 4533 section 2.6
	switch {
	case goldap.IsErrorWithCode(err, refreshRequired):
		return "the server does not know any more what changed"
	case goldap.IsErrorWithCode(err, goldap.LDAPResultSizeLimitExceeded),
		goldap.IsErrorWithCode(err, goldap.LDAPResultTimeLimitExceeded),
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
	session  *session
	notifier *notifier // nil if nothing is to be reported

	cookie     []byte // the last one received
	presence   bool   // the server reported the remaining objects instead of the deleted ones
	present    int64
	namedCount int64 // objects that were named
	changelog  bool  // answered from a changelog, see changes_syncrepl_changelog.go
	// named: an object had the name that its anchor attributes have; otherName: one had another.
	named, otherName bool
}

// run sends the request. begin is the cookie to continue from; nil starts without one. A nil error
// means that the answer was complete and had the final control.
func (r *refresh) run(ctx context.Context, q query, begin []byte) error {
	q.unpaged, q.controls = true, []goldap.Control{syncRequest{begin}}
	// The end of the answer arrives before its last entries are read.
	var done *goldap.ControlSyncDone
	q.onControls = func(controls []goldap.Control) error {
		var ok bool
		if done, ok = goldap.FindControl(controls, goldap.ControlTypeSyncDone).(*goldap.ControlSyncDone); !ok {
			return &unprovenError{"the answer has no Sync Done control, so it does not say whether it is whole"}
		}
		return nil
	}
	q.onIntermediate = r.intermediate
	if err := r.session.run(ctx, q, r.entry); err != nil {
		return err
	}
	r.presence = r.presence || !done.RefreshDeletes && !r.changelog
	r.keep(done.Cookie)
	return nil
}

// keep stores a cookie. The given slice points into a message.
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
	r.namedCount++
	if r.notifier == nil {
		r.compareName(raw, s.uuid)
		return nil
	}
	switch s.state {
	case statePresent:
		r.present++
		return r.notifier.remaining(s.uuid, string(raw.dn))
	case stateDelete:
		return r.notifier.deleted(s.uuid, string(raw.dn))
	}
	return r.notifier.modified(raw, s.uuid, r.changelog)
}

// compareName records whether the server names an object by its anchor attribute, if the object has no
// objectGUID.
func (r *refresh) compareName(raw *rawEntry, uuid [16]byte) {
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

func (r *refresh) intermediate(frame []byte) error {
	info, ok, err := decodeSyncInfo(frame)
	if err != nil {
		return r.session.broken("asking by syncrepl", 0, err)
	}
	r.namedCount += int64(len(info.uuids))
	if !ok || r.notifier == nil {
		return nil
	}
	r.keep(info.cookie)
	r.presence = r.presence || info.kind == infoPresent
	for _, uuid := range info.uuids {
		if info.deletes {
			err = r.notifier.deleted(uuid, "")
		} else {
			r.present++
			err = r.notifier.remaining(uuid, "")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// syncRequest is the request control (RFC 4533 section 2.2), in mode refreshOnly and without the
// reload hint: the server must report that it cannot continue, instead of sending everything.
type syncRequest struct{ cookie []byte }

func (syncRequest) GetControlType() string { return goldap.ControlTypeSyncRequest }
func (syncRequest) String() string         { return "sync request" }

func (s syncRequest) Encode() *ber.Packet {
	value := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "SyncRequestValue")
	value.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagEnumerated, int64(1), "Mode"))
	if len(s.cookie) > 0 {
		value.AppendChild(ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString,
			string(s.cookie), "Cookie"))
	}
	return critical(goldap.ControlTypeSyncRequest, value)
}
