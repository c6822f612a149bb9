package cloud

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"dirbridge/cloud/profile"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/schema"
)

// puts reports whether the edits are written by PUT, all or a part of them.
func (t *Target) puts(kind identity.Kind, edits []edit) bool {
	w := t.profile.Write
	if kind == identity.Group {
		return w.Groups == profile.Put
	}
	others := slices.ContainsFunc(edits, func(e edit) bool { return e.Name != schema.Active })
	return w.State == profile.Put || others && w.Users == profile.Put
}

// put changes one resource by PUT, for a provider without PATCH. Every attribute that the cloud
// showed goes back as it was.
func (a *application) put(it *item, edits []edit) {
	c, w := it.c, a.t.profile.Write
	var state []edit
	if w.State == profile.Patch && c.Kind == identity.User {
		for i, e := range edits {
			if e.Name == schema.Active {
				state, edits = []edit{e}, slices.Delete(slices.Clone(edits), i, i+1)
				break
			}
		}
	}
	blind := false // the provider means another version than the one it shows
	for n := 1; ; n++ {
		have, now, err := a.t.whole(a.run, c.Kind, c.ID)
		if err != nil {
			a.failed(it, err)
			return
		}
		version := versionOf(have)
		if blind {
			version = ""
		}
		ans := response{status: http.StatusOK, body: now}
		if replaced(have, edits) {
			var body []byte
			if body, err = json.Marshal(have); err == nil {
				ans, err = a.t.client.do(a.run, request{method: http.MethodPut, path: pathOf(c.Kind, c.ID), body: body,
					repeatable: true, write: true, tries: &it.tries, exempt: it.exempt, ifMatch: a.t.ifMatch(version)})
			}
		}
		r := refusalOf(err)
		switch {
		case err == nil && len(state) > 0:
			a.patchEdits(it, state)
			return
		case err == nil:
			a.patched(it, ans.status, ans.body)
			return
		case r != nil && (r.unknown || outdated(r.status)) && n < rounds && a.retryable(it):
			blind = n > 1 && r.status == http.StatusPreconditionFailed
			a.backOff(n)
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

// whole reads a resource completely, with the members of a group.
func (t *Target) whole(ctx context.Context, kind identity.Kind,
	id identity.ResourceID) (have map[string]any, now []byte, err error) {
	return t.read(ctx, request{method: http.MethodGet, path: pathOf(kind, id), repeatable: true})
}

// replaced puts the edits into a resource and takes out what the cloud alone writes. It returns
// whether anything changed.
func replaced(have map[string]any, edits []edit) bool {
	changed := false
	for _, e := range edits {
		p := e.place.path
		if sameValues(p.values(have), e.New) {
			continue
		}
		changed = true
		at := have
		if p.urn != "" {
			at = objectIn(have, p.urn)
			withSchema(have, p.urn)
		}
		switch {
		case p.filter != nil:
			setIn(at, p.attr, wholeArray([]edit{e}, have).Value)
		case e.place.reference && len(e.New) == 0:
			setIn(at, p.attr, nil)
		case e.place.reference:
			setIn(at, p.attr, map[string]any{p.sub: e.New[0]})
		case p.sub != "":
			setIn(objectIn(at, p.attr), p.sub, e.newValue())
		default:
			setIn(at, p.attr, e.newValue())
		}
	}
	readOnly(have)
	return changed
}

// readOnly removes what only the cloud writes (RFC 7643 sections 3.1 and 4.1.2).
func readOnly(have map[string]any) {
	for _, name := range []string{"meta", "groups"} {
		setIn(have, name, nil)
	}
}

// newValue is the JSON value of an edit, nil for none.
func (e edit) newValue() any {
	if len(e.New) == 0 {
		return nil
	}
	return e.value()
}

// setIn sets a key, whose case does not matter; nil removes it.
func setIn(m map[string]any, key string, v any) {
	for k := range m {
		if strings.EqualFold(k, key) {
			key = k
			break
		}
	}
	if v == nil {
		delete(m, key)
		return
	}
	m[key] = v
}

// objectIn is objectAt for a key whose case does not matter.
func objectIn(m map[string]any, key string) map[string]any {
	for k := range m {
		if strings.EqualFold(k, key) {
			key = k
			break
		}
	}
	return objectAt(m, key)
}

// withSchema lists the schema of an extension among those of a resource.
func withSchema(have map[string]any, urn string) {
	list, _ := member(have, "schemas").([]any)
	for _, one := range list {
		if text, ok := one.(string); ok && strings.EqualFold(text, urn) {
			return
		}
	}
	setIn(have, "schemas", append(slices.Clone(list), urn))
}

// versionOf is the version of a resource, or "".
func versionOf(have map[string]any) string {
	meta, _ := member(have, "meta").(map[string]any)
	version, _ := member(meta, "version").(string)
	return version
}

// ifMatch is the condition of a change that is based on a version; "" for none.
func (t *Target) ifMatch(version string) string {
	if !t.conditional {
		return ""
	}
	return version
}

// putMembers adds, or removes, members of one group by PUT.
func (a *application) putMembers(items []*item) error {
	have, _, err := a.t.whole(a.run, identity.Group, items[0].c.ID)
	if err != nil {
		return err
	}
	version := versionOf(have)
	list, _ := member(have, "members").([]any)
	had := make(map[identity.ResourceID]bool, len(list))
	gone := make(map[identity.ResourceID]bool)
	for _, m := range list {
		had[memberID(m)] = true
	}
	changed := false
	for _, it := range items {
		id := it.c.MemberID
		switch remove := it.c.Action == plan.Remove; {
		case remove && had[id]:
			gone[id], changed = true, true
		case !remove && !had[id]:
			list, changed = append(list, a.t.memberValue(it)), true
		}
	}
	if !changed {
		return nil
	}
	list = slices.DeleteFunc(list, func(m any) bool { return gone[memberID(m)] })
	setIn(have, "members", list)
	readOnly(have)
	body, err := json.Marshal(have)
	if err != nil {
		return err
	}
	return a.t.client.exchange(a.run, request{method: http.MethodPut, path: pathOf(identity.Group, items[0].c.ID),
		body: body, repeatable: true, write: true, tries: &items[0].tries, ifMatch: a.t.ifMatch(version)}, discard)
}

// memberID is the id in an element of members.
func memberID(m any) identity.ResourceID {
	o, _ := m.(map[string]any)
	id, _ := member(o, "value").(string)
	return identity.ResourceID(id)
}
