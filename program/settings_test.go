package program

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"dirbridge/cloud/scimtest"
	"dirbridge/config"
	"dirbridge/ldap/ldaptest"
	"dirbridge/sync/control"
)

func cloned(s config.Draft) config.Draft {
	values := map[string]string{}
	for k, v := range s.Values {
		values[k] = v
	}
	s.Values, s.Directories = values, slices.Clone(s.Directories)
	return s
}

func TestEveryValueIsEditedAndStandsInTheFile(t *testing.T) {
	l, _, _ := explored(t, ldaptest.Options{}, "")
	s := cloned(l.Settings())
	for _, f := range l.SettingList() {
		if _, ok := s.Values[f.Key]; !ok || f.Label == "" || f.Doc == "" {
			t.Errorf("%s: no value, label or doc: %+v", f.Key, f)
		}
	}
	s.Values["connector.name"], s.Values["connector.log_level"] = "sync02", "debug"
	s.Values["policy.delete_threshold"], s.Values["policy.purge_after"] = "20 and 5%", "48h"
	s.Values["guards.blanked"], s.Values["directory[corp].guards.blanked"] = "off", "7"
	s.Values["schedule.full"], s.Values["cloud.requests_per_second"] = "Sun 02:00\nWed 03:00", "2.5"
	s.Values["cloud.token"] = "keyring:webex"
	s.Values["policy.protected"] = "breakglass*\nadmin@example.com"
	s.Values["directory[corp].servers"] = "ldaps://dc2.example.com\n" + s.Values["directory[corp].servers"]
	if p := l.CheckSettings(s); len(p) > 0 {
		t.Fatal(p)
	}
	if err := l.SaveSettings(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(l.Path())
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{`name = "sync02"`, `log_level = "debug"`, `delete_threshold = "20 and 5%"`, `purge_after = "48h"`, `blanked = "off"`,
		"[directory.guards]\nblanked = 7", `full = ["Sun 02:00", "Wed 03:00"]`, `requests_per_second = 2.5`, `protected = ["breakglass*", "admin@example.com"]`, `token = "keyring:webex"`,
		`servers = ["ldaps://dc2.example.com", "ldap`, `name = "corp" # ours`} {
		if !strings.Contains(string(text), line) {
			t.Errorf("the file lacks %s:\n%s", line, text)
		}
	}
	now := l.Settings()
	if now.Policy.PurgeAfter.Hours() != 48 || now.Values["directory[corp].guards.blanked"] != "7" ||
		now.Values["policy.delete_threshold"] != "20 and 5%" {
		t.Errorf("the settings are %+v", now)
	}
	now = cloned(now)
	now.Values["directory[corp].guards.blanked"], now.Values["schedule.full"] = "", ""
	if err := l.SaveSettings(t.Context(), now); err != nil {
		t.Fatal(err)
	}
	if text, _ := os.ReadFile(l.Path()); strings.Contains(string(text), "blanked = 7") ||
		strings.Contains(string(text), "Sun 02:00") {
		t.Errorf("what was taken out is there:\n%s", text)
	}
}

func TestWrongValuesAreReportedByKey(t *testing.T) {
	l, _, _ := explored(t, ldaptest.Options{}, "")
	for key, tt := range map[string]struct{ value, want string }{
		"policy.delete_threshold":        {"many", "whole number"},
		"policy.on_missing":              {"destroy", "must be one of deactivate, delete, keep"},
		"policy.purge_after":             {"7d", "168h"},
		"policy.protected":               {"breakglass*\n*", "would protect nothing, or everything"},
		"directory[corp].guards.changed": {"-1", "whole number"},
		"directory[corp].servers":        {"dc1", "is not a URL"},
		"cloud.token":                    {"hunter2secret", "reference to a secret"},
		"cloud.requests_per_second":      {"fast", "must be a number"},
		"cloud.base_url":                 {"http://example.com/v2", "in the clear"},
		"schedule.full":                  {"someday", "must be a day and a time"},
	} {
		s := cloned(l.Settings())
		s.Values[key] = tt.value
		p := l.CheckSettings(s)
		if len(p) == 0 || p[0].Key != key || !strings.Contains(p[0].Error(), tt.want) {
			t.Errorf("%s = %s: %+v", key, tt.value, p)
		}
		for _, p := range p {
			if strings.Contains(p.Error(), "hunter2secret") || strings.Contains(p.Hint, "quotes") {
				t.Errorf("%s: %v", key, p)
			}
		}
		if err := l.SaveSettings(t.Context(), s); err == nil {
			t.Errorf("%s = %s was saved", key, tt.value)
		}
	}
	if text, _ := os.ReadFile(l.Path()); strings.Contains(string(text), "hunter2secret") {
		t.Error("a secret is in the file")
	}
}

func TestAFileThatWasChangedElsewhere(t *testing.T) {
	l, _, _ := explored(t, ldaptest.Options{}, "")
	text, err := os.ReadFile(l.Path())
	if err != nil {
		t.Fatal(err)
	}
	theirs := string(text) + "\n# by hand\n[policy]\npurge_after = \"72h\"\n"
	if err := os.WriteFile(l.Path(), []byte(theirs), 0o600); err != nil {
		t.Fatal(err)
	}
	s := cloned(l.Settings())
	s.Values["policy.on_missing"] = "keep"
	err = l.SaveSettings(t.Context(), s)
	var changed *config.Changed
	if !errors.As(err, &changed) || len(changed.Differences) != 1 ||
		changed.Differences[0] != (config.Difference{Key: "policy.purge_after", Was: "168h", Is: "72h"}) {
		t.Fatalf("error %v", err)
	}
	if now, _ := os.ReadFile(l.Path()); string(now) != theirs {
		t.Error("the file was overwritten")
	}
	if s, err = l.ReloadSettings(t.Context()); err != nil || s.Values["policy.purge_after"] != "72h" {
		t.Fatalf("%+v, %v", s.Values, err)
	}
	s = cloned(s)
	s.Values["policy.on_missing"] = "keep"
	if err := l.SaveSettings(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	now, _ := os.ReadFile(l.Path())
	if want := strings.TrimSuffix(theirs, "\n") + "\non_missing = \"keep\"\n"; string(now) != want {
		t.Errorf("the file is\n%s", now)
	}
}

// TestScopeDelta checks that people entering and leaving the scope are listed exactly, even when
// the two counts are equal.
func TestScopeDelta(t *testing.T) {
	l, _, dir := explored(t, ldaptest.Options{}, "user_filter = \"(department=One)\"\n")
	root := l.Settings().Directories[0]
	nodes, err := l.Tree(t.Context(), "corp", "")
	if err != nil {
		t.Fatal(err)
	}
	base := nodes[0].DN
	for _, ou := range []string{"A", "B"} {
		if err := dir.Add("OU="+ou+","+base, map[string][]string{"objectClass": {"organizationalUnit"}}); err != nil {
			t.Fatal(err)
		}
		for name, department := range map[string]string{"x" + ou: "One", "y" + ou: "Two", "z" + ou: "Two"} {
			if err := dir.Add("CN="+name+",OU="+ou+","+base, map[string][]string{"objectClass": {"user"},
				"department": {department}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	delta := func(edit func(*config.Directory)) control.ScopeDelta {
		t.Helper()
		s := cloned(l.Settings())
		edit(&s.Directories[0])
		p := &control.ScopeProgress{}
		d, err := l.ScopeDelta(t.Context(), s, p)
		if err != nil {
			t.Fatal(err)
		}
		if p.Read() == 0 {
			t.Error("nothing seems to have been read")
		}
		return d
	}
	d := delta(func(d *config.Directory) { d.UserFilter = "(department=Two)" })
	if d.People != (control.ScopeCount{Was: 2, Now: 4, Enter: 4, Leave: 2}) || d.Groups.Enter+d.Groups.Leave != 0 ||
		d.Groups.Was != d.Groups.Now || d.Groups.Was == 0 {
		t.Errorf("another filter: %+v", d)
	}
	if len(d.Containers) != 2 || d.Containers[0] != (control.ContainerDelta{Directory: "corp", DN: "OU=A," + base,
		PeopleEnter: 2, PeopleLeave: 1}) {
		t.Errorf("another filter: containers %+v", d.Containers)
	}
	d = delta(func(d *config.Directory) { d.ExcludeDNs = []string{"ou=a," + strings.ToLower(base)} })
	if d.People != (control.ScopeCount{Was: 2, Now: 1, Leave: 1}) || len(d.Containers) != 1 ||
		d.Containers[0].DN != "OU=A,"+base {
		t.Errorf("an exclusion: %+v", d)
	}
	d = delta(func(d *config.Directory) { d.SyncUsers = false })
	if d.People != (control.ScopeCount{Was: 2, Leave: 2}) || d.Kept != 2 {
		t.Errorf("no people: %+v", d)
	}
	if d = delta(func(d *config.Directory) { d.Mapping = map[string]string{"title": "cn"} }); d.Changed() ||
		d.People.Was != 2 {
		t.Errorf("another mapping: %+v", d)
	}
	if root.UserFilter != l.Settings().Directories[0].UserFilter {
		t.Error("the settings were changed")
	}
}

func TestTheCloudOfADraftIsTried(t *testing.T) {
	l, _, _ := explored(t, ldaptest.Options{}, "")
	sky, err := scimtest.Start(t.Context(), scimtest.Options{OrgName: "Acme"})
	if err != nil {
		t.Fatal(err)
	}
	defer sky.Close()
	s := cloned(l.Settings())
	s.Values["cloud.base_url"], s.Values["cloud.proxy"] = sky.URL(), "none"
	if _, err := l.TestCloud(t.Context(), s); err == nil {
		t.Error("it is there without a token")
	}
	t.Setenv("T", sky.Token())
	org, err := l.TestCloud(t.Context(), s)
	if err != nil || org.ID == "" || org.URL != strings.TrimSuffix(sky.URL(), "/") {
		t.Errorf("%+v, %v", org, err)
	}
	s.Values["cloud.kind"] = "scim"
	if _, err := l.TestCloud(t.Context(), s); err == nil || !strings.Contains(err.Error(), "start it again") {
		t.Errorf("another kind: %v", err)
	}
}

// TestTheHintOfAListIsTaken checks that a list accepts its hint as shown and as written in the
// file.
func TestTheHintOfAListIsTaken(t *testing.T) {
	l, _, _ := explored(t, ldaptest.Options{}, "")
	lists := 0
	for _, set := range l.SettingList() {
		_, example, _ := strings.Cut(set.Doc, "such as ")
		example, _, _ = strings.Cut(strings.TrimSuffix(example, "."), ". ")
		if !set.List || example == "" {
			continue
		}
		lists++
		for _, typed := range []string{example, `"` + example + `"`, `["` + example + `"]`, `["` + example + `", "` + example + `"]`} {
			s := cloned(l.Settings())
			s.Values[set.Key] = typed
			if p := l.CheckSettings(s); len(p) > 0 {
				t.Errorf("%s = %s: %v", set.Key, typed, p)
			}
			if err := l.SaveSettings(t.Context(), s); err != nil || strings.Split(l.Settings().Values[set.Key],
				"\n")[0] != example {
				t.Errorf("%s = %s: saved %q, %v", set.Key, typed, l.Settings().Values[set.Key], err)
			}
		}
	}
	if lists < 2 {
		t.Errorf("only %d lists have an example", lists)
	}
}
