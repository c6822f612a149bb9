package program

import (
	"context"
	"errors"
	"flag"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dirbridge/cloud/scimtest"
	"dirbridge/config"
	"dirbridge/ldap/ldaptest"
	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/sync/sample"
	"dirbridge/ui/cli"
)

var updateGolden = flag.Bool("update", false, "write the golden files again")

const (
	secretPassword = "Hidden.Password-4711"
	secretToken    = "hidden-token-0815"
)

// setupBench is a setup with both servers to connect to.
type setupBench struct {
	*guide
	dir *ldaptest.Server
	sky *scimtest.Server
}

func newSetupBench(t *testing.T, o ldaptest.Options) *setupBench {
	t.Helper()
	o.BindPassword = secretPassword
	dir, err := ldaptest.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dir.Close() })
	sky, err := scimtest.Start(t.Context(), scimtest.Options{OrgName: "Acme", Token: secretToken})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sky.Close() })
	root := t.TempDir()
	g := &guide{path: filepath.Join(root, "etc", "dirbridge.toml"), stateDir: filepath.Join(root, "state"),
		resolver: domainsInDNS{},
		names:    func() []string { return nil }, mine: map[string]bool{}}
	return &setupBench{g, dir, sky}
}

func (b *setupBench) cloud() control.SetupCloud {
	return control.SetupCloud{Kind: "webex", Address: b.sky.URL(), Token: control.SecretOf(secretToken), Proxy: "none"}
}

func (b *setupBench) directory() control.SetupDirectory {
	user, _ := b.dir.Credentials()
	return control.SetupDirectory{Name: "corp", Kind: "ad-ds", Domain: "corp.example.com",
		Host:       strings.TrimPrefix(b.dir.URL(), "ldap://"),
		Encryption: control.SetupPlaintext, Bind: "simple", User: user, Password: control.SecretOf(secretPassword)}
}

