package view

import "testing"

// TestRemediesNameTheWayOfTheirFrontEnd checks that only verbs are told to type verbs.
func TestRemediesNameTheWayOfTheirFrontEnd(t *testing.T) {
	for _, x := range []struct{ verb, console, plain string }{
		{"If that is intended: --override-threshold 34.", "If that is intended: press [o] in Dry Run.",
			"If that is intended: Override it, in Dry Run."},
		{"Allow it: dirbridge confirm corp:1f; else rename it.", "Allow it: [C] in Dry Run, under Withheld; else rename it.",
			"Allow it: choose it in Dry Run, under Withheld; else rename it."},
		{"Read all (dirbridge sync --full), or dirbridge sync.", "Read all ([F] on the Dashboard), or [I] on the Dashboard.",
			"Read all (Full synchronization, under Synchronization), or Incremental synchronization, under Synchronization."},
		{"dirbridge history 12 lists them.", "Run 12 in History lists them.", "Run 12 in History lists them."},
		{"Start it: dirbridge run", "Start it: dirbridge run", "Start it: dirbridge run"},
		{"Check bind_user and bind_password.", "Check the bind account and its password.",
			"Check the bind account and its password."},
		{"Rename one of the two.", "Rename one of the two.", "Rename one of the two."},
	} {
		for a, want := range map[Audience]string{Verb: x.verb, Console: x.console, Plain: x.plain} {
			if got := In(a, x.verb); got != want {
				t.Errorf("for %d %q is %q, want %q", a, x.verb, got, want)
			}
		}
	}
}
