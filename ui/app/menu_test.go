package app

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/ui/page"
	"dirbridge/ui/uitest"
)

// TestTheGuidesKeyCombinations checks the guide's key combinations (table 4): with Alt held down,
// with Alt for the first letter only, with Esc in its place, and by F10 and the letters.
func TestTheGuidesKeyCombinations(t *testing.T) {
	t.Parallel()
	does := map[string]func(*console){
		"D":   func(c *console) { wantStarted(c, record.DryRun) },
		"S I": func(c *console) { c.shows("Incremental synchronization", "Type  yes") },
		"S F": func(c *console) { c.shows("Full synchronization: no dry run yet") },
		"S":   func(c *console) { c.shows("Full", "Incremental", "[Actions]") },
	}
	helps := map[string]func(*console){
		"H": func(c *console) { c.shows("Finding a command") },
		"A": func(c *console) { c.shows("About", "Apache License 2.0", "sync01") },
		"F": func(c *console) { c.shows("What does HELD mean?") },
	}
	for menu, chords := range map[string]map[string]func(*console){"a": does, "h": helps} {
		for chord, check := range chords {
			letters := strings.Fields(strings.ToLower(chord))
			held := []string{"alt+" + menu}
			for _, l := range letters {
				held = append(held, "alt+"+l)
			}
			ways := map[string][]string{
				"Alt kept down": held,
				"Alt":           append([]string{"alt+" + menu}, letters...),
				"Esc":           append([]string{"esc", menu}, letters...),
				"F10":           append(map[string][]string{"a": {"f10"}, "h": {"f10", "tab", "tab"}}[menu], letters...),
			}
			for way, keys := range ways {
				t.Run(menu+" "+chord+" by "+way, func(t *testing.T) {
					c := open(t, newFake(), 80, 60)
					c.press("3") // another page than the one with these keys
					c.press(keys...)
					check(c)
				})
			}
		}
	}
}

func wantStarted(c *console, mode record.Mode) {
	c.t.Helper()
	if got := c.lastStarted().Mode; got != mode {
		c.t.Errorf("started %s", got)
	}
}

// TestAltGrOpensNothing checks AltGr, which arrives as Ctrl+Alt: on many keyboards it types
// characters.
func TestAltGrOpensNothing(t *testing.T) {
	c := open(t, newFake(), 80, 24)
	for _, r := range "aħh" {
		c.send(tea.KeyPressMsg{Code: r, Mod: tea.ModCtrl | tea.ModAlt})
		c.send(tea.KeyPressMsg{Code: r, Mod: tea.ModCtrl | tea.ModAlt, Text: "æ"})
	}
	if c.root.menu != nil {
		t.Error("a menu is open")
	}
	for _, command := range c.root.registry() {
		for _, key := range command.Key.Keys() {
			if strings.Contains(key, "ctrl+alt") {
				t.Errorf("%s is bound to %s", command.ID, key)
			}
		}
	}
}

func TestWhatCannotBeDoneStaysInTheMenuAndSaysWhy(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*fake, *Options)
		want   string
	}{
		{"no full run", func(f *fake, _ *Options) { f.status.LastFull = time.Time{} },
			"incremental sync is unavailable until a full sync has succeeded"},
		{"running", func(f *fake, _ *Options) {
			f.progress = control.Progress{Mode: record.Full, Phase: port.Applying, Started: noon}
		}, "a run is under way"},
		{"read-only", func(_ *fake, o *Options) { o.ReadOnly = true }, "--read-only"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake()
			c := open(t, f, 80, 24, func(o *Options) { tt.change(f, o) })
			c.press("alt+a", "s", "down")
			c.shows("I  Incremental", "(off)", "Off: ", tt.want)
			c.press("enter")
			c.shows("[Actions]", tt.want)
			if len(f.started) != 0 {
				t.Error("it was started")
			}
			c.press("esc", "esc", ":")
			c.text("incrsync")
			c.shows("incremental synchronization", "(I)", "Off: ", tt.want)
			c.press("enter", "esc", "1", "I")
			c.shows("[I] is off: ", tt.want)
			if len(f.started) != 0 {
				t.Error("it was started")
			}
		})
	}
}

