package config

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const sample = `# ours
[connector] # this host
name = "sync01"   # do not change

[[directory]]
# the old domain
  name = "corp"
  domain = "corp.example.com"
  bind_user = 'CORP\svc'  # literal
  bind_password = "env:P"
  base_dns = [ # where
    "OU=Staff,DC=c", # everybody
    # abroad
    "OU=Abroad,DC=c",
    # last
  ]
  exclude_dns = ["OU=#1,DC=c", 'OU=Old,DC=c'] # gone

[cloud]
kind = "webex"
base_url = "https://webexapis.com/identity/scim/x/v2"
token = "env:T"

# what they see
[mapping]
# the HR form
displayName = "givenName sn"
title = "title" # as is
# end of mapping

[policy]
purge_after = "60m"
# EOF`

func TestEdit(t *testing.T) {
	tests := []struct {
		name    string
		change  Change
		old, to string // the part of sample that changes; "" is none
	}{
		{"replace a string", Change{"directory[0].bind_user", "svc@corp"}, `'CORP\svc'  # literal`, `"svc@corp"  # literal`},
		{"by the directory's name", Change{"directory[corp].domain", "b.example.com"}, `domain = "corp.example.com"`, `domain = "b.example.com"`},
		{"the same value", Change{"directory[0].bind_user", `CORP\svc`}, "", ""},
		{"the same list", Change{"directory[0].base_dns", []string{"OU=Staff,DC=c", "OU=Abroad,DC=c"}}, "", ""},
		{"the same duration", Change{"policy.purge_after", time.Hour}, "", ""},
		{"another duration", Change{"policy.purge_after", 48 * time.Hour}, `"60m"`, `"48h"`},
		{"remove what is not there", Change{"policy.on_missing", nil}, "", ""},
		{"remove a line", Change{"mapping.displayName", nil}, "displayName = \"givenName sn\"\n", ""},
		{"remove a line with a comment", Change{"mapping.title", nil}, `title = "title" # as is`, `# as is`},
		{"add at the end of a section", Change{"directory[0].user_filter", `(cn=\2a"x")`}, "# gone\n",
			"# gone\n  user_filter = '(cn=\\2a\"x\")'\n"},
		{"add before a comment", Change{"mapping.sipAddresses;type=enterprise", ""}, "# as is\n",
			"# as is\n\"sipAddresses;type=enterprise\" = \"\"\n"},
		{"add a bool", Change{"directory[0].sync_groups", false}, "# gone\n", "# gone\n  sync_groups = false\n"},
		{"add a threshold", Change{"policy.delete_threshold", Threshold{Percent: 5}}, "\"60m\"\n",
			"\"60m\"\ndelete_threshold = \"5%\"\n"},
		{"add a number", Change{"policy.delete_threshold", 7}, "\"60m\"\n", "\"60m\"\ndelete_threshold = 7\n"},
		{"begin a directory's mapping", Change{"directory[corp].mapping.title", "employeeType"}, "# gone\n",
			"# gone\n\n[directory.mapping]\ntitle = \"employeeType\"\n"},
		{"add a section", Change{"schedule.full", []string{"Sun 02:00"}}, "# EOF",
			"# EOF\n\n[schedule]\nfull = [\"Sun 02:00\"]\n"},
		{"add to a list", Change{"directory[0].base_dns", []string{"OU=Staff,DC=c", "OU=New,DC=c", "OU=Abroad,DC=c"}},
			"# everybody\n", "# everybody\n    \"OU=New,DC=c\",\n"},
		{"append to a list", Change{"directory[0].base_dns", []string{"OU=Staff,DC=c", "OU=Abroad,DC=c", "OU=New,DC=c"}},
			"    # last\n", "    \"OU=New,DC=c\",\n    # last\n"},
		{"remove from a list", Change{"directory[0].base_dns", []string{"OU=Abroad,DC=c"}},
			`    "OU=Staff,DC=c", # everybody`, `    # everybody`},
		{"empty a list", Change{"directory[0].base_dns", []string{}},
			"    \"OU=Staff,DC=c\", # everybody\n    # abroad\n    \"OU=Abroad,DC=c\",\n", "    # everybody\n    # abroad\n"},
		{"reverse a list", Change{"directory[0].base_dns", []string{"OU=Abroad,DC=c", "OU=Staff,DC=c"}},
			"    \"OU=Staff,DC=c\", # everybody\n    # abroad\n    \"OU=Abroad,DC=c\",\n",
			"    # everybody\n    # abroad\n    \"OU=Abroad,DC=c\",\n    \"OU=Staff,DC=c\",\n"},
		{"remove a list", Change{"directory[0].base_dns", nil},
			"  base_dns = [ # where\n    \"OU=Staff,DC=c\", # everybody\n    # abroad\n    \"OU=Abroad,DC=c\",\n    # last\n " +
				" ]\n", "  # where\n  # everybody\n  # abroad\n  # last\n"},
		{"a list in one line", Change{"directory[0].exclude_dns", []string{"OU=#1,DC=c", "OU=New,DC=c"}}, `["OU=#1,DC=c", 'OU=Old,DC=c'] # gone`, `["OU=#1,DC=c", "OU=New,DC=c"] # gone`},
		{"remove a list in one line", Change{"directory[0].exclude_dns", nil}, `exclude_dns = ["OU=#1,DC=c", 'OU=Old,DC=c'] # gone`, `# gone`},
	}
	for _, tt := range tests {
		for _, eol := range []string{"\n", "\r\n"} {
			src := strings.ReplaceAll(sample, "\n", eol)
			want := strings.ReplaceAll(strings.Replace(sample, tt.old, tt.to, 1), "\n", eol)
			got, err := Edit([]byte(src), tt.change)
			if err != nil {
				t.Errorf("%s: %v", tt.name, err)
				continue
			}
			if d := cmp.Diff(want, string(got)); d != "" {
				t.Errorf("%s: %s", tt.name, d)
			}
			if _, err := Parse("", got); err != nil {
				t.Errorf("%s: %v", tt.name, err)
			}
		}
	}
}

