package cloud

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"dirbridge/cloud/webex"
	"dirbridge/sync/identity"
	"dirbridge/sync/record"
	"dirbridge/sync/schema"
)

// Archived reads a deleted account of Webex, which keeps it for a while.
func (t *Target) Archived(ctx context.Context, id identity.ResourceID) (a record.Archived, ok bool, err error) {
	defer t.client.secrets.In(&err)
	org := webex.Organization(t.client.base)
	if t.kind != schema.KindWebex || org == "" || id == "" {
		return a, false, ctx.Err()
	}
	ans, err := t.client.do(ctx, request{method: http.MethodGet, path: webex.ArchivedUser(org, string(id)), fromRoot: true,
		repeatable: true})
	if gone(err) {
		return a, false, nil
	}
	var u struct {
		ID, UserName string
		Meta         struct{ Deleted string }
	}
	if err == nil {
		if err = json.Unmarshal(ans.body, &u); err == nil && !strings.EqualFold(u.ID, string(id)) {
			err = fmt.Errorf("the answer is about the account %q", clean(u.ID))
		}
		if err != nil {
			err = tracked(unreadable(err), t.client.tracking(ans.header))
		}
	}
	if err != nil {
		return a, false, fmt.Errorf("looking for the deleted account %s in the cloud: %w", id, err)
	}
	a = record.Archived{ID: id, Key: clean(t.client.secrets.Value(u.UserName))}
	if at, err := time.Parse(time.RFC3339, u.Meta.Deleted); err == nil && at.Year() > 1999 && at.Year() < 3000 {
		a.Deleted, a.Free = at.UTC(), at.UTC().Add(webex.AddressHeld)
	}
	return a, true, nil
}
