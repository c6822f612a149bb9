package profile_test

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"dirbridge/cloud/profile"
)

// Every embedded profile can be read, says who its provider is, and names its sources.
func TestEmbeddedProfiles(t *testing.T) {
	t.Parallel()
	names := profile.Names()
	if len(names) != 15 {
		t.Errorf("%d profiles: %v", len(names), names)
	}
	for _, name := range names {
		data, err := os.ReadFile(filepath.Join("named", name+".toml"))
		if err != nil {
			t.Fatal(err)
		}
		p, err := profile.Decode(data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		comments, _, _ := strings.Cut(string(data), "\ntitle")
		if !strings.Contains(comments, "# Source") || !strings.Contains(comments, "https://") {
			t.Errorf("%s names no source", name)
		}
		for _, host := range p.Hosts {
			if got := profile.ForHost(strings.Replace(host, "*", "scim.eu-west-1", 1)); got != name {
				t.Errorf("the host %s has the profile %q, want %q", host, got, name)
			}
		}
	}
}

// A mistake is reported with its line, its column and its key.
func TestMistakesInAProfile(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]string{
		{"title = \"A\"\npages = 3\n",
			"line 2, column 1: pages: there is no such key"},
		{"title = \"A\"\n[list]\npaging = \"offset\"\n",
			`line 3, column 1: list.paging: it must be index or cursor or none, not "offset"`},
		{"title = \"A\"\n[list]\n  page = 0\n",
			"line 3, column 3: list.page: it must be from 1 to 10000, not 0"},
		{"title = \"A\"\n[filter]\nusers = [\"emails\"]\n",
			`line 3, column 1: filter.users: "emails" is never searched for; known are`},
		{"[list]\npage = 10\n",
			"title: it must be set: the provider's name"},
		{"title = \"A\"\nsettling = \"soon\"\n",
			`line 2, column 1: settling: it must be a duration up to an hour, such as 15s, not "soon"`},
		{"title = 1\n",
			"line 1, column 9: "},
		{"title = \"A\"\n[write\n",
			"line 2, column "},
		{"title = \"A\"\n[group]\nmembers = \"endpoint\"\n",
			`group.members_page: it must be set for members = "endpoint"`},
		{"title = \"A\"\n[list]\npaging=\"none\"\n[filter]\nusers=[]",
			`line 5, column 1: filter.users: it must name an attribute for paging = "none"`},
	} {
		text, want := c[0], c[1]
		_, err := profile.Decode([]byte(text))
		var p *profile.Problem
		if !errors.As(err, &p) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v\nwant %s", text, err, want)
		}
	}
}

// A list in the file replaces the standard one, and what it leaves out is as in the standard.
func TestAProfileOfOnesOwn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	text := "title = \"Our portal\"\n[filter]\nusers = [\"userName\"]\n[write]\nops = \"capital\"\n"
	if err := os.WriteFile(filepath.Join(dir, "portal.toml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := profile.Load(dir, "portal.toml")
	want := profile.Standard()
	want.Name, want.Title, want.Write.Ops = "portal", "Our portal", profile.Capital
	want.Filter.Users = []string{"userName"}
	if d := cmp.Diff(want, got); err != nil || d != "" {
		t.Errorf("%v\n%s", err, d)
	}
	if _, err := profile.Load(dir, "portal"); err == nil || !strings.Contains(err.Error(), "name one of atlassian, aws") {
		t.Errorf("a name that is not embedded: %v", err)
	}
}

// The manual has every key and every embedded profile.
func TestTheManualHasEveryKey(t *testing.T) {
	t.Parallel()
	manual, err := os.ReadFile(filepath.Join("..", "..", "docs", "providers.md"))
	if err != nil {
		t.Fatal(err)
	}
	want := profile.Names()
	var keys func(table string, of reflect.Type)
	keys = func(table string, of reflect.Type) {
		for f := range of.Fields() {
			name := f.Tag.Get("toml")
			switch {
			case name == "-":
			case f.Type.Kind() == reflect.Struct:
				keys(name+".", f.Type)
			default:
				want = append(want, table+name)
			}
		}
	}
	keys("", reflect.TypeFor[profile.Profile]())
	for _, name := range want {
		if !strings.Contains(string(manual), "`"+name+"`") {
			t.Errorf("docs/providers.md lacks `%s`", name)
		}
	}
}

// Whatever is in a file, decoding it ends, and a profile that is accepted has usable numbers.
func FuzzDecode(f *testing.F) {
	for _, name := range profile.Names() {
		data, err := os.ReadFile(filepath.Join("named", name+".toml"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("title = \"A\"\n[filter]\nusers = [\"\\u0000\"]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := profile.Decode(data)
		var bad *profile.Problem
		switch {
		case err != nil && !errors.As(err, &bad):
			t.Fatalf("an error without a place: %v", err)
		case err == nil && (p.List.Page < 1 || p.Group.Chunk < 1 || p.Bulk.Operations < 0 || p.Title == "" || p.Settling < 0):
			t.Fatalf("accepted: %+v", p)
		}
	})
}

// What is written of a profile is read as the same profile.
func TestTextOfAProfile(t *testing.T) {
	t.Parallel()
	for _, name := range profile.Names() {
		want := profile.Must(name)
		got, err := profile.Decode([]byte(want.Text()))
		got.Name = name
		if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); err != nil || d != "" {
			t.Errorf("%s: %v\n%s\n%s", name, err, d, want.Text())
		}
	}
}
