package plain

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dirbridge/sync/control"
	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/record"
	"dirbridge/ui/look"
)

// fakeSetup is a setup whose behavior a test sets. It accepts rightSecret and references as
// secrets.
type fakeSetup struct {
	state   control.SetupState
	tried   []control.SetupDirectory
	written []control.SetupDraft
	domains []control.SetupDomain
	failing map[string]error
	ended   bool
}

const rightSecret, wrongSecret = "very-hidden-token", "mistyped-token"

func newFakeSetup() *fakeSetup {
	return &fakeSetup{failing: map[string]error{},
		state: control.SetupState{Needed: true, Path: "/etc/dirbridge/dirbridge.toml", StateDir: "/var/lib/dirbridge",
			SecretIn: "/var/lib/dirbridge/secrets", Account: "dirbridge"},
		domains: []control.SetupDomain{{Name: "corp.example.com", Controllers: []string{"dc1.corp.example.com",
			"dc2.corp.example.com"}}, {Name: "example.net", Controllers: []string{"dc.example.net"}}}}
}

func (f *fakeSetup) Resume(context.Context) (control.SetupState, error) {
	s := f.state
	s.Draft = s.Draft.Clone()
	return s, f.failing["Resume"]
}

func (f *fakeSetup) Keep(_ context.Context, d control.SetupDraft) error {
	if d.Cloud.Token.Typed() != "" {
		d.Cloud.Token = control.Secret{}
	}
	if d.Editing != nil && d.Editing.Password.Typed() != "" {
		d.Editing.Password = control.Secret{}
	}
	if f.failing["Keep"] == nil {
		f.state.Draft = d
	}
	return f.failing["Keep"]
}

func (f *fakeSetup) TryCloud(_ context.Context, c control.SetupCloud,
	_ *control.SetupProgress) (control.SetupCloudFound, error) {
	found := control.SetupCloudFound{Organization: identity.Organization{ID: "2b1f", Name: "Acme", Kind: "webex"},
		Users: 48112, Groups: 512, Token: c.Token}
	switch typed := c.Token.Typed(); {
	case typed == rightSecret:
		found.Token = control.SecretOf("file:/var/lib/dirbridge/secrets/cloud-token")
	case typed != "" || c.Token.Reference() == "env:WRONG":
		return found, &identity.Failure{Remedy: "The token is wrong or has expired. Make a new one.",
			Err: errors.New("the cloud answered 401 Unauthorized")}
	}
	return found, nil
}

func (f *fakeSetup) KeepSignIn(context.Context) error { return nil }

func (f *fakeSetup) FindDomains(context.Context) ([]control.SetupDomain, error) {
	return f.domains, nil
}

func (f *fakeSetup) TryDirectory(_ context.Context, d control.SetupDirectory,
	_ *control.SetupProgress) (control.SetupDirectoryFound, error) {
	f.tried = append(f.tried, d)
	found := control.SetupDirectoryFound{Directory: identity.Directory{Name: d.Name, Kind: d.Kind,
		Product: "Active Directory", Server: "ldaps://dc1.corp.example.com", BaseDN: "DC=corp,DC=example,DC=com"},
		Account: d.User, Encrypted: d.Encryption != control.SetupPlaintext, Password: d.Password}
	if d.Password.Typed() != "" {
		found.Password = control.SecretOf("file:/var/lib/dirbridge/secrets/corp-bind-password")
	}
	if found.Choose = d.Kind == "ad-lds" && d.Partition == ""; found.Choose {
		found.Partitions = []string{"CN=People,DC=lds", "CN=Other,DC=lds"}
	}
	if d.Encryption == control.SetupLDAPS && d.CAFile == "" && d.Kind == "ad-ds" {
		return found, &control.UntrustedError{Err: &identity.Failure{Remedy: "Set ca_file to the certificate of the " +
			"authority.", Err: errors.New("the server's certificate is from an authority that this machine does not trust")},
			Certificates: []control.Certificate{{Subject: "CN=dc1", Issuer: "CN=Corp CA", NotAfter: noon.AddDate(1, 0, 0),
				SHA256: "00" + strings.Repeat(":1F", 31)}}}
	}
	return found, nil
}

