package app

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/look"
	"dirbridge/ui/page/dryrun"
	"dirbridge/ui/uitest"
)

var update = flag.Bool("update", false, "rewrite the golden screens")

// TestGoldenScreens compares every page in three sizes, with and without colors, and in ASCII. Each
// scene has one file.
func TestGoldenScreens(t *testing.T) {
	t.Parallel()
	scenes := []struct {
		name string
		plan bool
		play func(*console)
	}{
		{"dashboard", false, func(c *console) {}},
		{"dashboard-trouble", false, func(c *console) { troubled(c.fake); c.press("r") }},
		{"dashboard-failing", false, func(c *console) { troubled(c.fake); c.press("r", "enter", "down") }},
		{"dashboard-first", false, func(c *console) {
			c.fake.status = control.Status{Connector: "sync01", Incremental: "Not Scheduled", Full: "Not Scheduled"}
			c.press("r")
		}},
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
		{"dryrun-summary", true, func(c *console) { c.press("4", "left") }},
		{"dryrun-causes", true, func(c *console) { c.press("4", "g") }},
		{"dryrun-attributes", true, func(c *console) { c.press("4", "t") }},
		{"dryrun-leave", true, func(c *console) { c.press("4", "right", "space", "X") }},
		{"dryrun-cloud", false, func(c *console) {
			c.fake.plan = edited(c.t)
			c.beat()
			c.press("4", "right", "right", "right", "right", "right")
		}},
		{"queue", false, func(c *console) {
			c.fake.queue = waiters(40)
			c.press("9", "down", "down", "down", "space", "up", "up")
		}},
		{"queue-none", false, func(c *console) { c.press("9") }},
		{"queue-keep", false, func(c *console) {
			c.fake.queue = waiters(40)
			c.press("9", "K")
			c.text("in court")
			c.press("enter")
		}},
		{"queue-now", false, func(c *console) { c.fake.queue = waiters(40); c.press("9", "space", "p") }},
		{"convert", false, func(c *console) { c.press("alt+a", "m", "c") }},
		{"convert-check", false, func(c *console) {
			p := conversion(3)
			p.Accounts[0].InCloud, p.Accounts[0].Fate, p.Accounts[0].Detail = true, control.FateMatched, "CN=p2"
			p.Accounts[1].Fate, p.Accounts[1].Detail = control.FateAdded, "CN=p3"
			p.Steps[3].Detail, p.Steps[3].Remedy = "waits for the conversion of p3@example.com", "dirbridge plan"
			c.fake.status.Mode = control.ModeStatus{At: noon, Procedure: p}
			c.press("r", "alt+a", "m", "c")
		}},
		{"dryrun-why", true, func(c *console) { c.press("4", "right", "right", "down", "enter") }},
		{"explain-who", false, func(c *console) { c.press("x"); c.text("ana") }},
		{"explain", false, func(c *console) {
			c.fake.explanation = anaExplained()
			c.press("x")
			c.text("ana")
			c.press("enter")
		}},
		{"events", false, func(c *console) { c.press("5") }},
		{"events-run", false, func(c *console) { c.press("5", "t") }},
		{"history", false, func(c *console) { c.press("6") }},
		{"history-run", false, func(c *console) { c.press("6", "down", "enter", "down") }},
		{"history-journal", false, func(c *console) { c.press("6", "enter") }},
		{"history-undo", true, func(c *console) {
			c.press("6")
			c.press("u")
			c.fake.end(control.Result{})
			c.fake.plan = undoPlan(c.t)
			c.beat()
		}},
		{"settings", false, func(c *console) { c.press("7", "down", "down", "down") }},
		{"settings-policy", false, func(c *console) { c.press("7", "right"); c.set("10") }},
		{"settings-guards", false, func(c *console) { c.press("7", "right", "right", "down", "down", "down") }},
		{"settings-cloud", false, func(c *console) { c.press("7", "left", "t", "down", "down") }},
		{"settings-wrong", false, func(c *console) { c.press("7", "right", "enter"); c.text("x"); c.press("enter") }},
		{"settings-times", false, func(c *console) { c.press("7", "left", "left", "down", "enter", "space", "right") }},
		{"settings-list", false, func(c *console) { c.press("7", "down", "down", "enter") }},
		{"settings-apply", false, func(c *console) {
			c.fake.delta = leftAndEntered()
			c.press("2", "down", "right", "down", "space", "a")
		}},
		{"settings-changed", false, func(c *console) {
			c.fake.changed = changedByOthers()
			c.press("7", "right")
			c.set("10")
			c.press("a", "a")
		}},
		{"settings-decide", false, func(c *console) {
			c.press("7", "right")
			c.set("10")
			c.press("d")
			c.fake.end(control.Result{})
			c.beat()
		}},
		{"objects-filter", false, func(c *console) { c.press("2", "f"); c.text("(department=Sales)"); c.beat() }},
		{"check-none", false, func(c *console) { c.press("8") }},
		{"check-running", false, func(c *console) { c.press("8", "r") }},
		{"check", false, func(c *console) { found(c); c.press("down") }},
		{"check-findings", false, func(c *console) { found(c); c.press("down", "down", "down", "enter") }},
		{"check-save", false, func(c *console) { found(c); c.press("w") }},
		{"dryrun-focus", true, func(c *console) { c.press("4", "tab") }},
		{"dryrun-filter", true, func(c *console) { c.press("4", "f") }},
		{"dryrun-chips", true, func(c *console) { c.press("4", "/"); c.text("title"); c.press("enter") }},
		{"dryrun-save", true, func(c *console) { c.press("4", "s") }},
		{"dryrun-open", false, func(c *console) { c.press("4", "p") }},
		{"dryrun-copy", true, func(c *console) { c.press("4", "y") }},
		{"dryrun-apply", false, func(c *console) {
			c.fake.plan = uitest.PlanOf(c.t, nil, uitest.Person(1, "update"), uitest.Person(2, "add"))
			c.beat()
			c.press("4", "a")
		}},
		{"events-details", false, func(c *console) { c.press("5", "enter") }},
		{"events-filter", false, func(c *console) { c.press("5", "/"); c.text("ana"); c.press("enter") }},
		{"history-record", false, func(c *console) { c.press("6", "down", "enter", "enter") }},
		{"objects-search", false, func(c *console) { c.press("2", "/"); c.text("sales"); c.beat() }},
		{"mapping-person", false, func(c *console) { c.press("3", "w") }},
		{"settings-search", false, func(c *console) { c.press("7", "/"); c.text("thresh") }},
		{"sync-full", false, func(c *console) { c.press("F") }},
		{"sync-incremental", false, func(c *console) { c.press("I") }},
		{"mode-disable", false, func(c *console) { c.press("alt+a", "m", "d") }},
		{"quit-running", false, func(c *console) {
			c.fake.Start(control.Request{Mode: record.Full})
			c.beat()
			c.press("q")
		}},
		{"quit-changed", false, func(c *console) { c.press("7", "right"); c.set("10"); c.press("q") }},
		{"about", false, func(c *console) { c.press("alt+h", "a") }},
		{"help", true, func(c *console) { c.press("4", "?") }},
		{"palette", false, func(c *console) { c.press(":"); c.text("dry") }},
		{"menu", false, func(c *console) { c.press("alt+a", "s") }},
		{"mode-enable", false, func(c *console) {
			c.fake.status.Mode = control.ModeStatus{WhyNot: "no dry run yet", Remedy: "Make a dry run first."}
			c.do(c.root.readStatus())
			c.press("alt+a", "m", "e")
		}},
		{"menu-page", true, func(c *console) { c.press("4", "f9") }},
		{"menu-help", false, func(c *console) { c.press("alt+h") }},
		{"help-text", false, func(c *console) { c.press("alt+h", "h") }},
		{"faq", false, func(c *console) { c.press("alt+h", "f") }},
		{"faq-answer", false, func(c *console) { c.press("alt+h", "f"); c.text("held"); c.press("enter") }},
	}
	for _, s := range scenes {
		t.Run(s.name, func(t *testing.T) {
			golden(t, s.name, inEveryLook(t, func(width, height int, first look.Look) func(look.Look) []string {
				f := newFake()
				if s.plan {
					f.plan = uitest.HeldPlan(t)
				}
				c := open(t, f, width, height)
				c.do(c.root.useLook(first))
				s.play(c)
				return func(l look.Look) []string {
					c.do(c.root.useLook(l))
					lines := c.root.frame()
					if f.plan != nil { // the id changes with the plan format
						for i := range lines {
							lines[i] = strings.ReplaceAll(lines[i], dryrun.ShortID(f.plan.Header().ID), "7f3a91")
						}
					}
					return lines
				}
			}))
		})
	}
}

