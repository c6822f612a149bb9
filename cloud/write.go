package cloud

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"dirbridge/cloud/profile"
	"dirbridge/cloud/webex"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
	"dirbridge/sync/schema"
)

// rounds is how often a write with a lost answer is verified and sent again.
const rounds = 4

// create creates one resource. It never sends a second request before it has read the cloud.
func (a *application) create(it *item) {
	c := it.c
	body, err := a.t.create(c)
	if err != nil {
		a.failed(it, fail(identity.GiveUp, "Correct the value in the directory, or its mapping.", err))
		return
	}
	for n := 1; ; n++ {
		if it.outcomeUnknown {
			found, err := a.t.findOwn(a.run, c, c.Kind == identity.Group)
			if err != nil {
				a.failed(it, verificationFailure(err))
				return
			}
			if found != nil {
				a.found(it, found)
				return
			}
		}
		ans, err := a.t.client.do(a.run,
			request{method: http.MethodPost, path: collection(c.Kind), body: body, write: true, tries: &it.tries,
				exempt: it.exempt})
		r := refusalOf(err)
		switch {
		case err == nil:
			a.created(it, ans.status, ans.header.Get("Location"), ans.body)
			return
		case r != nil && r.status == http.StatusConflict:
			a.conflict(it, r)
			return
		case a.otherOrganization(it, r):
			return
		case r != nil && r.unknown && n < rounds && a.retryable(it):
			it.outcomeUnknown = true
			a.backOff(n)
		default:
			a.failed(it, err)
			return
		}
	}
}

// verificationFailure is the error of verifying a write that may have been carried out.
func verificationFailure(err error) error {
	c, remedy := class(err), identity.Remedy(err)
	return fail(c, remedy,
		&refusal{unknown: true, cause: fmt.Errorf("the answer was lost, and looking at the cloud failed: %w", err)})
}

// created answers an addition that the cloud reports as done.
func (a *application) created(it *item, status int, location string, body []byte) {
	o := record.Outcome{State: record.WriteDone, Status: status}
	a.t.show(it.c.Kind, body, &o)
	switch at := locationID(it.c.Kind, location); {
	case o.ID == "" && len(bytes.TrimSpace(body)) == 0:
		o.ID = at
	case at != o.ID && location != "":
		// The answer refers to two resources, and one may be another person's.
		o = record.Outcome{State: record.WriteDone, Status: status}
	}
	if o.ID == "" {
		found, err := a.t.findOwn(a.run, it.c, true)
		if err != nil {
			a.failed(it, verificationFailure(err))
			return
		}
		if found == nil {
			a.failed(it, fail(identity.Retry, "The next synchronization looks for it.",
				&refusal{unknown: true,
					cause: errors.New("the cloud said that it is done and gave no id, and it cannot be found")}))
			return
		}
		o.ID = found.ID
	}
	a.answer(it, o)
}

// show adds to an outcome what the body of an answer shows of the resource.
func (t *Target) show(kind identity.Kind, body []byte, o *record.Outcome) {
	if len(bytes.TrimSpace(body)) == 0 {
		return
	}
	l := t.users
	if kind == identity.Group {
		l = t.groups
	}
	r, err := t.decoder(kind, l).resource(bytes.NewReader(body))
	if err != nil || r.ID == "" || o.ID != "" && r.ID != o.ID {
		return // the status decides; an unreadable body, or one about another resource, shows nothing
	}
	o.ID, o.Version, o.After = r.ID, r.Version, shown(&r)
}

// shown returns the values of a resource for an outcome, including the state of the account as a
// field of a change.
func shown(r *row) identity.Attrs {
	after := r.Attrs
	if r.Kind == identity.User && !r.Stateless {
		after = after.Clone()
		after[schema.Active] = []string{fmt.Sprint(r.Active)}
	}
	return after
}

// locationID is the id at the end of a location of the kind, or "".
func locationID(kind identity.Kind, location string) identity.ResourceID {
	location = strings.TrimRight(location, "/")
	at := strings.LastIndexByte(location, '/')
	// Some servers give a location relative to the base URL, without a slash.
	if at < 0 || !strings.HasSuffix("/"+strings.ToLower(location[:at]), strings.ToLower(collection(kind))) {
		return ""
	}
	return lastSegment(location)
}

// lastSegment is the id at the end of a location. The rest of it is not trusted.
func lastSegment(location string) identity.ResourceID {
	location = strings.TrimRight(location, "/")
	id, err := url.PathUnescape(location[strings.LastIndexByte(location, '/')+1:])
	if err != nil {
		return ""
	}
	return identity.ResourceID(id)
}

// candidates returns resources with the key of an addition.
func (t *Target) candidates(ctx context.Context, c *plan.Change) ([]identity.Resource, error) {
	return t.Find(ctx, c.Kind, c.Key)
}

