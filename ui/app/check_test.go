package app

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"dirbridge/sync"
	"dirbridge/sync/check"
	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/sync/schema"
)

// folk is a directory of these people and an empty group.
type folk []identity.Entry

func (folk) Describe(context.Context) (identity.Directory, error) {
	return identity.Directory{Name: "corp", Server: "ldaps://dc1.corp.example.com", BaseDN: "DC=corp,DC=example,DC=com"},
		nil
}

func (f folk) People(_ context.Context, fn func(identity.Entry) error) error {
	for _, e := range f {
		if err := fn(e); err != nil {
			return err
		}
	}
	return nil
}

func (folk) Groups(_ context.Context, fn func(identity.Entry) error) error {
	return fn(identity.Entry{Anchor: "corp:1f1c2e0a-95d2-4a53-8c4e-000000000000", Kind: identity.Group,
		DN: "CN=Empty,OU=Groups,DC=corp,DC=example,DC=com", Attrs: identity.Attrs{"cn": {"Empty"}}})
}

func (folk) Edges(context.Context, func(identity.Edge) error) error { return nil }

func (folk) Cookie(context.Context) (identity.Cookie, error) {
	return identity.Cookie{Way: identity.USN, NoDeletions: "the bind account may not read CN=Deleted Objects",
		Remedy: "Give it the right to list CN=Deleted Objects."}, nil
}

