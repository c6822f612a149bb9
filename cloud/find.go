package cloud

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"dirbridge/cloud/profile"
	"dirbridge/sync/identity"
)

// Get reads one resource. ok is false if the cloud says that it does not exist.
func (t *Target) Get(ctx context.Context, kind identity.Kind,
	id identity.ResourceID) (r identity.Resource, ok bool, err error) {
	defer t.client.secrets.In(&err)
	l, err := t.listing(kind)
	if err != nil {
		return identity.Resource{}, false, err
	}
	d := l.d
	if kind == identity.User {
		d = t.decoder(kind, t.user)
	}
	found, ok, err := t.get(ctx, d, pathOf(kind, id), l.optional)
	if status(err) == http.StatusBadRequest && l.optional != "" {
		found, ok, err = t.get(ctx, d, pathOf(kind, id), "")
	}
	if err != nil {
		return identity.Resource{}, false, fmt.Errorf("reading %s %s in the cloud: %w", kind, id, err)
	}
	return found.Resource, ok, nil
}

func (t *Target) get(ctx context.Context, d *decoder, path, query string) (r row, ok bool, err error) {
	err = t.client.exchange(ctx, request{method: http.MethodGet, path: path, query: query, repeatable: true},
		func(_ int, _ http.Header, body io.Reader) error {
			var err error
			r, err = d.resource(body)
			return err
		})
	if gone(err) {
		return row{}, false, nil
	}
	if err == nil && r.ID == "" {
		return row{}, false, unreadable(fmt.Errorf("the answer is no resource: it has no id"))
	}
	return r, err == nil, err
}

// gone reports whether the cloud itself says that the resource does not exist. A web page with
// status 404 does not.
func gone(err error) bool {
	r := refusalOf(err)
	return r != nil && !r.html && (r.status == http.StatusNotFound || r.status == http.StatusGone)
}

// collection is the path of the resources of a kind.
func collection(kind identity.Kind) string {
	if kind == identity.Group {
		return "/Groups"
	}
	return "/Users"
}

// pathOf is the path of a resource. It never comes from meta.location, which may name another host.
func pathOf(kind identity.Kind, id identity.ResourceID) string {
	return collection(kind) + "/" + url.PathEscape(string(id))
}

// Find returns the resources with a key, case-insensitively. It checks the cloud's answer again,
// because some ignore a filter that they do not support.
func (t *Target) Find(ctx context.Context, kind identity.Kind, key string) (out []identity.Resource, err error) {
	defer t.client.secrets.In(&err)
	l, err := t.listing(kind)
	if err != nil {
		return nil, err
	}
	keep := func(r *row) error {
		if identity.Fold(r.Key) == identity.Fold(key) {
			out = append(out, r.Resource)
		}
		return nil
	}
	l.what = fmt.Sprintf("the %ss named %q", kind, key)
	if !t.searches(kind, keyOf(kind)) {
		if err := l.walk(ctx, keep); err != nil {
			return nil, err
		}
		return out, nil
	}
	attribute := keyOf(kind)
	for _, s := range spellingsOf(key) {
		l.filter = attribute + " eq " + quote(s)
		err := l.walk(ctx, keep)
		if strings.ContainsAny(s, "\"\\") && (status(err) == http.StatusBadRequest || err == nil && len(out) == 0) {
			// Some servers cannot parse an escaped quotation mark, or compare it with its escape.
			l.filter = ""
			err = l.walk(ctx, keep)
		}
		if err != nil {
			return nil, err
		}
		if len(out) > 0 {
			break
		}
	}
	return out, nil
}

// keyOf is the attribute that holds the key of a kind.
func keyOf(kind identity.Kind) string {
	if kind == identity.Group {
		return "displayName"
	}
	return "userName"
}

// searches reports whether the provider can search for an attribute.
func (t *Target) searches(kind identity.Kind, attribute string) bool {
	if kind == identity.Group {
		return slices.Contains(t.profile.Filter.Groups, attribute)
	}
	return slices.Contains(t.profile.Filter.Users, attribute)
}

// spellingsOf lists the forms of a key to search for in a cloud that compares exactly: as given, in
// lower case, and in the Unicode forms NFD and NFC.
func spellingsOf(key string) []string {
	all := []string{key}
	for _, s := range []string{identity.Fold(key), norm.NFC.String(key), norm.NFD.String(key)} {
		if !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return all
}

// FindExternal returns the resources with an externalId, case-insensitively. It checks the answer
// again, as Find does. externalId is compared exactly (RFC 7643 section 3.1), so it is searched in
// each spelling of a GUID. A cloud that cannot search for it is listed.
func (t *Target) FindExternal(ctx context.Context, kind identity.Kind,
	externalID string) (out []identity.Resource, err error) {
	defer t.client.secrets.In(&err)
	if t.Limits().Anchorless || externalID == "" {
		return nil, ctx.Err()
	}
	l, err := t.listing(kind)
	if err != nil {
		return nil, err
	}
	l.what = fmt.Sprintf("the %ss with the externalId %q", kind, externalID)
	had := map[identity.ResourceID]bool{}
	keep := func(r *row) error {
		if strings.EqualFold(r.ExternalID, externalID) && !had[r.ID] {
			had[r.ID] = true
			out = append(out, r.Resource)
		}
		return nil
	}
	if t.searches(kind, "externalId") {
		for _, s := range spellings(externalID) {
			l.filter = "externalId eq " + quote(s)
			if err = l.walk(ctx, keep); err != nil {
				break
			}
		}
		if status(err) != http.StatusBadRequest {
			return out, err
		}
		l.filter = ""
	}
	if t.profile.List.Paging == profile.Unlisted {
		return out, t.knownOnes(ctx, kind, func(r identity.Resource) error { return keep(&row{Resource: r}) })
	}
	err = l.walk(ctx, keep)
	return out, err
}

// spellings of a GUID: as given, in lower case and in upper case.
func spellings(id string) []string {
	out := []string{id}
	for _, s := range []string{strings.ToLower(id), strings.ToUpper(id)} {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}