func (f *fakeSetup) Places(_ context.Context, account string) []control.SetupPlace {
	if account == "other" {
		return []control.SetupPlace{{What: "State", Path: f.state.StateDir, Problem: "other cannot use it",
			Remedy: "Run: chown -R other " + f.state.StateDir}}
	}
	return nil
}

func (f *fakeSetup) Write(_ context.Context, d control.SetupDraft) error {
	if err := f.failing["Write"]; err != nil {
		return err
	}
	f.written = append(f.written, d)
	return nil
}

func (f *fakeSetup) Finish(context.Context) error { f.ended = true; return f.failing["Finish"] }

// engineToSetUp is an engine that can be enabled after a dry run.
type engineToSetUp struct{ *fake }

func (e engineToSetUp) Start(r control.Request) error {
	e.mode = control.ModeStatus{MayEnable: true, DryRun: &control.DryRun{At: noon,
		Counts: record.Counts{Users: record.ObjectCounts{Add: 118, Match: 45689, Unmatched: 38, Problem: 14}},
		Holds:  []facts.DryRunHold{{Detail: "Delete threshold (20) exceeded.", Remedy: "Look at who they are."}}}}
	return e.fake.Start(r)
}

// setUp runs the mode on lines; typed says that they come from a terminal that can hide them.
func setUp(t testing.TB, f *fakeSetup, typed bool, script string) (string, *fake) {
	t.Helper()
	engine := engineToSetUp{newFake(t)}
	engine.mode = control.ModeStatus{WhyNot: "no dry run yet", Remedy: "Make a dry run first."}
	var out bytes.Buffer
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s := newSession(ctx, Options{Version: "1.0.0", Setup: f, Input: strings.NewReader(script), Output: &out,
		Opened: func() (control.Connector, error) {
			if f.failing["Open"] != nil {
				return nil, f.failing["Open"]
			}
			return engine, nil
		}}, func(string) string { return "" }, func() time.Time { return noon })
	if s.interactive = typed; typed {
		hidden := 0
		s.hide = func() (func(), error) {
			hidden++
			return func() { hidden-- }, nil
		}
		defer func() {
			if hidden != 0 {
				t.Error("the terminal is left without echo")
			}
		}()
	}
	if err := s.run(); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{rightSecret, wrongSecret} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("a secret was said:\n%s", out.String())
		}
	}
	return out.String(), engine.fake
}

const (
	cloudWrong   = "<enter> 2b1f <enter> <enter> mistyped-token env:WRONG <enter> 1 " // typed where it would be shown
	cloudRight   = "<enter> <enter> <enter> env:TOKEN <enter> 1 "
	directory    = "<enter> 1 <enter> <enter> svc@corp.example.com file:/run/secrets/bind <enter> <enter> <enter> 1 "
	directoryCA  = "<enter> <enter> <enter> <enter> <enter> <enter> <enter> /etc/ssl/corp.pem <enter> 1 1 "
	laterSteps   = "2 1 t_2 b b 4 1 <enter> 2 <enter> <enter> 1 2 b 1 <enter> 2 <enter> other 1 0 "
	stepsInAll   = cloudWrong + cloudRight + directory + directoryCA + laterSteps
	throughCloud = "<enter> 2b1f <enter> env:TOKEN <enter> 1 "
)

