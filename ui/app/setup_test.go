package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
	"dirbridge/ui/look"
	"dirbridge/ui/uitest"
)

// fakeSetup is a setup whose behavior a test sets.
type fakeSetup struct {
	state   control.SetupState
	kept    []control.SetupDraft
	written []control.SetupDraft
	cloud   control.SetupCloudFound
	dir     control.SetupDirectoryFound
	domains []control.SetupDomain
	tried   []control.SetupDirectory
	failing map[string]error // by method
	ended   bool
	signIns int // that were stored
	code    *control.SignInCode
}

const setupFile = "/etc/dirbridge/dirbridge.toml"

func newFakeSetup() *fakeSetup {
	return &fakeSetup{
		state: control.SetupState{Needed: true, Path: setupFile, StateDir: "/var/lib/dirbridge",
			SecretIn: "/var/lib/dirbridge/secrets", Account: "dirbridge"},
		cloud: control.SetupCloudFound{Organization: identity.Organization{ID: "2b1f0c8e-5d1a-4c57-9f0e-8a2f6f9d3c10",
			Name: "Acme", Kind: "webex", URL: "https://webexapis.com/identity/scim/2b1f0c8e-5d1a-4c57-9f0e-8a2f6f9d3c10/v2"},
			Users: 48112, Groups: 512},
		dir: control.SetupDirectoryFound{Directory: identity.Directory{Name: "corp", Kind: "ad-ds",
			Product: "Active Directory", Server: "ldaps://dc1.corp.example.com", BaseDN: "DC=corp,DC=example,DC=com"},
			Account: "svc-dirbridge@corp.example.com", Encrypted: true, Partitions: []string{"DC=corp,DC=example,DC=com"}},
		domains: []control.SetupDomain{{Name: "corp.example.com", Controllers: []string{"dc1.corp.example.com",
			"dc2.corp.example.com"}}, {Name: "example.com", Controllers: []string{"dc.example.com"}}},
		failing: map[string]error{},
	}
}

func (f *fakeSetup) Resume(context.Context) (control.SetupState, error) {
	s := f.state
	s.Draft = s.Draft.Clone()
	return s, f.failing["Resume"]
}

func (f *fakeSetup) Keep(_ context.Context, d control.SetupDraft) error {
	if err := f.failing["Keep"]; err != nil {
		return err
	}
	f.kept = append(f.kept, d)
	f.state.Draft = d
	return nil
}

func (f *fakeSetup) TryCloud(_ context.Context, c control.SetupCloud,
	p *control.SetupProgress) (control.SetupCloudFound, error) {
	p.Begin("Read the token")
	p.Begin("Sign in")
	found := f.cloud
	if c.Lasts() && f.code != nil {
		p.Show(*f.code)
	}
	if c.Lasts() {
		found.ClientSecret = control.SecretOf("file:/var/lib/dirbridge/secrets/client-secret")
	}
	if found.Token = c.Token; c.Token.Typed() != "" {
		found.Token = control.SecretOf("file:/var/lib/dirbridge/secrets/cloud-token")
	}
	return found, f.failing["TryCloud"]
}

func (f *fakeSetup) KeepSignIn(context.Context) error { f.signIns++; return f.failing["KeepSignIn"] }

func (f *fakeSetup) FindDomains(context.Context) ([]control.SetupDomain, error) {
	return f.domains, f.failing["FindDomains"]
}

func (f *fakeSetup) TryDirectory(_ context.Context, d control.SetupDirectory,
	_ *control.SetupProgress) (control.SetupDirectoryFound, error) {
	f.tried = append(f.tried, d)
	found := f.dir
	if found.Password = d.Password; d.Password.Typed() != "" {
		found.Password = control.SecretOf("file:/var/lib/dirbridge/secrets/" + d.Name + "-bind-password")
	}
	if found.Choose = d.Kind == "ad-lds" && d.Partition == ""; found.Choose {
		found.Partitions = []string{"CN=People,DC=lds", "CN=Other,DC=lds"}
	}
	return found, f.failing["TryDirectory"]
}

func (f *fakeSetup) Places(_ context.Context, account string) []control.SetupPlace {
	all := []control.SetupPlace{{What: "Configuration", Path: f.state.Path}, {What: "State", Path: f.state.StateDir},
		{What: "Secrets", Path: f.state.SecretIn}}
	if account == "other" || f.failing["Places"] != nil {
		all[1].Problem, all[1].Remedy = account+" cannot use it: it belongs to another account",
			"Run: chown -R "+account+" "+all[1].Path
	}
	return all
}

