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
			[]string{"All objects will be synchronized", "All users will be synchronized", "All groups will be synchronized",
				"Delete threshold is 20", "Deactivate, purge in 7 d"}},
		"changed": {config.Draft{Directories: []config.Directory{{Name: "corp", SyncUsers: true, UserFilter: "(x=1)",
			BaseDNs: []string{"a", "b"}, ExcludeDNs: []string{"c"}}},
			Mapping: map[string]string{"displayName": "givenName " +
				"sn"}, Policy: config.Policy{DeleteThreshold: config.Threshold{Off: true}, OnMissing: "keep",
				OnUnmatched: "deactivate"}},
			[]string{"Objects in 2 containers, but not in 1 container of it, will be synchronized",
				"Users that match the filter will be synchronized", "No groups will be synchronized: they stay as they are in " +
					"the cloud",
				"Deleted threshold has been disabled", "Accounts of people removed from the directory are kept",
				"Unmatched accounts: " +
					"deactivate", "title: not synchronized", "displayName: givenName sn"}},
		"two directories": {config.Draft{Directories: []config.Directory{{Name: "a", MemberOf: []string{"CN=x"},
			SyncUsers: true, SyncGroups: true, GroupTypes: "security"},
			{Name: "b", ExcludeDNs: []string{"c", "d"},
				Mapping: map[string]string{"title": ""}}}, Mapping: defaults, Policy: policy},
			[]string{"a: All objects will be synchronized", "a: Users in group CN=x will be synchronized",
				"a: All security groups will be synchronized",
				"b: All objects but those in 2 containers will be synchronized", "b: No users will be synchronized: their " +
					"accounts stay as they are", "b: No groups will be synchronized: they stay as they are in the cloud",
				"Delete threshold is 20", "Deactivate, purge in 7 d", "b: title: not synchronized"}},
		"users switched off": {config.Draft{Directories: []config.Directory{{Name: "corp", SyncGroups: true}},
			Mapping: defaults,
			Policy:  config.Policy{DeleteThreshold: config.Threshold{Count: 20}, OnMissing: "keep", OnUnmatched: "remove"}},
			[]string{"All objects will be synchronized", "No users will be synchronized: their accounts stay as they are",
				"All groups will be synchronized", "Delete threshold is 20",
				"Accounts of people removed from the directory are kept", "Unmatched accounts stay: no users are synchronized"}},
	} {
		if diff := cmp.Diff(tt.want, Summary(tt.settings, cat)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