// findOwn finds the resource that an addition created: the one with its key and our externalId, or, if
// no other resource has the key, one without externalId. With settle it repeats until the cloud
// must have settled.
func (t *Target) findOwn(ctx context.Context, c *plan.Change, settle bool) (*identity.Resource, error) {
	const looks = 4
	for n := 0; ; n++ {
		found, err := t.candidates(ctx, c)
		if err != nil {
			return nil, err
		}
		if r := ownAmong(c, found); r != nil || len(found) > 0 || !settle || n == looks-1 || t.profile.Settling <= 0 {
			return r, nil
		}
		if err := t.client.limit.clock.Sleep(ctx, t.profile.Settling/(looks-1)); err != nil {
			return nil, err
		}
	}
}

// ownAmong picks our resource among those with one key, or nil (P15).
func ownAmong(c *plan.Change, found []identity.Resource) *identity.Resource {
	external := c.Anchor.GUID()
	if f, ok := c.Field(schema.ExternalID); ok && len(f.New) > 0 {
		external = f.New[0]
	}
	for i := range found {
		if external != "" && strings.EqualFold(found[i].ExternalID, external) {
			return &found[i]
		}
	}
	// An administrator's account is linked only by a plan that shows it.
	if len(found) == 1 && found[0].ExternalID == "" && !found[0].Privileged() {
		return &found[0]
	}
	return nil
}

// found answers an addition whose account exists already.
func (a *application) found(it *item, r *identity.Resource) {
	after := r.Attrs.Clone()
	if r.Kind == identity.User {
		after[schema.Active] = []string{fmt.Sprint(r.Active)}
	}
	a.answer(it, record.Outcome{State: record.WriteDone, ID: r.ID, Version: r.Version, After: after, Linked: true})
}

// conflict handles a creation with answer 409: the account is ours and is linked, or it belongs to
// another object.
func (a *application) conflict(it *item, r *refusal) {
	c := it.c
	// If the account belongs to another organization, or was deleted, there is nothing to link.
	mine, err := a.t.findOwn(a.run, c, !webex.Unconverted(r.status, r.detail) && !webex.SoftDeleted(r.detail))
	if err != nil {
		a.failed(it, fmt.Errorf("%w; looking for the other one: %w", r.failure(), err))
		return
	}
	if mine != nil {
		a.found(it, mine)
		return
	}
	others, err := a.t.candidates(a.run, c)
	switch {
	case err != nil:
		a.namingConflict(it, "", namingRemedy(c), r)
	case len(others) == 0:
		a.namingConflict(it, "", a.t.hiddenRemedy(c), r)
	default:
		a.namingConflict(it, others[0].Type, namingRemedy(c), r)
	}
}

// taken handles a renaming with answer 409.
func (a *application) taken(it *item, r *refusal) {
	if _, renames := it.c.Field(keyField(it.c)); renames {
		if others, err := a.t.candidates(a.run, it.c); err == nil && len(others) == 0 {
			a.namingConflict(it, "", a.t.hiddenRemedy(it.c), r)
			return
		}
	}
	a.namingConflict(it, "", namingRemedy(it.c), r)
}

// otherOrganization answers a write that was refused because the address or its domain belongs to another
// organization. Such an account must never be changed.
func (a *application) otherOrganization(it *item, r *refusal) bool {
	switch {
	case r == nil || a.t.kind != schema.KindWebex || it.c.Kind != identity.User:
		return false
	case webex.Claimed(r.status, r.detail):
		a.namingConflict(it, "", webex.AfterClaim, r)
	case webex.Unconverted(r.status, r.detail):
		a.namingConflict(it, "", webex.AfterForeign, r)
	default:
		return false
	}
	return true
}

// namingRemedy is the remedy of a naming conflict with a visible object.
func namingRemedy(c *plan.Change) string {
	if c.Kind == identity.Group {
		return groupConflictRemedy
	}
	return conflictRemedy
}

// hiddenRemedy is the remedy if the cloud says that a name is taken, but shows no object with it.
func (t *Target) hiddenRemedy(c *plan.Change) string {
	if t.kind == schema.KindWebex && c.Kind == identity.User {
		return webex.AfterForeign
	}
	return hiddenConflictRemedy
}

// namingConflict answers a naming conflict.
func (a *application) namingConflict(it *item, userType, remedy string, r *refusal) {
	field := fieldOf(it.c, r.detail)
	if field == "" {
		field = keyField(it.c)
	}
	message := naming(it.c, userType)
	if r.detail != "" {
		message += " (" + r.detail + ")"
	}
	if r.tracking != "" {
		message += " [tracking id " + r.tracking + "]"
	}
	a.answer(it, record.Outcome{State: record.WriteFailed, ID: it.c.ID, Status: r.status, Class: identity.GiveUp,
		Message: message, Field: field, Remedy: remedy})
}

func keyField(c *plan.Change) string {
	if c.Kind == identity.Group {
		return schema.GroupName
	}
	return schema.UID
}

