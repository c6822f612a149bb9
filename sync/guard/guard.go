package guard

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/policy"
	"dirbridge/sync/read"
	"dirbridge/sync/record"
	"dirbridge/sync/stage"
	"dirbridge/sync/workdb"
)

// Totals are the totals of a whole plan that the guards examine beside the metrics, before the
// first write (P4).
type Totals struct {
	Removals    int64 // as the delete threshold counts them
	Causes      []plan.CauseCount
	unread      int64         // removals that are planned although not everything was read
	Ours        int64         // accounts linked before this plan
	People      int64         // read in this run
	emptied     []emptySource // directories that returned no people, and whose people would be removed
	AdminsAll   int64         // active full administrators; -1 unknown
	AdminsOut   int64         // those of them that the plan deactivates
	AdminsKnown bool
	adopted     int64 // linked by key alone
	lost        int64 // linked, in the directory, and absent from the list
	accounts    int64 // users that the cloud lists
	relinked    relinkCounts
	anchorless  bool
	Changes     bool // incremental plan: only changes were read
}

// emptySource is a directory that returned no people.
type emptySource struct {
	name    string
	removed int64 // accounts of its people
}

// HoldsOfTotals lists every reason why the plan must not be applied as it is.
func HoldsOfTotals(t Totals, th policy.Threshold) []plan.Hold {
	var holds []plan.Hold
	hold := func(rule string, count, of int64, detail, remedy string) {
		holds = append(holds, plan.Hold{Rule: rule, Detail: detail, Remedy: remedy + " This cannot be overridden.",
			Count: count, Of: of})
	}
	overridable := func(rule string, count, of int64, detail, remedy string) {
		holds = append(holds, plan.Hold{Rule: rule, Detail: detail, Remedy: remedy + naming(count), Overridable: true,
			Count: count, Of: of})
	}
	if th.Exceeded(t.Removals, t.Ours) {
		of := t.Ours
		if t.Removals > of {
			of = 0 // groups and unmatched accounts are counted, too: there is no whole for a share
		}
		overridable(plan.RuleDeleteThreshold, t.Removals, of,
			fmt.Sprintf("Delete threshold (%d) exceeded. %d objects would be deactivated or deleted.", th.Limit(t.Ours),
				t.Removals),
			"Review the accounts and the reasons.")
		holds[0].Causes = t.Causes
	}
	if t.unread > 0 {
		hold(plan.RuleListingIncomplete, t.unread, 0,
			fmt.Sprintf("%d objects would be deactivated or deleted, but not everything was read that could show that they "+
				"still exist.",
				t.unread),
			"Find out why a directory could not be read.")
	}
	if t.People == 0 && t.Ours > 0 && !t.Changes {
		hold(plan.RuleEmptySource, t.Ours, t.Ours,
			fmt.Sprintf("The directory returned no people, and %d accounts are linked to it.", t.Ours),
			"Check the base DNs, the filter and the rights of the bind account.")
	} else {
		for _, e := range t.emptied {
			hold(plan.RuleEmptySource, e.removed, 0,
				fmt.Sprintf("The directory %s returned no people, and %d accounts of its people are still active.", e.name,
					e.removed),
				"Check its base DNs, its filter and the rights of its bind account.")
			holds[len(holds)-1].Directory = e.name
		}
	}
	if t.lost > 0 && t.accounts == 0 && !t.Changes {
		overridable(plan.RuleCloudShrunk, t.lost, t.Ours,
			fmt.Sprintf("The cloud lists no accounts at all, and %d are linked: the plan would create them again.", t.Ours),
			"Check that this is the right organization and that the token may read all of it.")
	}
	if t.AdminsAll > 0 && t.AdminsOut >= t.AdminsAll {
		hold(plan.RuleLastAdmins, t.AdminsOut, t.AdminsAll,
			"Synchronization deletes all existing full administrators. Promote other users to full administrator status or "+
				"change your synchronization configuration.",
			"Create a user in the directory with the same e-mail address as the administrator, and confirm the link: "+
				"dirbridge confirm NAME; "+
				"or make a person of the directory an administrator.")
	}
	if h, held := relinkHold(t); held {
		holds = append(holds, h)
	}
	if !t.AdminsKnown && t.Removals > 0 {
		hold(plan.RuleUnknownAdmins, t.Removals, 0,
			"The cloud does not show which accounts are full administrators, and accounts would be removed.",
			"Give the token's account the right to read roles.")
	}
	if t.anchorless && t.adopted > 0 && t.Ours == 0 {
		overridable(plan.RuleAdoption, t.adopted, 0,
			fmt.Sprintf("%d accounts would be linked by name alone, because this cloud does not give externalId back.",
				t.adopted),
			"Check that they are the right accounts.")
	}
	return holds
}

