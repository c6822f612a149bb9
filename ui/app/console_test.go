package app

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"dirbridge/sync/control"
)

// console drives the model as the program would: it runs commands until none is left. It does not
// wait for ticks; a test calls beat.
type console struct {
	t    testing.TB
	root *root
	fake *fake
	quit bool
	now  time.Time
	// timers are messages that are due later.
	timers []tea.Msg
	sent   []tea.Msg // for Bubble Tea and the console, not for a page
}

func open(t testing.TB, f *fake, width, height int, change ...func(*Options)) *console {
	t.Helper()
	opts := Options{Connector: f, ASCII: true, Version: "1.0.0", Title: "corp.example.com"}
	for _, fn := range change {
		fn(&opts)
	}
	c := &console{t: t, fake: f, now: noon}
	r, err := newRoot(t.Context(), opts, func(string) string { return "" }, func() time.Time { return c.now })
	if err != nil {
		t.Fatal(err)
	}
	r.after = func(_ time.Duration, msg tea.Msg) tea.Cmd { return func() tea.Msg { return laterMsg{msg} } }
	c.root = r
	t.Cleanup(func() {
		if len(f.failures) > 0 && !f.mayFail {
			t.Errorf("%s failed: %s\n%s", f.failures[0].Where, f.failures[0].What, f.failures[0].Trace)
		}
	})
	c.send(tea.WindowSizeMsg{Width: width, Height: height})
	c.do(c.root.Init())
	return c
}

func (c *console) send(msg tea.Msg) {
	_, cmd := c.root.Update(msg)
	c.root.View() // as the program does before any command has answered
	c.do(cmd)
}

// laterMsg is the message of a timer that has not fired.
type laterMsg struct{ msg tea.Msg }

// do runs a command and all commands that follow from it.
func (c *console) do(cmd tea.Cmd) {
	if cmd != nil {
		c.took(cmd())
	}
}

func (c *console) took(msg tea.Msg) {
	switch msg := msg.(type) {
	case nil:
	case tea.BatchMsg:
		for _, cmd := range msg {
			c.do(cmd)
		}
	case tea.QuitMsg:
		c.quit = true
	case laterMsg:
		c.timers = append(c.timers, msg.msg)
	case pageMsg:
		if later, ok := msg.msg.(laterMsg); ok {
			c.timers = append(c.timers, pageMsg{msg.to, later.msg})
			return
		}
		c.send(msg)
	default:
		c.sent = append(c.sent, msg)
		c.send(msg)
	}
}

// beat fires every timer that was set so far.
func (c *console) beat() {
	timers := c.timers
	c.timers = nil
	for _, msg := range timers {
		c.send(msg)
	}
}

// press sends keys by name; a longer name that is no key is typed as text.
func (c *console) press(names ...string) {
	for _, name := range names {
		c.send(keyPress(name))
	}
}

func (c *console) text(s string) {
	for _, r := range s {
		c.send(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
}

func keyPress(name string) tea.KeyPressMsg {
	codes := map[string]rune{
		"up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight, "home": tea.KeyHome,
		"end":  tea.KeyEnd,
		"pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown, "enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab,
		"backspace": tea.KeyBackspace, "delete": tea.KeyDelete, "f1": tea.KeyF1, "f9": tea.KeyF9, "f10": tea.KeyF10,
		"f5": tea.KeyF5,
	}
	switch code, ok := codes[name]; {
	case ok:
		return tea.KeyPressMsg{Code: code}
	case name == "space":
		return tea.KeyPressMsg{Code: tea.KeySpace, Text: " "}
	case name == "shift+tab":
		return tea.KeyPressMsg{Code: tea.KeyTab, Mod: tea.ModShift}
	case strings.HasPrefix(name, "ctrl+"):
		return tea.KeyPressMsg{Code: rune(name[5]), Mod: tea.ModCtrl}
	case strings.HasPrefix(name, "alt+"):
		return tea.KeyPressMsg{Code: rune(name[4]), Mod: tea.ModAlt}
	}
	r := []rune(name)[0]
	return tea.KeyPressMsg{Code: r, Text: name}
}

// screen returns the text of the screen, without styles.
func (c *console) screen() string {
	return ansi.Strip(strings.Join(c.root.frame(), "\n"))
}

// sentences returns the text of the screen in one line, frame by frame: what is wrapped in a frame is
// whole in it.
func (c *console) sentences() string {
	frames := map[int]string{} // by the cell at which they start
	for _, line := range strings.Split(c.screen(), "\n") {
		at := 0
		for _, part := range strings.Split(line, "|") {
			frames[at] += " " + strings.Join(strings.Fields(part), " ")
			at += len(part) + 1
		}
	}
	var all []string
	for _, at := range slices.Sorted(maps.Keys(frames)) {
		all = append(all, strings.Fields(frames[at])...)
	}
	return strings.Join(all, " ")
}

func (c *console) shows(want ...string) {
	c.t.Helper()
	for _, w := range want {
		if !strings.Contains(c.screen(), w) && !strings.Contains(c.sentences(), strings.Join(strings.Fields(w), " ")) {
			c.t.Fatalf("the screen lacks %q:\n%s", w, c.screen())
		}
	}
}

// until presses a key until the screen has a text.
func (c *console) until(key, text string) {
	c.t.Helper()
	for range 60 {
		if strings.Contains(c.screen(), text) {
			return
		}
		c.press(key)
	}
	c.t.Fatalf("%s never leads to %q:\n%s", key, text, c.screen())
}

// onto moves the cursor down to the row with a text.
func (c *console) onto(text string) {
	c.t.Helper()
	for range 60 {
		for _, line := range strings.Split(c.screen(), "\n") {
			if strings.HasPrefix(strings.TrimPrefix(line, "|"), ">") && strings.Contains(line, text) {
				return
			}
		}
		c.press("down")
	}
	c.t.Fatalf("the cursor never comes to %q:\n%s", text, c.screen())
}

func (c *console) lacks(words ...string) {
	c.t.Helper()
	for _, w := range words {
		if strings.Contains(c.screen(), w) {
			c.t.Fatalf("the screen has %q:\n%s", w, c.screen())
		}
	}
}

// lastStarted returns the last request that the engine received.
func (c *console) lastStarted() control.Request {
	c.t.Helper()
	if len(c.fake.started) == 0 {
		c.t.Fatalf("nothing was started:\n%s", c.screen())
	}
	return c.fake.started[len(c.fake.started)-1]
}
