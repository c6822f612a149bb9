package app

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"dirbridge/sync/control"
	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
	"dirbridge/ui/uitest"
)

// withheldPlan returns a plan with one change and two withheld records.
func withheldPlan(t testing.TB) *control.Plan {
	t.Helper()
	w, err := plan.Create(filepath.Join(t.TempDir(), "withheld.plan"))
	if err != nil {
		t.Fatal(err)
	}
	h := plan.Header{Mode: record.Full, Made: noon, Organization: identity.Organization{ID: "o", Name: "Acme"},
		Complete: true, Withheld: 2}
	for i, name := range []string{"mallory", "second"} {
		a := identity.NewAnchor("corp", strings.Repeat("6", 8)+"-95d2-4a53-8c4e-00000000000"+string(rune('1'+i)))
		r := plan.Withheld{Rule: plan.RulePrivilegedLink, Reason: "[CN=" + name +
			",OU=Staff] would get the account admin@example.com, of a full administrator.",
			Remedy: "If it is the same person, let it go on: dirbridge confirm " + string(a) +
				". If not, give the person of the directory another e-mail address.",
			Person: plan.WithheldPerson{Anchor: a, DN: "CN=" + name + ",OU=Staff", Key: name + "@example.com",
				Name: "Mal Lory", EmployeeNumber: "77"},
			Account: plan.WithheldAccount{ID: "id-root", Key: "admin@example.com", Name: "Root", Active: true, Admin: "yes",
				Owner: "corp/old", OwnerDN: "CN=Gone,OU=Staff"}}
		r.Seal()
		if err := w.AddWithheld(r); err != nil {
			t.Fatal(err)
		}
	}
	c := uitest.Person(1, plan.Update)
	c.CountInto(&h.Counts)
	if err := w.Add(c); err != nil {
		t.Fatal(err)
	}
	p, err := w.Seal(h)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

func TestAWithheldRecordIsConfirmedByKeys(t *testing.T) {
	f := newFake()
	f.plan = withheldPlan(t)
	c := open(t, f, 200, 50)
	c.press("4")
	c.shows("2 withheld")
	c.press("C")
	c.shows("only a withheld record can be confirmed")
	c.press("left", "left") // past the Summary, to the last kind
	c.shows("[Withheld]", "1 of 2", "mallory@example.com", "privileged-link: account admin@example.com", "C Confirm",
		"let it go on: [C] in Dry Run")
	c.lacks("dirbridge confirm")
	c.press("C")
	c.shows("Link mallory@example.com to the account admin@example.com?",
		"CN=mallory,OU=Staff, mallory@example.com, Mal Lory, employee number 77, disabled",
		"admin@example.com (id id-root), Root, full administrator", "corp/old, last at CN=Gone,OU=Staff", "Type  confirm")
	c.press("enter")
	c.shows("Doesn't match")
	c.press("esc")
	if len(f.Confirmed) != 0 {
		t.Fatalf("it was confirmed without the word: %+v", f.Confirmed)
	}
	c.press("C")
	c.text("confirm")
	c.press("enter")
	if len(f.Confirmed) != 1 || f.Confirmed[0].Person.Key != "mallory@example.com" ||
		f.Confirmed[0].Account.ID != "id-root" {
		t.Fatalf("confirmed %+v", f.Confirmed)
	}
	if len(f.started) != 0 {
		t.Errorf("something was started: %+v", f.started)
	}
	c.shows("Confirmed: the next run links mallory@example.com", "confirmed: privileged-link")
	c.press("C")
	c.shows("it is confirmed already")
	c.press("down", "C")
	c.shows("Link second@example.com")
}

func TestAWithheldRecordIsNotConfirmed(t *testing.T) {
	for name, x := range map[string]struct {
		change func(*Options)
		before func(*console)
		says   string
	}{
		"read-only": {change: func(o *Options) { o.ReadOnly = true }, says: "--read-only"},
		"running": {before: func(c *console) { c.fake.Start(control.Request{Mode: record.Full}); c.beat() },
			says: "a run is under way"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			f.plan = withheldPlan(t)
			var change []func(*Options)
			if x.change != nil {
				change = append(change, x.change)
			}
			c := open(t, f, 120, 40, change...)
			c.press("4", "left", "left")
			if x.before != nil {
				x.before(c)
			}
			c.press("C")
			c.shows(x.says)
			c.text("confirm")
			c.press("enter")
			if len(f.Confirmed) != 0 {
				t.Errorf("confirmed %+v", f.Confirmed)
			}
		})
	}
}

