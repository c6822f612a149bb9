package diff

import (
	"context"
	"fmt"
	"slices"

	"dirbridge/sync/guard"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/schema"
	"dirbridge/sync/stage"
	"dirbridge/sync/workdb"
)

// Pair is one matched subject with everything from which its change is made.
type Pair struct {
	anchor      identity.Anchor
	Kind        identity.Kind
	dn, parent  string
	rdn, key    string
	active      bool
	attrs       identity.Attrs
	inputs      identity.Attrs
	base        string
	How         string
	wave        int
	via         string
	shadow      *identity.Shadow
	Res         *identity.Resource
	resBase     string
	manager     identity.Anchor // the one in the directory, if it is in the plan
	managerID   identity.ResourceID
	parentGUID  identity.Anchor
	fingerprint int64            // of the entry
	mgr         string           // folded DN of the manager in the directory, known or not
	bossInSrc   bool             // and the manager was read
	bossStays   bool             // see keepBoss
	unsure      bool             // not everything was read: it must not get a fingerprint
	goneInCloud bool             // it was linked, and the account is no longer listed
	was         *identity.Shadow // the object from which the account is taken over
}

// Objects turns matches into changes, field by field, and finds the shadows that must be stored
// although nothing is written.
func Objects(ctx context.Context, d *stage.Draft) error {
	n, err := d.Work.CountMatches(ctx)
	if err != nil {
		return err
	}
	d.Env.Meter.Phase(port.Planning, n)
	if err := noteUnanswered(ctx, d); err != nil {
		return err
	}
	err = d.Work.EachToCompare(ctx, func(found workdb.ToCompare) error {
		p := newPair(found)
		d.Env.Meter.Add(1)
		if err := findParent(ctx, d, &p); err != nil {
			return err
		}
		if err := keepManager(ctx, d, &p); err != nil {
			return err
		}
		return planChange(ctx, d, p)
	})
	if err != nil {
		return err
	}
	return disabledWithProblems(ctx, d)
}

func newPair(c workdb.ToCompare) Pair {
	return Pair{anchor: c.Anchor, Kind: c.Kind, dn: c.DN, parent: c.Parent, rdn: c.RDN, key: c.Key, active: c.Active,
		attrs: c.Mapped, inputs: c.Inputs, base: c.Base, How: c.How, wave: c.Wave, via: c.Via, shadow: c.Shadow,
		Res: c.Resource, resBase: c.ResourceBase, manager: c.Manager, managerID: c.ManagerID, parentGUID: c.Container,
		fingerprint: c.Fingerprint, mgr: c.ManagerDN, bossInSrc: c.ManagerIsListed, was: c.PreviousOwner,
		goneInCloud: c.Resource == nil && c.Shadow != nil && c.Shadow.ID != ""}
}

// findParent finds, for an object that is below a non-container, the nearest container above: when
// that moves, the object moves.
func findParent(ctx context.Context, d *stage.Draft, p *Pair) (err error) {
	for _, up := identity.SplitDN(p.parent); p.parentGUID == "" && up != ""; _, up = identity.SplitDN(up) {
		if p.parentGUID, err = d.Work.ContainerAt(ctx, up, p.anchor.Directory()); err != nil {
			return err
		}
	}
	return nil
}

// keepManager decides about a reference to a manager that is in the directory and not in this plan.
// The manager may have a problem, be in a directory that could not be read, or have left scope and
// be in grace: then the reference stays as it is in the cloud, as memberships do. If the cloud
// refers to the account of another matched person, the reference is cleared.
func keepManager(ctx context.Context, d *stage.Draft, p *Pair) error {
	if p.mgr == "" || p.manager != "" || p.Res == nil {
		return nil
	}
	have := p.Res.Attrs.First(schema.Manager)
	if have == "" {
		return nil
	}
	if p.bossStays = p.bossInSrc; p.bossStays {
		return nil
	}
	if !d.Header.Complete {
		// The manager is found once everything can be read: no fingerprint, and the person is
		// checked again whatever changes until then.
		p.bossStays, p.unsure = true, true
		return d.LookNextTime(ctx, p.anchor, p.Kind)
	}
	var err error
	p.bossStays, err = d.Work.IsFreeAccount(ctx, have)
	return err
}

