package config

import (
	"maps"
	"strings"
	"testing"
)

const fingerprinted = `[connector]
name = "one"

[[directory]]
name = "corp"
domain = "corp.example.com"
base_dns = ["OU=A,DC=x", "OU=B,DC=x"]
bind_user = "svc@corp.example.com"
bind_password = "env:PASSWORD"

[[directory]]
name = "lab"
servers = ["ldaps://a.example.com", "ldaps://b.example.com"]
mapping.title = "description"

[cloud]
kind = "webex"
base_url = "https://webexapis.com/identity/scim/ORG/v2"
token = "env:TOKEN"

[mapping]
displayName = "givenName sn"

[policy]
delete_threshold = 20
`

func fingerprintOf(t *testing.T, text string) string {
	t.Helper()
	c, err := Parse("", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	rules := map[string]string{"displayName": "displayName", "title": "title", "uid": "mail"}
	maps.Copy(rules, c.Mapping)
	return c.Fingerprint(rules)
}

// TestWhatCountsAsAChange lists changes after which an earlier dry run no longer counts.
func TestWhatCountsAsAChange(t *testing.T) {
	before := fingerprintOf(t, fingerprinted)
	for name, edit := range map[string][2]string{
		"another cloud":             {"scim/ORG/v2", "scim/OTHER/v2"},
		"another kind of cloud":     {`kind = "webex"`, `kind = "scim"`},
		"another domain":            {`domain = "corp.example.com"`, `domain = "corp.example.org"`},
		"another server":            {"ldaps://b.example.com", "ldaps://c.example.com"},
		"another who signs in":      {"svc@corp", "adm@corp"},
		"another way of signing in": {`bind_user = "svc@corp.example.com"`, "bind_user = \"svc@corp.example.com\"\nbind = \"ntlm\""},
		"another name":              {`name = "lab"`, `name = "labs"`},
		"a base DN more":            {`"OU=B,DC=x"]`, `"OU=B,DC=x", "OU=C,DC=x"]`},
		"an exclusion":              {`name = "corp"`, "name = \"corp\"\nexclude_dns = [\"OU=C,DC=x\"]"},
		"another profile":           {"[cloud]", "[cloud]\nprofile = \"slack\""},
		"a filter":                  {`name = "corp"`, "name = \"corp\"\nuser_filter = \"(title=x)\""},
		"no groups":                 {`name = "corp"`, "name = \"corp\"\nsync_groups = false"},
		"flattened groups":          {`name = "corp"`, "name = \"corp\"\nnested_groups = \"flatten\""},
		"a mapping":                 {"givenName sn", "sn givenName"},
		"an attribute unmapped":     {`displayName = "givenName sn"`, `displayName = ""`},
		"a mapping of a directory":  {`mapping.title = "description"`, `mapping.title = "info"`},
		"the threshold":             {"delete_threshold = 20", "delete_threshold = 21"},
		"who is missing":            {"delete_threshold = 20", "delete_threshold = 20\non_missing = \"keep\""},
		"who is unmatched":          {"delete_threshold = 20", "delete_threshold = 20\non_unmatched = \"deactivate\""},
		"an unmanaged rule":         {"[policy]", "[[unmanaged]]\nmatch = \"a@x.org\"\nreason = \"r\"\n[policy]"},
		"the grace period":          {"delete_threshold = 20", "delete_threshold = 20\npurge_after = \"24h\""},
	} {
		after := strings.Replace(fingerprinted, edit[0], edit[1], 1)
		if after == fingerprinted || fingerprintOf(t, after) == before {
			t.Errorf("%s is no change", name)
		}
	}
	less := fingerprinted[:strings.Index(fingerprinted, "[[directory]]\nname = \"lab\"")] +
		fingerprinted[strings.Index(fingerprinted, "[cloud]"):]
	if fingerprintOf(t, less) == before {
		t.Error("a directory less is no change")
	}
}

// TestFingerprintsAreThoseOfEarlierVersions checks that fingerprints, which are kept in the state,
// stay the same, so that synchronization stays enabled after an update. A new key changes them,
// unless the key is marked how: then every installation needs a new dry run.
func TestFingerprintsAreThoseOfEarlierVersions(t *testing.T) {
	const want = "4f4814fdf68807c477aba2e5287c1b43c70c393664a498c78ff211029a1c3574"
	if got := fingerprintOf(t, fingerprinted); got != want {
		t.Errorf("%s, and not %s", got, want)
	}
}

// TestWhatIsNoChange lists changes after which a dry run shows the same.
func TestWhatIsNoChange(t *testing.T) {
	before := fingerprintOf(t, fingerprinted)
	for name, edit := range map[string][2]string{
		"the connector's name":       {`name = "one"`, `name = "two"`},
		"the log level":              {`name = "one"`, "name = \"one\"\nlog_level = \"debug\""},
		"where the state is":         {`name = "one"`, "name = \"one\"\nstate_dir = \"/elsewhere\""},
		"where a secret is":          {"env:PASSWORD", "file:/secret"},
		"where the token is":         {"env:TOKEN", "keyring:TOKEN"},
		"a proxy":                    {"[cloud]", "[cloud]\nproxy = \"http://proxy.example.com:3128\""},
		"the pace":                   {"[cloud]", "[cloud]\nrequests_per_second = 5"},
		"certificates":               {`name = "corp"`, "name = \"corp\"\nca_file = \"/ca.pem\""},
		"the schedule":               {"[policy]", "[schedule]\nincremental_every = \"1h\"\n[policy]"},
		"metrics":                    {"[policy]", "[metrics]\nlisten = \"127.0.0.1:1\"\n[policy]"},
		"a comment":                  {"[cloud]", "# the cloud\n[cloud]"},
		"blanks":                     {"delete_threshold = 20", "  delete_threshold   =   20  "},
		"a default spelled out":      {"delete_threshold = 20", "delete_threshold = 20\non_missing = \"deactivate\""},
		"a default left out":         {"delete_threshold = 20", ""},
		"a default rule spelled out": {"[mapping]", "[mapping]\nuid = \"mail\""},
		"a rule that is the general": {`mapping.title = "description"`, "mapping.title = \"description\"\nmapping.uid = \"mail\""},
		"the order of base DNs":      {`"OU=A,DC=x", "OU=B,DC=x"`, `"OU=B,DC=x", "OU=A,DC=x"`},
		"the order of servers":       {`"ldaps://a.example.com", "ldaps://b.example.com"`, `"ldaps://b.example.com", "ldaps://a.example.com"`},
		"a site":                     {`domain = "corp.example.com"`, "domain = \"corp.example.com\"\nsite = \"Berlin\""},
	} {
		after := strings.Replace(fingerprinted, edit[0], edit[1], 1)
		if after == fingerprinted || fingerprintOf(t, after) != before {
			t.Errorf("%s is a change", name)
		}
	}
	corp, lab, rest := strings.Index(fingerprinted, "[[directory]]"), strings.Index(fingerprinted,
		"[[directory]]\nname = \"lab\""), strings.Index(fingerprinted, "[cloud]")
	turned := fingerprinted[:corp] + fingerprinted[lab:rest] + fingerprinted[corp:lab] + fingerprinted[rest:]
	if fingerprintOf(t, turned) != before {
		t.Error("the order of directories is a change")
	}
}
