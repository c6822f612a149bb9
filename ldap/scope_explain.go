package ldap

import (
	"context"
	"fmt"
	"strings"

	goldap "github.com/go-ldap/ldap/v3"

	"dirbridge/sync/identity"
)

// The conditions of scope, each a step of an explanation.
const (
	StepKind      = "kind"      // people, or groups, are synchronized at all
	StepBuiltIn   = "built-in"  // the built-in filter
	StepContainer = "container" // base_dns
	StepExclusion = "exclusion" // exclude_dns
	StepFilter    = "filter"    // user_filter or group_filter
	StepGroup     = "group"     // member_of
)

// Step is one condition of the scope, and its result for one object.
type Step struct {
	What   string
	Pass   bool
	Text   string   // a clause
	DN     string   // of the base DN, exclusion or group that decided
	Via    []string // DNs of the groups between the object and that group, the nearest first
	Filter string   // the tested filter; of a failed one, the first part that failed
}

// ScopeExplanation is one object with every condition that decides whether it is in scope.
type ScopeExplanation struct {
	Found   bool
	DN      string
	Kind    identity.Kind // as in LookupResult
	Room    bool
	Deleted bool   // not Found, but among the deleted objects
	Parent  string // the former parent of a deleted object
	Steps   []Step
}

// ExplainScope says, condition by condition, why an object is in scope or not. The server evaluates
// every filter, on that object alone.
func (s *Source) ExplainScope(ctx context.Context, a identity.Anchor) (j ScopeExplanation, err error) {
	defer s.secrets.In(&err)
	guids := s.guids([]identity.Anchor{a})
	if len(guids) == 0 {
		return j, ctx.Err()
	}
	err = s.with(ctx, func(c *session) error {
		found, err := c.lookupFilter(ctx, c.dir.anchorFilter(guids), FoundExactly, 1+len(c.dir.roots()))
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return c.amongDeleted(ctx, guids[0], &j)
		}
		j.Found, j.DN, j.Kind = true, found[0].DN, found[0].Kind
		return c.explainScope(ctx, &j)
	})
	return j, err
}

// amongDeleted searches the deleted objects, if the server shows them.
func (c *session) amongDeleted(ctx context.Context, guid string, j *ScopeExplanation) error {
	if !c.dir.showDeleted {
		return nil
	}
	q := query{filter: c.dir.anchorFilter([]string{guid}), attrs: append(c.lookupAttributes(), "lastKnownParent"),
		controls: []goldap.Control{showDeleted{}}}
	err := c.subtree(ctx, "looking among the deleted objects", c.dir.roots(), q, func(raw *rawEntry) error {
		s := c.lookupResult(raw, FoundExactly)
		j.Deleted, j.DN, j.Kind = true, s.DN, s.Kind
		for _, a := range raw.attrs {
			if strings.EqualFold(string(a.name), "lastKnownParent") && len(a.values) == 1 {
				j.Parent = identity.DisplayDN(plainPart(string(a.values[0])))
			}
		}
		return nil
	})
	if declined(err) {
		return nil // the account lacks the right
	}
	return err
}

// explainScope takes all steps, even after one that failed: an operator who fixes one needs to know
// the next.
func (c *session) explainScope(ctx context.Context, j *ScopeExplanation) error {
	s := c.source
	if j.Kind != identity.User && j.Kind != identity.Group {
		what := map[identity.Kind]string{Computer: "a computer", identity.Contact: "a contact",
			identity.Unit: "a container"}[j.Kind]
		if what == "" {
			what = "neither a person nor a group"
		}
		j.Steps = append(j.Steps, Step{What: StepKind, Text: what + ": only people and groups are synchronized"})
		return nil
	}
	steps := []func(context.Context, *ScopeExplanation) (*Step, error){c.kindStep, c.builtInStep, c.containerStep,
		c.exclusionStep, c.filterStep, c.groupStep}
	for _, step := range steps {
		taken, err := step(ctx, j)
		if err != nil {
			return fmt.Errorf("%s: judge %s: %w", s.opt.Name, j.DN, err)
		}
		if taken != nil {
			j.Steps = append(j.Steps, *taken)
		}
	}
	return nil
}

// passes asks the server whether the object passes a filter.
func (c *session) passes(ctx context.Context, dn, filter string) (bool, error) {
	ok, err := c.probe(ctx, dn, filter, none(), func(*rawEntry) {})
	if unwilling(err) || noSuchObject(err) {
		return false, nil
	}
	return ok, err
}

