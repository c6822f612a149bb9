package match

import (
	"context"
	"fmt"
	"slices"
	"time"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/read"
	"dirbridge/sync/stage"
	"dirbridge/sync/workdb"
)

// fieldExternalID is the field of problems with anchors.
const fieldExternalID = "externalId"

// Objects decides for every subject which resource belongs to it.
func Objects(ctx context.Context, d *stage.Draft) error {
	d.Env.Meter.Phase(port.Matching, readTotal(d.Header))
	agreed := d.Fingerprints.Count()
	d.Env.Meter.Add(agreed)
	d.Header.Counts.Users.Match += agreed
	d.Stats.Matched += agreed
	if err := d.Work.IndexSIDHistory(ctx); err != nil {
		return err
	}
	if err := markDuplicates(ctx, d); err != nil {
		return err
	}
	if err := d.Work.FindOwners(ctx); err != nil {
		return err
	}
	// An entry without an anchor is still a person, and may own the account.
	if err := d.Work.ProtectNameless(ctx); err != nil {
		return err
	}
	// Matches are written to a table that the query does not read.
	err := subjects(ctx, d, func(s subject) error {
		d.Env.Meter.Add(1)
		if s.sick {
			if s.active && len(s.bySID) > 0 {
				// An object in its SID history may leave, and no change would be reported for this
				// subject.
				if err := d.LookNextTime(ctx, s.Anchor, s.Kind); err != nil {
					return err
				}
			}
			return protectAll(ctx, d, s)
		}
		return addMatch(ctx, d, s, decide(s, d.Env.Target.Limits().Settling, d.Env.Now()))
	})
	if err != nil {
		return err
	}
	if err := d.Work.IndexMatches(ctx); err != nil {
		return err
	}
	if err := dropAbsent(ctx, d); err != nil {
		return err
	}
	if err := keepMovingPeople(ctx, d); err != nil {
		return err
	}
	if err := dropDoubleMatches(ctx, d); err != nil {
		return err
	}
	if err := recheckPassedOn(ctx, d); err != nil {
		return err
	}
	if err := protectGuarded(ctx, d); err != nil {
		return err
	}
	if err := withhold(ctx, d); err != nil {
		return err
	}
	return d.Work.MarkConflicts(ctx)
}

func readTotal(h plan.Header) (n int64) {
	for _, dir := range h.Directories {
		n += dir.People + dir.Groups
	}
	return n
}

// markDuplicates turns people who share a key into problems, all of them: the program does not
// guess which of them owns the account (P2).
func markDuplicates(ctx context.Context, d *stage.Draft) error {
	// If the provider lets groups share a name, they may coexist.
	unique, err := d.Env.UniqueGroupNames(ctx)
	if err != nil {
		return err
	}
	for after := int64(0); ; {
		// In pages, because rows that are being read must not be updated.
		some, err := d.Work.Duplicates(ctx, unique, after)
		if err != nil || len(some) == 0 {
			return err
		}
		after = some[len(some)-1].Row
		for _, t := range some {
			if err := d.Work.Problem(ctx, t.Kind, duplicateProblem(t)); err != nil {
				return err
			}
			if err := d.Work.MarkDuplicate(ctx, t.Anchor); err != nil {
				return err
			}
		}
	}
}

func duplicateProblem(t workdb.Duplicate) identity.Problem {
	attr, what := "mail", "mail address"
	if t.Kind == identity.Group {
		attr, what = "cn", "name"
	}
	p := identity.Problem{Anchor: t.Anchor, DN: t.DN, Attribute: attr, Side: identity.InDirectory,
		Message: fmt.Sprintf("For [%s], the attribute [%s] has the value [%s], which another %s has as well.", t.DN, attr,
			t.Key, t.Kind),
		Remedy: "Give each a " + what + " of its own. Until then all of them are left unchanged in the cloud."}
	switch {
	case t.Predecessor != "":
		p.Remedy = fmt.Sprintf("Its SID history says that it is [%s], moved: when the move is done, delete that one or "+
			"take it out of scope. Until then the account is left unchanged.", t.Predecessor)
	case t.Successor != "":
		p.Remedy = fmt.Sprintf("The SID history of [%s] says that this is the same person, moved: when the move is "+
			"done, delete this one or take it out of scope. Until then the account is left unchanged.", t.Successor)
	}
	return p
}

