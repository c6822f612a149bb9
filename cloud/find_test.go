package cloud_test

import (
	"slices"
	"strings"
	"testing"

	"dirbridge/cloud"
	"dirbridge/cloud/profile"
	"dirbridge/cloud/scimtest"
	"dirbridge/sync/identity"
)

func external(t *testing.T, target *cloud.Target, kind identity.Kind, id string) []identity.ResourceID {
	t.Helper()
	found, err := target.FindExternal(t.Context(), kind, id)
	if err != nil {
		t.Fatal(err)
	}
	var ids []identity.ResourceID
	for _, r := range found {
		ids = append(ids, r.ID)
	}
	slices.Sort(ids)
	return ids
}

// Whatever the search of the cloud supports, the account with a GUID is found in either spelling,
// and no other account.
func TestFindExternal(t *testing.T) {
	const lower = "6f1c2e0a-95d2-4a53-8c4e-2f4f8d0f7f11"
	noFilter, anchorless := profile.Must("generic"), profile.Must("generic")
	noFilter.Filter, anchorless.User.ExternalID = profile.Filter{}, false
	for name, c := range map[string]struct {
		kind    string
		options scimtest.Options
		profile *profile.Profile
		lists   bool // a page has fewer resources than exist
		none    bool
	}{
		"Webex":                  {kind: "webex"},
		"what Webex documents":   {kind: "webex", options: scimtest.Options{WebexFilters: true}, lists: true},
		"another provider":       {kind: "scim"},
		"one that cannot search": {kind: "scim", profile: &noFilter, lists: true},
		"one that does not tell": {kind: "scim", profile: &anchorless, none: true},
	} {
		t.Run(name, func(t *testing.T) {
			c.options.PageSize = 50
			s := startSandbox(t, c.options)
			o := options(c.kind, s.URL(), s.Token())
			o.Profile = c.profile
			target := open(t, o)
			fill(t, s, 200)
			var want []identity.ResourceID
			for key, id := range map[string]string{"lower@example.com": lower, "upper@example.com": strings.ToUpper(lower)} {
				made, err := s.Add(scimtest.User{UserName: key, ExternalID: id})
				if err != nil {
					t.Fatal(err)
				}
				want = append(want, identity.ResourceID(made))
			}
			slices.Sort(want)
			if c.none {
				want = nil
			}
			group, err := s.AddGroup(scimtest.Group{DisplayName: "Team", ExternalID: strings.ToUpper(guid(900))})
			if err != nil {
				t.Fatal(err)
			}
			s.ResetStats()
			for _, spelling := range []string{lower, strings.ToUpper(lower)} {
				if got := external(t, target, identity.User, spelling); !slices.Equal(got, want) {
					t.Errorf("%s is carried by %v, want %v", spelling, got, want)
				}
			}
			if asked := s.Stats().Requests["GET Users"]; c.none && asked > 0 || !c.lists && asked > 4 {
				t.Errorf("two look-ups took %d requests", asked)
			}
			for _, nobody := range []string{"", guid(901), lower[:8], `" or "`} {
				if got := external(t, target, identity.User, nobody); len(got) > 0 {
					t.Errorf("%q is carried by %v", nobody, got)
				}
			}
			if got := external(t, target, identity.Group, guid(900)); !c.none &&
				(len(got) != 1 || got[0] != identity.ResourceID(group)) {
				t.Errorf("the group is carried by %v", got)
			}
		})
	}
}

// A look-up without an answer must not read as "no such account".
func TestFindExternalIsCompleteOrAnError(t *testing.T) {
	for _, fault := range []scimtest.Fault{
		{Effect: scimtest.HTML, Method: "GET"}, {Effect: scimtest.Refuse, Status: 403, Method: "GET"},
		{Effect: scimtest.Refuse, Status: 404, Method: "GET"},
		{Effect: scimtest.Refuse, Status: 500, Method: "GET"}, {Effect: scimtest.DropBefore, Method: "GET"},
		{Effect: scimtest.TruncateJSON, Method: "GET"},
	} {
		s, target := webexSandbox(t, scimtest.Options{})
		fill(t, s, 3)
		s.Inject(fault)
		if found, err := target.FindExternal(t.Context(), identity.User, guid(1)); err == nil || identity.Remedy(err) == "" {
			t.Errorf("%s %d: found %v, %v", fault.Effect, fault.Status, found, err)
		}
	}
}