func (c *session) kindStep(_ context.Context, j *ScopeExplanation) (*Step, error) {
	o := c.source.opt
	if j.Kind == identity.Group {
		if !o.SyncGroups {
			return &Step{What: StepKind, Text: "a group: groups are not synchronized (sync_groups = false)"}, nil
		}
		return &Step{What: StepKind, Text: "a group", Pass: true}, nil
	}
	if !o.SyncUsers {
		return &Step{What: StepKind, Text: "a person: people are not synchronized (sync_users = false)"}, nil
	}
	return &Step{What: StepKind, Text: "a person", Pass: true}, nil
}

// builtInStep tests the filter without the operator's part.
func (c *session) builtInStep(ctx context.Context, j *ScopeExplanation) (*Step, error) {
	step := &Step{What: StepBuiltIn, Text: "passes the built-in filter", Pass: true}
	type part struct{ filter, fails string }
	var parts []part
	if j.Kind == identity.Group {
		parts = []part{{c.dir.groups("", ""), "a critical system object: built-in groups are left out"}}
		switch c.source.opt.GroupTypes {
		case SecurityGroups:
			parts = append(parts, part{c.dir.groups(SecurityGroups, ""), "a distribution group: group_types is security"})
		case DistributionGroups:
			parts = append(parts, part{c.dir.groups(DistributionGroups, ""), "a security group: group_types is distribution"})
		}
	} else {
		parts = []part{
			{"(&" + c.dir.users() + ")", "left out by the built-in filter: people are neither computers nor contacts"}}
		if c.dir.rooms != "" {
			parts = append(parts, part{"(!" + c.dir.rooms + ")", "a room, by room_filter: rooms are not people"})
		}
	}
	for i, p := range parts {
		ok, err := c.passes(ctx, j.DN, p.filter)
		if err != nil {
			return nil, err
		}
		if !ok {
			j.Room = j.Kind == identity.User && i == 1
			step.Pass, step.Text, step.Filter = false, p.fails, p.filter
			return step, nil
		}
	}
	return step, nil
}

func (c *session) containerStep(_ context.Context, j *ScopeExplanation) (*Step, error) {
	folded := identity.FoldDN(j.DN)
	for _, base := range c.dir.bases {
		if b := identity.FoldDN(base); identity.UnderDN(folded, b) && !c.dir.foreign(folded, b) {
			text := "below the selected container " + base
			if len(c.source.opt.BaseDNs) == 0 {
				text = "no container is selected: the whole of " + base
			}
			return &Step{What: StepContainer, Text: text, DN: base, Pass: true}, nil
		}
	}
	_, parent := identity.SplitDN(j.DN)
	text := "in " + parent + ", which is below none of the selected containers (" + strings.Join(c.dir.bases, "; ") + ")"
	return &Step{What: StepContainer, Text: text, DN: parent}, nil
}

func (c *session) exclusionStep(_ context.Context, j *ScopeExplanation) (*Step, error) {
	o := c.source.opt
	if len(o.ExcludeDNs) == 0 {
		return nil, nil
	}
	for _, dn := range o.ExcludeDNs {
		if dn = identity.DisplayDN(dn); dn != "" && identity.UnderDN(identity.FoldDN(j.DN), identity.FoldDN(dn)) {
			return &Step{What: StepExclusion, Text: "below the excluded container " + dn, DN: dn}, nil
		}
	}
	return &Step{What: StepExclusion, Text: "not excluded", Pass: true}, nil
}

// filterStep tests the operator's filter. If a conjunction fails, it names the first part that
// fails.
func (c *session) filterStep(ctx context.Context, j *ScopeExplanation) (*Step, error) {
	name, filter := "the user filter", c.source.opt.UserFilter
	if j.Kind == identity.Group {
		name, filter = "the group filter", c.source.opt.GroupFilter
	}
	n, wrong := parseFilter(filter)
	if n == nil || wrong != nil {
		return nil, nil // none is configured; New refuses an invalid one
	}
	ok, err := c.passes(ctx, j.DN, n.String())
	if err != nil {
		return nil, err
	}
	if ok {
		return &Step{What: StepFilter, Text: "passes " + name, Filter: n.String(), Pass: true}, nil
	}
	failed, err := c.failing(ctx, j.DN, n)
	if err != nil {
		return nil, err
	}
	return &Step{What: StepFilter, Text: "fails " + name + ": " + failed, Filter: failed}, nil
}

