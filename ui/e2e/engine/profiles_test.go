package engine

import (
	"context"
	"testing"

	"dirbridge/cloud/profile"
	"dirbridge/cloud/scimtest"
	"dirbridge/sync/identity"
	"dirbridge/sync/record"
)

// TestRunsByProfile synchronizes with providers that depart from RFC 7644 as real ones do, each with
// its profile: people, a group, then a change, a leaver and a member less. Each time, the next plan
// is empty.
func TestRunsByProfile(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		departures scimtest.Departures
		cursors    bool
	}{
		"aws": {cursors: true, departures: scimtest.Departures{NoValueFilter: true, RemoveByValue: true, HideMembers: true,
			Chunk: 100, Filters: []string{"userName", "externalId", "groups.value", "displayName"}}},
		"entra":  {departures: scimtest.Departures{Capitals: true, RemoveByValue: true}},
		"google": {departures: scimtest.Departures{RequireFilter: true, Filters: []string{"userName", "displayName"}}},
		"okta": {departures: scimtest.Departures{NoPath: true, NoValueFilter: true, PatchState: true,
			Filters: []string{"userName", "displayName"}}},
		"slack": {departures: scimtest.Departures{NoValueFilter: true, DeleteDeactivates: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := scimtest.Start(t.Context(), scimtest.Options{Plain: true, MembersInListing: true, PageSize: 3,
				WithoutBulk: true, Cursors: c.cursors, Departures: c.departures})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { s.Close() })
			w := newArena(t, 1)
			p := profile.Must(name)
			w.url, w.token, w.pace, w.profile = s.URL(), s.Token(), &skipping{}, &p
			w.person("Anna", "anna@example.com")
			w.person("Bo", "bo@example.com")
			w.person("Cy", "cy@example.com")
			w.addGroup()
			team := w.groups()[0].DN
			staff := "OU=Staff," + arenaBase
			for _, cn := range []string{"Anna", "Bo", "Cy"} {
				w.must(w.dir.AddValues(team, "member", "CN="+cn+","+staff))
			}
			w.cleanly(record.Full)
			w.wantEmpty()
			w.must(w.dir.Modify("CN=Anna,"+staff, map[string][]string{"title": {"Lead"}, "mail": {"anna.b@example.com"}}))
			w.must(w.dir.Modify("CN=Bo,"+staff, map[string][]string{"userAccountControl": {"514"}}))
			w.must(w.dir.DeleteValues(team, "member", "CN=Cy,"+staff))
			w.cleanly(record.Full)
			w.wantEmpty()
			w.wantAccount("anna.b@example.com", true)
			w.wantAccount("bo@example.com", false)
			if g := s.Groups(); len(g) != 1 || len(g[0].Members) != 2 {
				t.Errorf("groups: %+v\n%s", g, w.story())
			}
		})
	}
}

// known passes the ids that the state remembers.
func (w *arena) known(ctx context.Context, kind identity.Kind, fn func(identity.ResourceID) error) error {
	return w.store.Shadows(ctx, func(s identity.Shadow) error {
		if s.Kind != kind || s.ID == "" {
			return nil
		}
		return fn(s.ID)
	})
}
