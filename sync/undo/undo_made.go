package undo

import (
	"context"
	"fmt"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
	"dirbridge/sync/schema"
	"dirbridge/sync/stage"
)

// backDeleted adds an account again that the run deleted, with the values that it had, and reports
// what does not come back with it. The account is in grace, as it was, from now on: if the
// directory does not know it again by the end, it is purged again.
func (u *Undoing) backDeleted(ctx context.Context, f *found) (*plan.Change, error) {
	key := f.field(stage.KeyField(f.Kind))
	switch {
	case f.Now != nil:
		return nil, nil // it exists again
	case f.Owner != nil && f.Owner.ID != "":
		return nil, u.left(ctx, f.Change, "", fmt.Sprintf("its object of the directory has another account by now, %s",
			f.Owner.ID), "Nothing need be done.")
	case key == nil || len(key.Old) == 0:
		return nil, u.left(ctx, f.Change, "", "the journal does not hold the values that it had",
			"Where it should be in the cloud, bring its object into scope: the next run makes it.")
	case len(f.Holders) > 0:
		h := f.Holders[0]
		return nil, u.left(ctx, f.Change, key.Name, fmt.Sprintf("the account %s (%s) has its name or its objectGUID by now",
			h.ID, h.Key),
			"Rename or remove that account, and undo the run once more.")
	}
	c := u.base(f, plan.Add)
	c.ID, c.Key = "", key.Old[0]
	c.Reason = fmt.Sprintf("run %d deleted it", u.Run.ID)
	s := identity.Shadow{Anchor: f.Change.Anchor, Kind: f.Kind, DN: f.Change.DN, Applied: identity.Attrs{}, Active: true,
		Linked: u.D.Env.Now().UTC().Truncate(1e9)}
	u.grace(&s)
	for _, field := range f.Fields {
		d := &plan.FieldDiff{Name: field.Name, New: u.D.Env.Target.Normalize(field.Name, field.Old)}
		var err error
		switch {
		case len(d.New) == 0:
			continue
		case field.Name == schema.Active:
			s.Active = d.New[0] == "true"
		case field.Ref:
			if d, err = u.restoreRef(ctx, f, d, &s); err != nil {
				return nil, err
			}
		default:
			s.Applied[d.Name] = d.New
		}
		if d != nil {
			c.Fields = append(c.Fields, *d)
		}
	}
	c.After = &s
	u.counts(f.Kind, plan.Add)
	return c, u.lost(ctx, f)
}

// lost reports what does not come back with an account that is added again.
func (u *Undoing) lost(ctx context.Context, f *found) error {
	what := "its spaces and messages, its roles and licences, what is not mapped, its memberships, and its old id " +
		string(f.ID)
	then := "its memberships return where the directory gives them"
	if f.Kind == identity.Group {
		what = "its members, what is not mapped, and its old id " + string(f.ID)
		then = "its members return where the directory gives them"
	}
	message := fmt.Sprintf("The %s %s is created again, but not completely: %s are lost.", f.Kind, f.Change.Key, what)
	remedy := fmt.Sprintf("Once its object is in scope again, the next run ends its grace period, and %s. Otherwise the "+
		"account is purged again after %s.", then, u.D.Env.Policy.PurgeAfter)
	if old, archived := u.D.Env.Archived(ctx, f.Kind, f.ID); archived {
		message += " " + old.Sentence() + "."
		remedy = record.ArchivedRemedy + " " + remedy
	}
	return u.D.Work.Problem(ctx, f.Kind, identity.Problem{Anchor: f.Change.Anchor, DN: dnOr(f.Change),
		Side: identity.InCloud, Message: message, Remedy: remedy})
}

func dnOr(c plan.Change) string {
	if c.DN != "" {
		return c.DN
	}
	return c.Key
}

// backMember undoes a membership change. The memberships of an account or group that the run added
// stay, as they do in grace.
func (u *Undoing) backMember(ctx context.Context, f *found) (*plan.Change, error) {
	c := &plan.Change{Kind: identity.Member, ID: f.ID, MemberID: f.Member, Member: f.Change.Member,
		MemberKind: f.Change.MemberKind, Key: f.Change.Key, MemberKey: f.Change.MemberKey}
	switch {
	case f.Added == f.Holds && f.Added:
		added, err := u.D.Work.IsEndAdded(ctx, f.ID, f.Member)
		if err != nil || added {
			return nil, err
		}
		c.Action, c.Phase = plan.Remove, plan.MemberRemoves
		c.Reason = fmt.Sprintf("run %d added the membership", u.Run.ID)
		u.D.Header.Counts.Members.Remove++
	case f.Added, f.Holds:
		return nil, nil // it is so already
	case f.Gone != "":
		return nil, u.left(ctx, f.Change, "", f.Gone+" is not in the cloud any more",
			"Where a later run removed it, undo that one first, and then this one.")
	default:
		c.Action, c.Phase = plan.Add, plan.MemberAdds
		c.Reason = fmt.Sprintf("run %d removed the membership", u.Run.ID)
		u.D.Header.Counts.Members.Add++
	}
	return c, nil
}

// leftGone reports an effect on an account that is gone since.
func (u *Undoing) leftGone(ctx context.Context, f *found) error {
	why, remedy := "its account no longer exists in the cloud",
		"Where a later run removed it, undo that one first, and then this one."
	if old, archived := u.D.Env.Archived(ctx, f.Kind, f.ID); archived {
		why += ". " + old.Sentence()
		remedy += " " + record.ArchivedRemedy
	}
	return u.left(ctx, f.Change, "", why, remedy)
}
