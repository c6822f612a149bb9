package sync

import (
	"context"
	"fmt"
	"slices"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
)

// hunt collects all that the changes of an incremental plan concern: who was touched,
// who stands below a container that moved, who comes into scope or leaves it through a
// group, and, until nobody is added any more, whoever has to do with one of them: has
// or wants the same key or account, or has one of them for a manager. Each is read anew
// on both sides.
//
// What it holds grows with the changes, not with the directory. Only the goroutine that
// plans touches it.
type hunt struct {
	*draft
	linked map[string]LinkedCount // by directory
	limit  int                    // of objects; more are better read whole
	shown  int                    // accounts of links that the cloud shows
	users  int                    // accounts of people that were looked at

	kinds    map[identity.Anchor]identity.Kind // all that are looked at; "" is not known yet
	queue    []identity.Anchor                 // of them, those not read yet
	quarry   map[identity.Anchor]*quarry       // those that were read
	pending  []*quarry                         // read, and not yet followed up
	news     map[identity.Anchor]identity.Touch
	again    map[identity.Anchor]bool // dirty, or told to be looked at again
	troubled map[identity.Anchor]bool // were left alone until now
	keys     map[string]bool          // folded keys whose holders were looked for, by kind
	ids      map[identity.ResourceID]bool
	bosses   map[string]bool // folded DNs of managers that were looked for
	pairs    []pairing       // memberships of people who enter
	moved    map[identity.Anchor]movement
	whole    map[identity.Anchor]bool // groups whose memberships are compared whole
	notes    []noted                  // changes of the remembered edges
	drops    []noted                  // those of them that come first
	// asked, where it is not nil, are the objects that are to be explained: of others
	// only what decides about these is looked at.
	asked  map[identity.Anchor]bool
	borne  map[identity.Kind][]string // then: keys of which nobody looked yet who wants them
	sought map[string]bool            // and those of which somebody did, by kind
}

// quarry is one object as it was read anew.
type quarry struct {
	anchor  identity.Anchor
	kind    identity.Kind
	entry   *identity.Entry // nil: not in scope, or nowhere
	key     string          // folded, that the directory gives; "" where it has a problem
	sick    bool
	active  bool // as the directory has it
	shadow  *identity.Shadow
	account *identity.Resource // of the link, where it exists
}

// leaves says that the directory disabled a person whose account is active: whatever
// problem is found, it is to be known whether the link is certain.
func (q *quarry) leaves() bool {
	return q.kind == identity.User && q.entry != nil && !q.active && q.account != nil && q.account.Active
}

// enters says that the object has no live link, or was left alone until now: others may
// refer to it whose references could not be followed before.
func (h *hunt) enters(q *quarry) bool {
	if h.asked != nil {
		return h.asked[q.anchor] && q.entry != nil && !q.sick && !h.frozen[q.anchor.Directory()]
	}
	return q.entry != nil && !q.sick && !h.frozen[q.anchor.Directory()] && (q.shadow == nil || q.shadow.State != identity.Live || q.shadow.ID == "" || q.account == nil || h.troubled[q.anchor] || h.again[q.anchor])
}

// renamed says that the object has another DN than before, in a directory that refers to
// it by its DN alone: who referred to it may not any more, and others may now.
func (h *hunt) renamed(q *quarry) bool {
	if h.asked != nil || q.entry == nil || q.shadow == nil || h.frozen[q.anchor.Directory()] || identity.Fold(q.entry.DN) == identity.Fold(q.shadow.DN) {
		return false
	}
	return slices.ContainsFunc(h.header.Directories, func(d plan.DirectoryRead) bool { return d.Name == q.anchor.Directory() && d.LinksByName })
}

// minHunt is how many objects an incremental run may look at in however small a
// directory.
const minHunt = 2000

// maxTold is how many changes of one group's members are held in memory.
const maxTold = 10_000

func newHunt(d *draft) *hunt {
	return &hunt{draft: d, kinds: map[identity.Anchor]identity.Kind{}, quarry: map[identity.Anchor]*quarry{}, news: map[identity.Anchor]identity.Touch{},
		again: map[identity.Anchor]bool{}, troubled: map[identity.Anchor]bool{}, keys: map[string]bool{}, ids: map[identity.ResourceID]bool{}, bosses: map[string]bool{}, moved: map[identity.Anchor]movement{}}
}

