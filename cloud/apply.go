package cloud

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
)

// bulkFrom is the smallest number of writes for which a bulk request is used.
const bulkFrom = 10

// application is one call of Apply. Its workers take jobs. Every item is answered through answer,
// which guarantees that callbacks come once and never concurrently.
type application struct {
	t    *Target
	ctx  context.Context // the caller's
	run  context.Context // also ends when everything is held
	stop context.CancelFunc

	mu        sync.Mutex
	answered  func(record.Outcome)
	holdError error
	waiting   []job
	aside     []setAside // failed, and tried again before the application ends
	last      bool       // nothing is set aside any more
	retrying  bool       // what was set aside is tried again, one by one
}

// setAside is an item whose request failed for a reason that may pass.
type setAside struct {
	it  *item
	err error
}

// item is one change in progress.
type item struct {
	c    *plan.Change
	done bool // answered; guarded by application.mu
	// outcomeUnknown: the change may have been carried out already, so the cloud is read before it is sent.
	outcomeUnknown bool
	tries          int   // failed writes that may be retried; see failedTries
	exempt         bool  // another failure of it says nothing about the cloud; see request
	last           error // why the bulk or chunked request with it failed
}

// retryable reports whether a failed write of the item is sent once more.
func (a *application) retryable(it *item) bool {
	return it.tries < failedTries && a.run.Err() == nil && !a.t.client.circuit.doubtful()
}

// job is a unit of work for a worker. leaver says that it takes access away.
type job struct {
	do     func()
	leaver bool
}

// leaver reports whether the change takes an account's access away.
func (it *item) leaver() bool { return it.c.Action == plan.Deactivate || it.c.Action == plan.Delete }

// Apply writes the changes, all of one phase and wave. See port.Target.
func (t *Target) Apply(ctx context.Context, changes []plan.Change, answered func(record.Outcome)) (err error) {
	defer t.client.secrets.In(&err)
	run, stop := context.WithCancel(ctx)
	defer stop()
	a := &application{t: t, ctx: ctx, run: run, stop: stop, answered: answered}
	items := make([]*item, len(changes))
	for i := range changes {
		items[i] = &item{c: &changes[i]}
	}
	before := t.client.circuit.paused()
	a.work(a.jobs(items))
	a.resume(before)
	if a.holdError != nil {
		return a.holdError
	}
	for _, it := range items {
		a.answer(it, record.Outcome{State: record.WriteNotSent, ID: it.c.ID, Class: identity.Retry,
			Message: "Not sent: the run was stopped before it.", Remedy: "Synchronize again; the next run plans it again."})
	}
	return ctx.Err()
}

// resume tries again what failed while the cloud failed everything: a pause fails no record. before is the
// number of pauses before.
func (a *application) resume(before int) {
	c := &a.t.client.circuit
	began := c.limit.clock.Now()
	a.retrying = true
	for round := 1; len(a.aside) > 0; round++ {
		some := a.aside
		a.aside = nil
		if a.run.Err() != nil || c.paused() == before {
			a.last = true
			a.giveUp(some)
			return
		}
		again, spared := some, []setAside(nil)
		a.last = !c.doubtful()
		switch over := c.limit.clock.Now().Sub(began) > lastPatience; {
		case a.last:
		case c.hasWritten() && over:
			a.last = true // these records alone are refused
		case c.hasWritten():
			c.rest(round)
			slices.SortStableFunc(some, leaversFirst)
			again, spared = some[:min(len(some), probesInARow)], some[min(len(some), probesInARow):]
		default:
			a.backOff(round)
		}
		a.again(again)
		a.aside = append(a.aside, spared...)
		if a.run.Err() != nil {
			a.giveUp(some)
		}
	}
}

// lastPatience is how long the last records of an application are probed for, if the cloud has written
// others in this run.
const lastPatience = 5 * time.Minute

func leaversFirst(x, y setAside) int {
	switch {
	case x.it.leaver() == y.it.leaver():
		return 0
	case x.it.leaver():
		return -1
	}
	return 1
}

