package app

import (
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/look"
	"dirbridge/ui/uitest"
)

// TestAnySizeAndAnyKeys checks that no size and no sequence of keys causes a panic, and that every
// frame has exactly the lines of the terminal, none wider than it. It plays a few sequences of other
// seeds each time, and 300 with DIRBRIDGE_LONG=on.
func TestAnySizeAndAnyKeys(t *testing.T) {
	t.Parallel()
	first, sequences := rand.Uint64N(1_000_000), uint64(3)
	switch {
	case testing.Short():
		sequences = 2
	case os.Getenv("DIRBRIDGE_LONG") == "on":
		first, sequences = 0, 300
	}
	names := []string{
		"up", "down", "left", "right", "home", "end", "pgup", "pgdown", "enter", "esc", "tab", "shift+tab", "backspace",
		"delete",
		"space", "f1", "f9", "f10", "alt+a", "alt+h", "alt+esc", "ctrl+l", "ctrl+p", "ctrl+u", "ctrl+w", "ctrl+g", "ctrl+z",
	}
	for _, r := range "12345678abcdefghijklmnopqrstuvwxyz/:?+-(GFSK#% é漢" {
		names = append(names, string(r))
	}
	t.Logf("sequences of seed %d and on", first)
	held, report := uitest.HeldPlan(t), flawed(t)
	for seed := first; seed < first+sequences; seed++ {
		r := rand.New(rand.NewPCG(seed, 7))
		f := newFake()
		if seed%2 == 0 {
			f.plan = held
		}
		if seed%5 == 0 {
			f.failing["Tree"], f.failing["Status"], f.failing["Preview"] = errRefused, errRefused, errRefused
		}
		if seed%3 == 0 {
			f.named("e\u0301\u0323漢字かな \u200dא")
		}
		if seed%4 == 1 {
			troubled(f)
		}
		c := open(t, f, 80, 24, func(o *Options) { o.ASCII, o.ReadOnly = seed%2 == 0, seed%7 == 0 })
		var played []string
		for range 150 {
			switch r.IntN(12) {
			case 0:
				c.send(tea.WindowSizeMsg{Width: 1 + r.IntN(500), Height: 1 + r.IntN(200)})
			case 1:
				c.send(tea.WindowSizeMsg{Width: 1 + r.IntN(90), Height: 1 + r.IntN(30)})
			case 2:
				c.beat()
			case 3:
				if r.IntN(4) == 0 {
					f.endCheck(control.Checked{Report: report})
				}
				if r.IntN(4) == 0 {
					f.end(control.Result{Run: record.Run{ID: 7, Outcome: record.Partial, Failed: 2}, Ended: noon})
				}
			case 4:
				c.send(tea.PasteMsg{Content: "a\nb\x1b[31m\x00\u202e"})
			case 5:
				at := tea.Mouse{X: r.IntN(c.root.width + 2), Y: r.IntN(c.root.height + 2),
					Button: []tea.MouseButton{tea.MouseLeft, tea.MouseWheelUp, tea.MouseWheelDown, tea.MouseRight}[r.IntN(4)]}
				if at.Button == tea.MouseWheelUp || at.Button == tea.MouseWheelDown {
					c.send(tea.MouseWheelMsg(at))
				} else {
					c.send(tea.MouseClickMsg(at))
				}
			default:
				name := names[r.IntN(len(names))]
				played = append(played, name)
				c.press(name)
			}
			checkFrame(t, c, played)
			if t.Failed() {
				t.Fatalf("the sequence has seed %d", seed)
			}
		}
	}
}

// named gives everything on a screen a name with wide and combining characters.
func (f *fake) named(name string) {
	f.status.Directory, f.status.Cloud, f.status.Connector = name, name, name
	f.status.Summary = []string{name + name + name, name}
	f.tree[""][0].Name = name
	for _, nodes := range f.tree {
		for i := range nodes {
			nodes[i].Name += name
		}
	}
	for i := range f.people {
		f.people[i].Attrs["displayName"] = []string{name}
	}
	for i := range f.events {
		f.events[i].Message, f.events[i].Record = name+name+name, name
	}
	f.status.Last[1].Detail = name + name
}

