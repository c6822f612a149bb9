//go:build unix

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"dirbridge/cloud/scimtest"
	"dirbridge/ldap/ldaptest"
	"dirbridge/sync/sample"
	"dirbridge/ui/e2e/terminal"
)

// signingIn is a machine whose configuration signs in by a code, and has not yet.
type signingIn struct {
	*firstStart
	program string
}

func newSigningIn(t *testing.T) *signingIn {
	t.Helper()
	b := newFirstStart(t, ldaptest.Options{Rights: ldaptest.Rights{Replicate: true, ReadDeleted: true}})
	if err := b.dir.Load(sample.New(sample.Options{People: 40})); err != nil {
		t.Fatal(err)
	}
	user, _ := b.dir.Credentials()
	id, secret := b.sky.Client()
	b.secrets = append(b.secrets, secret)
	text := fmt.Sprintf(`[connector]
name = "test"
state_dir = %q

[[directory]]
name = "corp"
servers = [%q]
bind_user = %q
bind_password = "file:password"

[cloud]
kind = "webex"
base_url = %q
auth = "device"
client_id = %q
client_secret = "file:client-secret"
proxy = "none"

[policy]
on_unmatched = "report"
`, b.state, b.dir.URL(), user, b.sky.URL(), id)
	for name, text := range map[string]string{b.config: text,
		filepath.Join(filepath.Dir(b.config), "password"):      secretPassword + "\n",
		filepath.Join(filepath.Dir(b.config), "client-secret"): secret + "\n"} {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	program := filepath.Join(t.TempDir(), "dirbridge")
	if err := os.Symlink(os.Args[0], program); err != nil {
		t.Fatal(err)
	}
	return &signingIn{b, program}
}

// codes are the codes that the sandbox shows.
var codes = regexp.MustCompile(`(?m)^[ |]*([0-9]{6})[ |\r]*$`)

// approve enters the code that is on the screen.
func (b *signingIn) approve(t *testing.T, x *terminal.Terminal) {
	t.Helper()
	x.Await("and enter the code")
	for codes.FindStringSubmatch(x.Screen()) == nil {
		x.Wait("a code")
	}
	all := codes.FindAllStringSubmatch(x.Screen(), -1)
	if err := b.sky.Approve(all[len(all)-1][1]); err != nil {
		t.Fatal(err)
	}
}

// TestSignInToEnabled goes from signin by a code, through a dry run and a first synchronization, to the
// enabled schedule: in a real terminal, by keys alone.
func TestSignInToEnabled(t *testing.T) {
	t.Parallel()
	b := newSigningIn(t)
	x := terminal.In(t, b.program, "signin", "--config", b.config)
	b.approve(t, x)
	x.Await("Is this the right organization? Type yes:")
	x.Types("yes\r")
	if err := x.Exit(); err != nil {
		t.Fatal(err)
	}

	x = terminal.In(t, b.program, "--config", b.config, "--no-term-queries", "--ascii", "--theme", "mono")
	x.Await("Press [d] for a dry run")
	x.Types("d")
	x.Await("ready to apply")
	x.Types("1F")
	x.Await("Type  yes")
	x.Types("yes\r")
	x.Await("Last good run: ")
	x.Await("just now")
	x.Types("\x1bam")
	x.Await("Enable Synchronization")
	x.Types("e")
	x.Await("Turn it on")
	x.Types("e")
	x.Await("schedule ON")
	x.Types("q")
	if err := x.Exit(); err != nil {
		t.Fatal(err)
	}
	var status struct {
		Mode   struct{ Enabled bool }
		SignIn struct {
			Name     string
			SignedIn bool `json:"signed_in"`
		} `json:"sign_in"`
	}
	terminal.Verb(t, &status, b.program, "status", "--json", "--config", b.config)
	if !status.Mode.Enabled || !status.SignIn.SignedIn || status.SignIn.Name != "Acme" {
		t.Errorf("%+v", status)
	}
	if b.sky.Stats().Writes == 0 {
		t.Error("nothing was synchronized")
	}
}

// begun is a verb that runs in a process of its own.
type begun struct {
	*exec.Cmd
	out, err bytes.Buffer
	ended    chan error
}

func (b *signingIn) begin(t *testing.T, verb string, args ...string) *begun {
	t.Helper()
	p := &begun{Cmd: exec.Command(b.program, append([]string{verb, "--config", b.config}, args...)...),
		ended: make(chan error, 1)}
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p.Cmd.Stdout, p.Cmd.Stderr = write, &p.err
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	write.Close()
	t.Cleanup(func() { _ = p.Process.Kill(); read.Close() })
	go func() { p.ended <- p.Wait() }()
	if verb == "signin" { // its first line has the code
		var code struct{ Code string }
		if err := json.NewDecoder(read).Decode(&code); err != nil {
			t.Fatalf("%v: %s", err, p.err.String())
		}
		p.out.WriteString(code.Code)
	}
	go func() { _, _ = (&bytes.Buffer{}).ReadFrom(read) }()
	return p
}

// kill ends the process at once, and reports whether it was still under way.
func (p *begun) kill() bool {
	select {
	case <-p.ended:
		return false
	default:
	}
	_ = p.Process.Kill()
	<-p.ended
	return p.ProcessState.ExitCode() < 0
}

// until waits for a step of a process.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	late := time.Now().Add(time.Minute)
	for !ok() {
		if time.Now().After(late) {
			t.Fatalf("%s did not come", what)
		}
		time.Sleep(200 * time.Microsecond)
	}
}