// inEveryLook draws a screen in three sizes, each in colors, without, and in ASCII. open plays up to it in its
// first look, and the frame may be drawn in another theme.
func inEveryLook(t *testing.T, open func(width, height int, first look.Look) func(look.Look) []string) string {
	var b strings.Builder
	for _, size := range [][2]int{{80, 24}, {120, 40}, {200, 50}} {
		auto, _ := look.New("auto", false)
		mono, _ := look.New("mono", false)
		plain, _ := look.New("auto", true)
		draw := open(size[0], size[1], auto)
		fmt.Fprintf(&b, "== %dx%d\n", size[0], size[1])
		colour := draw(auto)
		for _, line := range colour {
			fmt.Fprintln(&b, trimmed(line))
		}
		fmt.Fprintln(&b, "-- colour")
		numbered(&b, colour, styleMap, nil)
		fmt.Fprintln(&b, "-- mono")
		numbered(&b, draw(mono), styleMap, nil)
		fmt.Fprintln(&b, "-- ASCII, the lines that differ")
		ascii := open(size[0], size[1], plain)(plain)
		numbered(&b, ascii, trimmed, colour)
		oneArrow(t, colour, " -> ")
		oneArrow(t, ascii, "→")
	}
	return b.String()
}

// oneArrow checks that a screen does not have the arrow of the other kind of terminal.
func oneArrow(t *testing.T, screen []string, other string) {
	t.Helper()
	for _, line := range screen {
		if strings.Contains(trimmed(line), other) {
			t.Errorf("the arrow %q in %q", other, trimmed(line))
		}
	}
}

