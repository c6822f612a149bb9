package affected

import (
	"context"
	"fmt"
	"slices"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/read"
	"dirbridge/sync/stage"
	"dirbridge/sync/workdb"
)

// Set collects all objects that the changes of an incremental plan concern: those that the
// directory reports as changed, those below a container that moved, those that enter or leave scope
// through a group, and, until no more are found, every object that has or wants the same key or
// account as one of them, or has one of them as its manager. Each is read again on both sides.
//
// Its size depends on the number of changes, not on the directory. Only the goroutine that plans
// touches it.
type Set struct {
	d      *stage.Draft
	linked map[string]port.LinkedCount // by directory
	limit  int                         // number of objects; above it a full run costs no more
	shown  int                         // linked accounts that the cloud shows
	users  int                         // accounts of people that were checked

	kinds          map[identity.Anchor]identity.Kind // all affected objects; "" is not known yet
	queue          []identity.Anchor                 // those of them that are not read yet
	objects        map[identity.Anchor]*object       // those that were read
	pending        []*object                         // read, and not yet expanded
	notifications  map[identity.Anchor]identity.ChangeNotification
	again          map[identity.Anchor]bool // dirty, or marked to be checked again
	deferred       map[identity.Anchor]bool // deferred until now
	keys           map[string]bool          // folded keys whose holders were searched for, by kind
	ids            map[identity.ResourceID]bool
	managers       map[string]bool // folded DNs of managers that were searched for
	pairs          []pairing       // memberships of people who enter scope
	containerMoves map[identity.Anchor]containerMove
	whole          map[identity.Anchor]bool // groups whose memberships are compared completely
	notes          []noted                  // changes of the remembered edges
	drops          []noted                  // those that are applied first
	// explained, if not nil, are the objects to explain: other objects are examined only where they
	// affect these.
	explained      map[identity.Anchor]bool
	unsettled      []identity.Anchor          // when explaining: groups with a failed write
	unsearchedKeys map[identity.Kind][]string // when explaining: keys to search claimants for
	searchedKeys   map[string]bool            // and keys with a finished search, by kind
}

// object is one object as it was read for this plan.
type object struct {
	anchor     identity.Anchor
	kind       identity.Kind
	entry      *identity.Entry // nil: not in scope, or not in the directory
	key        string          // folded key in the directory; "" if it has a problem
	hasProblem bool
	active     bool // as in the directory
	shadow     *identity.Shadow
	account    *identity.Resource // of the link, if it exists
}

// leaves says that the person is disabled in the directory and the account is active. Whatever
// problem is found, the plan must then know whether the link is certain.
func (obj *object) leaves() bool {
	return obj.kind == identity.User && obj.entry != nil && !obj.active && obj.account != nil && obj.account.Active
}

// leavesUnlinked says that a person with a problem is disabled in the directory and has no
// remembered link. An account with the person's objectGUID must be found all the same.
func (obj *object) leavesUnlinked() bool {
	return obj.kind == identity.User && obj.entry != nil && obj.hasProblem && !obj.active &&
		(obj.shadow == nil || obj.shadow.ID == "")
}

// enters says that the object has no live link, or was deferred until now: references to it may now
// resolve that could not before.
func (set *Set) enters(obj *object) bool {
	if set.explained != nil {
		return set.explained[obj.anchor] && obj.entry != nil && !obj.hasProblem && !set.d.Frozen[obj.anchor.Directory()]
	}
	return obj.entry != nil && !obj.hasProblem && !set.d.Frozen[obj.anchor.Directory()] &&
		(obj.shadow == nil || obj.shadow.State != identity.Live || obj.shadow.ID == "" || obj.account == nil ||
			set.deferred[obj.anchor] || set.again[obj.anchor])
}

// renamed says that the object has a new DN, in a directory whose references are DNs alone:
// references to the old DN may be gone, and others may point to the new one.
func (set *Set) renamed(obj *object) bool {
	if set.explained != nil || obj.entry == nil || obj.shadow == nil || set.d.Frozen[obj.anchor.Directory()] ||
		identity.Fold(obj.entry.DN) == identity.Fold(obj.shadow.DN) {
		return false
	}
	return slices.ContainsFunc(set.d.Header.Directories,
		func(d plan.DirectoryRead) bool { return d.Name == obj.anchor.Directory() && d.LinksByName })
}

// minAffected is how many objects an incremental run may examine even in a small directory.
const minAffected = 2000

// maxMembersTold is how many member changes of one group are held in memory.
const maxMembersTold = 10_000

