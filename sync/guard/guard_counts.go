package guard

import (
	"context"
	"strings"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
	"dirbridge/sync/schema"
	"dirbridge/sync/stage"
	"dirbridge/sync/workdb"
)

// Ends of the reasons why fields change, see fieldReasons.
const (
	InDirectory = "changed in the directory"
	Differ      = "differ from the directory"
	InCloud     = "changed in the cloud since the last run"
	InBoth      = "changed in the directory, and in the cloud as well"
	Mapped      = "changed with the mapping"
	MappedBoth  = "changed with the mapping, and in the cloud as well"
)

// ByMapping is the reason why a person is disabled, or enabled, when the rule of the state changed.
const ByMapping = "by the mapping, which changed"

// count is one row: subject is an attribute or a group, and name is its name for people.
type count struct{ rule, subject, name, cause string }

// CountForGuards records everything that guards count of a change.
func CountForGuards(ctx context.Context, d *stage.Draft, c plan.Change) error {
	put := func(n count) error {
		if c.Cause != "" && c.Cause != RemappedCause && !c.Missing {
			n.cause = c.Cause
		} else if d.Header.Mode != record.Full && d.Header.Mode != record.Incremental {
			n.cause = c.Reason
		}
		return d.Work.AddGuardCount(ctx, workdb.GuardCount{Rule: n.rule, Kind: c.Kind, Subject: n.subject, Name: n.name,
			Anchor: c.Anchor, ID: c.ID, Cause: n.cause})
	}
	if c.Kind == identity.Member {
		if c.Action != plan.Remove {
			return nil
		}
		return put(count{plan.RuleMembersRemoved, string(c.Anchor), c.Key, "are no longer in the group " + c.Key})
	}
	again := stage.StayedOpen(c) // it was counted when it was first planned
	if c.Missing && !again {
		if err := put(count{rule: plan.RuleRemovals, cause: removalCause(c)}); err != nil {
			return err
		}
	}
	disabled := "are disabled in the directory"
	if strings.Contains(c.Reason, "disabled "+ByMapping) {
		disabled = "are disabled " + ByMapping
	}
	if c.Kind == identity.User && c.Action == plan.Deactivate && !c.Missing && !again {
		if err := put(count{rule: plan.RuleDirectoryDisable, cause: disabled}); err != nil {
			return err
		}
		if d.Header.Mode == record.Undo {
			// The directory decides that an administrator is a leaver like others; an undo is the
			// operator's decision.
			if err := put(count{rule: plan.RuleAdminsTouched, name: c.Key, cause: disabled}); err != nil {
				return err
			}
		}
	}
	if c.Action == plan.Delete {
		return nil // its fields say what is lost with the account, which counts once
	}
	for _, f := range c.Fields {
		if err := countField(d, c, f, put); err != nil {
			return err
		}
	}
	return nil
}

// countField counts a field that had a value before. The state has a guard of its own, and
// externalId changes when an account is linked again, which also has a guard.
func countField(d *stage.Draft, c plan.Change, f plan.FieldDiff, put func(count) error) error {
	switch {
	case len(f.Old) == 0 || f.Name == schema.Active || f.Name == schema.ExternalID:
		return nil
	case f.Name == stage.KeyField(c.Kind):
		if len(f.New) == 0 || identity.Fold(f.Old[0]) == identity.Fold(f.New[0]) {
			return nil // only letter case
		}
		n := count{plan.RuleKeyChanges, "", c.Key, fieldCause(c, f, "have another "+f.Name, "have another "+f.Name)}
		if err := put(n); err != nil || c.Kind != identity.User || c.Action == plan.Deactivate ||
			d.Header.Mode != record.Undo {
			return err
		}
		n.rule = plan.RuleAdminsTouched
		return put(n)
	case len(f.New) == 0:
		return put(count{plan.RuleAttributeBlanked, f.Name, f.Name, fieldCause(c, f, "lost "+f.Name, "have no "+f.Name)})
	}
	return put(count{plan.RuleAttributeChanged, f.Name, f.Name, fieldCause(c, f, "changed "+f.Name,
		"have another "+f.Name)})
}

// fieldCause is the cause of a field change. It follows the number of objects with that change.
func fieldCause(c plan.Change, f plan.FieldDiff, did, have string) string {
	switch {
	case f.Drift:
		return have + " in the cloud since the last run"
	case f.Mapping:
		return did + " with the mapping"
	case strings.Contains(c.Reason, InDirectory):
		return did + " in the directory"
	}
	return have + " in the directory"
}

// removalCause is the reason why an object would be removed.
func removalCause(c plan.Change) string {
	switch {
	case c.Anchor == "":
		return "have no match in any directory"
	case c.Cause != "":
		return "left scope: " + c.Cause
	}
	return "are no longer in the directory"
}

// settleCounts drops counts that only the whole plan reveals as irrelevant: attributes of accounts
// that are linked for the first time need not match the directory, and among renamed or deactivated
// people only administrators count for the guard of administrators.
func settleCounts(ctx context.Context, d *stage.Draft) error {
	if err := d.Work.DropCountsOfFirstLinks(ctx, plan.RuleAttributeChanged); err != nil {
		return err
	}
	return d.Work.DropCountsWithoutRole(ctx, plan.RuleAdminsTouched, identity.Yes)
}

// causesShown is how many causes a hold lists before it summarizes the rest.
const causesShown = 8

// CausesOf groups what a hold counted by cause, most frequent first.
func CausesOf(ctx context.Context, d *stage.Draft, of workdb.Counted) ([]plan.CauseCount, error) {
	var out []plan.CauseCount
	rest := plan.CauseCount{Cause: "have other causes"}
	err := d.Work.EachCause(ctx, of, func(c plan.CauseCount) error {
		if len(out) < causesShown {
			out = append(out, c)
		} else {
			rest.Count += c.Count
		}
		return nil
	})
	if rest.Count > 0 {
		out = append(out, rest)
	}
	return out, err
}

// RemappedCause is the common cause of all changes by another mapping.
const RemappedCause = "the mapping changed"
