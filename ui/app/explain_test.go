package app

import (
	"errors"
	"strings"
	"testing"
	"time"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/ui/uitest"
)

// anaExplained is the explanation of a person in scope whose title changed.
func anaExplained() control.Explanation {
	const dn = "CN=Ana Silva,OU=Engineering,OU=Staff,DC=corp,DC=example,DC=com"
	row := func(name, rule string, values ...string) control.MappedAttribute {
		m := control.MappedAttribute{Attribute: name, Rule: rule, Values: values}
		if len(values) > 0 {
			m.Inputs = []control.Input{{Name: rule, Values: values}}
		}
		return m
	}
	bad := row("telephoneNumber", "telephoneNumber")
	bad.Problem, bad.Inputs = "it is not valid", []control.Input{{Name: "telephoneNumber", Values: []string{"+"}}}
	return control.Explanation{
		Found: true, Kind: identity.User, Anchor: "corp:6f1c2e0a-95d2-4a53-8c4e-2f4f8d0f7f11", Key: "ana.silva@example.com",
		Searched: []control.Searched{{Place: "corp"}, {Place: "cloud"}, {Place: "state"}},
		Where:    control.Where{Directory: "corp", DN: dn, Exists: true},
		Scope: &control.Scope{In: true, Steps: []control.ScopeStep{{What: "kind", Pass: true, Text: "a person"},
			{What: "built-in", Pass: true, Text: "passes the built-in filter"},
			{What: "container", Pass: true, Text: "below the selected container OU=Staff,DC=corp,DC=example,DC=com"},
			{What: "exclusion", Pass: true, Text: "not excluded"},
			{What: "filter", Pass: true, Text: "passes the user filter"}}},
		Mapped: []control.MappedAttribute{
			{Attribute: "displayName", Rule: "givenName sn", Values: []string{"Ana Silva"},
				Inputs: []control.Input{{Name: "givenName", Values: []string{"Ana"}}, {Name: "sn", Values: []string{"Silva"}}}},
			row("title", "title", "Senior Engineer"), row("uid", "mail", "ana.silva@example.com"), bad,
			row("street", "streetAddress")},
		Match: control.Match{How: "link", ID: "9b2f7c11", Since: noon.AddDate(0, -2, 0), Run: 311},
		Cloud: &control.CloudAccount{Exists: true, ID: "9b2f7c11", Key: "ana.silva@example.com", Active: true},
		Change: &control.ExplainedChange{Action: "update", Kind: identity.User, Key: "ana.silva@example.com",
			Reason: "title changed in the directory",
			Fields: []control.ChangedField{{Name: "title", Old: []string{"Engineer"}, New: []string{"Senior Engineer"}}}},
		State: &control.Remembered{State: identity.Live, Run: 402, Written: noon.Add(-72 * time.Hour)},
		Next: control.Next{Text: "It will be updated by the next run (14:12, in 8 min); nothing holds it.",
			Run: "incremental"},
	}
}

func TestExplainByName(t *testing.T) {
	f := newFake()
	f.explanation = anaExplained()
	c := open(t, f, 100, 40)
	c.press("x")
	c.press("enter")
	if s := c.screen(); !strings.Contains(s, "Enter a person") {
		t.Errorf("no person was named:\n%s", s)
	}
	c.text("ana")
	c.press("enter")
	for _, want := range []string{"ana.silva@example.com", "found     corp: CN=Ana Silva",
		"title: Engineer -> Senior Engineer", "by the next run"} {
		if s := c.screen(); !strings.Contains(s, want) {
			t.Errorf("no %q:\n%s", want, s)
		}
	}
	c.press("esc")
	if s := c.screen(); strings.Contains(s, "Why:") {
		t.Errorf("it stays:\n%s", s)
	}
}

func TestExplainFindsTheSubject(t *testing.T) {
	f := newFake()
	f.explanation = control.Explanation{Ambiguous: true, Candidates: []control.Candidate{
		{Kind: identity.User, Directory: "corp", Anchor: "corp:1", DN: "CN=Ana One", Name: "Ana"},
		{Kind: identity.User, Directory: "corp", Anchor: "corp:2", DN: "CN=Ana Two", Name: "Ana"}}}
	c := open(t, f, 100, 40)
	c.press("x")
	c.text("ana")
	c.press("enter")
	if s := c.screen(); !strings.Contains(s, `2 matches for "ana"`) || !strings.Contains(s, "CN=Ana Two") {
		t.Fatalf("no choice:\n%s", s)
	}
	f.explanation = anaExplained()
	c.press("down", "enter")
	if s := c.screen(); f.explained != "corp:2" || !strings.Contains(s, "ana.silva") {
		t.Errorf("asked for %q:\n%s", f.explained, s)
	}
	c.press("esc")
	f.explanation = control.Explanation{Searched: []control.Searched{{Place: "corp"}, {Place: "lab", Error: "down"}}}
	c.press("x")
	c.text("zoe")
	c.press("enter")
	if s := c.screen(); !strings.Contains(s, "lab (could not be read: down)") {
		t.Errorf("no person:\n%s", s)
	}
	f.failing["Explain"] = &identity.Failure{Err: errors.New("the cloud refused"), Remedy: "Sign in again."}
	c.press("x")
	c.text("zoe")
	c.press("enter")
	if s := c.screen(); !strings.Contains(s, "the cloud refused") || !strings.Contains(s, "Sign in again.") {
		t.Errorf("no error:\n%s", s)
	}
}

// TestExplainARowOfThePlan checks that the dry run explains the row under the cursor, in a
// read-only console as well.
func TestExplainARowOfThePlan(t *testing.T) {
	f := newFake()
	f.plan, f.explanation = uitest.HeldPlan(t), anaExplained()
	c := open(t, f, 100, 40)
	c.root.readOnly = true
	c.press("4", "x")
	if s := c.screen(); !strings.HasPrefix(f.explained, "corp:") || !strings.Contains(s, "found     ") {
		t.Errorf("asked for %q:\n%s", f.explained, s)
	}
}
