package cloud

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"

	"dirbridge/cloud/webex"
	"dirbridge/sync/identity"
	"dirbridge/sync/schema"
)

// OrganizationName is the display name of the organization, or "" if the provider or the token's
// rights do not reveal it. It is for display only, never for identification.
func (t *Target) OrganizationName(ctx context.Context) string {
	id := webex.Organization(t.client.base)
	if t.kind != schema.KindWebex || id == "" {
		return ""
	}
	a, err := t.client.do(ctx, request{method: http.MethodGet, path: "/v1/organizations/" + url.PathEscape(id),
		fromRoot: true, repeatable: true})
	if err != nil {
		return ""
	}
	var o struct{ DisplayName string }
	if json.Unmarshal(a.body, &o) != nil {
		return ""
	}
	return clean(t.client.secrets.Said(o.DisplayName))
}

// Total returns how many users or groups the cloud says that it has, without listing them; -1 if it
// does not say.
func (t *Target) Total(ctx context.Context, kind identity.Kind) (n int64, err error) {
	defer t.client.secrets.In(&err)
	pg, err := t.first(ctx, kind)
	return int64(pg.total), err
}
