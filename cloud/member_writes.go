package cloud

import (
	"errors"
	"net/http"
	"slices"

	"dirbridge/cloud/profile"
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
		for chunk := range slices.Chunk(list, a.t.profile.Group.Chunk) {
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
	err := a.sendMembers(items)
	r := refusalOf(err)
	switch {
	case errors.Is(err, errPayload):
		a.chunk(items[:len(items)/2], round)
		a.chunk(items[len(items)/2:], round)
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

// errPayload: the request would be larger than the provider accepts.
var errPayload = errors.New("the request is too large")

// sendMembers sends one request for several members of one group.
func (a *application) sendMembers(items []*item) error {
	if a.t.profile.Write.Groups == profile.Put {
		return a.putMembers(items)
	}
	body, err := a.t.patchBody(a.t.memberOperations(items))
	if err != nil {
		return err
	}
	if most := a.t.profile.Group.Payload; most > 0 && len(body) > most && len(items) > 1 {
		return errPayload
	}
	return a.t.client.exchange(a.run, request{method: http.MethodPatch, path: pathOf(identity.Group, items[0].c.ID),
		body: body, repeatable: items[0].c.Action == plan.Remove && a.t.profile.Group.Remove == profile.ByValue, write: true,
		tries: &items[0].tries}, discard)
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
	if items[0].c.Action == plan.Remove && t.profile.Group.Remove == profile.ByPath {
		ops := make([]operation, len(items))
		for i, it := range items {
			ops[i] = operation{Op: "remove", Path: "members[value eq " + quote(string(it.c.MemberID)) + "]"}
		}
		return ops
	}
	var values []any
	for _, it := range items {
		values = append(values, t.memberValue(it))
	}
	op := "add"
	if items[0].c.Action == plan.Remove {
		op = "remove"
	}
	return []operation{{Op: op, Path: "members", Value: values}}
}

// memberValue is the element of members for an item.
func (t *Target) memberValue(it *item) map[string]any {
	v := map[string]any{"value": string(it.c.MemberID)}
	if t.profile.Group.MemberType && it.c.MemberKind != "" {
		v["type"] = string(it.c.MemberKind)
	}
	return v
}
