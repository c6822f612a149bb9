package control

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dirbridge/config"
	"dirbridge/sync/schema"
)

func TestTheSummaryIsInTheGuidesSentences(t *testing.T) {
	cat := schema.Catalogue{Users: []schema.Attribute{{Name: "title", Default: "title"},
		{Name: "displayName", Default: "displayName"}}}
	defaults := map[string]string{"title": "title", "displayName": "displayName"}
	policy := config.Policy{DeleteThreshold: config.Threshold{Count: 20}, OnMissing: "deactivate",
		PurgeAfter: 168 * time.Hour}
	for name, tt := range map[string]struct {
		settings config.Draft
		want     []string
	}{
		"all": {config.Draft{Directories: []config.Directory{{Name: "corp", SyncUsers: true, SyncGroups: true}},
			Mapping: defaults, Policy: policy},
			[]string{"Scope: whole domain, users, groups", "Delete threshold: 20",
				"Removed users: deactivate, delete after 7 days"}},
		"changed": {config.Draft{Directories: []config.Directory{{Name: "corp", SyncUsers: true, UserFilter: "(x=1)",
			BaseDNs: []string{"a", "b"}, ExcludeDNs: []string{"c"}}},
			Mapping: map[string]string{"displayName": "givenName " +
				"sn"}, Policy: config.Policy{DeleteThreshold: config.Threshold{Off: true}, OnMissing: "keep",
				OnUnmatched: "deactivate"}},
			[]string{"Scope: 2 containers except 1 container, users by filter, no groups", "Delete threshold: off",
				"Removed users: keep", "Unmatched accounts: deactivate", "title: not synchronized",
				"displayName: givenName sn"}},
		"two directories": {config.Draft{Directories: []config.Directory{{Name: "a", MemberOf: []string{"CN=x"},
			SyncUsers: true, SyncGroups: true, GroupTypes: "security"},
			{Name: "b", ExcludeDNs: []string{"c", "d"},
				Mapping: map[string]string{"title": ""}}}, Mapping: defaults, Policy: policy},
			[]string{"a: Scope: whole domain, users in group CN=x, security groups",
				"b: Scope: whole domain except 2 containers, no users, no groups", "Delete threshold: 20",
				"Removed users: deactivate, delete after 7 days", "b: title: not synchronized"}},
		"users switched off": {config.Draft{Directories: []config.Directory{{Name: "corp", SyncGroups: true}},
			Mapping: defaults,
			Policy:  config.Policy{DeleteThreshold: config.Threshold{Count: 20}, OnMissing: "keep", OnUnmatched: "remove"}},
			[]string{"Scope: whole domain, no users, groups", "Delete threshold: 20", "Removed users: keep",
				"Unmatched accounts: keep, because no users are synchronized"}},
	} {
		if diff := cmp.Diff(tt.want, Summary(tt.settings, cat)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
