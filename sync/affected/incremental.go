package affected

import (
	"context"
	"errors"
	"fmt"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/policy"
	"dirbridge/sync/port"
	"dirbridge/sync/read"
	"dirbridge/sync/stage"
)

// An incremental plan is made by the stages of a full one. Only the first stage differs: instead of
// listing both sides, it fills the work database with everything that the changes concern, each
// object read again from the directory by GUID and from the cloud by id. Its cost depends on the
// changes, not on the size of the directory, and it lists nothing on either side.

// LeaveToFull ends an incremental plan that does something only the totals of a full plan can
// judge.
func (set *Set) LeaveToFull(ctx context.Context) error {
	d := set.d
	if d.AdminsOut > 0 || len(d.Spared) > 0 {
		return &FullInstead{Reason: "a full administrator would be deactivated"}
	}
	if n, least := d.Header.Counts.Members.Remove, mostMembers(d); n > least {
		return &FullInstead{Reason: fmt.Sprintf("%d memberships would be removed", n)}
	}
	// Each directory separately: one that lost all its people must not hide behind the others.
	for name, ours := range set.linked {
		out, err := d.Work.CountMissingPeople(ctx, name)
		if err != nil {
			return err
		}
		gone := d.Gone[name][identity.User].Vanished
		switch {
		case out > 0 && out >= ours.Active:
			return &FullInstead{Reason: fmt.Sprintf("directory %s would have no people left", name)}
		case gone > policy.Quorum && gone*2 > ours.People:
			return &FullInstead{Reason: fmt.Sprintf("most people of directory %s are gone", name)}
		}
	}
	lost, err := d.Work.CountLostPeople(ctx)
	if err == nil && lost > 0 && set.shown == 0 {
		return &FullInstead{Reason: "none of the accounts that were looked at is in the cloud any more"}
	}
	return err
}

// mostMembers is how many memberships an incremental plan may remove: more are judged by the total
// of all, which is not known here.
func mostMembers(d *stage.Draft) int64 {
	const most = 5 * policy.Quorum
	if least, on := d.Env.Policy.Least(plan.RuleMembersRemoved); on {
		return min(least, most)
	}
	return most
}

// ReadChanges asks every directory for its changes and fills the work database with everything that
// they concern.
func (set *Set) ReadChanges(ctx context.Context, without map[string]error) error {
	d := set.d
	d.Env.Meter.Phase(port.ReadingDirectory, 0)
	from, err := cookies(ctx, d)
	if err != nil {
		return err
	}
	for _, src := range d.Env.Sources {
		dir, _ := src.Describe(ctx) // the name is set even with an error
		if err := set.loadContainers(ctx, dir.Name); err != nil {
			return err
		}
	}
	if err := d.Work.IndexContainers(ctx); err != nil {
		return err
	}
	if set.linked, err = d.Env.Store.Linked(ctx); err != nil {
		return err
	}
	var failures []error
	for _, src := range d.Env.Sources {
		dir, err := src.Describe(ctx)
		found := plan.DirectoryRead{Directory: dir, ReadAt: d.Env.Now().UTC(), Whole: true}
		failed, leave := without[dir.Name]
		switch {
		case leave:
			failures = append(failures, fmt.Errorf("directory %s: %w", dir.Name, failed))
			FreezeDirectory(d, &found, failed)
		case err != nil:
			return set.Unreadable(ctx, dir.Name, err)
		default:
			if err := set.askChanges(ctx, src, &found, from[dir.Name].Cookie); err != nil {
				return err
			}
		}
		read.Record(d, found, failed)
		d.Header.Directories = append(d.Header.Directories, found)
	}
	if len(failures) == len(d.Env.Sources) {
		return errors.Join(failures...)
	}
	if err := set.run(ctx); err != nil {
		return err
	}
	if err := set.changedGroups(ctx); err != nil {
		return err
	}
	if err := d.Work.Index(ctx, false); err != nil {
		return err
	}
	return read.DropFrozen(ctx, d)
}

func FreezeDirectory(d *stage.Draft, found *plan.DirectoryRead, err error) {
	found.Whole, found.Error = false, err.Error()
	d.Frozen[found.Name] = true
	d.Header.Complete = false
}

// askChanges processes the changes that one directory reports.
func (set *Set) askChanges(ctx context.Context, src port.Source, found *plan.DirectoryRead,
	from identity.Cookie) error {
	d := set.d
	present, next := int64(0), identity.Cookie{}
	err := set.askDirectory(ctx, found.Name, "ask for changes", func(own func(error) error) (err error) {
		next, err = src.Changes(ctx, from, func(t identity.ChangeNotification) error {
			d.Env.Meter.Add(1)
			if t.Present {
				present++
				return own(d.Work.MarkPresent(ctx, t.Anchor))
			}
			return own(set.addNotification(ctx, t))
		})
		return err
	})
	var stale *identity.Stale
	if errors.As(err, &stale) {
		return &FullInstead{Reason: fmt.Sprintf("directory %s: %s", found.Name, stale.Reason), Refused: found.Name}
	}
	if err != nil {
		return err
	}
	found.Way, found.NoDeletions, found.Remedy = next.Way, next.NoDeletions, next.Remedy
	read.ReachCookie(d, found.Directory, next)
	if present > 0 {
		return set.addAbsent(ctx, found.Name)
	}
	return nil
}