func TestAConfirmationThatFailsIsSaid(t *testing.T) {
	f := newFake()
	f.plan, f.Unconfirmed = withheldPlan(t), errors.New("the state is read-only")
	c := open(t, f, 200, 50)
	c.press("4", "left", "left", "C")
	c.text("confirm")
	c.press("enter")
	c.shows("Not confirmed: the state is read-only")
	c.lacks("confirmed: privileged-link")
}

func TestTheSummaryNamesWhatIsWithheld(t *testing.T) {
	f := newFake()
	f.plan = withheldPlan(t)
	c := open(t, f, 200, 50)
	c.press("4", "left")
	c.shows("2 records are withheld. They are not written until an operator confirms them.")
}

// TestAPlanOfWhichNothingIsWithheldHasNoSuchKind checks that a plan without withheld records does
// not mention them.
func TestAPlanOfWhichNothingIsWithheldHasNoSuchKind(t *testing.T) {
	f := newFake()
	f.plan = uitest.HeldPlan(t)
	c := open(t, f, 200, 50)
	c.press("4", "left")
	c.lacks("ithheld")
}

// withheldOf returns the withheld records of a plan.
func withheldOf(t testing.TB, p *control.Plan) []control.Withheld {
	t.Helper()
	list, err := p.WithheldWindow(t.Context(), "", 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestARunListsWhatItWithheld(t *testing.T) {
	f := newFake()
	f.InReport = withheldOf(t, withheldPlan(t))
	f.runs[0].Withheld = 2
	f.events = append(f.events, record.Event{Run: f.runs[0].ID, Level: record.Warn, Code: "withheld",
		Message: "Withheld (privileged-link): told as well"})
	c := open(t, f, 200, 50)
	c.press("6", "enter")
	c.shows("Withheld 2")
	for i := 0; !strings.Contains(c.screen(), "[Withheld 2]"); i++ {
		if i == 4 {
			t.Fatalf("no key leads to what was withheld:\n%s", c.screen())
		}
		c.press("left")
	}
	c.shows("mallory@example.com", "privileged-link: [CN=mallory,OU=Staff] would get", "let it go on: [C] in Dry Run",
		"full administrator")
	c.lacks("dirbridge confirm", "told as well")
	c.press("left")
	c.shows("[Notes")
	c.lacks("told as well")
	c.press("right", "/")
	c.text("second")
	c.press("enter")
	c.shows("[Withheld 1]", "second@example.com")
	c.press("x")
	if f.explained != string(f.InReport[1].Person.Anchor) {
		t.Errorf("explained was %q", f.explained)
	}
}

// TestARunThatWithheldNothingHasNoSuchView checks that a run without withheld records has no view
// of them.
func TestARunThatWithheldNothingHasNoSuchView(t *testing.T) {
	c := open(t, newFake(), 120, 40)
	c.press("6", "enter")
	for range 4 {
		c.lacks("ithheld")
		c.press("right")
	}
}

// TestTheConsoleNamesTheKeyThatConfirms checks that the console replaces the engine's verbs with
// its own keys.
func TestTheConsoleNamesTheKeyThatConfirms(t *testing.T) {
	f := newFake()
	h := withheldOf(t, withheldPlan(t))[0]
	x := anaExplained()
	x.Anchor, x.Withheld, x.Next.Text = h.Person.Anchor, &h,
		"Nothing, until an operator confirms it (privileged-link): dirbridge confirm "+string(h.Person.Anchor)+"."
	x.Problems = []identity.Problem{{Message: "An administrator is kept.",
		Remedy: "Let it go on by dirbridge confirm WHO."}}
	f.explanation = x
	f.events = []record.Event{{Seq: 1, Time: noon, Level: record.Warn, Code: "withheld", Anchor: h.Person.Anchor,
		Message: "Withheld (privileged-link)", Remedy: h.Remedy}}
	f.status.Held = []control.HeldSince{{Held: facts.Held{Runs: 1, Since: noon}}}
	f.status.Held[0].Holds = append(f.status.Held[0].Holds, facts.DryRunHold{Rule: plan.RuleLastAdmins, Detail: "All.",
		Remedy: "Let it go on by dirbridge confirm WHO; or not."})
	c := open(t, f, 200, 50)
	c.press("x")
	c.text("ana")
	c.press("enter")
	c.shows("found     ", "let it go on: [C] in Dry Run, under Withheld", "(privileged-link): [C] in Dry Run",
		"by [C] in Dry Run")
	c.lacks("dirbridge confirm")
	c.press("esc", "5", "enter")
	c.shows("Withheld (privileged-link)", "[C] in Dry Run")
	c.lacks("dirbridge confirm")
}
