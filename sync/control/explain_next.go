package control

import (
	"context"
	"fmt"
	"strings"
	"time"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/queue"
)

// The kinds of run that make a change.
const (
	byFull        = "full"
	byIncremental = "incremental"
	byPurge       = "purge"
	byNone        = "none"
)

// next says in one sentence what will happen, and when.
func (t *telling) next(ctx context.Context) error {
	n := &t.x.Next
	what, run := t.coming()
	n.Run = run
	var s Status
	var err error
	if s.Mode, err = t.Mode(ctx); err != nil {
		return err
	}
	if err := t.Local.next(ctx, &s); err != nil {
		return err
	}
	switch run {
	case byNone:
		n.Text = what + "."
		return nil
	case byPurge:
		n.When = when(t.e.Queued.Due.Local(), time.Now())
		n.Text = what + "."
		return nil
	case byFull:
		n.When = s.Full
		n.Text = what + " by the next full run"
	default:
		n.When = s.Incremental
		n.Text = what + " by the next run"
	}
	verb := "dirbridge sync"
	if run == byFull {
		verb += " --full"
	}
	switch {
	case n.When == notScheduled && !s.Mode.Enabled:
		n.Text += " (the schedule is off: " + verb + ", or dirbridge enable)"
	case n.When == notScheduled:
		n.Text += " (none is scheduled: " + verb + ")"
	default:
		n.Text += " (" + n.When + ")"
	}
	if len(t.x.Holds) > 0 {
		n.Text += ", unless the hold below stops it."
	} else if t.e.Failing != nil {
		n.Text += "; nothing holds it, but the last attempt failed."
	} else {
		n.Text += "; nothing holds it."
	}
	return nil
}

// coming says what happens to the subject next, and in which kind of run.
func (t *telling) coming() (what, run string) {
	x, e := t.x, t.e
	if c := e.Change; c != nil {
		return "It will be " + done(c), t.runOf(c)
	}
	if len(e.Members) > 0 {
		return "Its memberships will be changed", t.runOf(&e.Members[0])
	}
	switch {
	case x.Where.Error != "":
		return "Nothing while its directory cannot be read; its account is left unchanged", byNone
	case e.Withheld != nil:
		return "Nothing until an operator confirms it (" + e.Withheld.Rule + "): dirbridge confirm " +
			string(e.Anchor), byNone
	case len(e.Problems) > 0:
		return "Nothing until the problem is fixed; any matching cloud account is left unchanged", byNone
	case e.Spared:
		return "Nothing: full administrators without a match in a directory are never removed", byNone
	case e.Anchor == "" && e.Queued != nil && e.Account != nil:
		return waiting(e.Queued, "it has a match in a directory by then")
	case e.Unmatched != nil && e.Unmatched.Kept != "" && e.Anchor != "":
		return "Nothing: the account is " + e.Unmatched.Kept, byNone
	case e.Unmatched != nil && e.Unmatched.Kept != "":
		return "Nothing: the account has no match in any directory: " + e.Unmatched.Kept, byNone
	case e.Anchor == "" && e.Account == nil:
		return "Nothing: the account no longer exists", byNone
	case e.Anchor == "":
		return "Nothing: the account may belong to a person that has a problem", byNone
	case e.Entry == nil || !e.InScope:
		return t.comingToLeaver()
	case e.Again:
		return "It will be checked again", byIncremental
	}
	return "Nothing: the account agrees with the directory", byNone
}

// comingToLeaver says what happens to a subject that is not in scope and has no change.
func (t *telling) comingToLeaver() (what, run string) {
	e := t.e
	switch {
	case e.Unsynced && e.Shadow != nil && e.Shadow.ID != "" && !e.Forgotten:
		return "Nothing: " + string(e.Kind) + "s are not synchronized from directory " + e.Anchor.Directory() + " (sync_" +
			string(e.Kind) +
			"s = false), so the account stays unchanged, and is not purged", byNone
	case e.Forgotten:
		return "Only its link is removed: the account is gone, or linked to another person", byNone
	case e.Queued != nil:
		return waiting(e.Queued, "it returns")
	case e.Shadow != nil && e.Shadow.State == identity.Grace:
		return "Nothing: the account stays unchanged, because Dirbridge did not deactivate it", byNone
	case e.Shadow != nil && e.Shadow.ID != "" && e.Again && len(t.unread()) > 0:
		return "Nothing while directory " + strings.Join(t.unread(), ", ") +
			" cannot be read: no account is removed meanwhile. " +
			"After that, the next run decides", byNone
	case e.Shadow != nil && e.Shadow.ID != "" && e.Again:
		return "It will be checked again", byIncremental
	case e.Shadow != nil && e.Shadow.ID != "":
		return "Nothing: the policy keeps the accounts of people removed from the directory", byNone
	case len(e.Others) > 0:
		return "Nothing: it is out of scope, and the account of that name is not linked to it", byNone
	}
	return "Nothing: it is out of scope, and has no account", byNone
}

// unread returns the directories that cannot be read, by name.
func (t *telling) unread() (names []string) {
	for _, dir := range t.e.Directories {
		if !dir.Whole {
			names = append(names, dir.Name)
		}
	}
	return names
}

// waiting says what happens to an account in the purge queue, with unless as the exception.
func waiting(q *queue.Item, unless string) (what, run string) {
	switch {
	case q.Kept != nil:
		return "Nothing: it is kept from the purge " + q.Kept.Text(), byNone
	case q.Unmanaged != "":
		return "Nothing: it is unmanaged, by a rule: " + q.Unmanaged, byNone
	case q.Overdue:
		return "It will be deleted by the next purge: its grace period is over", byPurge
	}
	return "It will be deleted when its grace period ends, on " + q.Due.Local().Format("2006-01-02 15:04") +
		", unless " + unless, byPurge
}

// done says what a change does, in the passive.
func done(c *plan.Change) string {
	switch c.Action {
	case plan.Add:
		return "added"
	case plan.Update:
		return "updated"
	case plan.Rename:
		return "renamed"
	case plan.Reactivate:
		return "reactivated"
	case plan.Delete:
		return "deleted"
	case plan.Match:
		return "linked to its account, without a write"
	case plan.Deactivate:
		if c.Kind == identity.Group || len(c.Fields) == 0 {
			return "put into its grace period, without a write"
		}
		return "deactivated"
	}
	return fmt.Sprintf("changed (%s)", c.Action)
}

// runOf returns the kind of run that plans a change. Edits by hand in the cloud are only seen where
// the cloud is listed.
func (t *telling) runOf(c *plan.Change) string {
	e := t.e
	switch {
	case e.NeedsFull, c.Anchor == "":
		return byFull
	case e.Dirty != "" || e.Again || e.Shadow == nil || c.Missing || c.Kind == identity.Member:
		return byIncremental
	case e.Shadow.Base == c.SourceBase && e.Shadow.State == identity.Live:
		return byFull
	}
	return byIncremental
}