func (f *fakeSetup) Write(_ context.Context, d control.SetupDraft) error {
	if err := f.failing["Write"]; err != nil {
		return err
	}
	f.written = append(f.written, d)
	return nil
}

func (f *fakeSetup) Finish(context.Context) error { f.ended = true; return f.failing["Finish"] }

// openSetup starts a console that cannot open a connector yet.
func openSetup(t testing.TB, f *fakeSetup, width, height int, change ...func(*Options)) *console {
	t.Helper()
	engine := newFake()
	engine.status.Mode = control.ModeStatus{WhyNot: "no dry run yet", Remedy: "Make a dry run first."}
	opened := func(o *Options) {
		o.Connector, o.Setup = nil, f
		o.Opened = func() (control.Connector, error) { return engine, f.failing["Open"] }
	}
	return open(t, engine, width, height, append([]func(*Options){opened}, change...)...)
}

const setupSecret = "very-hidden-token"

// throughCloud and its siblings complete a step with the keyboard alone.
func throughCloud(c *console) {
	c.press("enter") // Webex
	c.text("2b1f0c8e-5d1a-4c57-9f0e-8a2f6f9d3c10")
	c.press("enter", "enter") // by a token
	c.text(setupSecret)
	c.press("enter", "enter", "enter") // proxy, test, confirm
}

func fillDirectory(c *console) {
	c.press("tab", "tab", "tab", "tab") // the kind, the domain, the controller, the sign-in
	c.text("svc-dirbridge@corp.example.com")
	c.press("enter")
	c.text(setupSecret)
	c.press("enter", "enter", "enter", "enter") // encryption, CA file, name, test
}

func throughDirectory(c *console) {
	fillDirectory(c)
	c.press("enter", "enter") // confirm, continue
}

func throughRemovals(c *console) { c.press("tab", "tab", "tab", "enter") }

func throughDryRun(c *console) {
	c.press("enter")
	m := &c.fake.status.Mode
	m.MayEnable, m.WhyNot, m.Remedy = true, "", ""
	m.DryRun = &control.DryRun{At: noon, Counts: record.Counts{Users: record.ObjectCounts{Add: 118, Update: 2301,
		Match: 45689, Unmatched: 38, Problem: 14}}}
	c.fake.plan = uitest.PlanOf(c.t, nil, uitest.Person(1, plan.Update))
	c.fake.end(control.Result{})
	c.beat()
}