// again writes items that were set aside. While the cloud has written nothing, each one counts, so that a
// cloud that stays down is given up by the circuit; else one more failure is the record's own.
func (a *application) again(some []setAside) {
	items := make([]*item, len(some))
	for i, s := range some {
		s.it.tries, s.it.last, s.it.exempt = 0, nil, a.last || a.t.client.circuit.hasWritten()
		items[i] = s.it
	}
	a.work(a.jobs(items))
}

// giveUp answers what was set aside. If the run ends, that is only what may have been done: the rest was
// certainly not carried out.
func (a *application) giveUp(aside []setAside) {
	for _, s := range aside {
		if r := refusalOf(s.err); a.run.Err() == nil || r.unknown && outcomeUnknown(r.status) {
			a.failed(s.it, s.err)
		}
	}
}

// setAside keeps an item for resume, and reports whether it did.
func (a *application) setAside(it *item, err error) bool {
	r := refusalOf(err)
	if r == nil || a.last || a.run.Err() != nil || class(err) != identity.Retry {
		return false
	}
	if it.c.Kind == identity.Member && r.unknown {
		return false // some servers would have the member twice
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if it.done {
		return false
	}
	it.outcomeUnknown = it.outcomeUnknown || r.unknown
	if it.leaver() && a.t.client.circuit.doubtful() {
		it.tries = 0
		a.waiting = append(a.waiting, a.single(it))
		return true
	}
	a.aside = append(a.aside, setAside{it, err})
	return true
}

// single is the job that writes one item by itself.
func (a *application) single(it *item) job {
	if it.c.Action == plan.Delete {
		return job{func() { a.delete(it) }, true}
	}
	return job{func() { a.write(it) }, it.leaver()}
}

// work runs the jobs on the permitted number of workers.
func (a *application) work(jobs []job) {
	a.waiting = jobs
	next := func() (do func()) {
		a.mu.Lock()
		defer a.mu.Unlock()
		if len(a.waiting) > 0 && a.run.Err() == nil {
			var j job
			j, a.waiting = take(&a.t.client.circuit, a.waiting, func(j job) bool { return j.leaver })
			do = j.do
		}
		return do
	}
	var workers sync.WaitGroup
	for range min(a.t.workers, len(jobs)) {
		workers.Go(func() {
			for do := next(); do != nil; do = next() {
				do()
			}
		})
	}
	workers.Wait()
}

// take removes the next job from the waiting ones.
func take[T any](c *circuit, waiting []T, leaver func(T) bool) (T, []T) {
	i := c.pick(len(waiting), func(i int) bool { return leaver(waiting[i]) })
	waiting[0], waiting[i] = waiting[i], waiting[0]
	return waiting[0], waiting[1:]
}

// jobs distributes the items: members by group, users in bulk if there are enough, and everything
// else one by one. Additions of groups with one name follow each other: if the cloud refuses the second,
// the first has been answered, and its owner is known (TestGroupsOfOneNameFollowEachOther).
func (a *application) jobs(items []*item) []job {
	var jobs []job
	var batch []*item
	groups := make(map[identity.ResourceID][]*item)
	var order []identity.ResourceID
	named := make(map[string][]*item)
	for _, it := range items {
		switch c := it.c; {
		case c.Action == plan.Match:
			a.answer(it, record.Outcome{State: record.WriteDone, ID: c.ID, Version: c.CloudVersion})
		case c.Kind != identity.User && !a.t.profile.Group.Supported:
			a.failed(it, a.t.withoutGroups())
		case c.Kind == identity.Member && c.MemberKind == identity.Group && !a.t.profile.Group.Nested:
			a.failed(it, a.t.withoutNested())
		case c.Kind == identity.Member:
			if groups[c.ID] == nil {
				order = append(order, c.ID)
			}
			groups[c.ID] = append(groups[c.ID], it)
		case c.Action == plan.Delete:
			jobs = append(jobs, a.single(it))
		case c.Kind == identity.User:
			batch = append(batch, it)
		case c.Action == plan.Add:
			name := identity.Fold(c.Key)
			if named[name] == nil {
				jobs = append(jobs, job{do: func() {
					for _, it := range named[name] {
						a.write(it)
					}
				}})
			}
			named[name] = append(named[name], it)
		default:
			jobs = append(jobs, a.single(it))
		}
	}
	for _, id := range order {
		jobs = append(jobs, job{do: func() { a.membersOf(groups[id]) }})
	}
	return append(jobs, a.batches(batch)...)
}

// withoutGroups is the error of a write about groups, for a provider that has none.
func (t *Target) withoutGroups() error {
	return fail(identity.GiveUp, "Set sync_groups = false in each [[directory]].",
		fmt.Errorf("%s has no groups", t.profile.Title))
}

// withoutNested is the error of a group as a member, for a provider that has no groups in groups.
func (t *Target) withoutNested() error {
	return fail(identity.GiveUp, `Set nested_groups = "flatten" in the [[directory]].`,
		fmt.Errorf("%s has no groups in groups", t.profile.Title))
}

// batches distributes writes of users to bulk requests of equal size, so that no worker carries the
// largest alone.
func (a *application) batches(items []*item) []job {
	var jobs []job
	most := a.t.profile.Bulk.Operations
	if a.retrying || most < 2 || len(items) < bulkFrom || a.t.noBulk.Load() {
		for _, it := range items {
			jobs = append(jobs, a.single(it))
		}
		return jobs
	}
	even := (len(items) + a.t.workers - 1) / a.t.workers
	for part := range slices.Chunk(items, min(most, max(even, bulkFrom))) {
		jobs = append(jobs, job{func() { a.bulk(part) }, slices.ContainsFunc(part, (*item).leaver)})
	}
	return jobs
}

// write creates or changes one resource with a request of its own.
func (a *application) write(it *item) {
	if it.c.Action == plan.Add {
		a.create(it)
		return
	}
	a.patch(it)
}

// answer reports the outcome of an item, once.
func (a *application) answer(it *item, o record.Outcome) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if it.done {
		return
	}
	it.done = true
	o.Seq = it.c.Seq
	s := a.t.client.secrets
	o.ID, o.Version = identity.ResourceID(s.Value(string(o.ID))), s.Value(o.Version)
	o.Message, o.Remedy = s.Text(o.Message), s.Text(o.Remedy)
	a.answered(o)
}

