package ldap

import (
	"context"
	"fmt"
	"hash/maphash"
	"strings"

	goldap "github.com/go-ldap/ldap/v3"

	"dirbridge/sync/identity"
)

// scopeGroup is a group that brings people into scope.
type scopeGroup struct {
	anchor identity.Anchor
	dn     string // canonical
	rid    string // value of primaryGroupID for this group; "" if it cannot be a primary group
}

// scopeHeads reads the groups of Options.MemberOf. A missing one is an error: as an empty group it
// would put all people out of scope.
func (c *session) scopeHeads(ctx context.Context) ([]scopeGroup, error) {
	var heads []scopeGroup
	for _, dn := range c.source.opt.MemberOf {
		dn = identity.DisplayDN(dn)
		if !c.dir.holds(dn) {
			return nil, giveUp("Name a group of this directory, or give the other one a [[directory]] of its own.",
				"member_of: %s stands in another naming context than %s", dn, strings.Join(c.dir.roots(), ", "))
		}
		group := false
		seen, err := c.probe(ctx, dn, everything, append(c.groupAttributes(), "objectClass"), func(raw *rawEntry) {
			heads = append(heads, c.scopeGroup(raw))
			group = raw.hasClass("group", "groupOfNames", "groupOfUniqueNames")
		})
		switch {
		case err != nil:
			return nil, c.absent(ctx, "member_of", dn, err)
		case !seen:
			return nil, giveUp("Correct member_of, or grant the bind account the right to read the group.",
				"member_of: %s cannot be read at %s", dn, c.server)
		case !group:
			return nil,
				giveUp("Name groups; people below a container are chosen by base_dns.", "member_of: %s is not a group", dn)
		}
	}
	return heads, nil
}

func (c *session) groupAttributes() []string {
	attrs := c.dir.anchorAttributes()
	if c.dir.kind == KindADDS {
		attrs = append(attrs, "objectSid")
	}
	return attrs
}

func (c *session) scopeGroup(raw *rawEntry) scopeGroup {
	g := scopeGroup{dn: identity.DisplayDN(plainPart(string(raw.dn)))}
	if guid, _, problem := c.dir.guidOf(raw); problem == "" {
		g.anchor = c.source.anchor(guid)
	}
	for _, a := range raw.attrs {
		if strings.EqualFold(string(a.name), "objectSid") && len(a.values) == 1 {
			g.rid = relativeID(a.values[0])
		}
	}
	return g
}

// relativeID is the last part of the security identifier of a domain's own object, and "" for
// BUILTIN, which has numbers of its own (MS-DTYP section 2.4.2.4).
func relativeID(sid []byte) string {
	text, err := sidText(sid)
	if err != nil {
		text = string(sid)
	}
	if !strings.HasPrefix(text, "S-1-5-21-") || strings.Count(text, "-") != 7 {
		return ""
	}
	return text[strings.LastIndexByte(text, '-')+1:]
}

// holds reports whether a canonical DN is in one of the naming contexts that are read.
func (d *directory) holds(dn string) bool {
	folded := identity.FoldDN(dn)
	for _, root := range d.roots() {
		if root = identity.FoldDN(root); identity.UnderDN(folded, root) && !d.foreign(folded, root) {
			return true
		}
	}
	return false
}

// nested returns the heads and all groups in them at any depth, on a server that follows the chain.
func (c *session) nested(ctx context.Context, heads []scopeGroup) ([]scopeGroup, error) {
	groups, known := append([]scopeGroup(nil), heads...), map[string]bool{}
	for _, g := range heads {
		known[identity.FoldDN(g.dn)] = true
	}
	q := query{filter: "(&(objectClass=group)" + chainOf(heads) + ")", attrs: c.groupAttributes()}
	err := c.subtree(ctx, "listing groups in the groups of member_of", c.dir.roots(), q, func(raw *rawEntry) error {
		if g := c.scopeGroup(raw); !known[identity.FoldDN(g.dn)] {
			known[identity.FoldDN(g.dn)] = true
			groups = append(groups, g)
		}
		return nil
	})
	return groups, err
}

// chainOf is a filter for the members of the groups, at any depth.
func chainOf(groups []scopeGroup) string {
	f := "(|"
	for _, g := range groups {
		f += "(memberOf:" + chain + ":=" + goldap.EscapeFilter(g.dn) + ")"
	}
	return f + ")"
}

