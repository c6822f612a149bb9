package sync

import (
	"context"
	"fmt"
	"strings"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
)

// tally is all that the guards look at: the totals of a whole plan, before the
// first write (P4).
type tally struct {
	removals    int64    // as the delete threshold counts them
	ours        int64    // accounts linked before this plan
	people      int64    // read now
	vanished    int64    // ours that are nowhere in the directory
	emptied     []string // directories that gave nobody, and whose people would be removed
	shrunk      []string // those that most of their people left
	adminsAll   int64    // active full administrators; -1 unknown
	adminsOut   int64    // of these, deactivated, or wanted gone
	adminsKnown bool
	members     int64 // memberships in the cloud
	membersOut  int64
	disabled    int64 // deactivated because the directory says so
	active      int64
	adopted     int64 // linked by key alone
	lost        int64 // linked, in the directory, and their account is not listed
	accounts    int64 // users that the cloud lists
	anew        anew
	anchorless  bool
	complete    bool
	changes     bool // an incremental plan: only what changed was read
}

// quorum is below how many a share says nothing: half of three people is no alarm.
const quorum = 20

// judgeTally lists every reason why the plan must not be applied as it is.
func judgeTally(t tally, th Threshold) []plan.Hold {
	var holds []plan.Hold
	hold := func(rule string, count, of int64, detail, remedy string) {
		holds = append(holds, plan.Hold{Rule: rule, Detail: detail, Remedy: remedy + " This cannot be overridden.", Count: count, Of: of})
	}
	overridable := func(rule string, count, of int64, detail, remedy string) {
		holds = append(holds, plan.Hold{Rule: rule, Detail: detail, Remedy: remedy + naming(count), Overridable: true, Count: count, Of: of})
	}
	if limit, on := th.limit(t.ours); on && t.removals > limit {
		overridable(plan.RuleDeleteThreshold, t.removals, t.ours,
			fmt.Sprintf("Delete threshold (%d) exceeded. %d objects would be deactivated or deleted.", limit, t.removals),
			"Look at who they are and why.")
	}
	if t.people == 0 && t.ours > 0 && !t.changes {
		hold(plan.RuleEmptySource, t.ours, t.ours,
			fmt.Sprintf("The directory gave no people at all, and %d accounts are linked to it.", t.ours),
			"Check the base DNs, the filter and the rights of the bind account.")
	} else if len(t.emptied) > 0 {
		hold(plan.RuleEmptySource, t.removals, 0,
			fmt.Sprintf("The directory %s gave no people at all, and accounts of its people are still linked to it.", strings.Join(t.emptied, ", ")),
			"Check its base DNs, its filter and the rights of its bind account.")
	} else if len(t.shrunk) > 0 || t.vanished > quorum && t.vanished*2 > t.ours {
		overridable(plan.RuleSourceShrunk, t.vanished, t.ours, shrinkage(t),
			"Check that this is the right directory and that the bind account may read all of it.")
	}
	if t.lost > 0 && (t.accounts == 0 && !t.changes || t.lost > quorum && t.lost*2 > t.ours) {
		overridable(plan.RuleCloudShrunk, t.lost, t.ours,
			fmt.Sprintf("%d of %d linked accounts are not in the cloud any more: the plan would create them again.", t.lost, t.ours),
			"Check that this is the right organization and that the token may read all of it.")
	}
	if t.adminsAll > 0 && t.adminsOut >= t.adminsAll {
		hold(plan.RuleLastAdmins, t.adminsOut, t.adminsAll,
			"Synchronization deletes all existing full administrators. Promote other users to full administrator status or change your synchronization configuration.",
			"Create a user in the directory with the same e-mail address as the administrator, or make somebody of the directory one.")
	}
	if h, held := judgeAnew(t); held {
		holds = append(holds, h)
	}
	if !t.adminsKnown && t.removals > 0 {
		hold(plan.RuleUnknownAdmins, t.removals, 0,
			"The cloud does not say who its full administrators are, and accounts would be removed.",
			"Give the token's account the right to read roles.")
	}
	if t.disabled > quorum && t.disabled*2 > t.active {
		overridable(plan.RuleDirectoryDisable, t.disabled, t.active,
			fmt.Sprintf("%d of %d active accounts are disabled in the directory at once.", t.disabled, t.active),
			"Check the mapping of userAccountControl.")
	}
	if !t.changes && t.membersOut > 5*quorum && t.membersOut*2 > t.members {
		overridable(plan.RuleMembersRemoved, t.membersOut, t.members,
			fmt.Sprintf("%d of %d memberships would be removed at once.", t.membersOut, t.members),
			"Check that the bind account may read the members of groups.")
	}
	if t.anchorless && t.adopted > 0 && t.ours == 0 {
		overridable(plan.RuleAdoption, t.adopted, 0,
			fmt.Sprintf("%d accounts would be linked by name alone, because this cloud does not give externalId back.", t.adopted),
			"See that they are the right ones.")
	}
	return holds
}

