package control

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"dirbridge/config"
	"dirbridge/sync/identity"
	"dirbridge/sync/port"
)

// ScopeProgress is the progress of a comparison of scopes. Any goroutine may read it.
type ScopeProgress struct{ read atomic.Int64 }

// Read is how many entries were read so far.
func (p *ScopeProgress) Read() int64 { return p.read.Load() }

// ScopeDelta is what a draft does to the scope.
type ScopeDelta struct {
	People, Groups ScopeCount
	// Kept is how many leavers are of a kind that is no longer synchronized from their directory:
	// their accounts stay as they are.
	Kept int64
	// Containers are those with changes, the most changed first, at most ScopeContainers. Others
	// sums up the rest, which are at most OtherCount.
	Containers []ContainerDelta
	Others     ContainerDelta
	OtherCount int64
}

// Changed says whether any object enters or leaves.
func (d ScopeDelta) Changed() bool {
	return d.People.Enter+d.People.Leave+d.Groups.Enter+d.Groups.Leave > 0
}

// ScopeCount is how many objects of a kind are in scope, and how many enter and leave.
type ScopeCount struct{ Was, Now, Enter, Leave int64 }

// ContainerDelta is how many objects directly in one container enter and leave.
type ContainerDelta struct {
	Directory, DN                                      string
	PeopleEnter, PeopleLeave, GroupsEnter, GroupsLeave int64
}

func (c ContainerDelta) size() int64 {
	return c.PeopleEnter + c.PeopleLeave + c.GroupsEnter + c.GroupsLeave
}

// ScopeContainers is how many containers a ScopeDelta names.
const ScopeContainers = 200

// scopeBatch is how many entries are requested at once from the other side.
const scopeBatch = 500

func (l *Local) ScopeDelta(ctx context.Context, draft config.Draft, p *ScopeProgress) (ScopeDelta, error) {
	if p == nil {
		p = &ScopeProgress{}
	}
	w := scopeComparison{progress: p, at: map[string]*ContainerDelta{}}
	for _, now := range draft.Directories {
		was, err := l.directory(now.Name)
		if err != nil {
			return ScopeDelta{}, err
		}
		if err := l.compareScopes(ctx, &w, narrow(was), narrow(now)); err != nil {
			return ScopeDelta{}, fmt.Errorf("directory %s: %w", now.Name, err)
		}
	}
	return w.sum(), nil
}

// narrow keeps only what decides scope. Mapped attributes do not, and need not be read.
func narrow(d config.Directory) config.Directory {
	d.Mapping = nil
	return d
}

// weighing counts the objects that enter and leave. It keeps in memory one batch and a bounded
// number of containers.
type scopeComparison struct {
	progress *ScopeProgress
	delta    ScopeDelta
	at       map[string]*ContainerDelta
}

// compareScopes reads one directory with both scopes. It looks up the objects of each side on the other by
// GUID, so that neither side must be held in memory.
func (l *Local) compareScopes(ctx context.Context, w *scopeComparison, was, now config.Directory) error {
	same := was.Scope() == now.Scope()
	return l.with(was, func(old port.Source) error {
		if same {
			return w.count(ctx, old)
		}
		return l.with(now, func(new port.Source) error {
			for _, kind := range []identity.Kind{identity.User, identity.Group} {
				c := w.counts(kind)
				left := c.Leave
				if err := w.compare(ctx, kind, new, old, &c.Now, func(e identity.Entry) {
					w.note(now.Name, e, kind,
						true)
				}); err != nil {
					return err
				}
				if err := w.compare(ctx, kind, old, new, &c.Was, func(e identity.Entry) {
					w.note(now.Name, e, kind,
						false)
				}); err != nil {
					return err
				}
				if kind == identity.User && !now.SyncUsers || kind == identity.Group && !now.SyncGroups {
					w.delta.Kept += c.Leave - left
				}
			}
			return nil
		})
	})
}

