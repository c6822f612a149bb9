package site

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
	"dirbridge/ldap/ldaptest/lab"
	"dirbridge/program"
	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/sync/record"
	"dirbridge/ui/cli"
)

// Site is one configured connector between a real directory and a cloud, driven only by its verbs.
type Site struct {
	Dir      *lab.Directory
	Cloud    Cloud
	Home     string
	Config   string
	Settings Settings
	Clock    func() time.Time // of the connector's machine; nil is time.Now
	Patient  bool             // it waits for the cloud as long as asked; otherwise waiting takes no time
}

// Cloud is a cloud to which a site writes.
type Cloud struct {
	Kind, URL, Token string
	Sandbox          *scimtest.Server // nil for another server
}

// Settings are a test's changes to the configuration. The zero value is the usual configuration.
type Settings struct {
	Server   string // URL of the directory; the default is its own
	User     string
	Password string
	CA       string
	Filter   string
	Policy   string // lines of [policy]
	Mapping  string // lines of [mapping]
	Base     []string
	More     string // more lines of [[directory]]
	CloudURL string
	Proxy    string // of the cloud; the default is none
	// MoreCloud has more lines of [cloud].
	MoreCloud string
}

// New writes the configuration file of a connector with an empty state.
func New(t *testing.T, d *lab.Directory, p Cloud, settings Settings) *Site {
	t.Helper()
	s := &Site{Dir: d, Cloud: p, Home: t.TempDir()}
	s.Config = filepath.Join(s.Home, "dirbridge.toml")
	s.Configure(t, settings)
	return s
}

// Configure rewrites the configuration file; the state stays.
func (s *Site) Configure(t *testing.T, settings Settings) {
	t.Helper()
	s.Settings = settings
	or := func(v, otherwise string) string {
		if v != "" {
			return v
		}
		return otherwise
	}
	secret := func(name, value string) string {
		path := filepath.Join(s.Home, name)
		if err := os.WriteFile(path, []byte(value), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	var bases []string
	for _, b := range settings.Base {
		bases = append(bases, fmt.Sprintf("%q", b))
	}
	text := fmt.Sprintf("[connector]\nname = \"test\"\nstate_dir = %q\n", filepath.Join(s.Home, "state")) +
		fmt.Sprintf("[[directory]]\nname = \"corp\"\nservers = [%q]\nbind_user = %q\nbind_password = %q\nca_file = "+
			"%q\nuser_filter = %q\nbase_dns = [%s]\n%s\n",
			or(settings.Server, s.Dir.URL), or(settings.User, s.Dir.User), "file:"+secret("bind-password",
				or(settings.Password, s.Dir.Password)),
			settings.CA, settings.Filter, strings.Join(bases, ","), settings.More) +
		fmt.Sprintf("[cloud]\nkind = %q\nbase_url = %q\ntoken = %q\nproxy = %q\n%s\n", s.Cloud.Kind,
			or(settings.CloudURL, s.Cloud.URL), "file:"+secret("token", s.Cloud.Token), or(settings.Proxy, "none"),
			settings.MoreCloud) +
		"[mapping]\n" + settings.Mapping + "\n[policy]\n" + settings.Policy + "\n"
	if err := os.WriteFile(s.Config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Answer is the result of a verb.
type Answer struct {
	Code     int
	Out, Err string
}

// Run runs one verb like the command line, with --json.
func (s *Site) Run(t *testing.T, args ...string) Answer {
	t.Helper()
	return s.RunContext(t.Context(), args...)
}

func (s *Site) RunContext(ctx context.Context, args ...string) Answer {
	var out, errs bytes.Buffer
	code := cli.Main(ctx, append(args, "--json", "--no-input", "--config", s.Config),
		cli.Program{Version: "test", Open: s.Open, Check: program.CheckMapping, Stdout: &out, Stderr: &errs})
	return Answer{code, out.String(), errs.String()}
}

func (s *Site) Open(ctx context.Context, path string) (*cli.Session, error) {
	clock := s.Clock
	if clock == nil {
		clock = time.Now
	}
	if s.Patient {
		return program.OpenAt(ctx, path, clock, nil)
	}
	return program.OpenAt(ctx, path, clock, &Hasty{})
}

// Must runs a verb that must end with the code.
func (s *Site) Must(t *testing.T, code int, args ...string) Answer {
	t.Helper()
	got := s.Run(t, args...)
	if got.Code != code {
		t.Fatalf("%s: exit code %d, want %d\n%s%s", strings.Join(args, " "), got.Code, code, got.Err, got.Out)
	}
	return got
}

// Plan is the output of plan --json.
type Plan struct {
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

// Plan makes a plan that must end with the code, saved to a file.
func (s *Site) Plan(t *testing.T, code int) (p Plan, file string) {
	t.Helper()
	f, err := os.CreateTemp(s.Home, "plan-*.plan")
	if err != nil {
		t.Fatal(err)
	}
	file = f.Name()
	f.Close()
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	Parse(t, s.Must(t, code, "plan", "--out", file).Out, &p)
	return p, file
}

// Settled checks that there is nothing to do.
func (s *Site) Settled(t *testing.T) Plan {
	t.Helper()
	var p Plan
	got := s.Run(t, "plan")
	Parse(t, got.Out, &p)
	if got.Code != 0 || p.Counts.Writes() != 0 || !p.Complete || len(p.Holds) != 0 {
		t.Fatalf("plan after a synchronization: exit code %d\n%s%s", got.Code, got.Err, got.Out)
	}
	return p
}

// Sync synchronizes completely.
func (s *Site) Sync(t *testing.T) record.Run {
	t.Helper()
	var r record.Run
	Parse(t, s.Must(t, 0, "sync").Out, &r)
	if r.Outcome != record.Done || r.Failed+r.Skipped+r.NotDone != 0 {
		t.Fatalf("sync: %+v", r)
	}
	return r
}

// Change is a line of show --changes --json.
type Change struct {
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

// Changes lists the changes of a saved plan.
func (s *Site) Changes(t *testing.T, file string) []Change {
	t.Helper()
	var lines []Change
	d := json.NewDecoder(strings.NewReader(s.Must(t, 0, "show", file, "--changes").Out))
	for d.More() {
		var l Change
		if err := d.Decode(&l); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, l)
	}
	return lines
}

func Parse(t *testing.T, text string, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), v); err != nil {
		t.Fatalf("%v in %q", err, text)
	}
}
