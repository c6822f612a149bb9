// Package e2e tests the program as its users see it: every verb by the scripts of testdata/script,
// and the console by keys in a real terminal.
package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"dirbridge/cloud/scimtest"
	"dirbridge/ldap/ldaptest"
	"dirbridge/sync/identity"
	"dirbridge/sync/port"
	"dirbridge/sync/sample"
	"dirbridge/sync/store"
	"dirbridge/ui/e2e/site"
)

// TestMain lets the scripts run this program in its own process.
func TestMain(m *testing.M) { site.Main(m, nil) }

// TestVerbs runs testdata/script: every verb as an administrator types it, against an embedded
// directory and an embedded cloud that the script can inspect, edit and break. Commands beyond
// testscript's own are those of scriptCommands.
func TestVerbs(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "../../testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("NO_COLOR", "1")
			env.Setenv("TZ", "UTC")
			env.Setenv("HOME", filepath.Join(env.WorkDir, ".home")) // the demo keeps its files there
			env.Values[benchKey{}] = &bench{}
			return nil
		},
		Cmds: scriptCommands(),
	})
}

type benchKey struct{}

// bench is the environment of one script: both servers and their secrets.
type bench struct {
	dir     *ldaptest.Server
	sky     *scimtest.Server
	secrets []string
	release func() error // of the lease, while the script holds it
}

func benchOf(ts *testscript.TestScript) *bench {
	b, ok := ts.Value(benchKey{}).(*bench)
	if !ok || b.dir == nil {
		ts.Fatalf("no servers yet: begin with servers")
	}
	return b
}

// options are arguments of the form name=value.
type options map[string][]string

func optionsOf(ts *testscript.TestScript, args []string) options {
	o := options{}
	for _, a := range args {
		k, v, ok := strings.Cut(a, "=")
		if !ok {
			ts.Fatalf("%q is not of the form name=value", a)
		}
		if v == "" {
			o[k] = []string{}
		} else {
			o[k] = append(o[k], v)
		}
	}
	return o
}

func (o options) text(name string) string {
	if len(o[name]) == 0 {
		return ""
	}
	return o[name][len(o[name])-1]
}

func (o options) number(ts *testscript.TestScript, name string) int {
	if o.text(name) == "" {
		return 0
	}
	n, err := strconv.Atoi(o.text(name))
	ts.Check(err)
	return n
}

const (
	secretPassword = "Hidden.Password-4711"
	secretToken    = "hidden-token-0815"
	secretClient   = "hidden-client-secret-0816"
	newSecret      = "hidden-new-secret-0817"
	staff          = "OU=Staff,DC=corp,DC=example,DC=com"
)

// startServers is the command servers: it starts both servers, and writes $CONFIG, a configuration
// for them, and the files with their secrets.
//
//	servers people=3     p1, p2, p3 in OU=Staff and a group "team" of them; an empty cloud
//	servers sample=60    the demo's company of 60 people, the cloud as the demo has it
//	servers tls=1 ...    a directory of a certain kind, see directoryOf
//	servers maxops=2     a cloud that accepts two operations at a time
//	servers page=3       a cloud that lists three resources at a time
//	servers org=UUID     a cloud with this UUID
//	servers held=7       a cloud that keeps the address of a deleted user for 7 days
//	servers rotate=1     a cloud that replaces a refresh token with each use
//	servers plain=1      a cloud of no particular kind, and a sign-in by the RFCs
func startServers(ts *testscript.TestScript, _ bool, args []string) {
	o := optionsOf(ts, args)
	b := ts.Value(benchKey{}).(*bench)
	b.secrets = []string{secretPassword, secretToken, secretClient, newSecret}
	ctx, cancel := context.WithCancel(context.Background())
	var err error
	b.dir, err = ldaptest.Start(ctx, directoryOf(o))
	ts.Check(err)
	b.sky, err = scimtest.Start(ctx, scimtest.Options{Token: secretToken, MaxOps: o.number(ts, "maxops"),
		PageSize:   o.number(ts, "page"),
		SoftDelete: time.Duration(o.number(ts, "held")) * 24 * time.Hour,
		Org:        o.text("org"), UniqueGroupNames: true, Plain: o.text("plain") != "",
		SignIn: scimtest.SignIn{ClientSecret: secretClient, Interval: time.Second, Rotate: o.text("rotate") != ""}})
	ts.Check(err)
	ts.Defer(func() {
		defer cancel()
		b.sky.Heal()
		b.dir.ClearFaults()
		if err := errors.Join(b.letGo(), b.dir.Close(), b.sky.Close()); err != nil {
			ts.Logf("close the servers: %v", err)
		}
	})
	if n := o.number(ts, "sample"); n > 0 {
		company := sample.New(sample.Options{People: n})
		ts.Check(errors.Join(b.dir.Load(company), b.sky.Load(company)))
	} else {
		ts.Check(b.hire(o.number(ts, "people")))
	}
	writeConfig(ts, b)
	b.writeAuthority(ts)
	b.sky.ResetStats()
}

