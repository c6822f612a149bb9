package app

import (
	"context"
	"maps"
	"strings"

	"dirbridge/config"
	"dirbridge/sync/control"
	"dirbridge/sync/identity"
)

// drafts is the part of the fake that answers questions about unsaved settings.
type drafts struct {
	delta   control.ScopeDelta
	changed *config.Changed // result of the next save
	theirs  config.Draft    // result of a reload
	schema  []control.Attribute
	tried   []string // filters
}

func fakeValues() map[string]string {
	return map[string]string{
		"connector.name": "sync01", "connector.log_level": "info",
		"directory[corp].servers": "ldaps://dc1.corp.example.com\nldaps://dc2.corp.example.com",
		"policy.delete_threshold": "20", "policy.on_missing": "deactivate", "policy.on_unmatched": "report",
		"policy.purge_after": "168h",
		"guards.removals":    "off", "guards.blanked": "20 and 10%",
		"directory[corp].guards.removals": "", "directory[corp].guards.blanked": "5",
		"schedule.incremental_every": "10m", "schedule.full": "",
		"cloud.kind": "webex", "cloud.base_url": "https://webexapis.com/identity/scim/ORG/v2",
		"cloud.token": "env:DIRBRIDGE_TOKEN",
		"cloud.proxy": "system", "cloud.requests_per_second": "0",
	}
}

func (f *fake) SettingList() []config.Setting {
	return []config.Setting{
		{Section: "General", Key: "connector.name", Label: "Connector Name", Read: config.AtStart,
			Doc: "The name of this connector. Empty: the name of this machine."},
		{Section: "General", Key: "connector.log_level", Label: "Log level", Kind: config.Choice,
			Choices: []string{"debug", "info", "warn", "error"}, Read: config.AtStart},
		{Section: "General", Key: "directory[corp].servers", Under: "corp", Label: "Domain controllers",
			Kind: config.List, List: true, Unset: "domain controllers by DNS",
			Doc: "The servers to ask, in order of preference, such as ldaps://dc1.corp.example.com."},
		{Section: "Policy", Key: "policy.delete_threshold", Label: "Delete threshold", Kind: config.Limit,
			Doc: "Hold the run above this many removals."},
		{Section: "Policy", Key: "policy.on_missing", Label: "People removed from AD", Kind: config.Choice,
			Choices: []string{"deactivate", "delete", "keep"}},
		{Section: "Policy", Key: "policy.on_unmatched", Label: "Unmatched accounts", Kind: config.Choice,
			Choices: []string{"report", "deactivate"}},
		{Section: "Policy", Key: "policy.purge_after", Label: "Purge after", Kind: config.Duration,
			Doc: "How long an account stays deactivated before it is deleted."},
		{Section: "Guards", Key: "guards.removals", Label: "Removals", Kind: config.Limit,
			Doc: "Extra limit per directory for removals (missing or unmatched)."},
		{Section: "Guards", Key: "guards.blanked", Label: "Attribute emptied", Kind: config.Limit,
			Doc: "People who lose the value of one attribute."},
		{Section: "Guards", Key: "directory[corp].guards.removals", Under: "corp", Label: "Removals", Kind: config.Limit,
			Unset: "inherits"},
		{Section: "Guards", Key: "directory[corp].guards.blanked", Under: "corp", Label: "Attribute emptied",
			Kind: config.Limit, Unset: "inherits"},
		{Section: "Schedule", Key: "schedule.incremental_every", Label: "Incremental every", Kind: config.Duration,
			Zero: "never", Read: config.ByService,
			Doc: "The time from the start of one run to the next incremental one. 0 turns it off."},
		{Section: "Schedule", Key: "schedule.full", Label: "Full sync", Kind: config.Times, List: true,
			Doc: "Days and times, such as Sun 02:00. Empty: no full sync.", Read: config.ByService},
		{Section: "Cloud", Key: "cloud.kind", Label: "Kind", Kind: config.Choice, Choices: []string{"webex", "scim"},
			Read: config.AtStart},
		{Section: "Cloud", Key: "cloud.base_url", Label: "Address",
			Doc: "The address of the cloud's SCIM service. ORG stands for the id of the organization."},
		{Section: "Cloud", Key: "cloud.token", Label: "Token", Kind: config.Reference, Secret: true,
			Doc: "Where the access token is kept: env:NAME, file:PATH, keyring:NAME or credential:NAME."},
		{Section: "Cloud", Key: "cloud.proxy", Label: "Proxy", Doc: "system, none, or the URL of a proxy."},
		{Section: "Cloud", Key: "cloud.requests_per_second", Label: "Requests per second", Kind: config.Number,
			Zero: "as fast as the server allows",
			Doc:  "The most requests that are sent to the cloud in a second. 0: as the server allows."},
	}
}