func TestGoldenSetup(t *testing.T) {
	t.Parallel()
	scenes := []struct {
		name string
		play func(*console, *fakeSetup)
	}{
		{"setup-cloud", func(c *console, _ *fakeSetup) {
			c.press("enter")
			c.text("2b1f0c8e-5d1a-4c57-9f0e-8a2f6f9d3c10")
			c.press("enter", "enter")
			c.text(setupSecret)
		}},
		{"setup-cloud-wrong", func(c *console, f *fakeSetup) {
			f.failing["TryCloud"] = errTokenRefused
			throughCloud(c)
		}},
		{"setup-organization", func(c *console, _ *fakeSetup) { throughCloud(c); c.press("esc") }},
		{"setup-directory", func(c *console, _ *fakeSetup) { throughCloud(c) }},
		{"setup-untrusted", func(c *console, f *fakeSetup) {
			f.failing["TryDirectory"] = errUntrusted
			throughCloud(c)
			fillDirectory(c)
		}},
		{"setup-domain", func(c *console, _ *fakeSetup) { throughCloud(c); fillDirectory(c) }},
		{"setup-directories", func(c *console, _ *fakeSetup) { throughCloud(c); fillDirectory(c); c.press("enter") }},
		{"setup-containers", func(c *console, _ *fakeSetup) {
			throughCloud(c)
			throughDirectory(c)
			c.press("down", "space")
		}},
		{"setup-removals", func(c *console, _ *fakeSetup) {
			throughCloud(c)
			throughDirectory(c)
			c.press("a", "tab", "right", "right")
		}},
		{"setup-dryrun", func(c *console, _ *fakeSetup) {
			throughCloud(c)
			throughDirectory(c)
			c.press("a")
			throughRemovals(c)
			c.press("enter")
			c.beat()
		}},
		{"setup-shown", func(c *console, _ *fakeSetup) {
			throughCloud(c)
			throughDirectory(c)
			c.press("a")
			throughRemovals(c)
			throughDryRun(c)
		}},
		{"setup-schedule", func(c *console, _ *fakeSetup) {
			throughCloud(c)
			throughDirectory(c)
			c.press("a")
			throughRemovals(c)
			throughDryRun(c)
			c.press("enter", "tab", "space")
		}},
		{"setup-done", func(c *console, _ *fakeSetup) {
			throughCloud(c)
			throughDirectory(c)
			c.press("a")
			throughRemovals(c)
			throughDryRun(c)
			c.press("enter", "tab", "tab", "enter")
		}},
		{"setup-named", func(c *console, f *fakeSetup) {
			f.state.Named, f.state.Near = true, []string{"/etc/dirbridge/dirbridge.toml"}
			f.state.Path = "/etc/dirbrigde/dirbridge.toml"
			c.do(c.root.Init())
		}},
		{"setup-partitions", func(c *console, _ *fakeSetup) {
			throughCloud(c)
			c.press("right", "tab")
			c.text("lds.example.com")
			c.press("tab", "tab", "tab")
			c.text("CN=svc,DC=lds")
			c.press("tab")
			c.text(setupSecret)
			c.press("enter", "enter", "enter", "enter")
		}},
		{"setup-leave", func(c *console, _ *fakeSetup) {
			c.press("enter", "enter")
			c.text(setupSecret)
			c.press("esc")
		}},
	}
	for _, s := range scenes {
		t.Run(s.name, func(t *testing.T) {
			drawn := inEveryLook(t, func(width, height int, first look.Look) func(look.Look) []string {
				f := newFakeSetup()
				c := openSetup(t, f, width, height)
				c.do(c.root.useLook(first))
				s.play(c, f)
				return func(l look.Look) []string {
					c.do(c.root.useLook(l))
					return c.root.frame()
				}
			})
			if strings.Contains(drawn, setupSecret) {
				t.Error("a secret is on the screen")
			}
			golden(t, s.name, drawn)
		})
	}
}

var (
	errTokenRefused = &identity.Failure{Class: identity.Hold, Side: identity.InCloud,
		Remedy: "The token is wrong or has expired. Make a new one.",
		Err:    errors.New("the cloud answered 401 Unauthorized")}
	errUntrusted = &control.UntrustedError{Err: &identity.Failure{Class: identity.GiveUp,
		Remedy: "Set ca_file to the certificate of the authority that issued the server's certificate.",
		Err: errors.New("ldaps://dc1.corp.example.com: the server's certificate is from an authority (CN=Corp CA) that " +
			"this machine does not trust")},
		Certificates: []control.Certificate{{Subject: "CN=dc1.corp.example.com", Issuer: "CN=Corp CA",
			NotAfter: noon.AddDate(1, 0, 0), SHA256: "00" + strings.Repeat(":1F", 31)}}}
)

