package program

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dirbridge/config"
	"dirbridge/ldap"
	"dirbridge/ldap/ldaptest"
	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/sync/sample"
	"dirbridge/sync/schema"
)

// explored returns a console's connector to an embedded directory with a small company.
func explored(t *testing.T, o ldaptest.Options, lines string) (*control.Local, *connector, *ldaptest.Server) {
	t.Helper()
	dir, err := ldaptest.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dir.Close() })
	if o.Flavor == "" {
		if err := dir.Load(sample.New(sample.Options{People: 30})); err != nil {
			t.Fatal(err)
		}
	}
	user, password := dir.Credentials()
	at := t.TempDir()
	path := filepath.Join(at, "dirbridge.toml")
	text := strings.NewReplacer("URL", dir.URL(), "USER", user).Replace(`[[directory]]
name = "corp" # ours
servers = ["URL"]
bind_user = "USER"
bind_password = "file:password"
` + lines + `
[cloud]
kind = "webex"
base_url = "http://127.0.0.1:1/v2"
token = "env:T"
`)
	if err := errors.Join(os.WriteFile(path, []byte(text), 0o600), os.WriteFile(filepath.Join(at, "password"),
		[]byte(password), 0o600)); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(path, CheckMapping)
	if err != nil {
		t.Fatal(err)
	}
	c := &connector{work: filepath.Join(cfg.Connector.StateDir, "work"), file: cfg, cat: schema.Webex()}
	l := control.NewLocal(control.Options{Factory: c, Catalogue: c.cat, Settings: c.settings(), Path: path})
	t.Cleanup(func() { l.Close() })
	return l, c, dir
}

// TestSchemaOfADirectory checks the attributes that a mapping can name, with the types of their
// values.
func TestSchemaOfADirectory(t *testing.T) {
	t.Parallel()
	l, _, _ := explored(t, ldaptest.Options{}, "")
	all, err := l.Schema(t.Context(), "corp")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]control.Attribute{
		"givenName": {Syntax: "text", Single: true}, "member": {Syntax: "dn"}, "objectGUID": {Syntax: "guid", Single: true},
		"tokenGroups": {Syntax: "sid", Constructed: true},
	} {
		i := slices.IndexFunc(all, func(a control.Attribute) bool { return a.Name == name })
		if i < 0 {
			t.Errorf("%s is not there", name)
			continue
		}
		if a := all[i]; a.Syntax != want.Syntax || a.Single != want.Single || a.Constructed != want.Constructed || a.Secret {
			t.Errorf("%s: %+v", name, a)
		}
	}
	if _, err := l.Schema(t.Context(), "nobody"); err == nil || !strings.Contains(err.Error(), "nobody") {
		t.Errorf("a directory that is not configured: %v", err)
	}
}

// TestPartitionsOfADirectory checks that partitions can be listed while the configured one is
// wrong.
func TestPartitionsOfADirectory(t *testing.T) {
	t.Parallel()
	l, _, _ := explored(t, ldaptest.Options{Flavor: ldaptest.ADLDS, BaseDN: "DC=app", Partitions: []string{"O=Other"}}, `partition = "DC=wrong"`)
	d := l.Settings().Directories[0]
	d.BaseDNs = []string{"OU=Nowhere,DC=app"}
	got, err := l.Partitions(t.Context(), d)
	if err != nil || !slices.Equal(got, []string{"DC=app", "O=Other"}) {
		t.Errorf("%q, %v", got, err)
	}
}