func NewSet(d *stage.Draft) *Set {
	return &Set{d: d, kinds: map[identity.Anchor]identity.Kind{}, objects: map[identity.Anchor]*object{},
		notifications: map[identity.Anchor]identity.ChangeNotification{},
		again:         map[identity.Anchor]bool{}, deferred: map[identity.Anchor]bool{}, keys: map[string]bool{},
		ids: map[identity.ResourceID]bool{}, managers: map[string]bool{},
		containerMoves: map[identity.Anchor]containerMove{}}
}

// add puts an object on the list. A known kind replaces an unknown one.
func (set *Set) add(a identity.Anchor, kind identity.Kind) {
	if a == "" {
		return
	}
	was, known := set.kinds[a]
	if !known {
		set.queue = append(set.queue, a)
	}
	if was == "" {
		set.kinds[a] = kind
	}
}

// addNotification adds one change notification.
func (set *Set) addNotification(ctx context.Context, t identity.ChangeNotification) error {
	container, err := set.d.Work.HasContainer(ctx, t.Anchor)
	if err != nil {
		return err
	}
	if _, unit := set.containerMoves[t.Anchor]; unit || t.Kind == identity.Unit || container {
		return set.addContainer(ctx, t)
	}
	set.add(t.Anchor, kindOf(t.Kind))
	if was, twice := set.notifications[t.Anchor]; twice {
		// The earlier report comes first: for each member the last one counts.
		t.MembersTold = t.MembersTold && was.MembersTold
		t.Members = append(slices.Clone(was.Members), t.Members...)
	}
	if len(t.Members) > maxMembersTold {
		t.Members, t.MembersTold = nil, false // the group is read instead, and compared on disk
	}
	set.notifications[t.Anchor] = t
	return set.checkLimit()
}

// kindOf returns the kind under which an object may be remembered.
func kindOf(k identity.Kind) identity.Kind {
	if k == identity.User || k == identity.Group {
		return k
	}
	return "" // a contact or a room may have been a person before
}

// checkLimit ends the incremental plan when the affected set is so large that a full one costs no
// more.
func (set *Set) checkLimit() error { return set.checkLimitAt(len(set.kinds)) }

// checkLimitAt does the same for n objects.
func (set *Set) checkLimitAt(n int) error {
	if set.limit == 0 {
		var ours int64
		for _, n := range set.linked {
			ours += n.People
		}
		set.limit = max(minAffected, int(ours/10))
	}
	if n > set.limit {
		return &FullInstead{Reason: fmt.Sprintf("more than %d objects are concerned", set.limit)}
	}
	return nil
}

// addAbsent adds the remembered objects of a directory that it did not report as present.
func (set *Set) addAbsent(ctx context.Context, dir string) error {
	check := func(a identity.Anchor, kind identity.Kind) error {
		if a.Directory() != dir {
			return nil
		}
		if _, known := set.kinds[a]; known {
			return nil
		}
		present, err := set.d.Work.IsPresent(ctx, a)
		if err != nil || present {
			return err
		}
		set.add(a, kind)
		return set.checkLimit()
	}
	err := set.d.Env.Store.Fingerprints(ctx, func(a identity.Anchor, _ identity.ResourceID, _ identity.Fingerprint) error {
		return check(a, identity.User)
	})
	if err != nil {
		return err
	}
	if err := set.d.Env.Store.Rest(ctx, func(s identity.Shadow) error { return check(s.Anchor, s.Kind) }); err != nil {
		return err
	}
	if err := set.d.Env.Store.AllDeferred(ctx, func(t identity.Deferred) error {
		return check(t.Anchor,
			t.Kind)
	}); err != nil {
		return err
	}
	// Groups that define scope need not be in scope themselves.
	return set.d.Env.Store.Edges(ctx, dir, func(e identity.Edge) error {
		if e.Kind != identity.InScope {
			return nil
		}
		return check(e.From, identity.Group)
	})
}

// run reads every affected object.
func (set *Set) run(ctx context.Context) error {
	if err := set.addLeftOver(ctx); err != nil {
		return err
	}
	if err := set.addBelow(ctx); err != nil {
		return err
	}
	if err := set.addThroughGroups(ctx); err != nil {
		return err
	}
	return set.expand(ctx)
}