// CheckSettings refuses settings that contain the word wrong.
func (f *fake) CheckSettings(s config.Draft) (all []config.Problem) {
	for _, set := range f.SettingList() {
		if v := s.Values[set.Key]; strings.Contains(v, "wrong") {
			all = append(all, config.Problem{Key: set.Key, Message: "is not what it must be", Hint: "such as right"})
		}
	}
	return all
}

func (f *fake) ReloadSettings(context.Context) (config.Draft, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.settings, f.changed = f.theirs, nil
	return f.settings, f.failing["ReloadSettings"]
}

func (f *fake) TestCloud(_ context.Context, s config.Draft) (identity.Organization, error) {
	return identity.Organization{ID: "ORG", Name: "Acme", Kind: s.Values["cloud.kind"], URL: s.Values["cloud.base_url"]},
		f.call("TestCloud")
}

func (f *fake) ScopeDelta(context.Context, config.Draft, *control.ScopeProgress) (control.ScopeDelta, error) {
	return f.delta, f.call("ScopeDelta")
}

func (f *fake) Schema(context.Context, string) ([]control.Attribute, error) {
	if f.schema == nil {
		for _, name := range []string{"cn", "department", "displayName", "employeeID", "givenName", "mail", "mobile", "sn",
			"telephoneNumber", "title", "unicodePwd", "userPrincipalName"} {
			f.schema = append(f.schema, control.Attribute{Name: name, Syntax: "text", Single: true,
				Secret: name == "unicodePwd"})
		}
	}
	return f.schema, f.call("Schema")
}

func (f *fake) Partitions(context.Context, config.Directory) ([]string, error) {
	return []string{"DC=corp,DC=example,DC=com"}, f.call("Partitions")
}

func (f *fake) TryFilter(_ context.Context, _ config.Directory, kind identity.Kind, filter string) (control.Trial,
	error) {
	f.mu.Lock()
	f.tried = append(f.tried, filter)
	f.mu.Unlock()
	t := control.Trial{Matches: 8921, Sample: []string{"CN=Ana Silva,OU=Staff,DC=corp,DC=example,DC=com"}, Known: true}
	if strings.Contains(filter, "nosuch") {
		t.Matches, t.Unknown = 0, []string{"nosuch"}
	}
	return t, f.call("TryFilter")
}

// elsewhere returns the settings with a change that another user made.
func elsewhere(s config.Draft, key, value string) config.Draft {
	s.Values = maps.Clone(s.Values)
	s.Values[key] = value
	return s
}

// set types a value in place of the one under the cursor.
func (c *console) set(value string) {
	c.press("enter", "ctrl+u")
	c.text(value)
	c.press("enter")
}

func leftAndEntered() control.ScopeDelta {
	staff := "OU=Staff,DC=corp,DC=example,DC=com"
	return control.ScopeDelta{
		People: control.ScopeCount{Was: 47802, Now: 48120, Enter: 636, Leave: 318},
		Groups: control.ScopeCount{Was: 512, Now: 511, Leave: 1},
		Containers: []control.ContainerDelta{
			{Directory: "corp", DN: "OU=Sales EMEA," + staff, PeopleEnter: 636},
			{Directory: "corp", DN: "OU=Contractors," + staff, PeopleLeave: 318, GroupsLeave: 1},
		},
	}
}

func changedByOthers() *config.Changed {
	return &config.Changed{Path: "/etc/dirbridge/dirbridge.toml", Differences: []config.Difference{
		{Key: "policy.purge_after", Was: "168h", Is: "72h"},
		{Key: "directory[corp].servers", Was: "ldaps://dc1.corp.example.com\nldaps://dc2.corp.example.com",
			Is: "ldaps://dc1.corp.example.com"},
	}}
}