func TestTheModeIsSwitchedByTheMenu(t *testing.T) {
	f := newFake()
	f.status.Mode = control.ModeStatus{WhyNot: "no dry run yet", Remedy: "Make a dry run first."}
	c := open(t, f, 80, 24)
	c.shows("schedule OFF")
	c.press("alt+a", "m", "e")
	c.shows("cannot be turned on yet: no dry run yet", "Make a dry run")
	c.press("d")
	wantStarted(c, record.DryRun)
	f.end(control.Result{})
	f.status.Mode = control.ModeStatus{MayEnable: true, DryRun: &control.DryRun{At: noon,
		Counts: record.Counts{Users: record.ObjectCounts{Add: 3}}}}
	c.press("f5", "alt+a", "m", "e")
	c.shows("The dry run of 14:02 found: 3 people added.")
	f.status.Mode = control.ModeStatus{Enabled: true, At: noon}
	c.press("e")
	c.shows("schedule ON", "The schedule is on.")
	c.press("alt+a", "m", "e")
	c.shows("Off: the schedule is on")
	c.press("d")
	c.text("upgrade")
	f.failing["Disable"] = errRefused
	c.press("enter")
	c.shows("The mode was not changed")
	if f.calls["Enable"] != 1 || f.calls["Disable"] != 1 {
		t.Errorf("called %v", f.calls)
	}
}

func TestMenusAreWalkedByArrows(t *testing.T) {
	c := open(t, newFake(), 80, 24)
	c.press("f10", "right", "left", "left")
	c.shows("Actions  Page [Help]")
	c.press("tab", "tab", "shift+tab", "tab")
	c.shows("Actions [Page]")
	c.press("left", "enter", "left", "end", "up", "enter")
	c.shows("Refreshed.")
	c.press("f10", "end", "enter")
	if !c.quit {
		t.Error("Exit did not leave")
	}
}

// TestEscIsAPrefixOnlyWhereItDidNothing checks that an Esc with its own meaning is not a prefix for
// the next letter.
func TestEscIsAPrefixOnlyWhereItDidNothing(t *testing.T) {
	f := newFake()
	f.plan = uitest.HeldPlan(t)
	c := open(t, f, 80, 24)
	c.press("4", "g", "esc", "a")
	c.shows("[a] is off: it is held")
	c.press("esc")
	c.shows("Esc: a Actions, h Help")
	c.press("down", "a")
	c.lacks("[Actions]")
}

func TestThePaletteFindsByAFewLetters(t *testing.T) {
	for text, want := range map[string]string{
		"full": "full synchronization", "fsync": "full synchronization", "hicon": "theme high-contrast",
		"obj": "go to Object Selection", "ctrl+l": "redraw the screen",
		"faq": "FAQ   ", "òbjèct": "go to Object Selection", "rdwscr": "redraw the screen", "go check": "go to Check",
	} {
		c := open(t, newFake(), 80, 24)
		c.press(":")
		c.text(text)
		c.shows(">" + want)
	}
	c := open(t, newFake(), 80, 24)
	c.press("ctrl+p")
	c.text("zzzz")
	c.shows("No match.")
	c.press("esc", ":")
	c.text("go check")
	c.press("enter", ":") // used last, it is first
	c.shows(">go to Check")
}

func TestTheHelpFindsAKeyAndRunsIt(t *testing.T) {
	c := open(t, newFake(), 80, 24)
	c.press("?")
	c.shows("Keys: Dashboard")
	c.text("reads again")
	c.press("ctrl+u")
	c.text("6")
	c.shows(">6 ")
	c.press("enter")
	c.shows("6History]")
}

// TestTheRegistryIsWhole checks that every command has a title and a unique ID, that a menu uses
// each letter once, and that the palette offers everything in the menus.
func TestTheRegistryIsWhole(t *testing.T) {
	f := newFake()
	f.plan = uitest.HeldPlan(t)
	c := open(t, f, 80, 24)
	for shown := page.ID(1); shown <= page.Last; shown++ {
		c.root.show(shown)
		seen := map[string]bool{}
		for _, command := range c.root.registry() {
			if command.ID == "" {
				continue
			}
			if command.Title == "" || seen[command.ID] || command.Do == nil {
				t.Errorf("page %d: %q: title %q, seen %v", shown, command.ID, command.Title, seen[command.ID])
			}
			seen[command.ID] = true
		}
		for bar := range barMenus {
			letters := map[string]string{}
			walk := func(items []menuItem) {
				for _, item := range items {
					if was := letters[item.letter]; was != "" && item.letter != "" {
						t.Errorf("page %d, menu %d: %s is %q and %q", shown, bar, item.letter, was, item.title)
					}
					letters[item.letter] = item.title
					if item.items == nil && !seen[item.command.ID] {
						t.Errorf("page %d: %q is in no palette", shown, item.title)
					}
				}
			}
			walk(c.root.items(bar))
			for _, item := range c.root.items(bar) {
				letters = map[string]string{}
				walk(item.items)
			}
		}
	}
}

