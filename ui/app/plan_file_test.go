package app

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestASavedPlanIsChosenAmongTheFiles(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.csv", "b.plan"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c := open(t, newFake(), 80, 24)
	c.press("4", "p")
	c.text(filepath.Join(dir, "x"))
	c.press("ctrl+o")
	c.shows("> ", "a.csv", "b.plan", "Esc close")
	c.press("enter") // no plan
	c.shows("a.csv")
	c.press("down", "enter", "enter")
	if want := []string{filepath.Join(dir, "b.plan")}; !slices.Equal(c.fake.paths, want) {
		t.Errorf("opened %q, want %q", c.fake.paths, want)
	}
}
