package ldap

import (
	"bytes"
	"context"
	"encoding/hex"
	"slices"
	"strings"

	ber "github.com/go-asn1-ber/asn1-ber"
	goldap "github.com/go-ldap/ldap/v3"

	"dirbridge/sync/identity"
)

// Edges lists the memberships of every group in scope. If the server sends the GUIDs of members,
// the edges have anchors at both ends. Members in other naming contexts have a DN and a SID only:
// their GUIDs belong to another directory.
func (s *Source) Edges(ctx context.Context, fn func(identity.Edge) error) (err error) {
	defer s.secrets.In(&err)
	if !s.opt.SyncGroups && len(s.opt.MemberOf) == 0 {
		return nil
	}
	return resumed(ctx, s, edgeID, fn, func(fn func(identity.Edge) error) error { return s.edges(ctx, fn) })
}

func (s *Source) edges(ctx context.Context, fn func(identity.Edge) error) error {
	return s.with(ctx, func(c *session) error {
		if err := c.scopeEdges(ctx, fn); err != nil || !s.opt.SyncGroups {
			return err
		}
		l := c.memberships(identity.Membership, fn)
		q := query{filter: s.scope(c.dir, identity.Group), attrs: l.attributes(), controls: l.controls}
		return c.subtree(ctx, "listing memberships", c.dir.bases, q, func(raw *rawEntry) error { return l.group(ctx, raw) })
	})
}

// memberships is one listing of edges.
type memberships struct {
	source   *Source
	dir      *directory
	kind     identity.EdgeKind
	controls []goldap.Control
	fn       func(identity.Edge) error
}

func (c *session) memberships(kind identity.EdgeKind, fn func(identity.Edge) error) *memberships {
	l := &memberships{source: c.source, dir: c.dir, kind: kind, fn: fn}
	if c.dir.extendedDN {
		l.controls = []goldap.Control{extendedDN{}}
	}
	return l
}

// attributes lists the attributes that group reads.
func (l *memberships) attributes() []string {
	if l.dir.ad() {
		return append(l.dir.anchorAttributes(), "member", "uSNChanged")
	}
	return append(l.dir.anchorAttributes(), "member", "uniqueMember")
}

// group yields the members of one group, unless it is excluded.
func (l *memberships) group(ctx context.Context, raw *rawEntry) error {
	dn := identity.DisplayDN(plainPart(string(raw.dn)))
	if len(l.source.excludes) > 0 && l.source.excluded(identity.FoldDN(dn)) {
		return nil
	}
	return l.members(ctx, raw)
}

// members yields the members of one group. A group without an anchor yields none: the listing of
// groups reports it.
func (l *memberships) members(ctx context.Context, raw *rawEntry) error {
	dn := identity.DisplayDN(plainPart(string(raw.dn)))
	guid, _, problem := l.dir.guidOf(raw)
	if problem != "" {
		return nil
	}
	from := l.source.anchor(guid)
	versions, err := l.source.values(ctx, l.dir, raw, []string{"member", "uniqueMember"}, l.controls,
		func(v []byte) error {
			return l.fn(identity.Edge{Kind: l.kind, From: from, To: l.ref(string(v))})
		})
	if err != nil {
		return err
	}
	// If a member is removed between two ranges, those after it move up, and one of them is missed.
	if version := raw.text("uSNChanged"); slices.ContainsFunc(versions, func(v string) bool { return v != version }) {
		return retry("Run again.", "the members of %s changed while they were read in parts", dn)
	}
	return nil
}

func (l *memberships) ref(v string) identity.Ref {
	guid, sid, dn := splitExtended(v)
	if i := strings.LastIndex(dn, "#'"); i > 0 && strings.HasSuffix(dn, "'B") {
		dn = dn[:i] // the optional UID of uniqueMember (RFC 4517 section 3.3.21)
	}
	r := identity.Ref{DN: identity.DisplayDN(dn), SID: sid}
	if folded := identity.FoldDN(r.DN); guid != "" &&
		(dn == "" || identity.UnderDN(folded, identity.FoldDN(l.dir.context)) &&
			!l.dir.foreign(folded, identity.FoldDN(l.dir.context))) {
		r.Anchor = l.source.anchor(guid)
	}
	return r
}

// splitExtended parses "<GUID=...>;<SID=...>;CN=..." (MS-ADTS section 3.1.1.3.4.1.5), with GUID and
// SID in either of their forms. A plain DN is returned as dn alone.
func splitExtended(v string) (guid, sid, dn string) {
	for strings.HasPrefix(v, "<") {
		part, rest, _ := strings.Cut(v[1:], ">")
		v = strings.TrimPrefix(rest, ";")
		key, val, _ := strings.Cut(part, "=")
		switch strings.ToUpper(key) {
		case "GUID":
			if raw, err := hex.DecodeString(val); err == nil {
				guid, _ = guidText(raw)
			} else if b, ok := parseUUID(val); ok {
				guid = dashed(b)
			}
		case "SID":
			if raw, err := hex.DecodeString(val); err == nil {
				sid, _ = sidText(raw)
			} else {
				sid = val
			}
		}
	}
	return guid, sid, v
}

// plainPart is the DN without its extended parts.
func plainPart(dn string) string {
	_, _, plain := splitExtended(dn)
	return plain
}

// extendedDN is the control that requests DNs with GUID and SID, in text form. It is not critical:
// a server that does not know it sends plain DNs.
type extendedDN struct{}

func (extendedDN) GetControlType() string { return controlExtended }
func (extendedDN) String() string         { return "extended DN" }

func (extendedDN) Encode() *ber.Packet {
	p := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "Control")
	p.AppendChild(ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, controlExtended,
		"Control Type"))
	flags := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "ExtendedDNRequestValue")
	flags.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, 1, "Flag"))
	value := ber.Encode(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, nil, "Control Value")
	value.Data = bytes.NewBuffer(flags.Bytes())
	p.AppendChild(value)
	return p
}
