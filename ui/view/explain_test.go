package view

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/sync/record"
	"dirbridge/ui/look"
)

// TestLinesFit checks, for any data, that no line is too wide, that no text is lost, and that
// nothing reaches the terminal as a control sequence.
func TestLinesFit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.RuneFrom([]rune("aB,= =世é\x1b\u202e\n"))).Draw(t, "text")
		width := rapid.IntRange(34, 120).Draw(t, "width")
		l := look.Look{}
		lines := Lines(l, Fact{Label: "found", Text: text, Tone: Bad}, width)
		all := ""
		for i, line := range lines {
			if look.Width(line) > width || strings.ContainsAny(line, "\x1b\n\u202e") {
				t.Fatalf("%q is %d wide, not %d", line, look.Width(line), width)
			}
			if i == 0 {
				line = strings.TrimPrefix(line, "! found")
			}
			all += line
		}
		bare := func(s string) string { return strings.ReplaceAll(s, " ", "") }
		if bare(all) != bare(l.Clean(text)) {
			t.Fatalf("%q became %q", text, lines)
		}
	})
}

// TestWords checks that each kind of subject has a text.
func TestWords(t *testing.T) {
	for name, c := range map[string]struct {
		x    control.Explanation
		want []string
	}{
		"unmatched": {control.Explanation{Key: "ghost", Searched: []control.Searched{{Place: "corp"}, {Place: "lab"}},
			Cloud: &control.CloudAccount{Exists: true, ID: "1", Key: "ghost", Unmatched: true}},
			[]string{"ghost: account 1 has no match in any directory", "not in the directories corp, lab",
				"deactivated"}},
		"unreadable": {control.Explanation{Anchor: "corp:1", Where: control.Where{Directory: "corp", Error: "down"}},
			[]string{"! found   directory corp could not be read: down"}},
		"gone in the cloud": {control.Explanation{Anchor: "corp:1", Where: control.Where{Directory: "corp", DN: "CN=A"},
			Cloud: &control.CloudAccount{ID: "7"}},
			[]string{"last seen at CN=A", "account 7 no longer exists"}},
		"kept": {control.Explanation{State: &control.Remembered{State: identity.Grace, ByUs: true,
			Kept: &identity.Keep{By: "ana", Reason: "on leave"}}},
			[]string{"kept from the purge by ana: on leave"}},
		"member removed": {control.Explanation{Members: []control.ExplainedChange{{Action: "remove", Group: "team"}}},
			[]string{"change    will be removed from team"}},
	} {
		text := ExplainTitle(c.x)
		for _, fact := range Explain(c.x, Verb) {
			text += "\n" + strings.Join(Lines(look.Look{}, fact, 100), "\n")
		}
		for _, want := range c.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q in\n%s", name, want, text)
			}
		}
	}
}

// TestAFirstLinkIsNamed checks that a change that only links an account is not shown as an unknown field.
func TestAFirstLinkIsNamed(t *testing.T) {
	t.Parallel()
	c := control.Change{Action: "update", Kind: identity.User, Key: "ana@example.com",
		Fields: []control.Field{{Name: "onPremObjectGUID", New: []string{"48b45e1a"}}}}
	if got := ChangeWords(&c, Console); got != FirstLink {
		t.Errorf("a first link is %q", got)
	}
	c.Fields = append(c.Fields, control.Field{Name: "title", New: []string{"Chief"}})
	if got := ChangeWords(&c, Verb); got != "title: (empty) -> Chief" {
		t.Errorf("with a field it is %q", got)
	}
}

// TestAnEventBesideItsRecordSaysWhy checks that the list of events does not say the record twice.
func TestAnEventBesideItsRecordSaysWhy(t *testing.T) {
	t.Parallel()
	e := record.Event{Record: "ana in Sales", Message: "add member ana in Sales: the account of the group was not created"}
	if got := EventLine(e); got != "add: the account of the group was not created" {
		t.Errorf("the line is %q", got)
	}
	e.Record = ""
	if got := EventLine(e); got != e.Message {
		t.Errorf("without a record it is %q", got)
	}
}