// hold stops the application: nothing more is written.
func (a *application) hold(err error) {
	a.mu.Lock()
	if a.holdError == nil {
		a.holdError = err
	}
	a.mu.Unlock()
	a.stop()
}

// failed answers an item whose request failed. If everything stops and the item was certainly not
// carried out, it stays unanswered here: Apply answers it, or returns an error.
func (a *application) failed(it *item, err error) {
	if a.setAside(it, err) {
		return
	}
	r := refusalOf(err)
	unknown := r != nil && r.unknown && outcomeUnknown(r.status)
	if class(err) == identity.Hold {
		a.hold(err)
	}
	o := record.Outcome{State: record.WriteFailed, ID: it.c.ID, Class: class(err), Remedy: identity.Remedy(err)}
	switch {
	case unknown:
		o.State = record.WriteUnknown
		o.Remedy = "The write may have succeeded; the next run checks it."
	case a.run.Err() != nil && (errors.Is(err, errStopped) || class(err) == identity.Hold):
		return
	case errors.Is(err, errStopped):
		o.State = record.WriteNotSent
	}
	if r != nil {
		o.Status = r.status
		o.Field = fieldOf(it.c, r.detail)
	}
	o.Message = describe(it.c) + ": " + err.Error()
	a.answer(it, o)
}

// backOff waits before a write is verified and sent again. If the run ends meanwhile, the next
// request notices.
func (a *application) backOff(n int) {
	_ = a.t.client.limit.again(a.run, backOffTime(n), "the answer to a write was lost")
}

// outcomeUnknown reports whether the status leaves open if the write was carried out.
func outcomeUnknown(status int) bool { return status == 0 || status == 502 || status == 504 }