// subjects streams every source object with its candidates, in order of anchor.
func subjects(ctx context.Context, d *stage.Draft, fn func(subject) error) error {
	var cur subject
	err := d.Work.EachSubject(ctx, func(row workdb.SubjectRow) error {
		if row.Anchor != cur.Anchor {
			if cur.Anchor != "" {
				if err := fn(cur); err != nil {
					return err
				}
			}
			cur = subject{Anchor: row.Anchor, Kind: row.Kind, dn: row.DN, Key: row.Key, active: row.Active,
				sick: row.Problem, linkedID: row.LinkedID, linked: row.LinkedID != "", linkedAt: time.Unix(row.Linked, 0)}
		}
		cur.consider(d, row.Candidate)
		return nil
	})
	if err == nil && cur.Anchor != "" {
		err = fn(cur)
	}
	return err
}

// consider adds a candidate to those of the subject.
func (s *subject) consider(d *stage.Draft, found workdb.Candidate) {
	c := candidate{id: found.ID, owner: found.Owner, ownerInSrc: found.OwnerListed, ownerSick: found.OwnerProblem,
		ownerDN: found.OwnerDN}
	if c.owner != "" {
		c.ownerUnread = !c.ownerInSrc && c.owner != s.Anchor && !d.WasRead(c.owner.Directory())
	} else {
		c.ownerUnread = found.Foreign && !d.Header.Complete
	}
	switch found.Tie {
	case workdb.TieLink:
		s.byLink = append(s.byLink, c)
	case workdb.TieGUID:
		s.byExternal = append(s.byExternal, c)
	case workdb.TieKey:
		s.byKey = append(s.byKey, c)
	case workdb.TieSID:
		s.bySID = append(s.bySID, c)
	}
}

// subjectOf returns the subject of a match, to report that the match conflicts with another.
func subjectOf(m workdb.MatchedEntry) subject {
	return subject{Anchor: m.Anchor, Kind: m.Kind, dn: m.DN, Key: m.Key, byLink: []candidate{{id: m.ID}}}
}

// protectAll keeps every account that a subject with a problem may own from counting as unmatched.
// An account that the subject claims by its objectGUID, or as the same person who moved here, does
// not count as missing either; an account that only has its name does (P6).
func protectAll(ctx context.Context, d *stage.Draft, s subject) error {
	for _, c := range s.byExternal {
		if err := d.Work.Want(ctx, s.Kind, c.id); err != nil {
			return err
		}
	}
	for _, c := range s.bySID {
		if !s.active {
			break
		}
		if err := d.Work.Want(ctx, s.Kind, c.id); err != nil {
			return err
		}
	}
	for _, cs := range [][]candidate{s.byLink, s.byExternal, s.byKey, s.bySID} {
		for _, c := range cs {
			if c.id == "" {
				continue
			}
			if err := d.Work.Protect(ctx, s.Kind, c.id); err != nil {
				return err
			}
		}
	}
	return nil
}