// TestSetUpTranscript goes through all steps, with a wrong token and an untrusted certificate on
// the way.
func TestSetUpTranscript(t *testing.T) {
	f := newFakeSetup()
	got, engine := setUp(t, f, false, lines(stepsInAll))
	path := filepath.Join("testdata", "setup.golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if diff := cmp.Diff(string(want), got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	plainLines(t, got, usualWidth)
	if !f.ended || !engine.mode.Enabled || len(f.written) != 1 || len(engine.saved) != 3 ||
		engine.saved[1].Values["policy.on_unmatched"] != "deactivate" ||
		engine.saved[2].Values["schedule.full"] != "Tue 02:00" {
		t.Errorf("ended %v, mode %+v, written %+v, saved %+v", f.ended, engine.mode, f.written, engine.saved)
	}
}

// TestSetUpIsLeftAndResumed checks that setup can be quit after any line and resumes there, and
// that it does not ask again for typed secrets that were tested.
func TestSetUpIsLeftAndResumed(t *testing.T) {
	f := newFakeSetup()
	out, _ := setUp(t, f, true, lines("<enter> 2b1f <enter> mistyped-token <enter> q"))
	if !strings.Contains(out, "Unauthorized\nRemedy: The token") ||
		!strings.Contains(out, "Remedy: The token is wrong") || !strings.Contains(out, "Type it again") {
		t.Error(out)
	}
	out, _ = setUp(t, f, true, lines("<enter> <enter> <enter> very-hidden-token <enter> 1 q"))
	if !strings.Contains(out, "Resumed where you left") || !strings.Contains(out, "Organization, or Enter for 2b1f:") ||
		!f.state.Draft.Cloud.Confirmed ||
		f.state.Draft.Cloud.Token.Reference() == "" {
		t.Errorf("%+v\n%s", f.state.Draft, out)
	}
	out, _ = setUp(t, f, true, lines("<enter> 2 dc9 <enter> svc very-hidden-token 2 ~/ca.pem q"))
	if !strings.Contains(out, "CA file: "+look.HomePath("~/ca.pem")+".") ||
		!strings.Contains(out, "Step 2 of 6: Directory.") || f.state.Draft.Editing == nil ||
		f.state.Draft.Editing.Domain != "example.net" || f.state.Draft.Editing.User != "svc" {
		t.Errorf("%+v\n%s", f.state.Draft.Editing, out)
	}
	out, _ = setUp(t, f, true,
		lines("<enter> <enter> <enter> <enter> <enter> very-hidden-token <enter> <enter> <enter> 1 1 q"))
	if !f.state.Draft.Written || len(f.tried) != 1 || f.tried[0].Host != "dc9" ||
		f.tried[0].Encryption != control.SetupStartTLS || f.tried[0].Name != "example" {
		t.Errorf("%+v, %+v\n%s", f.state.Draft, f.tried, out)
	}
	out, engine := setUp(t, f, true, lines("2 1 t_1 q")) // quitting saves the ticks
	if !strings.Contains(out, "Step 3 of 6: What is synchronized.") || len(engine.saved) != 1 ||
		len(engine.saved[0].Directories[0].ExcludeDNs) != 1 {
		t.Errorf("%+v\n%s", engine.saved, out)
	}
	out, engine = setUp(t, f, true, lines("1 <enter> <enter> <enter> <enter> b 1 q"))
	if !strings.Contains(out, "Step 4 of 6: What happens to people removed.") || !f.state.Draft.Containers ||
		engine.mode.Enabled {
		t.Errorf("%+v\n%s", f.state.Draft, out)
	}
	out, engine = setUp(t, f, true, lines("1 1 <enter> <enter> <enter> 2 0"))
	if !strings.Contains(out, "Step 5 of 6: First dry run.") || !strings.Contains(out,
		"The set-up is done; synchronization is disabled.") || engine.mode.Enabled || !f.ended {
		t.Error(out)
	}
}

func TestSetUpOfAPartitionWithoutEncryption(t *testing.T) {
	f := newFakeSetup()
	out, _ := setUp(t, f, false,
		lines(throughCloud+"2 lds.example.com 50000 <enter> CN=svc file:/x 3 no b 3 1 lds 2 1 1 q"))
	if len(f.written) != 1 {
		t.Fatal(out)
	}
	if d := f.written[0].Directories[0]; d.Partition != "CN=Other,DC=lds" || !d.Plaintext || d.Port != "50000" ||
		d.Name != "lds" {
		t.Errorf("%+v\n%s", d, out)
	}
}

func TestSetUpSaysWhatFails(t *testing.T) {
	f := newFakeSetup()
	no := func(text string) error { return &identity.Failure{Remedy: "Fix it.", Err: errors.New(text)} }
	f.failing["Keep"], f.failing["Write"] = no("no place for the draft"), no("no place for the file")
	out, _ := setUp(t, f, true, lines(throughCloud+"<enter> 1 <enter> <enter> svc env:P 2 <enter> <enter> 1 1 q"))
	for _, text := range []string{"Error: The draft was not kept: no place", "did not succeed: no place for the file",
		"Error: Your entries cannot be kept", "Remedy: Fix it."} {
		if !strings.Contains(strings.Join(strings.Fields(out), " "), text) {
			t.Errorf("%q is not said:\n%s", text, out)
		}
	}
}