// planChange plans one subject.
func planChange(ctx context.Context, d *stage.Draft, p Pair) error {
	if destroyed(d, p) {
		return keepDestroyed(ctx, d, p)
	}
	c := plan.Change{Kind: p.Kind, Phase: plan.UserWrites, Wave: p.wave, Via: p.via, Anchor: p.anchor, Key: p.key,
		DN: p.dn, SourceBase: p.base, CloudBase: p.resBase}
	if p.Kind == identity.Group {
		c.Phase = plan.GroupWrites
	}
	if p.Res != nil {
		c.ID, c.CloudVersion = p.Res.ID, p.Res.Version
	}
	after := shadowAfter(d, p)
	c.Fields, after.Ignored = diffFields(d, p)
	if err := markDrift(ctx, d, p, c.Fields); err != nil {
		return err
	}
	if err := markRemapped(ctx, d, p, c.Fields); err != nil {
		return err
	}
	c.Cause = remapping(c.Fields)
	var err error
	if c.Drift, err = removedByHand(ctx, d, p); err != nil {
		return err
	}
	c.After = &after
	after.ByUs = madeInactive(p, after, c.Fields)
	after.Fingerprint = fingerprintOf(d, p, after, false)
	c.Action = ActionOf(p, c.Fields)
	if c.Action == plan.Deactivate {
		return leaverChanges(ctx, d, p, c)
	}
	c.Reason = reasonOf(d, p, c)
	countChange(d, p, c)

	switch {
	case c.Action == plan.Match:
		c.Phase, c.Wave = plan.Links, 0
	case c.Action == "":
		after.Fingerprint = fingerprintOf(d, p, after, true)
		if p.shadow != nil && workdb.Encode(*p.shadow) == workdb.Encode(after) {
			return nil
		}
		return d.Work.Renew(ctx, after)
	}
	return AddChange(ctx, d, c, "")
}

// madeInactive says whether this program deactivated the account, by this change or an earlier one:
// then the purge may take it if the person goes missing one day.
func madeInactive(p Pair, after identity.Shadow, fields []plan.FieldDiff) bool {
	switch last := p.last(); {
	case p.Kind != identity.User || after.Active:
		return false
	case p.Res == nil, p.Res.Active:
		return len(fields) > 0 // it is deactivated, or added inactive
	default:
		return last != nil && last.ID == after.ID && last.ByUs
	}
}

// AddChange spools a change, and what guards count of it. sub orders the changes of one key.
func AddChange(ctx context.Context, d *stage.Draft, c plan.Change, sub string) error {
	if err := guard.CountForGuards(ctx, d, c); err != nil {
		return err
	}
	return d.Work.AddChange(ctx, c, sub+string(c.Anchor))
}

// shadowAfter returns the shadow of the subject once its change is done. A link that the change
// makes has no time until it is made.
func shadowAfter(d *stage.Draft, p Pair) identity.Shadow {
	after := identity.Shadow{Anchor: p.anchor, Kind: p.Kind, DN: p.dn, Parent: p.parentGUID, RDN: p.rdn, Inputs: p.inputs,
		Base: p.base, Applied: normalAttrs(d, p.attrs), Active: p.active, State: identity.Live}
	switch {
	case p.managerID != "" && manages(d, p.anchor.Directory(), schema.Manager):
		after.Applied[schema.Manager] = []string{string(p.managerID)}
	case p.bossStays:
		after.Applied[schema.Manager] = p.Res.Attrs[schema.Manager]
	}
	if p.Res != nil {
		after.ID = p.Res.ID
		if !d.Env.Mappers.Of(p.anchor.Directory()).ManagesState() && p.Kind == identity.User {
			after.Active = p.Res.Active
		}
	}
	if p.shadow != nil && p.shadow.ID == after.ID {
		after.Linked, after.Run = p.shadow.Linked, p.shadow.Run
	}
	return after
}

// normalAttrs returns attributes in the form in which they are written and listed.
func normalAttrs(d *stage.Draft, attrs identity.Attrs) identity.Attrs {
	out := make(identity.Attrs, len(attrs))
	for name, values := range attrs {
		if v := d.Env.Target.Normalize(name, values); len(v) > 0 {
			out[name] = v
		}
	}
	return out
}

func manages(d *stage.Draft, directory, name string) bool {
	return slices.Contains(d.Env.Mappers.Of(directory).Managed(), name)
}

// ManagedFields lists the attributes that are compared for a kind in one directory.
func ManagedFields(d *stage.Draft, directory string, kind identity.Kind) []string {
	if kind != identity.Group {
		return d.Env.Mappers.Of(directory).Managed()
	}
	if !manages(d, directory, schema.ExternalID) {
		return []string{schema.GroupName}
	}
	return []string{schema.GroupName, schema.ExternalID}
}

// diffFields compares the managed attributes, normalized by the target on both sides. It also returns
// the values that the cloud is known, or suspected, not to accept.
func diffFields(d *stage.Draft, p Pair) (fields []plan.FieldDiff, ignored map[string]identity.Ignored) {
	limits := d.Env.Target.Limits()
	for _, name := range ManagedFields(d, p.anchor.Directory(), p.Kind) {
		if name == schema.ExternalID && limits.Anchorless && p.Res != nil {
			continue
		}
		if name == schema.Manager && p.bossStays {
			continue
		}
		f := plan.FieldDiff{Name: name, New: p.attrs[name]}
		if p.Res != nil {
			f.Old = p.Res.Attrs[name]
		}
		if name == schema.Manager {
			f = managerField(d, p)
		} else {
			f.New = d.Env.Target.Normalize(name, f.New)
		}
		if stage.Same(name, f.New, d.Env.Target.Normalize(name, f.Old)) || f.Ref && len(f.Old) == 1 &&
			f.Old[0] == string(p.managerID) && p.managerID != "" {
			continue
		}
		if ig, known := knownIgnored(p, f); known {
			if ignored == nil {
				ignored = map[string]identity.Ignored{}
			}
			ignored[name] = ig
			if ig.Sure {
				continue
			}
		}
		fields = append(fields, f)
	}
	if p.Kind == identity.User {
		state := stateField(d, p)
		for _, f := range state {
			ig, known := knownIgnored(p, f)
			if !known {
				continue
			}
			if ignored == nil {
				ignored = map[string]identity.Ignored{}
			}
			ignored[f.Name] = ig
			if ig.Sure && f.New[0] == "true" {
				state = nil // a deactivation is retried, whatever the cloud did with the last one
			}
		}
		fields = append(fields, state...)
	}
	return fields, ignored
}

