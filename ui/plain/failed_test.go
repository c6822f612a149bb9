package plain

import (
	"strings"
	"testing"
)

func TestAPanicIsAnErrorWithTheDraftKept(t *testing.T) {
	for method, page := range map[string]string{"Runs": "6", "Catalogue": "3"} {
		f := newFake(t)
		f.panics = method
		said := speak(t, f, Options{}, lines("11 2 1 50 b b "+page+" 11 6"))
		for _, want := range []string{" failed: " + strings.ToLower(method), "/var/lib/dirbridge/console-failure.txt"} {
			if !strings.Contains(said, want) {
				t.Errorf("%s: it lacks %q:\n%s", method, want, said)
			}
		}
		if strings.Contains(said, "\x1b") {
			t.Errorf("%s: what failed steers the terminal", method)
		}
		if len(f.failures) != 1 || !strings.Contains(f.failures[0].Trace, "fake_test.go") ||
			!strings.Contains(f.failures[0].Trace, "Delete threshold: 20 -> 50") {
			t.Errorf("%s: reported %+v", method, f.failures)
		}
	}
}

func TestTheDraftOfAConsoleThatFailedIsTakenUpAgain(t *testing.T) {
	f := newFake(t)
	keep := func() {
		f.kept.Changed, f.kept.At, f.kept.Saved, f.kept.Edited = true, noon, f.settings.Clone(), f.settings.Clone()
		f.kept.Edited.Values["policy.delete_threshold"] = "7"
	}
	keep()
	said := speak(t, f, Options{}, lines("1 11 1 2 b 0"))
	if !strings.Contains(said, "Delete threshold: 20 becomes 7") || len(f.saved) != 1 ||
		f.saved[0].Values["policy.delete_threshold"] != "7" {
		t.Errorf("saved %v:\n%s", len(f.saved), said)
	}
	f = newFake(t)
	keep()
	speak(t, f, Options{}, lines("2 0"))
	if f.kept.Changed || len(f.saved) > 0 {
		t.Error("they were not dropped")
	}
}
