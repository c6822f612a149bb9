package plain

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
	"dirbridge/ui/uitest"
)

// withheldPlan returns a plan with one withheld record.
func withheldPlan(t testing.TB) *control.Plan {
	t.Helper()
	w, err := plan.Create(filepath.Join(t.TempDir(), "withheld.plan"))
	if err != nil {
		t.Fatal(err)
	}
	r := plan.Withheld{Rule: plan.RulePrivilegedLink,
		Reason: "[CN=mallory] would get the account admin@example.com, of a full administrator.",
		Remedy: "If it is the same person, let it go on: dirbridge confirm " + string(uitest.Anchor(1)) +
			". If not, give the person another e-mail address.",
		Person:  plan.WithheldPerson{Anchor: uitest.Anchor(1), DN: "CN=mallory", Key: "mallory@example.com", Active: true},
		Account: plan.WithheldAccount{ID: "id-root", Key: "admin@example.com", Active: true, Admin: "yes"}}
	r.Seal()
	if err := w.AddWithheld(r); err != nil {
		t.Fatal(err)
	}
	p, err := w.Seal(plan.Header{Mode: record.Full, Made: noon, Organization: identity.Organization{ID: "o",
		Name: "Acme"}, Complete: true, Withheld: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// numberOf returns the number of the choice that starts with the text.
func numberOf(t testing.TB, said, text string) string {
	t.Helper()
	found := regexp.MustCompile(`(?m)^(\d+) ` + text).FindStringSubmatch(said)
	if found == nil {
		t.Fatalf("there is no choice %q:\n%s", text, said)
	}
	return found[1]
}

func TestAWithheldRecordIsConfirmed(t *testing.T) {
	say := func(o Options, script string) (*fake, string) {
		f := newFake(t)
		f.plan = withheldPlan(t)
		return f, speak(t, f, o, lines(script))
	}
	_, said := say(Options{}, "4 b 0")
	n := numberOf(t, said, "Withheld until an operator confirms it, 1")
	f, said := say(Options{}, "4 "+n+" 1 yes confirm 1 b b 0")
	said = strings.Join(strings.Fields(said), " ")
	for _, want := range []string{"Warning: 1 record is withheld",
		"mallory@example.com, privileged-link, account admin@example.com", "Person: CN=mallory, mallory@example.com.",
		"Account: admin@example.com (id id-root), full administrator.", "let it go on: choose it in Dry Run",
		"Doesn't match. Type: confirm",
		"Confirmed: the next run links mallory@example.com",
		"It cannot be confirmed now: it is confirmed already; make a new dry run."} {
		if !strings.Contains(said, want) {
			t.Errorf("it lacks %q:\n%s", want, said)
		}
	}
	if strings.Contains(said, "dirbridge confirm") {
		t.Error("it names a verb")
	}
	if len(f.Confirmed) != 1 || f.Confirmed[0].Account.ID != "id-root" || len(f.started) != 0 {
		t.Errorf("confirmed %+v, started %+v", f.Confirmed, f.started)
	}
	if f, said := say(Options{ReadOnly: true}, "4 "+n+" 1 confirm b b 0"); len(f.Confirmed) != 0 ||
		!strings.Contains(said, "cannot be confirmed now") {
		t.Errorf("read-only confirmed %+v:\n%s", f.Confirmed, said)
	}
	if f, _ := say(Options{}, "4 "+n+" 1 b b b 0"); len(f.Confirmed) != 0 {
		t.Errorf("going back confirmed %+v", f.Confirmed)
	}
}

// TestAPlanOfWhichNothingIsWithheldHasNoSuchChoice checks that a plan without withheld records does
// not mention them.
func TestAPlanOfWhichNothingIsWithheldHasNoSuchChoice(t *testing.T) {
	f := newFake(t)
	f.plan = uitest.HeldPlan(t)
	if said := speak(t, f, Options{}, lines("4 b 0")); strings.Contains(said, "ithheld") {
		t.Error(said)
	}
}

func TestARunListsWhatItWithheld(t *testing.T) {
	f := newFake(t)
	list, err := withheldPlan(t).WithheldWindow(t.Context(), "", 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	f.InReport, f.runs[0].Withheld = list, 1
	at := numberOf(t, speak(t, f, Options{}, lines("6 1 b b 0")), "Withheld, 1")
	said := strings.Join(strings.Fields(speak(t, f, Options{}, lines("6 1 "+at+" 1 b b b 0"))), " ")
	for _, want := range []string{"1 withheld",
		"mallory@example.com, privileged-link, account admin@example.com: [CN=mallory] would get",
		"Account: admin@example.com (id id-root), full administrator.",
		"let it go on: choose it in Dry Run, under Withheld. If not"} {
		if !strings.Contains(said, want) {
			t.Errorf("it lacks %q:\n%s", want, said)
		}
	}
	if strings.Contains(said, "dirbridge confirm") {
		t.Error("it names a verb")
	}
}

// TestAWithheldRecordIsNotConfirmedBesideAnotherProcess checks that nothing can be confirmed during
// a run of another process.
func TestAWithheldRecordIsNotConfirmedBesideAnotherProcess(t *testing.T) {
	f := newFake(t)
	f.plan = withheldPlan(t)
	f.elsewhere = &record.Run{ID: 413, Mode: record.Incremental, Started: noon, Outcome: record.Running}
	n := numberOf(t, speak(t, f, Options{}, lines("4 b 0")), "Withheld until an operator confirms it, 1")
	said := speak(t, f, Options{}, lines("4 "+n+" 1 confirm b b 0"))
	if len(f.Confirmed) != 0 || !strings.Contains(strings.Join(strings.Fields(said), " "),
		"It cannot be confirmed now: a run is under way in another process; wait for it.") {
		t.Errorf("confirmed %+v:\n%s", f.Confirmed, said)
	}
}