// add puts an object on the list. A kind that is known beats one that is not.
func (h *hunt) add(a identity.Anchor, kind identity.Kind) {
	if a == "" {
		return
	}
	was, known := h.kinds[a]
	if !known {
		h.queue = append(h.queue, a)
	}
	if was == "" {
		h.kinds[a] = kind
	}
}

// touched takes in one touch.
func (h *hunt) touched(ctx context.Context, t identity.Touch) error {
	n, err := h.work.number(ctx, `SELECT count(*) FROM cont WHERE anchor=?`, string(t.Anchor))
	if err != nil {
		return err
	}
	if _, unit := h.moved[t.Anchor]; unit || t.Kind == identity.Unit || n > 0 {
		return h.container(ctx, t)
	}
	h.add(t.Anchor, kindOf(t.Kind))
	if was, twice := h.news[t.Anchor]; twice {
		// What came first is told first: later members stand.
		t.MembersTold = t.MembersTold && was.MembersTold
		t.Members = append(slices.Clone(was.Members), t.Members...)
	}
	if len(t.Members) > maxTold {
		t.Members, t.MembersTold = nil, false // it is read instead, and compared on disk
	}
	h.news[t.Anchor] = t
	return h.bound()
}

// kindOf is the kind under which an object may be remembered.
func kindOf(k identity.Kind) identity.Kind {
	if k == identity.User || k == identity.Group {
		return k
	}
	return "" // a contact or a room may have been a person before
}

// bound ends a hunt that has become as large as what it is to save.
func (h *hunt) bound() error { return h.boundAt(len(h.kinds)) }

// boundAt is the same for so many objects.
func (h *hunt) boundAt(n int) error {
	if h.limit == 0 {
		var ours int64
		for _, n := range h.linked {
			ours += n.People
		}
		h.limit = max(minHunt, int(ours/10))
	}
	if n > h.limit {
		return &fullInstead{reason: fmt.Sprintf("more than %d objects are concerned", h.limit)}
	}
	return nil
}

// absent adds those of a directory who are not among the present.
func (h *hunt) absent(ctx context.Context, dir string) error {
	check := func(a identity.Anchor, kind identity.Kind) error {
		if a.Directory() != dir {
			return nil
		}
		if _, known := h.kinds[a]; known {
			return nil
		}
		n, err := h.work.number(ctx, `SELECT count(*) FROM present WHERE anchor=?`, string(a))
		if err != nil || n > 0 {
			return err
		}
		h.add(a, kind)
		return h.bound()
	}
	err := h.opt.Store.Prints(ctx, func(a identity.Anchor, _ identity.ResourceID, _ identity.Print) error { return check(a, identity.User) })
	if err != nil {
		return err
	}
	if err := h.opt.Store.Rest(ctx, func(s identity.Shadow) error { return check(s.Anchor, s.Kind) }); err != nil {
		return err
	}
	if err := h.opt.Store.AllTroubles(ctx, func(t identity.Trouble) error { return check(t.Anchor, t.Kind) }); err != nil {
		return err
	}
	// Groups that scope goes through need not be in scope themselves.
	return h.opt.Store.Edges(ctx, dir, func(e identity.Edge) error {
		if e.Kind != identity.InScope {
			return nil
		}
		return check(e.From, identity.Group)
	})
}

// run reads everything that is concerned.
func (h *hunt) run(ctx context.Context) error {
	if err := h.leftOver(ctx); err != nil {
		return err
	}
	if err := h.below(ctx); err != nil {
		return err
	}
	if err := h.throughGroups(ctx); err != nil {
		return err
	}
	return h.chase(ctx)
}