// expand reads the objects on the list, and the objects that are related to them, until no
// more are added.
func (set *Set) expand(ctx context.Context) error {
	set.d.Env.Meter.Phase(port.ReadingCloud, 0)
	// Each step may add objects; the loop ends when none does.
	for {
		if err := set.checkLimit(); err != nil {
			return err
		}
		if len(set.queue) > 0 {
			if err := set.readQueue(ctx); err != nil {
				return err
			}
			continue
		}
		if len(set.pending) > 0 {
			if err := set.addRelated(ctx); err != nil {
				return err
			}
			continue
		}
		if err := set.addManagers(ctx); err != nil {
			return err
		}
		if len(set.queue)+len(set.pending) > 0 {
			continue
		}
		return set.knownRows(ctx)
	}
}

// addLeftOver adds what earlier runs left to do.
func (set *Set) addLeftOver(ctx context.Context) error {
	if err := set.d.Env.Store.Dirty(ctx, func(a identity.Anchor, _ string) error {
		set.again[a] = true
		set.add(a, "")
		return set.checkLimit()
	}); err != nil {
		return err
	}
	if err := set.confirmedMeanwhile(ctx); err != nil {
		return err
	}
	return set.d.Env.Store.Deferred(ctx, nil, nil, true, func(t identity.Deferred) error {
		set.deferred[t.Anchor] = true
		if t.Again {
			set.again[t.Anchor] = true
		}
		set.add(t.Anchor, t.Kind)
		return set.checkLimit()
	})
}

// readQueue reads the objects on the list again from their directories.
func (set *Set) readQueue(ctx context.Context) error {
	batch := set.queue
	set.queue = nil
	for _, a := range batch {
		if set.objects[a] != nil {
			continue // already read together with others, see below
		}
		obj := &object{anchor: a, kind: set.kinds[a]}
		if err := set.remember(ctx, obj); err != nil {
			return err
		}
	}
	return set.each(ctx, func(src port.Source, name string) error { return set.readFrom(ctx, src, name, batch) })
}

// remember looks up what the state has for an object.
func (set *Set) remember(ctx context.Context, obj *object) error {
	s, ok, err := set.d.Env.Store.Shadow(ctx, obj.anchor)
	if err != nil {
		return err
	}
	if ok {
		obj.kind, obj.shadow = s.Kind, &s
		set.kinds[obj.anchor] = s.Kind
		if err := set.d.Work.AddShadow(ctx, s); err != nil {
			return err
		}
	}
	set.objects[obj.anchor] = obj
	set.pending = append(set.pending, obj)
	return nil
}

// readFrom reads the objects of a batch that belong to one directory. An object of unknown kind is
// requested as a person, then as a group; it is in scope as at most one of them.
func (set *Set) readFrom(ctx context.Context, src port.Source, dir string, batch []identity.Anchor) error {
	for _, kind := range []identity.Kind{identity.User, identity.Group} {
		var anchors []identity.Anchor
		for _, a := range batch {
			obj := set.objects[a]
			if a.Directory() == dir && obj.entry == nil && (obj.kind == kind || obj.kind == "") {
				anchors = append(anchors, a)
			}
		}
		if len(anchors) == 0 {
			continue
		}
		err := set.askDirectory(ctx, dir, "read what changed", func(own func(error) error) error {
			return src.Get(ctx, kind, anchors, func(e identity.Entry, inScope bool) error {
				if !inScope {
					return nil
				}
				return own(set.seen(ctx, e))
			})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// seen adds an object in scope, as it is in the directory now.
func (set *Set) seen(ctx context.Context, e identity.Entry) error {
	obj := set.objects[e.Anchor]
	if e.Anchor == "" || obj != nil && obj.entry != nil {
		return nil
	}
	if obj == nil {
		set.kinds[e.Anchor] = e.Kind
		obj = &object{anchor: e.Anchor, kind: e.Kind}
		if err := set.remember(ctx, obj); err != nil {
			return err
		}
	}
	obj.entry, obj.kind = &e, e.Kind
	p := set.d.Env.Mapped(e.Anchor.Directory(), e)
	obj.hasProblem, obj.key, obj.active = len(p.Problems) > 0, identity.Fold(p.Key), p.Active
	set.d.Env.Meter.Update(func(p *port.Progress) { p.People++ })
	for i := range set.d.Header.Directories {
		if read := &set.d.Header.Directories[i]; read.Name == e.Anchor.Directory() {
			if e.Kind == identity.Group {
				read.Groups++
			} else {
				read.People++
			}
		}
	}
	return read.PutEntry(set.d, e.Anchor.Directory(), e, p, func(r workdb.Row) error { return set.d.Work.Put(ctx, r) })
}
