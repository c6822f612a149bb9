package cloud

import (
	"context"
	"errors"
	"slices"
	"sync"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
)

// bulkFrom is the fewest writes that are worth a bulk request.
const bulkFrom = 10

// application is one call of Apply. Its workers take jobs; each answers its items
// through answer, which keeps the promise of once and never concurrently.
type application struct {
	t    *Target
	ctx  context.Context // the caller's
	run  context.Context // ends as well when everything is held
	stop context.CancelFunc

	mu       sync.Mutex
	answered func(record.Outcome)
	held     error
}

// item is one change on its way.
type item struct {
	c    *plan.Change
	done bool // answered; under application.mu
	// doubt: it may have been carried out already, so that the cloud is looked at
	// before it is sent.
	doubt bool
	tries int   // writes of it that failed and may pass; see failedTries
	apart bool  // another failure of it says nothing about the cloud; see request
	last  error // why the request of several that it was in did not do it
}

// again says whether a write of the item that failed, and may pass, is sent once more.
func (a *application) again(it *item) bool {
	return it.tries < failedTries && a.run.Err() == nil && !a.t.client.circuit.doubts()
}

// job is work for one worker.
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
	if a.held != nil {
		return a.held
	}
	for _, it := range items {
		a.answer(it, record.Outcome{State: record.WriteNotSent, ID: it.c.ID, Class: record.Retry,
			Message: "Not sent: the run was stopped before it.", Remedy: "Synchronize again; it will be planned anew."})
	}
	return ctx.Err()
}

// work runs the jobs on as many workers as the target may use.
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

// take takes what comes next out of what waits.
func take[T any](c *circuit, waiting []T) (T, []T) {
	i := c.pick(len(waiting))
	waiting[0], waiting[i] = waiting[i], waiting[0]
	return waiting[0], waiting[1:]
}

// jobs shares the items out: members by group, users in bulk where that pays, and
// everything else one by one.
func (a *application) jobs(items []*item) []job {
	var jobs []job
	var batch []*item
	groups := make(map[identity.ResourceID][]*item)
	var order []identity.ResourceID
	for _, it := range items {
		switch c := it.c; {
		case c.Action == plan.Match:
			a.answer(it, record.Outcome{State: record.WriteDone, ID: c.ID, Version: c.CloudVersion})
		case c.Kind == identity.Member:
			if groups[c.ID] == nil {
				order = append(order, c.ID)
			}
			groups[c.ID] = append(groups[c.ID], it)
		case c.Action == plan.Delete:
			jobs = append(jobs, func() { a.delete(it) })
		case c.Kind == identity.User:
			batch = append(batch, it)
		default:
			jobs = append(jobs, func() { a.write(it) })
		}
	}
	for _, id := range order {
		jobs = append(jobs, func() { a.membersOf(groups[id]) })
	}
	return append(jobs, a.batches(batch)...)
}

// batches shares writes of users out. The batches are of one size, so that the last
// worker does not carry the largest alone.
func (a *application) batches(items []*item) []job {
	var jobs []job
	most := a.t.profile.BulkOperations
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

// write creates or changes one resource by a request of its own.
func (a *application) write(it *item) {
	if it.c.Action == plan.Add {
		a.create(it)
		return
	}
	a.patch(it)
}

// answer answers an item, unless it was answered before.
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

// hold ends everything: nothing further may be written.
func (a *application) hold(err error) {
	a.mu.Lock()
	if a.held == nil {
		a.held = err
	}
	a.mu.Unlock()
	a.stop()
}

// failed answers an item whose request did not succeed. One that was certainly not
// carried out because everything stops is left: Apply answers it, or its error does.
func (a *application) failed(it *item, err error) {
	r := refused(err)
	unknown := r != nil && r.unknown && outcomeUnknown(r.status)
	if class(err) == record.Hold {
		a.hold(err)
	}
	o := record.Outcome{State: record.WriteFailed, ID: it.c.ID, Class: class(err), Remedy: identity.Remedy(err)}
	switch {
	case unknown:
		o.State = record.WriteUnknown
		o.Remedy = "It may or may not have been done; the next synchronization looks."
	case a.run.Err() != nil && (errors.Is(err, errStopped) || class(err) == record.Hold):
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

// backOff waits before a write is looked at and sent again. When the run ends meanwhile,
// the next request notices.
func (a *application) backOff(n int) {
	_ = a.t.client.limit.again(a.run, backOffTime(n), "the answer to a write was lost")
}

// outcomeUnknown reports whether neither the answer nor its absence says if the write was
// carried out.
func outcomeUnknown(status int) bool { return status == 0 || status == 502 || status == 504 }