func TestTheMouseHelps(t *testing.T) {
	f := newFake()
	f.plan = uitest.HeldPlan(t)
	c := open(t, f, 80, 24)
	click := func(x, y int) { c.send(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft}) }
	click(35, 1)
	c.shows("[4Dry Run]")
	click(5, 10)
	c.shows("3 of 120")
	c.send(tea.MouseWheelMsg{X: 5, Y: 10, Button: tea.MouseWheelDown})
	c.shows("6 of 120")
	click(3, 0)
	c.shows("[Actions]")
	click(3, 3)
	click(40, 4)
	c.shows("Incremental synchronization")
	click(2, 1) // a dialog is answered by keys
	c.shows("Type yes")
	c.press("esc", "f10")
	click(70, 20)
	c.lacks("[Actions]")
	if c.root.View().MouseMode != tea.MouseModeCellMotion {
		t.Error("no mouse")
	}
	c.press(":")
	c.text("mouse")
	c.press("enter")
	if c.root.View().MouseMode != tea.MouseModeNone {
		t.Error("the mouse stayed")
	}
	if open(t, newFake(), 80, 24, func(o *Options) { o.NoMouse = true }).root.View().MouseMode != tea.MouseModeNone {
		t.Error("--no-mouse has one")
	}
}

// TestAPasteIsNeverACommand checks that pasted text goes to the text field in use or nowhere, and
// never counts as a key.
func TestAPasteIsNeverACommand(t *testing.T) {
	f := newFake()
	f.plan = uitest.PlanOf(t, nil, uitest.Person(1, "update"))
	c := open(t, f, 80, 24)
	for _, shown := range []string{"1", "2", "3", "4", "5", "6", "7", "8", "9"} {
		c.press(shown)
		before := c.screen()
		for _, text := range []string{"d", "f\nyes\n", "q", "enter", "a\ryes\r", "esc", ":quit\n"} {
			c.send(tea.PasteMsg{Content: text})
		}
		if c.screen() != before || c.quit {
			t.Fatalf("page %s took a paste:\n%s", shown, c.screen())
		}
	}
	c.press("f10")
	c.send(tea.PasteMsg{Content: "d"})
	c.press("esc", "1", "F")
	c.send(tea.PasteMsg{Content: "yes\n"})
	c.shows("Type  yes")
	if len(f.started) != 0 {
		t.Fatalf("started %+v", f.started)
	}
	c.press("esc", "5", "/")
	c.send(tea.PasteMsg{Content: "esc"})
	c.send(tea.PasteMsg{Content: "\x1b[31m\u202eb\no\x00"})
	c.shows("esc[31mb o")
}

// TestAReadOnlyConsoleChangesNothing presses every key in a read-only console.
func TestAReadOnlyConsoleChangesNothing(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.plan = uitest.PlanOf(t, nil, uitest.Person(1, "update"))
	c := open(t, f, 80, 24, func(o *Options) { o.ReadOnly = true })
	c.fake.endCheck(control.Checked{Report: flawed(t)})
	seen := map[string]bool{"exit": true}
	for _, shown := range []string{"1", "2", "3", "4", "5", "6", "7", "8", "9"} {
		c.press(shown)
		for _, command := range c.root.registry() {
			name := command.ID + command.Title // pages have commands of one ID that do other things
			if seen[name] || command.Do == nil {
				continue
			}
			seen[name] = true
			c.root.dialogs = nil
			c.do(c.root.use(command))
			for range 3 { // whatever it asks
				c.press("enter")
				c.text("yes")
			}
			c.press("esc", "esc", "esc")
		}
	}
	for _, call := range []string{"Start", "SaveSettings", "SavePlan", "StartCheck", "Enable", "Disable"} {
		if n := f.calls[call]; n != 0 {
			t.Errorf("%s was called %d times", call, n)
		}
	}
	if f.cancels+f.checks.cancels != 0 || c.root.draft.Changed() {
		t.Error("something was cancelled or edited")
	}
}