// byPrimary is a filter for accounts whose primary group is one of the groups: they are members,
// but no list of members names them (MS-ADTS section 2.2.16). It is "" if no account can be one.
func byPrimary(groups []scopeGroup) string {
	var f strings.Builder
	for _, g := range groups {
		if g.rid != "" {
			f.WriteString("(primaryGroupID=" + g.rid + ")")
		}
	}
	if f.Len() == 0 {
		return ""
	}
	return "(|" + f.String() + ")"
}

// fewGroups is how many groups a filter may name one by one.
const fewGroups = 100

// membersOf is a filter for all people that the heads bring into scope; groups are the heads and
// all groups in them. Because all groups are known, the server need not follow the chain from every
// person: with 5,000 members of a nested group, Samba took 28 s with the chain, and 4 s without.
func membersOf(heads, groups []scopeGroup) string {
	if len(groups) > fewGroups {
		return "(|" + chainOf(heads) + byPrimary(groups) + ")"
	}
	var f strings.Builder
	for _, g := range groups {
		f.WriteString("(memberOf=" + goldap.EscapeFilter(g.dn) + ")")
	}
	return "(|" + f.String() + byPrimary(groups) + ")"
}

// dnSet holds DNs as 128-bit hashes; an accidental collision is practically impossible.
type dnSet struct {
	seeds [2]maphash.Seed
	has   map[[2]uint64]struct{}
}

func newDNSet() *dnSet {
	return &dnSet{seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}, has: map[[2]uint64]struct{}{}}
}

func (s *dnSet) sum(folded string) [2]uint64 {
	return [2]uint64{maphash.String(s.seeds[0], folded), maphash.String(s.seeds[1], folded)}
}

func (s *dnSet) add(folded string)           { s.has[s.sum(folded)] = struct{}{} }
func (s *dnSet) contains(folded string) bool { _, ok := s.has[s.sum(folded)]; return ok }

// groupTree is the result of reading the groups from the heads down.
type groupTree struct {
	groups  []scopeGroup // the heads, and all groups in them
	members *dnSet       // people, and everything else that is not a group
}

func (w *groupTree) holds(_ context.Context, dn string) (bool, error) {
	return w.members.contains(identity.FoldDN(dn)), nil
}

// walk reads the members of the heads and of every group in them, each group once, so that a cycle
// ends. It takes some 40 bytes of memory for each group of the directory and each member. edge, if
// set, receives every membership on the way.
func (c *session) walk(ctx context.Context, heads []scopeGroup, edge func(identity.Edge) error) (*groupTree, error) {
	groups, err := c.allGroups(ctx)
	if err != nil {
		return nil, err
	}
	w, seen := &groupTree{members: newDNSet()}, newDNSet()
	var next []string
	enqueue := func(dn string) {
		if !seen.contains(identity.FoldDN(dn)) {
			seen.add(identity.FoldDN(dn))
			next = append(next, dn)
		}
	}
	for _, g := range heads {
		enqueue(g.dn)
	}
	for len(next) > 0 {
		dn := next[0]
		next = next[1:]
		g, err := c.membersOfOne(ctx, dn, func(e identity.Edge) error {
			if to := identity.FoldDN(e.To.DN); groups.contains(to) {
				enqueue(e.To.DN)
			} else {
				w.members.add(to)
			}
			if edge == nil {
				return nil
			}
			return edge(e)
		})
		if err != nil {
			return nil, err
		}
		if g != nil {
			w.groups = append(w.groups, *g)
		}
	}
	return w, c.primaryMembers(ctx, w.groups, func(_ scopeGroup, dn string, _ identity.Anchor) error {
		w.members.add(identity.FoldDN(dn))
		return nil
	})
}

// allGroups returns the DNs of every group of the directory.
func (c *session) allGroups(ctx context.Context) (*dnSet, error) {
	set := newDNSet()
	q := query{filter: c.dir.anyGroup(), attrs: none()}
	err := c.subtree(ctx, "listing groups", c.dir.roots(), q, func(raw *rawEntry) error {
		set.add(identity.FoldDN(identity.DisplayDN(plainPart(string(raw.dn)))))
		return nil
	})
	return set, err
}

