package disasters

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"dirbridge/sync/control"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
	"dirbridge/ui/plain"
)

// TestTheConsoleConfirmsWhatADryRunWithheld checks that a record that a dry run lists as withheld
// can be confirmed in a front end, and that the next run applies exactly that record; the run
// before it did not.
func TestTheConsoleConfirmsWhatADryRunWithheld(t *testing.T) {
	t.Parallel()
	s := newDrill(t, drillOptions{people: 5})
	root := s.root(t, "admin@example.com")
	s.hire(t, "mallory", "mail", "admin@example.com")
	s.Must(t, 4, "sync")
	s.untouched(t, root)
	s.withheld(t, plan.RulePrivilegedLink)
	c := consoleOf(t, s)
	if err := c.Start(control.Request{Mode: record.DryRun}); err != nil {
		t.Fatal(err)
	}
	if res := resultOf(t, c, 0); res.Err != nil {
		t.Fatal(res.Err)
	}
	speak := func(words ...string) string {
		var out bytes.Buffer
		if err := plain.Run(t.Context(), plain.Options{Opened: func() (control.Connector, error) { return c, nil },
			Input: strings.NewReader(strings.Join(words, "\n") + "\n"), Output: &out}); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	said := speak("4", "b", "0")
	at := regexp.MustCompile(`(?m)^(\d+) Withheld`).FindStringSubmatch(said)
	if at == nil {
		t.Fatalf("nothing is listed as withheld:\n%s", said)
	}
	if said = speak("4", at[1], "1", "confirm", "b", "b", "0"); !strings.Contains(said,
		"Confirmed: the next run links admin@example.com") {
		t.Fatal(said)
	}
	s.untouched(t, root) // a confirmation alone writes nothing
	s.Must(t, 0, "sync")
	if u := s.account(t, "admin@example.com"); u.ID != root.ID || u.ExternalID == "" {
		t.Errorf("what was confirmed was not done: %+v", u)
	}
	s.withheld(t)
}