// works checks that the stored sign-in is accepted, and is renewed.
func (b *signingIn) works(t *testing.T) {
	t.Helper()
	b.sky.ExpireTokens()
	if out, err := exec.Command(b.program, "doctor", "--cloud", "--config", b.config).CombinedOutput(); err != nil {
		t.Fatalf("the sign-in does not work: %v\n%s", err, out)
	}
}

// changes counts how often a file was replaced.
func changes(path string) func() int {
	var last os.FileInfo
	n := 0
	return func() int {
		if now, err := os.Stat(path); err == nil && (last == nil || !os.SameFile(last, now)) {
			if n++; last != nil || n == 1 {
				last = now
			}
		}
		return n
	}
}

// TestSignInIsKilled kills signin at each of its steps after the code was shown. Whatever was stored by then, a
// sign-in works afterwards: the one that was there, or the next one.
func TestSignInIsKilled(t *testing.T) {
	t.Parallel()
	b := newSigningIn(t)
	stored := filepath.Join(b.state, "signin")
	asked := func(path string) func() bool {
		before := b.sky.Stats().SignIns[path]
		return func() bool { return b.sky.Stats().SignIns[path] > before }
	}
	for _, step := range []struct {
		name  string
		fault scimtest.Fault // slows the step down, so that the kill comes in it
		at    func(code string) func() bool
	}{
		{"the code is shown", scimtest.Fault{}, func(string) func() bool { return func() bool { return true } }},
		{"the code is approved", scimtest.Fault{}, func(code string) func() bool {
			_ = b.sky.Approve(code)
			return func() bool { return true }
		}},
		{"the tokens are on their way", scimtest.Fault{Effect: scimtest.Delay, For: time.Second, Path: "oauth/device-token"},
			func(code string) func() bool { _ = b.sky.Approve(code); return asked("oauth/device-token") }},
		{"the cloud is asked for the organization", scimtest.Fault{Effect: scimtest.Delay, For: time.Second, Method: "GET"},
			func(code string) func() bool {
				before := b.sky.Stats().Fired
				_ = b.sky.Approve(code)
				return func() bool { return b.sky.Stats().Fired > before }
			}},
		{"the sign-in is stored", scimtest.Fault{}, func(code string) func() bool {
			n := changes(stored)
			before := n()
			_ = b.sky.Approve(code)
			return func() bool { return n() > before }
		}},
	} {
		if step.fault.Effect != "" {
			b.sky.Inject(step.fault)
		}
		p := b.begin(t, "signin", "--json")
		until(t, step.name, step.at(p.out.String()))
		t.Logf("%s: killed under way %v", step.name, p.kill())
		b.sky.Heal()
		if _, err := os.Stat(stored); err == nil {
			b.works(t)
		}
		again := b.begin(t, "signin", "--json")
		if err := b.sky.Approve(again.out.String()); err != nil {
			t.Fatal(err)
		}
		if err := <-again.ended; err != nil {
			t.Fatalf("%s, then signin: %v\n%s", step.name, err, again.err.String())
		}
		b.works(t)
	}
}

// TestResetSecretIsKilled kills reset-secret at each of its steps. While the provider has the old secret, the
// old one works; once it has the new one, that works, and the reset can be finished.
func TestResetSecretIsKilled(t *testing.T) {
	t.Parallel()
	b := newSigningIn(t)
	p := b.begin(t, "signin", "--json")
	if err := b.sky.Approve(p.out.String()); err != nil {
		t.Fatal(err)
	}
	if err := <-p.ended; err != nil {
		t.Fatalf("%v\n%s", err, p.err.String())
	}
	stored, place := filepath.Join(b.state, "signin"), filepath.Join(filepath.Dir(b.config), "client-secret")
	next := filepath.Join(filepath.Dir(b.config), "new-secret")
	slow := scimtest.Fault{Effect: scimtest.Delay, For: 300 * time.Millisecond, Path: "oauth/token"}
	n := 0
	for _, replaced := range []bool{false, true} {
		for name, at := range map[string]func() func() bool{
			"the new one is kept beside the old one": func() func() bool {
				count := changes(stored)
				before := count()
				return func() bool { return count() > before }
			},
			"it is being proven": func() func() bool {
				before := b.sky.Stats().Fired
				return func() bool { return b.sky.Stats().Fired > before }
			},
			"its tokens are kept": func() func() bool {
				count := changes(stored)
				before := count()
				return func() bool { return count() > before+1 }
			},
			"it is written to its place": func() func() bool {
				count := changes(place)
				before := count()
				return func() bool { return count() > before }
			},
		} {
			if !replaced && (strings.HasPrefix(name, "its") || strings.HasPrefix(name, "it is written")) {
				continue // a secret that the provider refuses does not come that far
			}
			n++
			secret := fmt.Sprintf("the-new-secret-number-%d", n)
			b.secrets = append(b.secrets, secret)
			if err := os.WriteFile(next, []byte(secret+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			if replaced {
				b.sky.ReplaceSecret(secret)
			}
			b.sky.Inject(slow)
			when := at()
			p := b.begin(t, "reset-secret", "--from", "file:"+next)
			until(t, name, when)
			t.Logf("%s, replaced %v: killed under way %v", name, replaced, p.kill())
			b.sky.Heal()
			b.works(t)
			if !replaced {
				continue
			}
			if out, err := exec.Command(b.program, "reset-secret", "--config", b.config, "--from",
				"file:"+next).CombinedOutput(); err != nil {
				t.Fatalf("%s, then again: %v\n%s", name, err, out)
			}
			if now, err := os.ReadFile(place); err != nil || strings.TrimSpace(string(now)) != secret {
				t.Errorf("%s: the place has another secret (%v)", name, err)
			}
			b.works(t)
		}
	}
}