// TestSetupFromNothingToEnabled goes from nothing to an enabled schedule, with the keys alone.
func TestSetupFromNothingToEnabled(t *testing.T) {
	f := newFakeSetup()
	c := openSetup(t, f, 80, 24)
	c.shows("step 1 of 6", "Organization")
	throughCloud(c)
	c.shows("step 2 of 6", "corp.example.com   2 controllers", "[x]1 Cloud")
	fillDirectory(c)
	c.shows("Confirm domain", "signed in as svc-dirbridge@corp.example.com, encrypted")
	if d := f.tried[0]; d.Domain != "corp.example.com" || d.Name != "corp" ||
		d.User != "svc-dirbridge@corp.example.com" || d.Password.Typed() != setupSecret ||
		d.Encryption != control.SetupLDAPS {
		t.Errorf("tried %#v", d)
	}
	c.press("enter")
	if len(f.written) != 0 {
		t.Error("it was written before it was confirmed")
	}
	c.press("enter")
	if len(f.written) != 1 || f.written[0].Written {
		t.Fatalf("written %+v", f.written)
	}
	c.shows("step 3 of 6", "48,120 people", "a Confirm")
	c.press("right", "down", "down", "space", "a")
	if len(c.fake.saved) != 1 || len(c.fake.saved[0].Directories[0].ExcludeDNs) != 1 {
		t.Errorf("saved %+v", c.fake.saved)
	}
	c.shows("step 4 of 6", "Removed people", "Unmatched")
	c.press("tab", "right", "tab") // deactivate who is not matched
	c.press("ctrl+u")
	c.text("14")
	c.press("enter", "enter")
	v := c.fake.saved[1].Values
	if v["policy.on_unmatched"] != "deactivate" || v["policy.purge_after"] != "336h" {
		t.Errorf("saved %v", v)
	}
	c.shows("step 5 of 6", "No dry run yet", "Start the dry run")
	throughDryRun(c)
	if c.lastStarted().Mode != record.DryRun || c.lastStarted().Draft != nil {
		t.Errorf("started %+v", c.lastStarted())
	}
	c.shows("118 people added", "38 accounts have no match in any directory: to be deactivated")
	c.press("right", "enter")
	c.shows("[4Dry Run]", "[F2] returns")
	c.press("f2")
	c.shows("step 5 of 6")
	c.press("left", "enter")
	c.shows("step 6 of 6", "dirbridge run", "Service account", "/var/lib/dirbridge/secrets")
	c.press("tab", "right", "space", "tab", "tab", "enter") // Tuesday at two
	if at := c.fake.saved[2].Values["schedule.full"]; at != "Tue 02:00" {
		t.Errorf("full runs at %q", at)
	}
	c.shows("Synchronization is enabled", "dirbridge run --config "+setupFile)
	if c.fake.calls["Enable"] != 1 || !f.ended {
		t.Errorf("enabled %d times, ended %v", c.fake.calls["Enable"], f.ended)
	}
	kept := len(f.kept)
	c.press("enter")
	c.shows("[1Dashboard]")
	if len(f.kept) != kept {
		t.Error("the draft came back after the end")
	}
	for _, d := range slices.Concat(f.kept, f.written) {
		if text := fmt.Sprintf("%+v %#v", d, d); strings.Contains(text, setupSecret) {
			t.Errorf("a secret in %s", text)
		}
	}
}

// TestSetupGoesOnWhereItWasLeft checks that the set-up resumes at the step where it was quit.
func TestSetupGoesOnWhereItWasLeft(t *testing.T) {
	for at, step := range []struct {
		play func(*console)
		next string
	}{
		{func(c *console) { c.press("enter"); c.text("2b1f0c8e"); c.press("ctrl+c") }, "1 of 6"},
		{func(c *console) { throughCloud(c); c.press("tab"); c.press("ctrl+c") }, "2 of 6"},
		{func(c *console) { throughCloud(c); throughDirectory(c); c.press("q", "x") }, "3 of 6"},
		{func(c *console) { throughCloud(c); throughDirectory(c); c.press("a", "ctrl+c") }, "4 of 6"},
		{func(c *console) {
			throughCloud(c)
			throughDirectory(c)
			c.press("a")
			throughRemovals(c)
			c.press("q", "x")
		}, "5 of 6"},
	} {
		f := newFakeSetup()
		c := openSetup(t, f, 80, 24)
		step.play(c)
		if !c.quit {
			t.Fatalf("step %d is not left:\n%s", at, c.screen())
		}
		c = openSetup(t, f, 80, 24)
		c.shows("step "+step.next, "Resumed where you left off.")
		if at == 0 {
			c.shows("2b1f0c8e")
		}
	}
	// After the dry run, the state shows the next step.
	f := newFakeSetup()
	c := openSetup(t, f, 80, 24)
	throughCloud(c)
	throughDirectory(c)
	c.press("a")
	throughRemovals(c)
	c.press("ctrl+c")
	c = openSetup(t, f, 80, 24, func(o *Options) {
		o.Opened = func() (control.Connector, error) {
			e := newFake()
			e.status.Mode = control.ModeStatus{MayEnable: true, DryRun: &control.DryRun{At: noon}}
			return e, nil
		}
	})
	c.shows("step 6 of 6")
}