// TestTryAFilter checks that a filter is tried within the draft's scope, in place of the draft's
// own filter.
func TestTryAFilter(t *testing.T) {
	t.Parallel()
	l, _, dir := explored(t, ldaptest.Options{}, "")
	people := dir.People()
	name := people[len(people)-1].Attrs["sAMAccountName"][0]
	d := l.Settings().Directories[0]
	d.UserFilter = "(half"
	got, err := l.TryFilter(t.Context(), d, identity.User, "(&(sAMAccountName="+name+")(!(shoeSize=47)))")
	if err != nil || got.Matches != 0 || !got.Known || !slices.Equal(got.Unknown, []string{"shoeSize"}) {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err = l.TryFilter(t.Context(), d, identity.User, "(sAMAccountName="+name+")"); err != nil ||
		got.Matches != 1 || len(got.Sample) != 1 || len(got.Unknown) != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	d.ExcludeDNs = got.Sample
	if got, err = l.TryFilter(t.Context(), d, identity.User, "(sAMAccountName="+name+")"); err != nil || got.Matches != 0 {
		t.Errorf("of what the draft excludes: %+v, %v", got, err)
	}
	var wrong *ldap.FilterError
	if _, err = l.TryFilter(t.Context(), d, identity.Group, "(cn=x"); !errors.As(err, &wrong) || wrong.Offset != 5 ||
		identity.Remedy(err) == "" {
		t.Errorf("what is no filter: %v", err)
	}
}

// TestSaveTheScopeOfADirectory checks that saving writes only what a draft changes in a directory,
// and that it reads back unchanged.
func TestSaveTheScopeOfADirectory(t *testing.T) {
	t.Parallel()
	l, c, _ := explored(t, ldaptest.Options{}, "[directory.mapping]\ntitle = \"cn\" # theirs\no = \"o\"\n")
	s := l.Settings()
	d := s.Directories[0]
	d.MemberOf, d.GroupTypes, d.RoomFilter, d.Partition = []string{"CN=w,DC=corp"}, "security", "(cn=room*)",
		"DC=corp,DC=example,DC=com"
	d.Mapping = map[string]string{"title": "employeeType", "street": ""}
	s.Directories = []config.Directory{d}
	if err := l.SaveSettings(context.Background(), s); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(l.Path())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`name = "corp" # ours`, `member_of = ["CN=w,DC=corp"]`, `group_types = "security"`, `room_filter = "(cn=room*)"`,
		`partition = "DC=corp,DC=example,DC=com"`, "[directory.mapping]\ntitle = \"employeeType\" # theirs\nstreet = \"\"\n"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("there is no %s in\n%s", want, text)
		}
	}
	if strings.Contains(string(text), "user_filter") || strings.Contains(string(text), `o = "o"`) {
		t.Errorf("more or less was saved than was changed:\n%s", text)
	}
	again := c.settings().Directories[0]
	if !slices.Equal(again.MemberOf, d.MemberOf) || again.GroupTypes != d.GroupTypes ||
		again.RoomFilter != d.RoomFilter || again.Mapping["title"] != "employeeType" {
		t.Errorf("%+v", again)
	}
	before := string(text)
	s.Directories[0].RoomFilter = "(cn=room*"
	var bad *config.Invalid
	if err := l.SaveSettings(context.Background(), s); !errors.As(err, &bad) || bad.Problems[0].Place == "" {
		t.Errorf("a filter that is none was saved: %v", err)
	}
	if text, _ := os.ReadFile(l.Path()); string(text) != before {
		t.Error("the file was changed although the settings were refused")
	}
}

// TestPreviewByTheDirectorysRules checks that a preview of people uses the directory's own rules,
// and reads the attributes that they need.
func TestPreviewByTheDirectorysRules(t *testing.T) {
	t.Parallel()
	l, _, dir := explored(t, ldaptest.Options{}, "[directory.mapping]\ntitle = \"employeeType\"\nstreet = \"\"\n")
	who := dir.People()[0]
	if err := dir.Modify(who.DN, map[string][]string{"employeeType": {"Captain"},
		"displayName": {"Zz Preview"}}); err != nil {
		t.Fatal(err)
	}
	found, err := l.Find(t.Context(), "corp", "Zz Preview", 1)
	if err != nil || len(found) != 1 {
		t.Fatalf("%v, %v", found, err)
	}
	rows, err := l.Preview(l.Settings().Mapping, found[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if r.Attribute.Name == "title" && (r.Rule != "employeeType" || r.Value != "Captain") ||
			r.Attribute.Name == "street" && (r.Rule != "" || r.Value != "") {
			t.Errorf("%+v", r)
		}
	}
}
