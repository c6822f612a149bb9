package program

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dirbridge/cloud/scimtest"
	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/sync/record"
	"dirbridge/sync/schema"
	"dirbridge/sync/synctest/lab"
	"dirbridge/ui/cli"
)

// site is one configured connector between a real directory and a cloud, driven by
// its verbs alone.
type site struct {
	dir      *lab.Directory
	cloud    provider
	home     string
	config   string
	settings siteSettings
	clock    func() time.Time // of the connector's machine; nil is time.Now
}

// provider is a cloud that a site writes to.
type provider struct {
	kind, url, token string
	sandbox          *scimtest.Server // nil for another server
}

// siteSettings are what a test changes of the configuration. The zero value is the
// ordinary one.
type siteSettings struct {
	server   string // URL of the directory; its own by default
	user     string
	password string
	ca       string
	filter   string
	policy   string // lines of [policy]
	mapping  string // lines of [mapping]
	base     []string
	more     string // further lines of [[directory]]
	cloudURL string
}

// embedded is the embedded cloud, as Webex looks.
func embedded(t *testing.T) provider {
	t.Helper()
	s, err := scimtest.Start(t.Context(), scimtest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return provider{schema.KindWebex, s.URL(), s.Token(), s}
}

func scimmy(t *testing.T) provider {
	t.Helper()
	c := lab.Scimmy(t)
	return provider{kind: schema.KindSCIM, url: c.URL, token: c.Token}
}

// newSite writes the configuration file of a connector with an empty state.
func newSite(t *testing.T, d *lab.Directory, p provider, settings siteSettings) *site {
	t.Helper()
	s := &site{dir: d, cloud: p, home: t.TempDir()}
	s.config = filepath.Join(s.home, "dirbridge.toml")
	s.configure(t, settings)
	return s
}

// configure writes the configuration file anew; the state stays.
func (s *site) configure(t *testing.T, settings siteSettings) {
	t.Helper()
	s.settings = settings
	or := func(v, otherwise string) string {
		if v != "" {
			return v
		}
		return otherwise
	}
	secret := func(name, value string) string {
		path := filepath.Join(s.home, name)
		if err := os.WriteFile(path, []byte(value), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	var bases []string
	for _, b := range settings.base {
		bases = append(bases, fmt.Sprintf("%q", b))
	}
	text := fmt.Sprintf("[connector]\nname = \"test\"\nstate_dir = %q\n", filepath.Join(s.home, "state")) +
		fmt.Sprintf("[[directory]]\nname = \"corp\"\nservers = [%q]\nbind_user = %q\nbind_password = %q\nca_file = %q\nuser_filter = %q\nbase_dns = [%s]\n%s\n",
			or(settings.server, s.dir.URL), or(settings.user, s.dir.User), "file:"+secret("bind-password", or(settings.password, s.dir.Password)),
			settings.ca, settings.filter, strings.Join(bases, ","), settings.more) +
		fmt.Sprintf("[cloud]\nkind = %q\nbase_url = %q\ntoken = %q\nproxy = \"none\"\n", s.cloud.kind, or(settings.cloudURL, s.cloud.url), "file:"+secret("token", s.cloud.token)) +
		"[mapping]\n" + settings.mapping + "\n[policy]\n" + settings.policy + "\n"
	if err := os.WriteFile(s.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// said is what a verb answered.
type said struct {
	code     int
	out, err string
}

// run runs one verb as the command line would, with --json.
func (s *site) run(t *testing.T, args ...string) said {
	t.Helper()
	return s.runContext(t.Context(), args...)
}

func (s *site) runContext(ctx context.Context, args ...string) said {
	var out, errs bytes.Buffer
	code := cli.Main(ctx, append(args, "--json", "--no-input", "--config", s.config),
		cli.Program{Version: "test", Open: s.open, Check: checkMapping, Stdout: &out, Stderr: &errs})
	return said{code, out.String(), errs.String()}
}

func (s *site) open(ctx context.Context, path string) (*cli.Session, error) {
	if s.clock == nil {
		return open(ctx, path)
	}
	return openAt(ctx, path, s.clock)
}

// must runs a verb that ends with the code.
func (s *site) must(t *testing.T, code int, args ...string) said {
	t.Helper()
	got := s.run(t, args...)
	if got.code != code {
		t.Fatalf("%s: exit code %d, want %d\n%s%s", strings.Join(args, " "), got.code, code, got.err, got.out)
	}
	return got
}

// planned is what plan --json prints.
type planned struct {
	ID        string
	Digest    string
	Complete  bool
	Removals  int64
	Counts    record.Counts
	Holds     []control.Hold
	Problems  []identity.Problem
	Unmatched []control.Unmatched
	Withheld  []control.Withheld
}

// plan makes a plan that must end with the code, saved to a file.
func (s *site) plan(t *testing.T, code int) (p planned, file string) {
	t.Helper()
	f, err := os.CreateTemp(s.home, "plan-*.plan")
	if err != nil {
		t.Fatal(err)
	}
	file = f.Name()
	f.Close()
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	parse(t, s.must(t, code, "plan", "--out", file).out, &p)
	return p, file
}

// settled makes sure that there is nothing to do.
func (s *site) settled(t *testing.T) planned {
	t.Helper()
	var p planned
	got := s.run(t, "plan")
	parse(t, got.out, &p)
	if got.code != 0 || p.Counts.Writes() != 0 || !p.Complete || len(p.Holds) != 0 {
		t.Fatalf("plan after a synchronization: exit code %d\n%s%s", got.code, got.err, got.out)
	}
	return p
}

// sync synchronizes to the end.
func (s *site) sync(t *testing.T) record.Run {
	t.Helper()
	var r record.Run
	parse(t, s.must(t, 0, "sync").out, &r)
	if r.Outcome != record.Done || r.Failed+r.Skipped+r.NotDone != 0 {
		t.Fatalf("sync: %+v", r)
	}
	return r
}

// line is a line of show --changes --json.
type line struct {
	Seq    int64
	Action string
	Kind   string
	Key    string
	DN     string
	Anchor string
	ID     string
	Fields []struct {
		Name     string
		Old, New any
	}
	Reason string
	Cause  string
	Member string
}

// changes lists a saved plan's.
func (s *site) changes(t *testing.T, file string) []line {
	t.Helper()
	var lines []line
	d := json.NewDecoder(strings.NewReader(s.must(t, 0, "show", file, "--changes").out))
	for d.More() {
		var l line
		if err := d.Decode(&l); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, l)
	}
	return lines
}

func parse(t *testing.T, text string, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), v); err != nil {
		t.Fatalf("%v in %q", err, text)
	}
}

// The main job on real servers: everything into the cloud, nothing the second time,
// and then exactly what an administrator changed.
func TestSambaIntoTheEmbeddedCloud(t *testing.T) {
	mainJob(t, lab.Samba(t, lab.Company(5000, 100)), embedded(t), 5000, false)
}

func TestSambaIntoSCIMMY(t *testing.T) {
	mainJob(t, lab.Samba(t, lab.Company(1000, 40)), scimmy(t), 1000, true)
}

func TestOpenLDAPIntoTheEmbeddedCloud(t *testing.T) {
	mainJob(t, lab.Slapd(t, lab.Company(1500, 60)), embedded(t), 1500, true)
}

func mainJob(t *testing.T, d *lab.Directory, p provider, people int, thorough bool) {
	t.Cleanup(d.Close)
	s := newSite(t, d, p, siteSettings{})
	r := s.sync(t)
	if r.Counts.Users.Add != int64(people) {
		t.Errorf("%d people were added, want %d", r.Counts.Users.Add, people)
	}
	s.settled(t)
	w := &world{site: s, left: map[string]account{}, thorough: thorough}
	w.equal(t)
	for _, e := range edits() {
		if !thorough && !e.main {
			continue
		}
		if !t.Run(e.name, func(t *testing.T) { w.edit(t, e) }) {
			t.FailNow() // what follows builds on it
		}
	}
	s.settled(t)
	w.equal(t)
	if p.sandbox != nil {
		neverTwice(t, p.sandbox)
	}
}

// neverTwice makes sure that no account and no group was asked for twice.
func neverTwice(t *testing.T, s *scimtest.Server) {
	t.Helper()
	stats := s.Stats()
	for key, n := range stats.Creates {
		if n > 1 {
			t.Errorf("%s was created %d times", key, n)
		}
	}
	if len(stats.Deletes) > 0 {
		t.Errorf("deleted: %v", stats.Deletes)
	}
}