// failing returns the innermost part of a failing filter that fails: the first without parts that
// could fail by themselves.
func (c *session) failing(ctx context.Context, dn string, n *filterNode) (string, error) {
	if n.op == '&' {
		for _, part := range n.parts {
			ok, err := c.passes(ctx, dn, part.String())
			if err != nil {
				return "", err
			}
			if !ok {
				return c.failing(ctx, dn, part)
			}
		}
	}
	return n.String(), nil
}

// groupStep searches for a chain of groups from the object up to a group of member_of.
func (c *session) groupStep(ctx context.Context, j *ScopeExplanation) (*Step, error) {
	if j.Kind != identity.User || len(c.source.opt.MemberOf) == 0 {
		return nil, nil
	}
	heads, err := c.scopeHeads(ctx)
	if err != nil {
		return nil, err
	}
	head, via, err := c.wayUp(ctx, j.DN, heads)
	if err != nil {
		return nil, err
	}
	if head == "" {
		var names []string
		for _, g := range heads {
			names = append(names, g.dn)
		}
		return &Step{What: StepGroup, Text: "a member of none of member_of (" + strings.Join(names, "; ") + ")"}, nil
	}
	text := "a member of " + head
	if len(via) > 0 {
		text += ", by way of " + strings.Join(via, ", ")
	}
	return &Step{What: StepGroup, Text: text, DN: head, Via: via, Pass: true}, nil
}

// wayUp returns the shortest chain of groups from an object to one of the heads, or "" if there is
// none.
func (c *session) wayUp(ctx context.Context, dn string, heads []scopeGroup) (head string, via []string, err error) {
	l := newLineage(c, heads)
	below := map[string]string{identity.FoldDN(dn): ""} // by folded DN, the member through which it was found
	spelled := map[string]string{}
	for next := []string{dn}; len(next) > 0; next = next[1:] {
		folded := identity.FoldDN(next[0])
		if l.inScope[folded] {
			for at := below[folded]; at != "" && at != identity.FoldDN(dn); at = below[at] {
				via = append([]string{spelled[at]}, via...)
			}
			return next[0], via, nil
		}
		holders, err := l.holders(ctx, next[0])
		if err != nil {
			return "", nil, err
		}
		if len(below) == 1 { // the object itself
			primary, err := c.primaryGroup(ctx, dn)
			if err != nil {
				return "", nil, err
			}
			holders = append(holders, primary...)
		}
		for _, h := range holders {
			if _, met := below[identity.FoldDN(h)]; !met {
				below[identity.FoldDN(h)], spelled[identity.FoldDN(h)] = folded, h
				next = append(next, h)
			}
		}
	}
	return "", nil, nil
}

// primaryGroup returns the primary group of an object: the object is a member, although no list of
// members names it (MS-ADTS section 2.2.16).
func (c *session) primaryGroup(ctx context.Context, dn string) (groups []string, err error) {
	if c.dir.kind != KindADDS {
		return nil, nil
	}
	var sid, rid string
	if _, err := c.probe(ctx, dn, everything, []string{"objectSid", "primaryGroupID"}, func(raw *rawEntry) {
		for _, a := range raw.attrs {
			switch {
			case len(a.values) != 1:
			case strings.EqualFold(string(a.name), "objectSid"):
				if sid = string(a.values[0]); !strings.HasPrefix(sid, "S-") {
					sid, _ = sidText(a.values[0]) // "" matches no group
				}
			case strings.EqualFold(string(a.name), "primaryGroupID"):
				rid = string(a.values[0])
			}
		}
	}); err != nil {
		return nil, err
	}
	cut := strings.LastIndexByte(sid, '-')
	if cut < 0 || rid == "" {
		return nil, nil
	}
	filter := "(|" + strings.Join(assertion("objectSid", sid[:cut+1]+rid), "") + ")"
	err = c.subtree(ctx, "looking for the primary group", c.dir.roots(),
		query{filter: "(&" + c.dir.anyGroup() + filter + ")", attrs: none()}, func(raw *rawEntry) error {
			groups = append(groups, identity.DisplayDN(plainPart(string(raw.dn))))
			return nil
		})
	return groups, err
}