func TestEditOtherForms(t *testing.T) {
	tests := []struct {
		name, src string
		change    Change
		want      string
	}{
		{"dotted", "policy.on_missing = \"keep\" # k\nschedule.full = []\n", Change{"policy.on_unmatched", "report"},
			"policy.on_missing = \"keep\" # k\npolicy.on_unmatched = \"report\"\nschedule.full = []\n"},
		{"inline", `mapping = { title = "a", sn = "b" } # m`, Change{"mapping.o", "c"}, `mapping = { title = "a", sn = "b", o = "c" } # m`},
		{"mapping of a directory", "[[directory]]\n[directory.mapping] # m\ntitle = \"a\" # t\n\n[cloud]\n",
			Change{"directory[0].mapping.sn", "b"},
			"[[directory]]\n[directory.mapping] # m\ntitle = \"a\" # t\nsn = \"b\"\n\n[cloud]\n"},
		{"mapping of a directory, replaced", "[[directory]]\n[directory.mapping]\ntitle = \"a\" # t\n",
			Change{"directory[0].mapping.title", ""},
			"[[directory]]\n[directory.mapping]\ntitle = \"\" # t\n"},
		{"mapping of a directory, removed", "[[directory]]\n[directory.mapping]\ntitle = \"a\"\nsn = \"b\"\n",
			Change{"directory[0].mapping.sn", nil},
			"[[directory]]\n[directory.mapping]\ntitle = \"a\"\n"},
		{"mapping of a directory, dotted", "[[directory]]\nmapping.title = \"a\"\n", Change{"directory[0].mapping.sn", "b"},
			"[[directory]]\nmapping.title = \"a\"\nmapping.sn = \"b\"\n"},
		{"mapping of a directory, inline", `directory = [ { name = "a" } ]`, Change{"directory[0].mapping.sn", "b"},
			`directory = [ { name = "a", mapping = { sn = "b" } } ]`},
		{"mapping of the first directory",
			"[[directory]]\nname = \"a\"\n# realm = \"\"\n\n# the second\n[[directory]]\nname = \"b\"\n",
			Change{"directory[a].mapping.sn", "b"},
			"[[directory]]\nname = \"a\"\n# realm = \"\"\n\n[directory.mapping]\nsn = \"b\"\n\n# the " +
				"second\n[[directory]]\nname = \"b\"\n"},
		{"mapping of a directory without a line end", "[[directory]]\nname = \"a\"\n# x",
			Change{"directory[0].mapping.sn", "b"},
			"[[directory]]\nname = \"a\"\n# x\n\n[directory.mapping]\nsn = \"b\"\n"},
		{"guards of a directory", "[[directory]]\nname = \"a\"\n[directory.mapping]\ntitle = \"a\" # t\n\n[cloud]\n",
			Change{"directory[a].guards.removals", Threshold{Count: 3}},
			"[[directory]]\nname = \"a\"\n\n[directory.guards]\nremovals = 3\n[directory.mapping]\ntitle = \"a\" # " +
				"t\n\n[cloud]\n"},
		{"guards of a directory, replaced", "[[directory]]\n[directory.guards]\nremovals = 3 # few\n",
			Change{"directory[0].guards.removals", Threshold{Off: true}},
			"[[directory]]\n[directory.guards]\nremovals = \"off\" # few\n"},
		{"guards of a directory, removed", "[[directory]]\n[directory.guards]\nremovals = 3\nblanked = 1\n",
			Change{"directory[0].guards.removals", nil},
			"[[directory]]\n[directory.guards]\nblanked = 1\n"},
		{"inline, replaced", `mapping = { title = "a", sn = "b" }`, Change{"mapping.title", "c"}, `mapping = { title = "c", sn = "b" }`},
		{"inline, first removed", `mapping = { title = "a", sn = "b" }`, Change{"mapping.title", nil}, `mapping = { sn = "b" }`},
		{"inline, last removed", `mapping = { title = "a", sn = "b" }`, Change{"mapping.sn", nil}, `mapping = { title = "a" }`},
		{"inline, empty", `mapping = {}`, Change{"mapping.sn", "b"}, `mapping = { sn = "b" }`},
		{"an empty file", "", Change{"mapping.sn", "b"}, "[mapping]\nsn = \"b\"\n"},
		{"a mark of byte order", "\xef\xbb\xbf[mapping]", Change{"mapping.sn", "b"}, "\xef\xbb\xbf[mapping]\nsn = \"b\"\n"},
		{"a quoted key", "[mapping]\n\"a#b\" = \"x\" # c\n", Change{"mapping.a#b", nil}, "[mapping]\n# c\n"},
		{"a wrong type", "[policy]\npurge_after = [ # a\n 1, # b\n]\n", Change{"policy.purge_after", time.Hour},
			"[policy]\n# a\n# b\npurge_after = \"1h\"\n"},
		{"several lines of text", "[mapping]\nsn = \"\"\"a\n# no comment\n\"\"\" # c\n", Change{"mapping.sn", "b"},
			"[mapping]\nsn = \"b\" # c\n"},
		{"a section with a line after it", "[policy]\n\n\n[schedule]\n", Change{"policy.on_missing", "keep"},
			"[policy]\non_missing = \"keep\"\n\n\n[schedule]\n"},
	}
	for _, tt := range tests {
		got, err := Edit([]byte(tt.src), tt.change)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		} else if d := cmp.Diff(tt.want, string(got)); d != "" {
			t.Errorf("%s: %s", tt.name, d)
		}
	}
	for _, c := range []Change{{"policy.nonsense", 1}, {"nonsense", 1}, {"directory[9].name", "x"},
		{"directory[nobody].name", "x"}, {"policy.on_missing", struct{}{}}, {"mapping.", "x"},
		{"directory[0].mapping.", "x"}, {"directory[0].mapping", "x"}, {"directory[nobody].mapping.sn", "x"},
		{"directory[0].guards.nonsense", 1}, {"directory[0].guards.", 1}} {
		if _, err := Edit([]byte(sample), c); err == nil {
			t.Errorf("%v was done", c)
		}
	}
	for _, v := range []any{"x", nil} {
		if _, err := Edit([]byte("[mapping.title]\nfrom = \"title\"\n"), Change{"mapping.title", v}); err == nil {
			t.Errorf("a table of its own was made %v", v)
		}
	}
	for _, src := range []string{"mapping = { a.b = 1 }", "mapping = { a.b = 1, title = \"x\", a.c = 2, sn = \"y\" }"} {
		if _, err := Edit([]byte(src), Change{"mapping.title", nil}, Change{"mapping.title", "x"}); err == nil {
			t.Errorf("%s was edited", src)
		}
	}
	var bad *Invalid
	if _, err := Edit([]byte("[policy\n"), Change{"policy.on_missing", "keep"}); !errors.As(err, &bad) {
		t.Errorf("a text that is no TOML was edited: %v", err)
	}
}