func (d *directory) anyGroup() string {
	if d.ad() {
		return "(objectClass=group)"
	}
	return "(|(objectClass=group)(objectClass=groupOfNames)(objectClass=groupOfUniqueNames))"
}

// membersOfOne reads one group and yields its members as edges of the kind InScope. It returns nil
// if the group no longer exists.
func (c *session) membersOfOne(ctx context.Context, dn string, edge func(identity.Edge) error) (*scopeGroup, error) {
	l := c.memberships(identity.InScope, edge)
	var group *scopeGroup
	q := query{what: "reading the members of " + dn, base: dn, scope: goldap.ScopeBaseObject, filter: everything,
		attrs: append(l.attributes(), c.groupAttributes()...), controls: l.controls}
	err := c.run(ctx, q, func(raw *rawEntry) error {
		g := c.scopeGroup(raw)
		group = &g
		return l.members(ctx, raw)
	})
	if noSuchObject(err) {
		return nil, nil
	}
	return group, err
}

// primaryMembers lists the users whose primary group is one of the groups.
func (c *session) primaryMembers(ctx context.Context, groups []scopeGroup,
	fn func(g scopeGroup, dn string, a identity.Anchor) error) error {
	for len(groups) > 0 {
		n := min(getChunk, len(groups))
		some := groups[:n]
		groups = groups[n:]
		filter := byPrimary(some)
		if filter == "" {
			continue
		}
		by := map[string]scopeGroup{}
		for _, g := range some {
			if g.rid != "" {
				by[g.rid] = g
			}
		}
		q := query{filter: "(&" + c.dir.users() + filter + ")", attrs: append(c.dir.anchorAttributes(), "primaryGroupID")}
		if err := c.subtree(ctx, "listing people by primary group", c.dir.roots(), q, func(raw *rawEntry) error {
			guid, _, _ := c.dir.guidOf(raw)
			for _, a := range raw.attrs {
				if !strings.EqualFold(string(a.name), "primaryGroupID") || len(a.values) != 1 {
					continue
				}
				if g, ok := by[string(a.values[0])]; ok {
					return fn(g, identity.DisplayDN(plainPart(string(raw.dn))), c.source.anchor(guid))
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// lineage finds the groups above members, on its session.
type lineage struct {
	c       *session
	inScope map[string]bool // by folded DN, as far as known; a head reaches itself
}

func newLineage(c *session, heads []scopeGroup) *lineage {
	l := &lineage{c: c, inScope: map[string]bool{}}
	for _, g := range heads {
		l.inScope[identity.FoldDN(g.dn)] = true
	}
	return l
}

// holds reports whether the object at dn is one of the heads, or a member of one at any depth.
func (l *lineage) holds(ctx context.Context, dn string) (bool, error) {
	below := map[string]string{identity.FoldDN(dn): ""} // the member through which each group was found
	for next := []string{dn}; len(next) > 0; next = next[1:] {
		folded := identity.FoldDN(next[0])
		reached, known := l.inScope[folded]
		if reached {
			for f := folded; f != ""; f = below[f] {
				l.inScope[f] = true
			}
			return true, nil
		}
		if known {
			continue
		}
		holders, err := l.holders(ctx, next[0])
		if err != nil {
			return false, err
		}
		for _, h := range holders {
			if _, met := below[identity.FoldDN(h)]; !met {
				below[identity.FoldDN(h)] = folded
				next = append(next, h)
			}
		}
	}
	// None of them reaches a head, even if they form a cycle.
	for f := range below {
		l.inScope[f] = false
	}
	return false, nil
}

// holders lists the groups with dn as a member.
func (l *lineage) holders(ctx context.Context, dn string) ([]string, error) {
	var holders []string
	value := goldap.EscapeFilter(dn)
	filter := "(member=" + value + ")"
	if !l.c.dir.ad() {
		filter = "(|" + filter + "(uniqueMember=" + value + "))"
	}
	q := query{filter: "(&" + l.c.dir.anyGroup() + filter + ")", attrs: none()}
	err := l.c.subtree(ctx, fmt.Sprintf("looking for the groups of %s", dn), l.c.dir.roots(), q,
		func(raw *rawEntry) error {
			holders = append(holders, identity.DisplayDN(plainPart(string(raw.dn))))
			return nil
		})
	return holders, err
}