func trimmed(line string) string { return strings.TrimRight(ansi.Strip(line), " ") }

// numbered writes those lines for which what returns a text that differs from the other one.
func numbered(b *strings.Builder, lines []string, what func(string) string, other []string) {
	for i, line := range lines {
		text := what(line)
		if other == nil && text == "" || other != nil && text == what(other[i]) {
			continue
		}
		fmt.Fprintf(b, "%2d %s\n", i+1, text)
	}
}

// styleMap draws a line's styles, a letter for each cell: # reversed; r g y b m c w a for a color,
// in capitals if bold; * bold; . faint; _ underlined.
func styleMap(line string) string {
	var b strings.Builder
	cell := ' '
	for line != "" {
		if sgr, rest, ok := strings.Cut(line, "m"); ok && strings.HasPrefix(sgr, "\x1b[") {
			cell, line = styleLetter(strings.Split(sgr[2:], ";")), rest
			continue
		}
		end := strings.IndexByte(line, 0x1b)
		if end < 0 {
			end = len(line)
		}
		b.WriteString(strings.Repeat(string(cell), look.Width(line[:end])))
		line = line[end:]
	}
	return strings.TrimRight(b.String(), " ")
}

func styleLetter(codes []string) rune {
	letter, bold := ' ', slices.Contains(codes, "1")
	for _, code := range codes {
		n, _ := strconv.Atoi(code)
		switch {
		case n == 7:
			return '#'
		case n == 2:
			letter = '.'
		case n == 4:
			letter = '_'
		case n >= 30 && n <= 37:
			letter = rune("krgybmcw"[n-30])
		}
	}
	switch {
	case bold && letter == ' ':
		return '*'
	case bold:
		return unicode.ToUpper(letter)
	}
	return letter
}

// found shows the page after a check.
func found(c *console) {
	c.press("8", "r")
	c.fake.endCheck(control.Checked{Report: flawed(c.t)})
	c.beat()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
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