func TestSave(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "dirbridge.toml")
	if err := os.WriteFile(path, []byte(sample), 0o640); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link.toml")
	if runtime.GOOS == "windows" {
		link = path // creating links needs a privilege there
	} else if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	c, err := Save(link, []Change{{"policy.on_missing", "keep"}, {"mapping.title", ""},
		{"directory[corp].base_dns", []string{"DC=c"}}})
	if err != nil {
		t.Fatal(err)
	}
	again, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []Config{c, again} {
		if c.Policy.OnMissing != "keep" || c.Mapping["title"] != "" || len(c.Directories[0].BaseDNs) != 1 {
			t.Errorf("what was set is %+v", c)
		}
	}
	if info, err := os.Lstat(link); err != nil || link != path && info.Mode()&os.ModeSymlink == 0 {
		t.Error("the link was replaced by a file")
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o640 {
		t.Errorf("the mode is %v", info.Mode())
	}
	before, _ := os.ReadFile(path)
	_, err = Save(path, []Change{{"policy.on_missing", "destroy"}})
	var bad *Invalid
	if !errors.As(err, &bad) || bad.Path != path || bad.Problems[0].Key != "policy.on_missing" ||
		bad.Problems[0].Line == 0 {
		t.Errorf("an impossible value was saved: %v", err)
	}
	refuse := func(c Config) []Problem { return []Problem{{Key: "mapping.displayName", Message: "no"}} }
	if _, err = Save(path, []Change{{"policy.on_missing", "delete"}}, refuse); !errors.As(err, &bad) ||
		bad.Problems[0].Line == 0 {
		t.Errorf("a check was not heard: %v", err)
	}
	if after, _ := os.ReadFile(path); string(after) != string(before) {
		t.Error("the file was changed although its contents were refused")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 {
		t.Errorf("files are left behind: %v", left)
	}
}

func TestSaveBeginsFromTheTemplate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "dirbridge.toml")
	if _, err := Save(path, []Change{{"directory[0].domain", "a.example.com"}, {"cloud.kind", "scim"}}); err != nil {
		t.Fatal(err)
	}
	c, err := Load(path)
	if err != nil || c.Directories[0].Domain != "a.example.com" || c.Cloud.Kind != "scim" {
		t.Errorf("%+v, %v", c, err)
	}
	info, err := os.Stat(path)
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}