func TestEverySizeOfEveryPage(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.plan = uitest.HeldPlan(t)
	c := open(t, f, 80, 24)
	for _, shown := range []string{"1", "2", "3", "4", "5", "6", "7", "8", "9"} {
		c.press(shown)
		for w := 1; w <= 500; w += 1 + w/3 {
			for h := 1; h <= 200; h += 1 + h/3 {
				c.send(tea.WindowSizeMsg{Width: w, Height: h})
				checkFrame(t, c, []string{shown})
			}
		}
		c.send(tea.WindowSizeMsg{Width: 80, Height: 24})
		c.press("f9", "end")
		for _, w := range []int{1, 39, 40, 41, 60, 80, 500} {
			for _, h := range []int{1, 9, 10, 11, 14, 24, 200} {
				c.send(tea.WindowSizeMsg{Width: w, Height: h})
				checkFrame(t, c, []string{shown, "f9", "end"})
			}
		}
		c.send(tea.WindowSizeMsg{Width: 80, Height: 24})
		c.press("esc")
	}
}

func checkFrame(t *testing.T, c *console, played []string) {
	t.Helper()
	lines := c.root.frame()
	if len(lines) != c.root.height {
		t.Errorf("%d lines at a height of %d after %q", len(lines), c.root.height, played)
	}
	for _, line := range lines {
		if w := look.Width(line); w > c.root.width {
			t.Errorf("a line of %d cells at a width of %d after %q:\n%q", w, c.root.width, played, line)
		}
		if strings.ContainsAny(line, "\n\r\t\x00") || !utf8.ValidString(line) {
			t.Errorf("a line with a control character after %q: %q", played, line)
		}
	}
}

// TestDataCannotWriteToTheTerminal checks that directory data reaches the terminal only as text.
func TestDataCannotWriteToTheTerminal(t *testing.T) {
	evil := "a\x1b]0;owned\x07\x1b[2J\u202eb\nc\u009b31m\xff"
	f := newFake()
	f.status.Cloud, f.status.Summary, f.status.Connector = evil, []string{evil}, evil
	f.status.Last[1].Detail = evil
	f.tree[""][0].Name, f.tree[""][0].DN = evil, evil
	f.settings.Directories[0].UserFilter = evil
	f.people[0].Attrs["displayName"] = []string{evil}
	f.events[2].Message, f.events[2].Record, f.events[2].Remedy = evil, evil, evil
	ch := uitest.Person(1, "update")
	ch.Key, ch.DN, ch.Reason, ch.Cause = evil, evil, evil, "cause "+evil
	ch.Fields[0].New = []string{evil}
	f.plan = uitest.PlanOf(t, nil, ch)
	f.journal[0].Change = ch
	troubled(f)
	f.status.Failing[0].Record, f.status.Failing[0].Message, f.status.Failing[0].Remedy = evil, evil, evil
	f.status.Held[0].Holds[0].Detail, f.status.Directories[0].Name, f.status.Directories[0].Error = evil, evil, evil
	f.status.Mode.By, f.status.Mode.Reason, f.status.Schedule.Full, f.runs[0].By = evil, evil, evil, evil
	c := open(t, f, 120, 40)
	for _, keys := range [][]string{{"1"}, {"enter"}, {"esc"}, {"2"}, {"3", "down", "down", "down"}, {"4"}, {"g"},
		{"esc", "enter"}, {"esc", "5"}, {"enter"}, {"esc", "6"}, {"enter"}, {"esc", "?"}} {
		c.press(keys...)
		screen := c.root.frame()
		for _, line := range screen {
			if i := strings.IndexFunc(line, func(r rune) bool {
				return r == '\u202e' || r == '\u009b' || r == 7 ||
					r == utf8.RuneError
			}); i >= 0 {
				t.Fatalf("after %q: %q", keys, line)
			}
			for rest := line; ; {
				i := strings.IndexByte(rest, 0x1b)
				if i < 0 {
					break
				}
				rest = rest[i+1:]
				if end := strings.IndexFunc(rest, func(r rune) bool {
					return r != '[' && r != ';' &&
						(r < '0' || r > '9')
				}); end < 0 || rest[end] != 'm' {
					t.Fatalf("after %q an escape sequence that is no style: %q", keys, line)
				}
			}
		}
	}
}
