package synctest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"dirbridge/sync/identity"
)

// event is one line of the directory's history.
type event struct {
	anchor   identity.Anchor
	members  map[identity.Anchor]bool // members of a group that were added (true) or removed
	created  bool                     // the object was created
	restored bool                     // restored: its members were not written, but are present again
}

func (d *Directory) notify(e event) { d.log = append(d.log, e) }

// changesOf returns the differences between two lists of members.
func changesOf(before, after map[identity.Anchor]bool) map[identity.Anchor]bool {
	out := map[identity.Anchor]bool{}
	for m := range before {
		if !after[m] {
			out[m] = false
		}
	}
	for m, is := range after {
		if is && !before[m] {
			out[m] = true
		}
	}
	return out
}

// Cookie is the length of the history.
func (d *Directory) Cookie(ctx context.Context) (identity.Cookie, error) {
	if err := d.countRead(ctx, "Position", func(r *Reads) { r.Cookie++ }); err != nil {
		return identity.Cookie{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.cookie(), nil
}

func (d *Directory) cookie() identity.Cookie {
	p := identity.Cookie{Way: d.Way, Value: strconv.Itoa(len(d.log)), NoDeletions: d.Untold}
	if p.NoDeletions != "" {
		p.Remedy = "Let the account read the deleted objects."
	}
	return p
}

// Changes reports what the history has since a cookie, each object once, in the order of the last
// events.
func (d *Directory) Changes(ctx context.Context, since identity.Cookie,
	fn func(identity.ChangeNotification) error) (identity.Cookie, error) {
	if err := d.countRead(ctx, "Changes", func(r *Reads) { r.Changes++ }); err != nil {
		return since, err
	}
	d.mu.Lock()
	notifications, next, err := d.since(since)
	fail := d.FailChanges
	d.FailChanges = 0
	d.mu.Unlock()
	if err != nil {
		return since, fmt.Errorf("changes of %s: %w", d.Name, err)
	}
	for i, t := range notifications {
		if fail > 0 && i+1 >= fail {
			break
		}
		if err := fn(t); err != nil {
			return since, err
		}
	}
	if fail > 0 {
		return since, errors.New("the connection was closed among the changes")
	}
	if err := ctx.Err(); err != nil {
		return since, err
	}
	return next, nil
}

func (d *Directory) since(p identity.Cookie) ([]identity.ChangeNotification, identity.Cookie, error) {
	from, err := strconv.Atoi(p.Value)
	switch {
	case d.Stale != "":
		return nil, p, &identity.Stale{Reason: d.Stale}
	case err != nil || p.Way != d.Way:
		return nil, p, &identity.Stale{Reason: "the cookie is not one of this directory"}
	case p.NoDeletions != "" && d.Untold == "":
		return nil, p, &identity.Stale{Reason: "deletions are seen since now: those before are not told"}
	case from < 0 || from > len(d.log):
		return nil, p, &identity.Stale{Reason: "the cookie is of a later time: the directory was restored"}
	}
	last := map[identity.Anchor]int{}
	for i, e := range d.log[from:] {
		last[e.anchor] = from + i
	}
	units := map[identity.Anchor]string{}
	for p, a := range d.units {
		units[a] = p
	}
	var notifications []identity.ChangeNotification
	told, present := map[identity.Anchor]bool{}, false
	for i := from; i < len(d.log); i++ {
		a := d.log[i].anchor
		if last[a] != i {
			continue
		}
		t, ok := d.notification(a, from, units)
		if t.Deleted && d.ReportRemaining {
			present, ok = true, false
		}
		if t.Deleted && d.Untold != "" {
			present, ok = false, false
		}
		if !ok {
			continue
		}
		told[a] = true
		notifications = append(notifications, t)
		if d.ReportTwice {
			notifications = append(notifications, t)
		}
	}
	if present {
		notifications = append(notifications, d.remaining(told)...)
	}
	return notifications, d.cookie(), nil
}

// notification makes the notification of one object.
func (d *Directory) notification(a identity.Anchor, from int,
	units map[identity.Anchor]string) (identity.ChangeNotification, bool) {
	var t identity.ChangeNotification
	if path, ok := units[a]; ok {
		t = identity.ChangeNotification{Anchor: a, Kind: identity.Unit, DN: d.ouDN(path)}
	} else if o := d.objects[a]; o != nil {
		t = identity.ChangeNotification{Anchor: a, Kind: o.Kind, DN: d.dn(o)}
		if d.ReportMembers && o.Kind == identity.Group {
			t.Members, t.MembersTold = d.memberChanges(a, from)
		}
	} else if o := d.deleted[a]; o != nil {
		t = identity.ChangeNotification{Anchor: a, Kind: o.Kind, Deleted: true,
			DN: "CN=" + escapeRDN(o.CN) + `\0ADEL:` + a.GUID() + ",CN=Deleted Objects," + d.Base}
	}
	if t.Deleted && d.OmitDeletedKinds || !t.Deleted && d.OmitKinds && !d.created(a, from) {
		t.Kind = ""
	}
	return t, t.Anchor != ""
}

// created reports whether an object was created since a point of the history.
func (d *Directory) created(a identity.Anchor, from int) bool {
	return slices.ContainsFunc(d.log[from:], func(e event) bool { return e.anchor == a && e.created })
}

// memberChanges returns the changes of a group's members since a point of the history: the last one
// of each existing member. They are unknown for a restored group.
func (d *Directory) memberChanges(group identity.Anchor, from int) (changes []identity.MemberChange, known bool) {
	last := map[identity.Anchor]int{}
	for i, e := range d.log[from:] {
		if e.anchor != group {
			continue
		}
		if e.restored {
			return nil, false
		}
		for m := range e.members {
			last[m] = from + i
		}
	}
	for i := from; i < len(d.log); i++ {
		for _, m := range slices.Sorted(maps.Keys(d.log[i].members)) {
			if o := d.objects[m]; o != nil && d.log[i].anchor == group && last[m] == i {
				changes = append(changes, identity.MemberChange{To: d.ref(o), Removed: !d.log[i].members[m]})
			}
		}
	}
	return changes, true
}

// remaining returns notifications of the objects that exist and were not reported.
func (d *Directory) remaining(told map[identity.Anchor]bool) []identity.ChangeNotification {
	var out []identity.ChangeNotification
	for _, path := range d.paths() {
		if a := d.units[path]; !told[a] {
			out = append(out, identity.ChangeNotification{Anchor: a, Kind: identity.Unit, DN: d.ouDN(path), Present: true})
		}
	}
	for _, a := range slices.Sorted(maps.Keys(d.objects)) {
		if o := d.objects[a]; !told[a] {
			out = append(out, identity.ChangeNotification{Anchor: a, Kind: o.Kind, DN: d.dn(o), Present: true})
		}
	}
	return out
}
