package cloud

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

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

// job is a unit of work for a worker.
type job func()

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
	a.work(a.jobs(items))
	if a.holdError != nil {
		return a.holdError
	}
	for _, it := range items {
		a.answer(it, record.Outcome{State: record.WriteNotSent, ID: it.c.ID, Class: identity.Retry,
			Message: "Not sent: the run was stopped before it.", Remedy: "Synchronize again; the next run plans it again."})
	}
	return ctx.Err()
}

// work runs the jobs on the permitted number of workers.
func (a *application) work(jobs []job) {
	var mu sync.Mutex
	next := func() (j job) {
		mu.Lock()
		defer mu.Unlock()
		if len(jobs) > 0 && a.run.Err() == nil {
			j, jobs = take(&a.t.client.circuit, jobs)
		}
		return j
	}
	var workers sync.WaitGroup
	for range min(a.t.workers, len(jobs)) {
		workers.Go(func() {
			for j := next(); j != nil; j = next() {
				j()
			}
		})
	}
	workers.Wait()
}

// take removes the next job from the waiting ones.
func take[T any](c *circuit, waiting []T) (T, []T) {
	i := c.pick(len(waiting))
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
			jobs = append(jobs, func() { a.delete(it) })
		case c.Kind == identity.User:
			batch = append(batch, it)
		case c.Action == plan.Add:
			name := identity.Fold(c.Key)
			if named[name] == nil {
				jobs = append(jobs, func() {
					for _, it := range named[name] {
						a.write(it)
					}
				})
			}
			named[name] = append(named[name], it)
		default:
			jobs = append(jobs, func() { a.write(it) })
		}
	}
	for _, id := range order {
		jobs = append(jobs, func() { a.membersOf(groups[id]) })
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
	if most < 2 || len(items) < bulkFrom || a.t.noBulk.Load() {
		for _, it := range items {
			jobs = append(jobs, func() { a.write(it) })
		}
		return jobs
	}
	even := (len(items) + a.t.workers - 1) / a.t.workers
	for part := range slices.Chunk(items, min(most, max(even, bulkFrom))) {
		jobs = append(jobs, func() { a.bulk(part) })
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
	r := refusalOf(err)
	unknown := r != nil && r.unknown && outcomeUnknown(r.status)
	if class(err) == identity.Hold {
		a.hold(err)
	}
	o := record.Outcome{State: record.WriteFailed, ID: it.c.ID, Class: class(err), Remedy: identity.Remedy(err)}
	switch {
	case unknown:
		o.State = record.WriteUnknown
		o.Remedy = "It may or may not have been done; the next synchronization looks."
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