// chase reads those on the list, and whoever has to do with them, until nobody is
// added any more.
func (h *hunt) chase(ctx context.Context) error {
	h.meter.phase(ReadingCloud, 0)
	// Each step may add objects; it ends when none does.
	for {
		if err := h.bound(); err != nil {
			return err
		}
		if len(h.queue) > 0 {
			if err := h.readQueue(ctx); err != nil {
				return err
			}
			continue
		}
		if len(h.pending) > 0 {
			if err := h.follow(ctx); err != nil {
				return err
			}
			continue
		}
		if err := h.lookForManagers(ctx); err != nil {
			return err
		}
		if len(h.queue)+len(h.pending) > 0 {
			continue
		}
		return h.known(ctx)
	}
}

// leftOver adds what earlier runs left to be done.
func (h *hunt) leftOver(ctx context.Context) error {
	if err := h.opt.Store.Dirty(ctx, func(a identity.Anchor, _ string) error {
		h.again[a] = true
		h.add(a, "")
		return h.bound()
	}); err != nil {
		return err
	}
	if err := h.confirmedMeanwhile(ctx); err != nil {
		return err
	}
	return h.opt.Store.Troubles(ctx, nil, nil, true, func(t identity.Trouble) error {
		h.troubled[t.Anchor] = true
		if t.Again {
			h.again[t.Anchor] = true
		}
		h.add(t.Anchor, t.Kind)
		return h.bound()
	})
}

// readQueue reads those on the list anew from their directories.
func (h *hunt) readQueue(ctx context.Context) error {
	batch := h.queue
	h.queue = nil
	for _, a := range batch {
		if h.quarry[a] != nil {
			continue // it came with others, see below
		}
		q := &quarry{anchor: a, kind: h.kinds[a]}
		if err := h.remember(ctx, q); err != nil {
			return err
		}
	}
	return h.each(ctx, func(src Source, name string) error { return h.readFrom(ctx, src, name, batch) })
}

// remember looks up what the state holds of an object.
func (h *hunt) remember(ctx context.Context, q *quarry) error {
	s, ok, err := h.opt.Store.Shadow(ctx, q.anchor)
	if err != nil {
		return err
	}
	if ok {
		q.kind, q.shadow = s.Kind, &s
		h.kinds[q.anchor] = s.Kind
		if err := h.putShadow(ctx, s); err != nil {
			return err
		}
	}
	h.quarry[q.anchor] = q
	h.pending = append(h.pending, q)
	return nil
}

// readFrom reads those of a batch that are of one directory. One of unknown kind is
// asked for as a person, then as a group; it is in scope as one of them at most.
func (h *hunt) readFrom(ctx context.Context, src Source, dir string, batch []identity.Anchor) error {
	for _, kind := range []identity.Kind{identity.User, identity.Group} {
		var anchors []identity.Anchor
		for _, a := range batch {
			q := h.quarry[a]
			if a.Directory() == dir && q.entry == nil && (q.kind == kind || q.kind == "") {
				anchors = append(anchors, a)
			}
		}
		if len(anchors) == 0 {
			continue
		}
		err := h.reading(ctx, dir, "read what changed", func(own func(error) error) error {
			return src.Get(ctx, kind, anchors, func(e identity.Entry, inScope bool) error {
				if !inScope {
					return nil
				}
				return own(h.seen(ctx, e))
			})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// seen takes in an object in scope, as the directory has it now.
func (h *hunt) seen(ctx context.Context, e identity.Entry) error {
	q := h.quarry[e.Anchor]
	if e.Anchor == "" || q != nil && q.entry != nil {
		return nil
	}
	if q == nil {
		h.kinds[e.Anchor] = e.Kind
		q = &quarry{anchor: e.Anchor, kind: e.Kind}
		if err := h.remember(ctx, q); err != nil {
			return err
		}
	}
	q.entry, q.kind = &e, e.Kind
	p := h.mapped(e.Anchor.Directory(), e)
	q.sick, q.key, q.active = len(p.Problems) > 0, identity.Fold(p.Key), p.Active
	h.meter.update(func(p *Progress) { p.People++ })
	for i := range h.header.Directories {
		if read := &h.header.Directories[i]; read.Name == e.Anchor.Directory() {
			if e.Kind == identity.Group {
				read.Groups++
			} else {
				read.People++
			}
		}
	}
	return h.putEntry(e.Anchor.Directory(), e, p, func(query string, args ...any) error { return h.work.exec(ctx, query, args...) })
}