// naming is the end of a remedy if the hold can be lifted.
func naming(count int64) string {
	return fmt.Sprintf(" If that is right, override it for this plan, once: --override-threshold %d.", count)
}

// countMatches counts the people of the state, and those who are linked another way than before.
func (t *Totals) countMatches(ctx context.Context, d *stage.Draft) (err error) {
	if t.Ours, err = d.Work.CountLivePeople(ctx); err != nil {
		return err
	}
	if t.lost, err = d.Work.CountLostPeople(ctx); err != nil {
		return err
	}
	t.adopted, err = d.Work.CountMatchedByKey(ctx)
	return err
}

// Plan checks the totals of the whole plan, and holds it if it must.
func Plan(ctx context.Context, d *stage.Draft) error {
	if err := errors.Join(read.ReportNoDeletions(ctx, d), reportNoPlace(ctx, d)); err != nil {
		return err
	}
	if err := CountProblems(ctx, d); err != nil {
		return err
	}
	t := Totals{Removals: d.Header.Removals, AdminsAll: d.AdminsActive, AdminsOut: d.AdminsOut,
		AdminsKnown: d.AdminsKnown || d.Coverage.NoAccounts(), anchorless: d.Env.Target.Limits().Anchorless}
	for _, dir := range d.Header.Directories {
		t.People += dir.People
	}
	if err := t.countMatches(ctx, d); err != nil {
		return err
	}
	t.Ours += d.Fingerprints.Count()
	if linked, ok := d.Coverage.LinkedPeople(); ok {
		t.Ours = linked
	}
	t.Changes = !d.Coverage.Listed()
	t.accounts = d.Header.CloudUsers
	if d.Coverage.Listed() {
		guardDirectories(d, &t)
	}
	if d.Header.Mode != record.Purge && UsersUnsynced(d) {
		t.People = 1 // people are not requested: an empty result means nothing
	}
	if err := countRelinked(ctx, d, &t); err != nil {
		return err
	}
	if !d.Header.Complete {
		t.unread = t.Removals
	}
	if t.Removals > 0 {
		var err error
		if t.Causes, err = CausesOf(ctx, d, workdb.Counted{Rule: plan.RuleRemovals}); err != nil {
			return err
		}
	}
	d.Header.Holds = HoldsOfTotals(t, d.Env.Policy.Threshold)
	return Changes(ctx, d)
}

// Changes checks the changes of any draft, from any planner, and adds to its holds.
func Changes(ctx context.Context, d *stage.Draft) error {
	metrics, err := allMetrics(ctx, d)
	if err != nil {
		return err
	}
	for _, h := range holdsOfMetrics(metrics, d.Env.Policy) {
		// A source without people, or a cloud with an empty list, has a clearer hold of its own.
		if !saysMore(d, h) {
			d.Header.Holds = append(d.Header.Holds, h)
		}
	}
	other, err := d.Env.OtherOrganization(ctx)
	if other != nil {
		d.Header.Holds = append([]plan.Hold{*other}, d.Header.Holds...)
	}
	return err
}

func saysMore(d *stage.Draft, h plan.Hold) bool {
	return h.Kind == identity.User && slices.ContainsFunc(d.Header.Holds, func(o plan.Hold) bool {
		return (o.Rule == plan.RuleEmptySource && h.Rule == plan.RuleSourceShrunk || o.Rule == plan.RuleCloudShrunk &&
			h.Rule == o.Rule) &&
			(o.Directory == "" || o.Directory == h.Directory)
	})
}

// guardDirectories checks each of several directories separately: an empty one must not hide behind
// the people of the others.
func guardDirectories(d *stage.Draft, t *Totals) {
	if len(d.Header.Directories) < 2 {
		return
	}
	for _, dir := range d.Header.Directories {
		if gone := d.Gone[dir.Name][identity.User]; dir.Whole && dir.People == 0 && gone.Removed > 0 {
			t.emptied = append(t.emptied, emptySource{dir.Name, gone.Removed})
		}
	}
}

func UsersUnsynced(d *stage.Draft) bool {
	if d.Env.Unsynced == nil {
		return false
	}
	for _, dir := range d.Header.Directories {
		if !d.Env.Unsynced(dir.Name, identity.User) {
			return false
		}
	}
	return true
}