func (w *scopeComparison) counts(kind identity.Kind) *ScopeCount {
	if kind == identity.Group {
		return &w.delta.Groups
	}
	return &w.delta.People
}

func listing(src port.Source, kind identity.Kind) func(context.Context, func(identity.Entry) error) error {
	if kind == identity.Group {
		return src.Groups
	}
	return src.People
}

// count counts a directory whose scope stays.
func (w *scopeComparison) count(ctx context.Context, src port.Source) error {
	for _, kind := range []identity.Kind{identity.User, identity.Group} {
		c := w.counts(kind)
		if err := listing(src, kind)(ctx, func(identity.Entry) error {
			w.progress.read.Add(1)
			c.Was++
			c.Now++
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// compare reads one side and reports only the objects that are not in the scope of the other.
func (w *scopeComparison) compare(ctx context.Context, kind identity.Kind, here, there port.Source, count *int64,
	alone func(identity.Entry)) error {
	batch := map[identity.Anchor]identity.Entry{}
	anchors := make([]identity.Anchor, 0, scopeBatch)
	flush := func() error {
		err := there.Get(ctx, kind, anchors, func(e identity.Entry, in bool) error {
			if in {
				delete(batch, e.Anchor)
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, a := range anchors {
			if e, lone := batch[a]; lone {
				alone(e)
			}
		}
		clear(batch)
		anchors = anchors[:0]
		return nil
	}
	err := listing(here, kind)(ctx, func(e identity.Entry) error {
		w.progress.read.Add(1)
		*count++
		if e.Anchor == "" {
			return nil // without an anchor the object cannot be identified
		}
		batch[e.Anchor] = identity.Entry{Anchor: e.Anchor, Parent: e.Parent}
		if anchors = append(anchors, e.Anchor); len(anchors) < scopeBatch {
			return nil
		}
		return flush()
	})
	if err != nil {
		return err
	}
	return flush()
}

func (w *scopeComparison) note(directory string, e identity.Entry, kind identity.Kind, enters bool) {
	dn := e.Parent
	key := directory + "\x00" + strings.ToLower(dn)
	d := w.at[key]
	if d == nil {
		const most = 10 * ScopeContainers
		if len(w.at) >= most {
			w.settle(most / 2)
		}
		d = &ContainerDelta{Directory: directory, DN: dn}
		w.at[key] = d
	}
	c := w.counts(kind)
	switch {
	case kind == identity.Group && enters:
		d.GroupsEnter++
	case kind == identity.Group:
		d.GroupsLeave++
	case enters:
		d.PeopleEnter++
	default:
		d.PeopleLeave++
	}
	if enters {
		c.Enter++
	} else {
		c.Leave++
	}
}

// settle keeps the most changed containers and sums up the others.
func (w *scopeComparison) settle(keep int) {
	for _, d := range w.sorted()[min(keep, len(w.at)):] {
		o := &w.delta.Others
		o.PeopleEnter, o.PeopleLeave = o.PeopleEnter+d.PeopleEnter, o.PeopleLeave+d.PeopleLeave
		o.GroupsEnter, o.GroupsLeave = o.GroupsEnter+d.GroupsEnter, o.GroupsLeave+d.GroupsLeave
		w.delta.OtherCount++
		delete(w.at, d.Directory+"\x00"+strings.ToLower(d.DN))
	}
}

func (w *scopeComparison) sorted() []*ContainerDelta {
	all := make([]*ContainerDelta, 0, len(w.at))
	for _, d := range w.at {
		all = append(all, d)
	}
	slices.SortFunc(all, func(a, b *ContainerDelta) int {
		return cmp.Or(cmp.Compare(b.size(), a.size()), cmp.Compare(a.Directory, b.Directory), cmp.Compare(a.DN, b.DN))
	})
	return all
}

func (w *scopeComparison) sum() ScopeDelta {
	w.settle(ScopeContainers)
	for _, d := range w.sorted() {
		w.delta.Containers = append(w.delta.Containers, *d)
	}
	return w.delta
}