// patch changes one resource with the smallest set of operations.
func (a *application) patch(it *item) {
	c := it.c
	edits, err := a.t.edits(c)
	if err != nil {
		a.failed(it, fail(identity.GiveUp, "Correct the value in the directory, or its mapping.", err))
		return
	}
	if a.t.puts(c.Kind, edits) {
		a.put(it, edits)
		return
	}
	a.patchEdits(it, edits)
}

// patchEdits changes one resource by PATCH.
func (a *application) patchEdits(it *item, edits []edit) {
	c := it.c
	look, whole, blind, version := it.outcomeUnknown, false, false, c.CloudVersion
	var now []byte // the resource as last read
	for n := 1; ; n++ {
		var have map[string]any
		if look {
			var err error
			if have, now, err = a.t.state(a.run, c); err != nil {
				a.failed(it, err)
				return
			}
			version = versionOf(have)
		}
		if blind {
			version = ""
		}
		ops, must := a.t.operations(edits, have, whole)
		if must {
			look = true
			continue
		}
		if len(ops) == 0 {
			o := record.Outcome{State: record.WriteDone, ID: c.ID, Version: c.CloudVersion}
			a.t.show(c.Kind, now, &o)
			a.answer(it, o)
			return
		}
		err := a.send(it, ops, version)
		r := refusalOf(err)
		if r == nil && err == nil {
			return
		}
		again := r != nil && n < rounds && a.retryable(it)
		switch {
		case again && r.unknown:
			look = true
			a.backOff(n)
		case again && outdated(r.status):
			// It changed since the plan or, if the version was read just now, the provider means another one.
			blind, look = look && r.status == http.StatusPreconditionFailed, true
		case again && r.status == http.StatusBadRequest && !look:
			// The state may differ from the plan's: send what is missing.
			look = true
		case again && r.status == http.StatusBadRequest && !whole && needsWholeValue(ops):
			whole = true
		case r != nil && r.status == http.StatusConflict:
			a.taken(it, r)
			return
		case a.otherOrganization(it, r):
			return
		default:
			a.failed(it, err)
			return
		}
	}
}

// outdated reports whether a change was refused because of the version that it is based on, or
// because it names none.
func outdated(status int) bool {
	return status == http.StatusPreconditionFailed || status == http.StatusPreconditionRequired
}

// send sends operations for that version of a resource, and answers the item on success.
func (a *application) send(it *item, ops []operation, version string) error {
	body, err := a.t.patchBody(ops)
	if err != nil {
		return fail(identity.GiveUp, "Correct the value in the directory, or its mapping.", err)
	}
	ans, err := a.t.client.do(a.run, request{method: http.MethodPatch, path: pathOf(it.c.Kind, it.c.ID), body: body,
		repeatable: repeatable(ops), write: true, tries: &it.tries, exempt: it.exempt, ifMatch: a.t.ifMatch(version)})
	if err == nil {
		a.patched(it, ans.status, ans.body)
	}
	return err
}

func (a *application) patched(it *item, status int, body []byte) {
	o := record.Outcome{State: record.WriteDone, Status: status, ID: it.c.ID}
	a.t.show(it.c.Kind, body, &o)
	a.answer(it, o)
}

// state reads the present resource.
func (t *Target) state(ctx context.Context, c *plan.Change) (have map[string]any, now []byte, err error) {
	q := request{method: http.MethodGet, path: pathOf(c.Kind, c.ID), repeatable: true}
	if c.Kind == identity.Group && t.profile.Group.Members != profile.ByFilter {
		q.query = withoutMembers
	}
	have, now, err = t.read(ctx, q)
	if status(err) == http.StatusBadRequest && q.query != "" {
		q.query = ""
		return t.read(ctx, q)
	}
	return have, now, err
}

// read reads the resource at the request's path.
func (t *Target) read(ctx context.Context, q request) (map[string]any, []byte, error) {
	ans, err := t.client.do(ctx, q)
	if err != nil {
		return nil, nil, err
	}
	var have map[string]any
	if err := json.Unmarshal(ans.body, &have); err != nil {
		return nil, nil, unreadable(err)
	}
	if have == nil {
		return nil, nil, unreadable(errors.New("the answer is no resource"))
	}
	return have, ans.body, nil
}

// delete deletes one resource. A resource that is gone already counts as deleted.
func (a *application) delete(it *item) {
	_, err := a.t.client.do(a.run,
		request{method: http.MethodDelete, path: pathOf(it.c.Kind, it.c.ID), repeatable: true, write: true,
			tries: &it.tries})
	if err != nil && !gone(err) {
		a.failed(it, err)
		return
	}
	o := record.Outcome{State: record.WriteDone, ID: it.c.ID, Status: http.StatusNoContent}
	if err != nil {
		o.Status = status(err)
	}
	a.answer(it, o)
}