// TestSetupKeepsWhatIsTyped checks that a field is kept as soon as it is left, that the account of the
// service is kept, and that a step shows what was entered there after the operator went back.
func TestSetupKeepsWhatIsTyped(t *testing.T) {
	f := newFakeSetup()
	c := openSetup(t, f, 120, 40)
	c.press("enter")
	c.text("2b1f0c8e")
	c.press("tab") // and the program is killed
	c = openSetup(t, f, 120, 40)
	c.shows("Resumed where you left off.", "2b1f0c8e")
	f = newFakeSetup()
	c = openSetup(t, f, 120, 40)
	throughCloud(c)
	throughDirectory(c)
	c.press("a")
	c.press("tab", "tab", "tab", "ctrl+u")
	c.text("7%")
	c.press("esc")
	c.shows("step 3 of 6")
	c.press("a")
	c.shows("step 4 of 6", "7%")
	throughRemovals(c)
	throughDryRun(c)
	c.press("enter")
	c.shows("step 6 of 6")
	c.press("tab", "tab", "ctrl+u")
	c.text("svc-bridge")
	c.press("tab")
	dry := func(o *Options) {
		o.Opened = func() (control.Connector, error) {
			e := newFake()
			e.status.Mode = control.ModeStatus{MayEnable: true, DryRun: &control.DryRun{At: noon}}
			return e, nil
		}
	}
	c = openSetup(t, f, 120, 40, dry)
	c.shows("step 6 of 6", "svc-bridge")
}

// TestSetupNamesALostDraft checks that entries that cannot be read are named before the first step.
func TestSetupNamesALostDraft(t *testing.T) {
	f := newFakeSetup()
	f.state.Lost, f.state.LostPath = "unexpected end of JSON input.", setupFile+".setup"
	c := openSetup(t, f, 80, 24)
	c.shows("The entries of an earlier start cannot be read", setupFile+".setup", "Enter them again")
	c.press("enter")
	c.shows("step 1 of 6")
}

func TestSetupTellsWhatIsWrongAndTriesAgain(t *testing.T) { // P13
	f := newFakeSetup()
	c := openSetup(t, f, 80, 24)
	f.failing["TryCloud"] = errTokenRefused
	c.press("enter")
	c.text("2b1f0c8e-5d1a-4c57-9f0e-8a2f6f9d3c10")
	c.press("enter", "enter")
	c.text("wrong")
	c.press("enter", "enter")
	c.shows("! The test failed", "401", "Make a new one", "*****")
	delete(f.failing, "TryCloud")
	c.press("enter")
	c.shows("Confirm organization", "Acme (Webex)", "48,112 users, 512 groups",
		"file:/var/lib/dirbridge/secrets/cloud-token")
	c.lacks("401")
	c.press("enter")
	f.failing["TryDirectory"] = errUntrusted
	fillDirectory(c)
	c.shows("machine does not trust", "issued by CN=Corp", "SHA-256", " 00:1F:1F", ">CA file")
	c.text("/etc/ssl/corp.pem")
	c.lacks("does not trust")
	delete(f.failing, "TryDirectory")
	c.press("enter", "enter")
	c.shows("Confirm domain")
	f.failing["Write"] = errRefused
	c.press("enter", "enter")
	c.shows("The configuration was not written", "Check the bind account")
	delete(f.failing, "Write")
	f.failing["Open"] = errRefused
	c.press("enter")
	c.shows("step 3 of 6", "refused the password", "Try again")
	delete(f.failing, "Open")
	c.press("esc", "enter")
	c.shows("48,120 people")
}

func TestSetupOfSeveralDirectoriesAndPartitions(t *testing.T) {
	f := newFakeSetup()
	c := openSetup(t, f, 80, 24)
	throughCloud(c)
	fillDirectory(c)
	c.press("enter", "right", "enter") // confirm, add another
	c.shows("(*) AD DS", "> example.com")
	c.press("right") // AD LDS
	c.press("down")
	c.text("lds.example.com")
	c.press("enter")
	c.text("50001")
	c.press("enter", "enter")
	c.text("CN=svc,CN=People,DC=lds")
	c.press("enter")
	c.text(setupSecret)
	f.dir.Directory.Kind, f.dir.Directory.BaseDN = "ad-lds", "CN=Other,DC=lds"
	c.shows("Refresh")
	c.press("enter", "enter", "enter", "enter") // encryption, CA file, name, the partitions
	c.shows("CN=People,DC=lds", "CN=Other,DC=lds", "Use this partition")
	c.press("right", "tab", "tab", "tab", "tab", "tab", "tab", "tab", "enter")
	c.shows("Confirm directory")
	c.press("enter", "enter")
	d := f.written[0].Directories
	if len(d) != 2 || d[0].Name != "corp" || d[1].Name != "lds" || d[1].Partition != "CN=Other,DC=lds" ||
		d[1].Port != "50001" {
		t.Errorf("written %+v", d)
	}
}

