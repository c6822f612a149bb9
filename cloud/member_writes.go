package cloud

import (
	"errors"
	"net/http"
	"slices"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
)

// membersOf writes the members of one group, one chunk after the other: some servers lock a group
// while they change it.
func (a *application) membersOf(items []*item) {
	var adds, removes []*item
	for _, it := range items {
		if it.c.Action == plan.Remove {
			removes = append(removes, it)
		} else {
			adds = append(adds, it)
		}
	}
	for _, list := range [][]*item{adds, removes} {
		for chunk := range slices.Chunk(list, a.t.profile.MembersChunk) {
			if a.run.Err() != nil {
				return
			}
			a.chunk(chunk, 1)
		}
	}
}

// chunk adds, or removes, several members with one request. If it is refused, the halves are tried,
// down to single members, so that a bad one stops no other.
func (a *application) chunk(items []*item, round int) {
	group := items[0].c.ID
	ops := a.t.memberOperations(items)
	body, err := patchBody(ops)
	if err != nil {
		a.failedAll(items, err)
		return
	}
	err = a.t.client.exchange(a.run, request{method: http.MethodPatch, path: pathOf(identity.Group, group), body: body,
		repeatable: items[0].c.Action == plan.Remove && a.t.profile.NoValuePath, write: true, tries: &items[0].tries},
		discard)
	r := refusalOf(err)
	switch {
	case err == nil:
		a.doneAll(items, http.StatusOK)
	case r == nil, errors.Is(err, errStopped), class(err) == identity.Hold, a.run.Err() != nil:
		a.failedAll(items, err)
	case !r.unknown && class(err) == identity.Retry, r.status == http.StatusForbidden:
		a.failedAll(items, err) // the error is unrelated to single members
	case gone(err) && a.groupGone(items, err):
	default:
		a.retryRemaining(items, err, round)
	}
}

// retryRemaining reads from the cloud which members are already as they should be, and tries the rest again
// in halves. A single one that remains has failed.
func (a *application) retryRemaining(items []*item, cause error, round int) {
	r := refusalOf(cause)
	if len(items) > 1 && !r.unknown {
		half := len(items) / 2
		a.chunk(items[:half], round)
		if a.run.Err() == nil {
			a.chunk(items[half:], round)
		}
		return
	}
	if r.unknown {
		a.backOff(round)
	}
	ids := make([]identity.ResourceID, len(items))
	for i, it := range items {
		ids[i] = it.c.MemberID
	}
	in, err := a.t.holds(a.run, items[0].c.ID, ids)
	if err != nil {
		if r.unknown {
			err = verificationFailure(err)
		} else {
			err = cause
		}
		a.failedAll(items, err)
		return
	}
	var left []*item
	for _, it := range items {
		if in[it.c.MemberID] == (it.c.Action != plan.Remove) {
			a.answer(it, record.Outcome{State: record.WriteDone, ID: it.c.ID, Status: r.status})
		} else {
			left = append(left, it)
		}
	}
	switch {
	case len(left) == 0:
	case r.unknown && round < rounds && a.retryable(items[0]):
		a.chunk(left, round+1)
	default:
		a.failedAll(left, cause)
	}
}

// groupGone answers all items if the group is gone. Its members are then gone too.
func (a *application) groupGone(items []*item, cause error) bool {
	_, ok, err := a.t.Get(a.run, identity.Group, items[0].c.ID)
	if err != nil || ok {
		return false
	}
	if items[0].c.Action == plan.Remove {
		a.doneAll(items, http.StatusNotFound)
	} else {
		a.failedAll(items, cause)
	}
	return true
}

func (a *application) doneAll(items []*item, status int) {
	for _, it := range items {
		a.answer(it, record.Outcome{State: record.WriteDone, ID: it.c.ID, Status: status})
	}
}

func (a *application) failedAll(items []*item, err error) {
	for _, it := range items {
		a.failed(it, err)
	}
}

// memberOperations returns the operations that add, or remove, members of one group.
func (t *Target) memberOperations(items []*item) []operation {
	if items[0].c.Action == plan.Remove && !t.profile.NoValuePath {
		ops := make([]operation, len(items))
		for i, it := range items {
			ops[i] = operation{Op: "remove", Path: "members[value eq " + quote(string(it.c.MemberID)) + "]"}
		}
		return ops
	}
	var values []any
	for _, it := range items {
		v := map[string]any{"value": it.c.MemberID}
		if t.profile.MemberType && it.c.MemberKind != "" {
			v["type"] = string(it.c.MemberKind)
		}
		values = append(values, v)
	}
	op := "add"
	if items[0].c.Action == plan.Remove {
		op = "remove"
	}
	return []operation{{Op: op, Path: "members", Value: values}}
}