// naming is how a remedy ends where the hold can be lifted.
func naming(count int64) string {
	return fmt.Sprintf(" If that is right, override it for this plan, once: --override-threshold %d.", count)
}

func shrinkage(t tally) string {
	if len(t.shrunk) > 0 {
		return "More than half of the people of the directory " + strings.Join(t.shrunk, ", ") + " are nowhere in it any more."
	}
	return fmt.Sprintf("%d of %d people are nowhere in the directory any more.", t.vanished, t.ours)
}

// limit is the number of removals up to which a plan is not held.
func (t Threshold) limit(ours int64) (int64, bool) {
	switch {
	case t.Off:
		return 0, false
	case t.Percent > 0:
		return int64(t.Percent / 100 * float64(ours)), true
	default:
		return t.Number, true
	}
}

// guard sees the whole plan's totals and holds it where it must.
func (d *draft) guard(ctx context.Context) error {
	if err := d.reportUntold(ctx); err != nil {
		return err
	}
	if err := d.countProblems(ctx); err != nil {
		return err
	}
	t := tally{removals: d.header.Removals, vanished: d.vanished, adminsAll: d.adminsActive, adminsOut: d.adminsOut,
		adminsKnown: d.adminsKnown || d.stats.Active+d.stats.Deactivated == 0, membersOut: d.header.Counts.Members.Remove,
		active: d.stats.Active, anchorless: d.opt.Target.Limits().Anchorless, complete: d.header.Complete}
	for _, dir := range d.header.Directories {
		t.people += dir.People
	}
	for _, q := range []struct {
		to  *int64
		sql string
	}{
		{&t.ours, `SELECT count(*) FROM sh WHERE kind='user' AND id<>'' AND state='live'`},
		{&t.disabled, `SELECT count(*) FROM chg WHERE kind='user' AND phase=30 AND json_extract(json,'$.Action')='deactivate'`},
		{&t.lost, `SELECT count(*) FROM claim c JOIN sh ON sh.anchor=c.anchor WHERE c.kind='user' AND c.how='add' AND sh.id<>'' AND sh.state='live'`},
		{&t.adopted, `SELECT count(*) FROM claim WHERE how='key'`},
	} {
		n, err := d.work.number(ctx, q.sql)
		if err != nil {
			return err
		}
		*q.to = n
	}
	t.ours += d.prints.count()
	if d.hunt != nil {
		d.hunt.tally(&t)
	}
	t.members, t.accounts = d.work.held.n, d.header.CloudUsers
	if d.hunt == nil {
		d.guardDirectories(&t)
	}
	if d.header.Mode != record.Purge && d.usersUnsynced() {
		t.people = 1 // no people are asked for: that none came says nothing
	}
	if err := d.countAnew(ctx, &t); err != nil {
		return err
	}
	d.header.Holds = judgeTally(t, d.opt.Policy.Threshold)
	other, err := d.otherOrganization(ctx)
	if other != nil {
		d.header.Holds = append([]plan.Hold{*other}, d.header.Holds...)
	}
	return err
}

// guardDirectories looks at each of several directories by itself: one that gives
// nobody must not hide behind the people of the others.
func (d *draft) guardDirectories(t *tally) {
	if len(d.header.Directories) < 2 {
		return
	}
	for _, dir := range d.header.Directories {
		gone := d.gone[dir.Name]
		if !dir.Whole || gone.removed == 0 {
			continue
		}
		switch {
		case dir.People == 0:
			t.emptied = append(t.emptied, dir.Name)
		case gone.vanished > quorum && gone.vanished > dir.People:
			t.shrunk = append(t.shrunk, dir.Name)
		}
	}
}

func (d *draft) usersUnsynced() bool {
	if d.opt.Unsynced == nil {
		return false
	}
	for _, dir := range d.header.Directories {
		if !d.opt.Unsynced(dir.Name, identity.User) {
			return false
		}
	}
	return true
}

func (d *draft) countProblems(ctx context.Context) (err error) {
	if d.header.Counts.Users.Problem, err = d.work.number(ctx, `SELECT count(*) FROM prob WHERE kind='user'`); err != nil {
		return err
	}
	d.header.Counts.Groups.Problem, err = d.work.number(ctx, `SELECT count(*) FROM prob WHERE kind='group'`)
	return err
}