// TestSetupWithoutEncryption checks that an unencrypted connection needs the operator's
// confirmation, except to this machine.
func TestSetupWithoutEncryption(t *testing.T) {
	f := newFakeSetup()
	c := openSetup(t, f, 80, 24)
	throughCloud(c)
	c.press("tab", "tab", "tab", "tab")
	c.text("svc")
	c.press("enter")
	c.text(setupSecret)
	c.press("enter", "right", "right", "tab", "tab", "tab", "enter")
	if len(f.tried) != 0 {
		t.Fatal("the password was sent in the clear")
	}
	c.shows("Unavailable", "others can read")
	c.press("up", "up", "space", "tab", "enter")
	if len(f.tried) != 1 || !f.tried[0].Plaintext {
		t.Errorf("tried %+v\n%s", f.tried, c.screen())
	}
}

func TestSetupOpensWithoutAConfigurationAlone(t *testing.T) {
	f := newFakeSetup()
	f.state.Needed = false
	c := openSetup(t, f, 80, 24)
	c.shows("Current Synchronization")
	f.state.Needed = true
	f.failing["Open"] = errRefused
	c = openSetup(t, f, 80, 24, func(o *Options) { o.ReadOnly = true })
	c.shows("refused the password")
	c.lacks("Set-Up")
	if len(f.kept) != 0 {
		t.Error("a console that only reads has kept something")
	}
}

// TestSetupStopsATest checks that a slow test can be stopped, and that its late answer is ignored.
func TestSetupStopsATest(t *testing.T) {
	f := newFakeSetup()
	c := openSetup(t, f, 80, 24)
	c.press("enter")
	c.text("2b1f0c8e-5d1a-4c57-9f0e-8a2f6f9d3c10")
	c.press("enter", "enter")
	c.text(setupSecret)
	c.press("enter")
	cmd := c.root.update(keyPress("enter"))
	c.shows("Testing the connection to the cloud", "[Esc] stops")
	c.press("x", "enter", "esc")
	c.shows("Stopped.", "Test connection")
	c.do(cmd)
	c.lacks("Confirm organization")
}

// TestSetupFitsEveryScreen checks that every screen is usable at every size, and that no line is
// too wide.
func TestSetupFitsEveryScreen(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{40, 10}, {60, 15}, {79, 13}, {80, 24}, {99, 30}, {100, 30}, {200, 50}} {
		f := newFakeSetup()
		c := openSetup(t, f, size[0], size[1])
		check := func() {
			t.Helper()
			frame := c.root.frame()
			if len(frame) != size[1] {
				t.Errorf("%v: %d lines", size, len(frame))
			}
			for _, line := range frame {
				if look.Width(line) > size[0] {
					t.Errorf("%v: %q", size, line)
				}
			}
		}
		check()
		f.failing["TryCloud"] = errTokenRefused
		throughCloud(c)
		c.shows("Test conn")
		check()
		delete(f.failing, "TryCloud")
		c.press("enter")
		c.shows("[>Confirm ]")
		c.press("enter")
		f.failing["TryDirectory"] = errUntrusted
		fillDirectory(c)
		c.shows("CA file", "The test failed")
		check()
		delete(f.failing, "TryDirectory")
		c.press("tab", "enter")
		check()
		c.press("enter", "enter")
		check()
		c.press("a")
		check()
		throughRemovals(c)
		check()
		throughDryRun(c)
		check()
		c.press("enter")
		check()
		c.press("tab", "tab", "enter")
		c.shows("Open the Dash")
		check()
	}
}

// TestSetupShowsTheFirstFrameAtOnce checks that the update loop never waits for a connection test
// (P10).
func TestSetupShowsTheFirstFrameAtOnce(t *testing.T) {
	opts := Options{Setup: newFakeSetup()}
	r, err := newRoot(t.Context(), opts, func(string) string { return "" }, func() time.Time { return noon })
	if err != nil {
		t.Fatal(err)
	}
	r.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	if !strings.Contains(strings.Join(r.frame(), "\n"), "Opening") {
		t.Error("the first frame says nothing")
	}
}