// reportOf checks people, the first many of whom have flawed values.
func reportOf(t testing.TB, many int, values ...identity.Attrs) *control.CheckReport {
	t.Helper()
	var people folk
	for i := range many {
		e := identity.Entry{Anchor: identity.NewAnchor("corp", fmt.Sprintf("6f1c2e0a-95d2-4a53-8c4e-%012d", i)),
			Kind: identity.User,
			DN:   fmt.Sprintf("CN=User %04d,OU=Staff,DC=corp,DC=example,DC=com", i),
			Attrs: identity.Attrs{"mail": {fmt.Sprintf("user%d@example.com", i)}, "displayName": {fmt.Sprintf("User %d", i)},
				"manager": {"CN=Boss,DC=elsewhere"}}}
		if i < len(values) {
			for name, v := range values[i] {
				e.Attrs[name] = v
			}
		}
		people = append(people, e)
	}
	m, err := sync.NewMapper(schema.Webex(), newFake().settings.Mapping)
	if err != nil {
		t.Fatal(err)
	}
	r, err := check.New(check.Options{Directories: []check.Directory{{Name: "corp", Source: people, Mapper: m}},
		Dir: t.TempDir(),
		Now: func() time.Time { return noon }}).Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

// flawed returns a report with most kinds of content that the screen shows.
func flawed(t testing.TB) *control.CheckReport {
	values := []identity.Attrs{
		{"mail": {"ana.silva@example.com"}}, {"mail": {"Ana.Silva@example.com"}}, {"mail": nil}, {"telephoneNumber": {"+"}},
		{"title": {"Engi\u200bneer\x1b[31m"}}, {"title": {" Engineer"}}, {"mail": {"bo.li"}},
		{"l": {strings.Repeat("x", 200)}},
	}
	for i := range 60 {
		values = append(values, identity.Attrs{"st": {fmt.Sprintf("Bern %d ", i)}})
	}
	return reportOf(t, 300, values...)
}

// checkedConsole returns a console on the page, after a check.
func checkedConsole(t testing.TB, width, height int, r *control.CheckReport) *console {
	c := open(t, newFake(), width, height)
	c.press("8", "r")
	c.fake.endCheck(control.Checked{Report: r})
	c.beat()
	return c
}

func TestCheckRunsBehindAndShowsWhatItFound(t *testing.T) {
	c := open(t, newFake(), 80, 24)
	c.press("8")
	c.shows("No check yet. Press [r]")
	c.press("r")
	if c.fake.checks.started != 1 || c.fake.checks.drafts[0] != nil {
		t.Fatalf("started %d times, with %v", c.fake.checks.started, c.fake.checks.drafts)
	}
	c.shows("reading people of corp: 29,300, 112 findings so far", "c Cancel")
	c.press("r")
	c.shows("[r] is off: a check is running")
	c.press("1") // it continues while another page is in front
	c.fake.endCheck(control.Checked{Report: flawed(t)})
	c.beat()
	c.beat()
	c.shows("The check is done; nothing was written.")
	c.press("8")
	c.shows("300 people, 1 group", "300 managers out of scope", "checked 14:02",
		"Several people share an e-mail address", "r check again")
}

func TestCheckShowsFindingsWithTheirRemedy(t *testing.T) {
	c := checkedConsole(t, 80, 40, flawed(t))
	c.press("down")
	c.shows("Give each their own e-mail address", "User 0000", `"ana.silva@example.com"`)
	c.press("enter")
	c.shows("1 of 2", "also CN=User 0001,OU=Staff", "remedy", "Give each their own e-mail address", "Esc back")
	c.press("down")
	c.shows("2 of 2", "also CN=User 0000,OU=Staff")
	c.press("esc")
	c.shows("! problem", "Required values are missing")
}

func TestCheckShowsNothingThatDisturbsTheTerminal(t *testing.T) {
	c := checkedConsole(t, 200, 50, flawed(t))
	for range 12 {
		c.press("enter", "esc", "down")
		if s := c.screen(); strings.ContainsAny(s, "\x1b\u200b") {
			t.Fatalf("the screen has it raw:\n%s", s)
		}
	}
	c.press("home", "down", "down", "down", "enter")
	c.shows(`\u200b`, `\x1b[31m`, "it has the control character U+001B")
}

func TestCheckPagesThroughManyFindings(t *testing.T) {
	c := checkedConsole(t, 80, 40, flawed(t))
	c.press("down", "down", "down", "down", "down", "down", "down")
	c.shows("Enter shows all 61")
	c.press("enter", "end")
	c.shows("61 of 61", "User 0067", `"Bern 59 "`)
	c.press("pgup", "home")
	c.shows("1 of 61", "User 0005")
}

func TestCheckThatFailsKeepsTheOneBefore(t *testing.T) {
	c := checkedConsole(t, 80, 24, flawed(t))
	c.press("r")
	c.shows("reading people of corp")
	c.fake.endCheck(control.Checked{Err: errRefused})
	c.beat()
	c.shows("refused the password", "Check the bind account", "300 people")
	c.lacks("reading people")
	c.press("esc", "enter")
	c.shows("1 of 1")
}

func TestCheckOfADraftSaysSo(t *testing.T) {
	c := open(t, newFake(), 80, 24)
	c.press("2", "s", "8", "r")
	if d := c.fake.checks.drafts; len(d) != 1 || d[0] == nil {
		t.Fatalf("checked with %v", d)
	}
	c.fake.endCheck(control.Checked{Report: flawed(t)})
	c.beat()
	c.shows("DRAFT")
}

func TestCheckIsCancelled(t *testing.T) {
	c := open(t, newFake(), 80, 24)
	c.press("8", "c")
	c.shows("no check is running")
	c.press("r", "c")
	if c.fake.checks.cancels != 1 {
		t.Fatal("not cancelled")
	}
	c.fake.endCheck(control.Checked{Err: context.Canceled})
	c.beat()
	c.shows("The check was cancelled")
	c.lacks("context canceled")
}

func TestCheckIsNotStartedByAConsoleThatOnlyReads(t *testing.T) {
	c := open(t, newFake(), 80, 24, func(o *Options) { o.ReadOnly = true })
	c.press("8", "r")
	c.shows("--read-only")
	if c.fake.checks.started != 0 {
		t.Error("started")
	}
}

func TestCheckIsSaved(t *testing.T) {
	c := checkedConsole(t, 80, 24, flawed(t))
	path := filepath.Join(t.TempDir(), "found.csv")
	c.press("w", "ctrl+u")
	c.text(path)
	c.press("enter")
	c.shows("Saved to /")
	data, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(data), "problem,duplicate-key,user,corp,") {
		t.Fatalf("%v: %.200s", err, data)
	}
	c.press("w", "ctrl+u")
	c.text(path)
	c.press("enter")
	c.shows("it is not overwritten", "Choose another name")
	again, err := os.ReadFile(path)
	if err != nil || !slices.Equal(data, again) {
		t.Error("it was overwritten")
	}
}

func TestCheckOfADirectoryThatCouldNotBeRead(t *testing.T) {
	r := flawed(t)
	r.Directories = append(r.Directories, control.CheckRead{Name: "lab", Error: "connection refused", Remedy: "Start it."})
	c := checkedConsole(t, 80, 24, r)
	c.shows("Directory lab could not be read and was not checked: connection", "Start it.")
}