// hire fills the directory with people without flaws.
func (b *bench) hire(n int) error {
	if err := b.dir.Add(staff, map[string][]string{"objectClass": {"organizationalUnit"}}); err != nil {
		return err
	}
	var members []string
	for i := 1; i <= n; i++ {
		name := fmt.Sprintf("p%d", i)
		dn := "CN=" + name + "," + staff
		err := b.dir.Add(dn, map[string][]string{"objectClass": {"user"}, "sAMAccountName": {name},
			"mail":        {name + "@example.com"},
			"displayName": {"Person " + strconv.Itoa(i)}, "givenName": {"Person"}, "sn": {strconv.Itoa(i)}, "title": {"Clerk"}})
		if err != nil {
			return err
		}
		members = append(members, dn)
	}
	if n == 0 {
		return nil
	}
	return b.dir.Add("CN=team,"+staff, map[string][]string{"objectClass": {"group"}, "sAMAccountName": {"team"},
		"member": members})
}

func writeConfig(ts *testscript.TestScript, b *bench) {
	work := ts.Getenv("WORK")
	user, _ := b.dir.Credentials()
	for name, value := range map[string]string{"CONFIG": "dirbridge.toml", "STATE": "state"} {
		ts.Setenv(name, filepath.Join(work, value))
	}
	for name, value := range map[string]string{"LDAP": b.dir.URL(), "CLOUD": b.sky.URL(), "TOKEN": secretToken,
		"SIGNIN": b.sky.SignInURL(), "PASSWORD": secretPassword} {
		ts.Setenv(name, value)
	}
	text := fmt.Sprintf(`[connector]
name = "test"
state_dir = "state"

[[directory]]
name = "corp"
servers = [%q]
bind_user = %q
bind_password = "file:password"

[cloud]
kind = "webex"
base_url = %q
token = "file:token"
proxy = "none"

[mapping]

[policy]
delete_threshold = 20
`, b.dir.URL(), user, b.sky.URL())
	for name, text := range map[string]string{"dirbridge.toml": text, "password": secretPassword + "\n",
		"token": secretToken + "\n", "client-secret": secretClient + "\n", "new-secret": newSecret + "\n"} {
		ts.Check(os.WriteFile(filepath.Join(work, name), []byte(text), 0o600))
	}
}

// lead is the command lead: another connector takes the writer's lease as soon as it is free.
func lead(ts *testscript.TestScript, _ bool, _ []string) {
	b := benchOf(ts)
	st, err := store.Open(context.Background(), filepath.Join(ts.Getenv("STATE"), "state.db"))
	ts.Check(err)
	var release func() error
	await(ts, "the lease", func() bool {
		release, err = st.Lead(context.Background())
		return !errors.Is(err, port.ErrNotLeader)
	})
	ts.Check(err)
	b.release = func() error { return errors.Join(release(), st.Close()) }
}

// unlead is the command unlead: it releases the lease.
func unlead(ts *testscript.TestScript, _ bool, _ []string) { ts.Check(benchOf(ts).letGo()) }

func (b *bench) letGo() (err error) {
	if b.release != nil {
		err, b.release = b.release(), nil
	}
	return err
}

// ageLinks is the command age-links: it makes every link a day older, so that an account that is
// not listed counts as gone rather than as not listed yet.
func ageLinks(ts *testscript.TestScript, _ bool, _ []string) {
	ctx := context.Background()
	st, err := store.Open(ctx, filepath.Join(ts.Getenv("STATE"), "state.db"))
	ts.Check(err)
	var aged []identity.Shadow
	ts.Check(st.Shadows(ctx, func(s identity.Shadow) error {
		s.Linked = s.Linked.Add(-24 * time.Hour)
		aged = append(aged, s)
		return nil
	}))
	ts.Check(errors.Join(st.Commit(ctx, port.Batch{Shadows: aged}), st.Close()))
}