// confirmed returns a draft in which both sides were tested and confirmed.
func (b *setupBench) confirmed(t *testing.T) control.SetupDraft {
	t.Helper()
	var d control.SetupDraft
	d.Cloud = b.cloud()
	found, err := b.TryCloud(t.Context(), d.Cloud, nil)
	if err != nil {
		t.Fatal(err)
	}
	d.Cloud.Token, d.Cloud.Organization, d.Cloud.Confirmed = found.Token, found.Organization, true
	dir := b.directory()
	tried, err := b.TryDirectory(t.Context(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	dir.Password, dir.Product, dir.BaseDN = tried.Password, tried.Directory.Product, tried.Directory.BaseDN
	d.Directories = []control.SetupDirectory{dir}
	return d
}

// secretFreeBelow looks for the secrets in all files except those that hold them.
func (b *setupBench) secretFreeBelow(t *testing.T) {
	t.Helper()
	err := filepath.WalkDir(filepath.Dir(filepath.Dir(b.path)), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		for _, s := range []string{secretToken, secretPassword} {
			if strings.Contains(string(text), s) && filepath.Dir(path) != b.secretsPath() {
				t.Errorf("%s holds a secret", path)
			}
		}
		if info, _ := d.Info(); info.Mode().Perm() != 0o600 && !strings.HasSuffix(path, "lock") {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestSetupTriesTheCloud(t *testing.T) {
	b := newSetupBench(t, ldaptest.Options{})
	found, err := b.TryCloud(t.Context(), b.cloud(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if found.Organization.Name != "Acme" || found.Organization.ID != b.sky.Org() || found.Users != 0 || found.Groups != 0 {
		t.Errorf("found %+v", found)
	}
	if kept, err := os.ReadFile(filepath.Join(b.secretsPath(), "cloud-token")); err != nil ||
		string(kept) != secretToken+"\n" {
		t.Errorf("the token was not kept: %v", err)
	}
	b.secretFreeBelow(t)
	// The reference works as well, and no further file is written.
	again := b.cloud()
	again.Token = found.Token
	if _, err := b.TryCloud(t.Context(), again, nil); err != nil {
		t.Error(err)
	}

	for name, c := range map[string]struct {
		change func(*control.SetupCloud)
		words  string
	}{
		"a wrong token": {func(c *control.SetupCloud) { c.Token = control.SecretOf("not-the-token") }, "401"},
		"an unset variable": {func(c *control.SetupCloud) { c.Token = control.SecretOf("env:DIRBRIDGE_NO_SUCH") },
			"DIRBRIDGE_NO_SUCH is not set"},
		"no organization": {func(c *control.SetupCloud) { c.Address = "acme" }, "not the id of an organization"},
		"plain http":      {func(c *control.SetupCloud) { c.Address = "http://scim.example.com/v2" }, "unencrypted"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newSetupBench(t, ldaptest.Options{})
			try := b.cloud()
			c.change(&try)
			_, err := b.TryCloud(t.Context(), try, nil)
			if err == nil || !strings.Contains(err.Error(), c.words) || identity.Remedy(err) == "" {
				t.Errorf("error %v, remedy %q", err, identity.Remedy(err))
			}
			if _, err := os.Stat(b.secretsPath()); !errors.Is(err, fs.ErrNotExist) {
				t.Error("a secret was kept that does not work")
			}
		})
	}
}

func TestSetupMakesTheAddressOfAnOrganization(t *testing.T) {
	const want = "https://webexapis.com/identity/scim/2b1f0c8e-5d1a-4c57-9f0e-8a2f6f9d3c10/v2"
	for _, id := range []string{"2b1f0c8e-5d1a-4c57-9f0e-8a2f6f9d3c10", " 2B1F0C8E-5D1A-4C57-9F0E-8A2F6F9D3C10 ",
		"Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi8yYjFmMGM4ZS01ZDFhLTRjNTctOWYwZS04YTJmNmY5ZDNjMTA", want} {
		if got, err := cloudAddress(control.SetupCloud{Kind: "webex", Address: id}); err != nil || got != want {
			t.Errorf("%q gives %q, %v", id, got, err)
		}
	}
}

func TestSetupTriesTheDirectory(t *testing.T) {
	b := newSetupBench(t, ldaptest.Options{TLS: true})
	found, err := b.TryDirectory(t.Context(), b.directory(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if found.Directory.BaseDN != "DC=corp,DC=example,DC=com" || found.Directory.Kind != "ad-ds" || found.Encrypted ||
		found.Choose {
		t.Errorf("found %+v", found)
	}
	if found.Password.Reference() != "file:"+filepath.Join(b.secretsPath(), "corp-bind-password") {
		t.Errorf("the password is at %v", found.Password)
	}
	b.secretFreeBelow(t)

	secure := b.directory()
	secure.Host, secure.Encryption = strings.TrimPrefix(b.dir.LDAPSURL(), "ldaps://"), control.SetupLDAPS
	_, err = b.TryDirectory(t.Context(), secure, nil)
	var untrusted *control.UntrustedError
	if !errors.As(err, &untrusted) || len(untrusted.Certificates) == 0 || len(untrusted.Certificates[0].SHA256) != 95 ||
		!strings.Contains(untrusted.Certificates[0].Issuer, "Directory Sandbox CA") {
		t.Fatalf("error %v", err)
	}
	if !strings.Contains(identity.Remedy(err), "ca_file") {
		t.Errorf("remedy %q", identity.Remedy(err))
	}
	if secure.CAFile, err = b.dir.CAFile(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	if found, err = b.TryDirectory(t.Context(), secure, nil); err != nil || !found.Encrypted {
		t.Errorf("found %+v, %v", found, err)
	}

	for name, c := range map[string]struct {
		change func(*control.SetupDirectory)
		words  string
	}{
		"a wrong password": {func(d *control.SetupDirectory) { d.Password = control.SecretOf("wrong") },
			"the user name or the password is wrong"},
		"no server there": {func(d *control.SetupDirectory) { d.Host = "127.0.0.1:1" }, "refused"},
		"nothing in DNS": {func(d *control.SetupDirectory) { d.Host, d.Encryption = "", control.SetupLDAPS },
			"corp.example.com"},
		"password for all": {func(d *control.SetupDirectory) { d.Host = "dc1.corp.example.com" },
			"where others can read them"},
		"no such file of CA": {func(d *control.SetupDirectory) { *d = secure; d.CAFile = "/no/such/file" }, "ca_file"},
	} {
		t.Run(name, func(t *testing.T) {
			try := b.directory()
			c.change(&try)
			_, err := b.TryDirectory(t.Context(), try, nil)
			if err == nil || !strings.Contains(err.Error(), c.words) || identity.Remedy(err) == "" ||
				strings.Contains(err.Error(), secretPassword) {
				t.Errorf("error %v, remedy %q", err, identity.Remedy(err))
			}
		})
	}
}

func TestSetupListsPartitions(t *testing.T) {
	b := newSetupBench(t, ldaptest.Options{Flavor: ldaptest.ADLDS, BaseDN: "CN=People,DC=lds",
		Partitions: []string{"CN=Other,DC=lds"}})
	d := b.directory()
	d.Kind, d.Domain = "ad-lds", ""
	found, err := b.TryDirectory(t.Context(), d, nil)
	if err != nil || !found.Choose || len(found.Partitions) < 2 {
		t.Fatalf("found %+v, %v", found, err)
	}
	d.Partition = found.Partitions[0]
	found, err = b.TryDirectory(t.Context(), d, nil)
	if err != nil || found.Choose || found.Directory.BaseDN != d.Partition {
		t.Errorf("found %+v, %v", found, err)
	}
}

// domainsInDNS is a resolver that knows the domain controllers of the domains.
type domainsInDNS map[string][]string

func (n domainsInDNS) LookupSRV(_ context.Context, _, _, name string) (string, []*net.SRV, error) {
	hosts := n[strings.TrimSuffix(strings.TrimPrefix(name, "dc._msdcs."), ".")]
	if len(hosts) == 0 {
		return "", nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	var records []*net.SRV
	for i, h := range hosts {
		records = append(records, &net.SRV{Target: h + ".", Port: 389, Priority: uint16(i)})
	}
	return "", records, nil
}

func (domainsInDNS) LookupHost(_ context.Context, host string) ([]string, error) {
	return []string{host}, nil
}

func TestSetupFindsDomains(t *testing.T) {
	g := &guide{resolver: domainsInDNS{"corp.example.com": {"DC1.corp.example.com", "dc2.corp.example.com"},
		"example.net": {"dc.example.net"}},
		names: func() []string {
			return append([]string{"berlin.corp.example.com"},
				searchList("nameserver 10.0.0.1\nsearch example.net corp.example.com\n")...)
		}}
	got, err := g.FindDomains(t.Context())
	want := []control.SetupDomain{{Name: "corp.example.com", Controllers: []string{"dc1.corp.example.com",
		"dc2.corp.example.com"}},
		{Name: "example.net", Controllers: []string{"dc.example.net"}}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
}

// TestSetupWritesTheConfiguration checks that a confirmed draft becomes a file with all its
// comments, and that a later choice changes only its own key.
func TestSetupWritesTheConfiguration(t *testing.T) {
	b := newSetupBench(t, ldaptest.Options{})
	d := b.confirmed(t)
	if err := b.Write(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	plain := func() string {
		text, err := os.ReadFile(b.path)
		if err != nil {
			t.Fatal(err)
		}
		// The host name and the alignment of the comments at the right vary.
		text = regexp.MustCompile(`(?m)^# name = .*?#`).ReplaceAll(text, []byte(`# name = "sync01" #`))
		text = regexp.MustCompile(` +# `).ReplaceAll(text, []byte("  # "))
		return strings.NewReplacer(b.stateDir, "/var/lib/dirbridge", b.sky.URL(),
			"https://webexapis.com/identity/scim/ORG/v2",
			strings.TrimPrefix(b.dir.URL(), "ldap://"), "dc1.corp.example.com").Replace(string(text))
	}
	golden := func(name, got string) {
		path := filepath.Join("testdata", "setup", name)
		if *updateGolden {
			if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(got), 0o644)); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if diff := cmp.Diff(string(want), got); err != nil || diff != "" {
			t.Errorf("%v %s", err, diff)
		}
	}
	golden("first.toml", plain())
	d.Written = true

	// An administrator's comment, and a setting that is changed after going back.
	text, _ := os.ReadFile(b.path)
	if err := os.WriteFile(b.path, append(text, "# mine\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	second := d.Directories[0]
	second.Name, second.Kind, second.Host, second.Port, second.Encryption, second.Partition = "lds", "ad-lds",
		"lds.example.com", "50000", control.SetupStartTLS, "CN=People,DC=lds"
	d.Directories[0].User = "other@corp.example.com"
	d.Directories = append(d.Directories, second)
	if err := b.Write(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	golden("later.toml", plain())
	c, err := config.Load(b.path, CheckMapping)
	if err != nil || len(c.Directories) != 2 ||
		c.Directories[1].Servers[0] != "ldap://lds.example.com:50000" || !c.Directories[1].StartTLS {
		t.Errorf("%+v, %v", c, err)
	}
	b.secretFreeBelow(t)
}

func TestSetupLeavesAFileOfOthersAlone(t *testing.T) {
	b := newSetupBench(t, ldaptest.Options{})
	d := b.confirmed(t)
	if err := b.Keep(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(b.path, []byte("# another\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := b.Write(t.Context(), d); !errors.Is(err, fs.ErrExist) || identity.Remedy(err) == "" {
		t.Errorf("error %v", err)
	}
	if text, _ := os.ReadFile(b.path); string(text) != "# another\n" {
		t.Error("it was overwritten")
	}
	if s, err := b.Resume(t.Context()); err != nil || s.Needed {
		t.Errorf("resumed %+v, %v", s, err)
	}
}

// TestSetupIsResumed checks that setup can be resumed after each step.
func TestSetupIsResumed(t *testing.T) {
	b := newSetupBench(t, ldaptest.Options{})
	state := func() control.SetupState {
		t.Helper()
		g := &guide{path: b.path, stateDir: b.stateDir, mine: map[string]bool{}} // as after a restart
		s, err := g.Resume(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if s := state(); !s.Needed || s.Draft.Written {
		t.Errorf("at first %+v", s)
	}
	typed := control.SetupDraft{Cloud: b.cloud()}
	if err := b.Keep(t.Context(), typed); err != nil {
		t.Fatal(err)
	}
	if s := state(); s.Draft.Cloud.Address != b.sky.URL() || !s.Draft.Cloud.Token.IsZero() {
		t.Errorf("of what was typed %+v", s)
	}
	b.secretFreeBelow(t)
	d := b.confirmed(t)
	d.Cloud.Organization.Name = "Acme"
	for _, step := range []func(){
		func() {},
		func() { d.Written = true; d.Directories[0].Keytab = "" },
		func() { d.Containers = true },
		func() { d.Policy = true },
		func() { d.Editing = &control.SetupDirectory{Name: "lds", Kind: "ad-lds"} },
	} {
		step()
		if d.Written {
			unwritten := d
			unwritten.Written = d.Containers
			if err := b.Write(t.Context(), unwritten); err != nil {
				t.Fatal(err)
			}
		}
		if err := b.Keep(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(d, state().Draft, cmp.Comparer(func(a, b control.Secret) bool { return a == b })); diff != "" {
			t.Error(diff)
		}
	}
	if err := b.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := state(); s.Needed {
		t.Errorf("at the end %+v", s)
	}
	b.secretFreeBelow(t)
}

// TestSetupOverwritesNoSecretOfAnother checks that the file of a secret belongs to one
// configuration.
func TestSetupOverwritesNoSecretOfAnother(t *testing.T) {
	b := newSetupBench(t, ldaptest.Options{})
	first, err := b.TryDirectory(t.Context(), b.directory(), nil)
	if err != nil {
		t.Fatal(err)
	}
	other := &guide{path: b.path + "2", stateDir: b.stateDir, resolver: domainsInDNS{}, mine: map[string]bool{}}
	second, err := other.TryDirectory(t.Context(), b.directory(), nil)
	if err != nil {
		t.Fatal(err)
	}
	again, err := b.TryDirectory(t.Context(), b.directory(), nil)
	if err != nil || first.Password != again.Password || first.Password == second.Password {
		t.Errorf("%v, %v, %v, %v", first.Password, second.Password, again.Password, err)
	}
}

// TestFirstStartInPlainLines goes from no file to enabled synchronization in plain lines, without a
// terminal, against both embedded servers. It quits in the middle and resumes.
func TestFirstStartInPlainLines(t *testing.T) {
	b := newSetupBench(t, ldaptest.Options{Rights: ldaptest.Rights{Replicate: true, ReadDeleted: true}})
	if err := b.dir.Load(sample.New(sample.Options{People: 40})); err != nil {
		t.Fatal(err)
	}
	t.Setenv("STATE_DIRECTORY", b.stateDir)
	t.Setenv("TOKEN", secretToken)
	t.Setenv("WRONG", "not-the-token")
	t.Setenv("PASSWORD", secretPassword)
	user, _ := b.dir.Credentials()
	said := ""
	speak := func(lines ...string) {
		t.Helper()
		var out strings.Builder
		err := console(t.Context(), cli.ConsoleOptions{Accessible: true, Setup: b.guide,
			Input: strings.NewReader(strings.Join(lines, "\n") + "\n"), Output: &out,
			Opened: opener(t, b.path)})
		if said += out.String(); err != nil {
			t.Fatalf("%v\n%s", err, out.String())
		}
	}
	host := strings.TrimPrefix(b.dir.URL(), "ldap://")
	speak("1", "", b.sky.URL(), "", secretToken, "env:WRONG", "none", "1", "", "", "", "env:TOKEN", "", "1",
		"", "corp.example.com", host, "", user, "env:PASSWORD", "3", "", "1", "1", "q")
	speak("1", "", "", "", "", "1", "1", "", "", "", "1", "0")
	for _, want := range []string{"401", "Remedy: ", "It has 0 users, 0 groups.", "not encrypted",
		"Resumed where you left off.", "38 people added", "Synchronization is enabled.", "Main menu."} {
		if !strings.Contains(said, want) {
			t.Errorf("%q was not said:\n%s", want, said)
		}
	}
	if strings.Contains(said, secretToken) || strings.Contains(said, secretPassword) || strings.Contains(said, "\x1b") {
		t.Error("a secret was said, or a control character")
	}
	if b.sky.Stats().Writes != 0 {
		t.Error("the set-up wrote to the cloud")
	}
	if _, err := os.Stat(b.draftPath()); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the draft is left over")
	}
	b.secretFreeBelow(t)
	c, err := opener(t, b.path)()
	if err != nil {
		t.Fatal(err)
	}
	if m, err := c.Mode(t.Context()); err != nil || !m.Enabled {
		t.Errorf("%+v, %v", m, err)
	}
}

// opener returns a function that opens a configuration, closing the one that it opened before.
func opener(t *testing.T, path string) func() (control.Connector, error) {
	var last *cli.Session
	shut := func() {
		if last != nil {
			last.Close()
			last = nil
		}
	}
	t.Cleanup(shut)
	return func() (control.Connector, error) {
		shut()
		s, err := Open(t.Context(), path)
		if err != nil {
			return nil, err
		}
		last = s
		return s.Connector, nil
	}
}

// TestSetupSaysThatANamedFileIsMissing checks that a mistyped --config is noticed, and that the file
// that was meant is named.
func TestSetupSaysThatANamedFileIsMissing(t *testing.T) {
	b := newSetupBench(t, ldaptest.Options{})
	folder := filepath.Dir(b.path)
	b.usual = filepath.Join(folder, "usual.toml")
	for _, name := range []string{"usual.toml", "other.toml", "notes.txt"} {
		if err := writePrivate(filepath.Join(folder, name), nil); err != nil {
			t.Fatal(err)
		}
	}
	s, err := b.Resume(t.Context())
	want := []string{filepath.Join(folder, "other.toml"), b.usual}
	if diff := cmp.Diff(want, s.Near); err != nil || !s.Needed || !s.Named || diff != "" {
		t.Errorf("%+v, %v %s", s, err, diff)
	}
	b.path = b.usual
	if s, err = b.Resume(t.Context()); err != nil || s.Named || s.Needed {
		t.Errorf("of the usual file %+v, %v", s, err)
	}
}

func TestSetupChecksWhereItWrites(t *testing.T) {
	b := newSetupBench(t, ldaptest.Options{})
	for _, p := range b.Places(t.Context(), "") {
		if p.Problem != "" || p.Path == "" {
			t.Errorf("%+v", p)
		}
	}
	if _, err := os.Stat(filepath.Dir(b.path)); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the check made a folder")
	}
	if err := os.WriteFile(filepath.Dir(b.path), nil, 0o600); err != nil { // a file in the place of the folder
		t.Fatal(err)
	}
	if p := b.Places(t.Context(), ""); p[0].Problem == "" || p[0].Remedy == "" || p[1].Problem != "" {
		t.Errorf("%+v", p)
	}
	if p := b.Places(t.Context(), "no-such-account"); p[1].Problem == "" || p[1].Remedy == "" {
		t.Errorf("%+v", p)
	}
}

// TestSetupNamesTheEntryThatIsWrong checks that an error of a test can be shown at its field.
func TestSetupNamesTheEntryThatIsWrong(t *testing.T) {
	b := newSetupBench(t, ldaptest.Options{TLS: true})
	entry := func(err error) string {
		var e *control.EntryError
		errors.As(err, &e)
		if e == nil {
			t.Errorf("no entry: %v", err)
			return ""
		}
		return e.Entry
	}
	cloud := b.cloud()
	cloud.Token = control.SecretOf("not-the-token")
	if _, err := b.TryCloud(t.Context(), cloud, nil); entry(err) != "token" {
		t.Error(err)
	}
	secure := b.directory()
	secure.Host, secure.Encryption = strings.TrimPrefix(b.dir.LDAPSURL(), "ldaps://"), control.SetupLDAPS
	for want, change := range map[string]func(*control.SetupDirectory){
		"ca":       func(d *control.SetupDirectory) { *d = secure },
		"password": func(d *control.SetupDirectory) { d.Password = control.SecretOf("wrong") },
		"host":     func(d *control.SetupDirectory) { d.Host = "127.0.0.1:1" },
	} {
		d := b.directory()
		change(&d)
		if _, err := b.TryDirectory(t.Context(), d, nil); entry(err) != want {
			t.Errorf("%s: %v", want, err)
		}
	}
	var p control.SetupProgress
	if _, err := b.TryDirectory(t.Context(), b.directory(), &p); err != nil || len(p.Stages()) < 3 {
		t.Errorf("%v, %q", err, p.Stages())
	}
}

// TestSetupReadsDraftsOfOtherVersions checks that a draft of another version is resumed as far as it is
// understood, and that one that cannot be read is named with what can be done.
func TestSetupReadsDraftsOfOtherVersions(t *testing.T) {
	b := newSetupBench(t, ldaptest.Options{})
	write := func(path, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const earlier = `{"cloud": {"kind": "webex", "address": "2b1f0c8e", "token": "env:TOKEN", "proxy": "none",
		"confirmed": true, "organization": {"ID": "2b1f0c8e", "Name": "Acme"}},
		"directories": [{"name": "corp", "kind": "ad-ds", "encryption": "ldaps", "bind": "simple", "user": "svc@corp"}],
		"on_unmatched": "report", "written": false, "containers": false}`
	write(b.draftPath(), earlier)
	s, err := b.Resume(t.Context())
	if d := s.Draft; err != nil || !s.Needed || s.Lost != "" || d.Cloud.Address != "2b1f0c8e" || !d.Cloud.Confirmed ||
		len(d.Directories) != 1 || d.Directories[0].User != "svc@corp" {
		t.Errorf("resumed %+v, %v", s, err)
	}
	for _, damaged := range []string{"", earlier[:100], `{"directories": "corp"}`, "\x00\x00"} {
		write(b.draftPath(), damaged)
		s, err := b.Resume(t.Context())
		if err != nil || !s.Needed || s.Lost == "" || s.LostPath != b.draftPath() || len(s.Draft.Directories) != 0 {
			t.Errorf("of %q it resumed %+v, %v", damaged, s, err)
		}
		if strings.Contains(s.Lost, "control.") {
			t.Errorf("the names of types are no words for an administrator: %s", s.Lost)
		}
	}
	write(b.path, "")
	if s, err := b.Resume(t.Context()); s.Needed || err == nil || !strings.Contains(err.Error(), b.draftPath()) ||
		identity.Remedy(err) == "" {
		t.Errorf("beside a configuration it resumed %+v, %v", s, err)
	}
}
