package ui

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dirbridge/sync/control"
	"dirbridge/sync/record"
)

var update = flag.Bool("update", false, "write the golden screens anew")

// Every page, as an administrator sees it, in a small and in a large terminal.
func TestGoldenScreens(t *testing.T) {
	scenes := []struct {
		name string
		plan bool
		play func(*console)
	}{
		{"dashboard", false, func(c *console) {}},
		{"dashboard-running", false, func(c *console) {
			c.fake.Start(control.Request{Mode: record.Full})
			c.beat()
		}},
		{"dashboard-error", false, func(c *console) {
			c.fake.failing["Start"] = errRefused
			c.press("d")
		}},
		{"objects", false, func(c *console) { c.press("2", "down", "right", "down", "down", "down", "space"); c.beat() }},
		{"objects-apply", false, func(c *console) { c.press("2", "down", "right", "down", "space", "a") }},
		{"mapping", false, func(c *console) { c.press("3", "n") }},
		{"mapping-edit", false, func(c *console) { c.press("3", "down", "enter") }},
		{"dryrun-none", false, func(c *console) { c.press("4") }},
		{"dryrun-held", true, func(c *console) { c.press("4", "down") }},
		{"dryrun-override", true, func(c *console) { c.press("4", "o") }},
		{"dryrun-why", true, func(c *console) { c.press("4", "down", "enter") }},
		{"events", false, func(c *console) { c.press("5") }},
		{"history", false, func(c *console) { c.press("6") }},
		{"history-journal", false, func(c *console) { c.press("6", "enter") }},
		{"check-none", false, func(c *console) { c.press("7") }},
		{"check-running", false, func(c *console) { c.press("7", "r") }},
		{"check", false, func(c *console) { found(c); c.press("down") }},
		{"check-findings", false, func(c *console) { found(c); c.press("down", "down", "down", "enter") }},
		{"check-save", false, func(c *console) { found(c); c.press("w") }},
		{"help", true, func(c *console) { c.press("4", "?") }},
		{"palette", false, func(c *console) { c.press(":"); c.text("dry") }},
	}
	for _, size := range [][2]int{{80, 24}, {200, 50}} {
		for _, s := range scenes {
			name := fmt.Sprintf("%s-%dx%d", s.name, size[0], size[1])
			t.Run(name, func(t *testing.T) {
				f := newFake()
				if s.plan {
					f.plan = heldPlan(t)
				}
				c := open(t, f, size[0], size[1])
				s.play(c)
				golden(t, name, c.screen())
			})
		}
	}
}

// found shows the page after a check.
func found(c *console) {
	c.press("7", "r")
	c.fake.endCheck(control.Checked{Report: flawed(c.t)})
	c.beat()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	lines := strings.Split(got, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	got = strings.Join(lines, "\n") + "\n"
	path := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("the screen differs (-want +got):\n%s", diff)
	}
}