func addMatch(ctx context.Context, d *stage.Draft, s subject, v verdict) error {
	for _, t := range v.sidMatches {
		if err := d.Work.AddSIDMatch(ctx, t.owner, s.Anchor, !t.ownerInSrc); err != nil {
			return err
		}
	}
	if v.problem != "" {
		unread := func(c candidate) bool { return c.ownerUnread }
		if slices.ContainsFunc(s.byExternal, unread) || slices.ContainsFunc(s.byKey, unread) {
			// Once that directory can be read, this object need not have changed.
			if err := d.LookNextTime(ctx, s.Anchor, s.Kind); err != nil {
				return err
			}
		}
		return reportConflict(ctx, d, s, v.field, v.problem, v.remedy)
	}
	if v.waits {
		return d.LookNextTime(ctx, s.Anchor, s.Kind)
	}
	return d.Work.AddMatch(ctx, workdb.Match{Anchor: s.Anchor, Kind: s.Kind, ID: v.id, How: v.how, Was: v.relinks})
}

// reportConflict reports a matching problem and protects everything that the subject may own.
func reportConflict(ctx context.Context, d *stage.Draft, s subject, field, message, remedy string) error {
	if field == "" {
		field = stage.KeyField(s.Kind)
	}
	p := identity.Problem{Anchor: s.Anchor, DN: s.dn, Attribute: field, Side: sideOf(field), Message: message,
		Remedy: remedy}
	if err := d.Work.Problem(ctx, s.Kind, p); err != nil {
		return err
	}
	if err := d.Work.MarkConflicting(ctx, s.Anchor); err != nil {
		return err
	}
	return protectAll(ctx, d, s)
}

// recheckPassedOn looks up again, by GUID, the owners whose accounts would be linked to another
// object. A paged read can miss what moves meanwhile: an owner who is there after all keeps the
// account, and the other object has a naming conflict.
func recheckPassedOn(ctx context.Context, d *stage.Draft) error {
	for after := identity.Anchor(""); ; {
		batch, err := d.Work.Takeovers(ctx, after)
		if err != nil || len(batch) == 0 {
			return err
		}
		after = batch[len(batch)-1].Anchor
		leavers := make([]read.Leaver, len(batch))
		for i, t := range batch {
			leavers[i].Shadow = t.From
		}
		found, err := read.LookAgain(ctx, d, leavers)
		if err != nil {
			return err
		}
		for _, t := range batch {
			if w, exists := found[t.From.Anchor]; !exists || !w.InScope {
				continue
			}
			if err := dropTakeover(ctx, d, t); err != nil {
				return err
			}
		}
	}
}

// dropTakeover leaves an account to its previous owner, who is there after all.
func dropTakeover(ctx context.Context, d *stage.Draft, t workdb.Takeover) error {
	if err := reportConflict(ctx, d, subjectOf(t.MatchedEntry), "", stage.NamingConflict(t.DN, t.Key, string(t.Kind)),
		"That "+stage.Called(t.Kind)+" belongs to "+t.From.DN+". Give each object a key of its own."); err != nil {
		return err
	}
	if err := d.Work.DropMatch(ctx, t.Anchor); err != nil {
		return err
	}
	// The tie between the two need not be the key.
	return d.LookNextTime(ctx, t.Anchor, t.Kind)
}

// dropDoubleMatches leaves an account unchanged that two people match.
func dropDoubleMatches(ctx context.Context, d *stage.Draft) error {
	doubles, err := d.Work.DoubleMatches(ctx)
	if err != nil {
		return err
	}
	for _, m := range doubles {
		if err := reportConflict(ctx, d, subjectOf(m), "",
			fmt.Sprintf("The %s %s is claimed by more than one object of the directory.", stage.Called(m.Kind), m.ID),
			"Give each object a key of its own, or set the externalId of the "+stage.Called(m.Kind)+" to the objectGUID of "+
				"the right one."); err != nil {
			return err
		}
		if err := d.Work.DropMatch(ctx, m.Anchor); err != nil {
			return err
		}
		if m.How != workdb.ByHistory {
			continue
		}
		if err := d.Work.Want(ctx, m.Kind, m.ID); err != nil {
			return err
		}
		// The tie between those who claim it need not be the key.
		if err := d.LookNextTime(ctx, m.Anchor, m.Kind); err != nil {
			return err
		}
	}
	return nil
}