// managerField refers to the manager by anchor, because this plan may add the account.
func managerField(d *stage.Draft, p Pair) plan.FieldDiff {
	f := plan.FieldDiff{Name: schema.Manager, Ref: true}
	if p.Res != nil {
		f.Old = p.Res.Attrs[schema.Manager]
	}
	if p.manager != "" {
		f.New = []string{string(p.manager)}
	}
	return f
}

// stateField is the activation of an account, if it must change.
func stateField(d *stage.Draft, p Pair) []plan.FieldDiff {
	want := p.active
	if !d.Env.Mappers.Of(p.anchor.Directory()).ManagesState() {
		// The state is not managed, but an account that was deactivated as missing comes back.
		if last := p.last(); p.Res == nil || last == nil || last.State != identity.Grace || !last.ByUs {
			return nil
		}
		want = true
	}
	f := plan.FieldDiff{Name: schema.Active, New: []string{fmt.Sprint(want)}}
	if p.Res != nil {
		if p.Res.Active == want {
			return nil
		}
		f.Old = []string{fmt.Sprint(p.Res.Active)}
	}
	return []plan.FieldDiff{f}
}

// knownIgnored says whether the cloud shows, for this wanted value, the value that it showed before
// the last write. If that is certain, another write would change nothing. If it is a suspicion, an
// edit by hand may have restored the old value, so the value is written again, and read back right
// after.
func knownIgnored(p Pair, f plan.FieldDiff) (identity.Ignored, bool) {
	if p.shadow == nil || p.Res == nil {
		return identity.Ignored{}, false
	}
	wanted := f.New
	if f.Ref && len(wanted) > 0 {
		wanted = []string{string(p.managerID)} // a reference is written as an id
	}
	ig, ok := p.shadow.Ignored[f.Name]
	if !ok || !slices.Equal(ig.Wanted, wanted) || !slices.Equal(ig.Got, f.Old) {
		return identity.Ignored{}, false
	}
	return ig, true
}

// ActionOf names the change by its most important effect.
func ActionOf(p Pair, fields []plan.FieldDiff) plan.Action {
	if p.Res == nil {
		return plan.Add
	}
	action := plan.Action("")
	if p.How != workdb.ByLink {
		action = plan.Match
	}
	for _, f := range fields {
		switch {
		case f.Name == schema.Active && f.New[0] == "false":
			return plan.Deactivate
		case f.Name == schema.Active:
			action = plan.Reactivate
		case action == plan.Reactivate:
		case f.Name == schema.UID, p.Kind == identity.Group && f.Name == schema.GroupName:
			action = plan.Rename
		case action != plan.Rename:
			action = plan.Update
		}
	}
	return action
}

// byHand returns the text if the state of the account was changed in the cloud.
func byHand(c plan.Change, text string) string {
	if f, _ := c.Field(schema.Active); f.Drift {
		return text
	}
	return ""
}

// last returns the shadow of the account's owner: the subject itself, or the object from which it
// takes the account over.
func (p *Pair) last() *identity.Shadow {
	if p.was != nil {
		return p.was
	}
	return p.shadow
}

// relinkReason begins the reason why an account is linked to another object.
func (p *Pair) relinkReason() string {
	if p.was != nil && p.was.Anchor.Directory() != p.anchor.Directory() {
		return "moved here from the directory " + p.was.Anchor.Directory() + ": "
	}
	return "linked again: "
}

// plainFields returns the fields that the action does not name already.
func plainFields(fields []plan.FieldDiff) []string {
	var names []string
	for _, f := range fields {
		if f.Name != schema.Active && f.Name != schema.UID {
			names = append(names, f.Name)
		}
	}
	return names
}

func countChange(d *stage.Draft, p Pair, c plan.Change) {
	n := &d.Header.Counts.Users
	if p.Kind == identity.Group {
		n = &d.Header.Counts.Groups
	}
	if p.Res != nil {
		n.Match++
		if p.Kind == identity.User {
			d.Stats.Matched++
		}
	}
	stage.CountAction(n, c.Action)
	d.Header.Drift.Count(&c)
	if c.Action == plan.Deactivate && p.Res != nil && p.Res.Admin == identity.Yes {
		d.AdminsOut++
	}
}
