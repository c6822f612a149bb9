package form

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"dirbridge/ui/look"
	"dirbridge/ui/wizard"
)

// bench is a form of one field of each kind, and where it stores the values.
type bench struct {
	*Form
	look   look.Look
	values map[string]string
}

func newBench(t *testing.T) *bench {
	t.Helper()
	l, err := look.New("mono", true)
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{&Form{}, l, map[string]string{}}
	field := func(id string, kind wizard.Kind, options ...string) wizard.Field {
		f := wizard.Field{ID: id, Label: id, Kind: kind, Help: "Help of " + id,
			Get: func() string { return b.values[id] }, Set: func(v string) { b.values[id] = v }}
		for _, o := range options {
			f.Options = append(f.Options, wizard.Option{Value: o, Label: o})
		}
		return f
	}
	text := field("text", wizard.Text)
	text.Check = func(s string) string {
		if s == "bad" {
			return "Not this."
		}
		return ""
	}
	b.Show(l, Content{Fields: []wizard.Field{text, field("secret", wizard.Secret), field("file", wizard.File),
		field("choice", wizard.Choice, "one", "two"), field("ticks", wizard.Ticks, "a", "b", "c")},
		Buttons: []Button{{ID: "go", Label: "Go"}, {ID: "off", Label: "Off", Off: "not yet"}}})
	return b
}

func (b *bench) press(t *testing.T, codes ...rune) (e Event) {
	t.Helper()
	for _, c := range codes {
		k := tea.KeyPressMsg{Code: c}
		if c >= ' ' && c < 0x7f {
			k.Text = string(c)
		}
		e, _ = b.Key(k)
	}
	return e
}

func (b *bench) screen(width, height int) string {
	return ansi.Strip(strings.Join(b.View(b.look, width, height), "\n"))
}

// TestWhatIsTypedIsCleaned checks that no field takes text that could do more than appear.
func TestWhatIsTypedIsCleaned(t *testing.T) {
	b := newBench(t)
	b.Paste("a\u202eb\u200bc\x1b[31m\u2066d\n")
	if got := b.values["text"]; got != "abc[31md" {
		t.Errorf("pasted %q", got)
	}
	b.Key(tea.KeyPressMsg{Code: 'x', Text: "\u202ex"})
	if got := b.values["text"]; got != "abc[31mdx" {
		t.Errorf("typed %q", got)
	}
}

// TestASecretIsNotShown checks that of a secret only the length is seen, and of a reference all.
func TestASecretIsNotShown(t *testing.T) {
	b := newBench(t)
	b.press(t, tea.KeyTab)
	for _, typed := range []string{"hidden", ""} {
		b.Paste(typed)
		for range 2 { // with the focus and without
			if s := b.screen(80, 30); strings.Contains(s, "hidden") || !strings.Contains(s, "******") {
				t.Error(s)
			}
			b.press(t, tea.KeyTab)
		}
		b.MoveTo("secret")
	}
	b.Key(tea.KeyPressMsg{Code: 'u', Mod: tea.ModCtrl})
	b.Paste("env:TOKEN")
	if s := b.screen(80, 30); !strings.Contains(s, "env:TOKEN") {
		t.Error(s)
	}
}

func TestAWrongValueIsToldAtItsField(t *testing.T) {
	b := newBench(t)
	b.Paste("bad")
	b.press(t, tea.KeyTab)
	if b.Focus() != "text" || !strings.Contains(b.screen(80, 30), "! Not this.") {
		t.Errorf("the focus is at %s:\n%s", b.Focus(), b.screen(80, 30))
	}
	b.press(t, 'x', tea.KeyTab)
	if b.Focus() != "secret" || strings.Contains(b.screen(80, 30), "Not this") {
		t.Errorf("the focus is at %s:\n%s", b.Focus(), b.screen(80, 30))
	}
}

func TestChoicesTicksAndButtons(t *testing.T) {
	b := newBench(t)
	b.MoveTo("choice")
	b.press(t, tea.KeyRight, tea.KeyTab, tea.KeySpace, tea.KeyRight, tea.KeyRight, ' ')
	if b.values["choice"] != "two" || b.values["ticks"] != "a\nc" {
		t.Errorf("%v", b.values)
	}
	if e := b.press(t, tea.KeyEnter); e.Pressed != "go" { // the last field presses the first button
		t.Errorf("%+v", e)
	}
	if e := b.press(t, tea.KeyRight, tea.KeyEnter); e.Refused != "not yet" || b.Focus() != "text" {
		t.Errorf("%+v, the focus is at %s", e, b.Focus())
	}
}

// TestAFileIsChosen checks the list of files: names are cleaned, and a leading ~ is the home folder.
func TestAFileIsChosen(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("HOME", dir)
	if err := os.WriteFile(filepath.Join(dir, "ca\u202e.pem"), nil, 0o600); err != nil {
		t.Skip("no such names here")
	}
	b := newBench(t)
	b.MoveTo("file")
	b.Paste("~/x")
	_, cmd := b.Key(tea.KeyPressMsg{Code: 'o', Mod: tea.ModCtrl})
	b.Update(cmd())
	if s := b.screen(80, 20); !strings.Contains(s, "ca?.pem") || !b.Browsing() {
		t.Fatal(s)
	}
	b.press(t, tea.KeyEscape)
	b.press(t, tea.KeyTab)
	if b.values["file"] != filepath.Join(dir, "x") || b.Browsing() {
		t.Errorf("%q", b.values["file"])
	}
}

// TestAFieldOfSeveralLines checks that Enter and the arrows stay in the field, until there is no line
// beyond.
func TestAFieldOfSeveralLines(t *testing.T) {
	text := "(objectClass=user)"
	l := newBench(t).look
	var f Form
	f.Show(l, Content{Buttons: []Button{{ID: "ok", Label: "OK"}}, Fields: []wizard.Field{{ID: "lines", Label: "Filter",
		Kind: wizard.Lines, Get: func() string { return text }, Set: func(v string) { text = v }}}})
	f.Key(tea.KeyPressMsg{Code: tea.KeyEnter})
	f.Paste("(a=b)\n(c=d)")
	if text != "(objectClass=user)\n(a=b)\n(c=d)" {
		t.Errorf("%q", text)
	}
	for _, want := range []string{"lines", "lines"} {
		f.Key(tea.KeyPressMsg{Code: tea.KeyUp})
		if f.Focus() != want {
			t.Errorf("the focus is at %s", f.Focus())
		}
	}
	for _, want := range []string{"lines", "lines", "ok"} {
		f.Key(tea.KeyPressMsg{Code: tea.KeyDown})
		if f.Focus() != want {
			t.Errorf("the focus is at %s, not %s", f.Focus(), want)
		}
	}
	if s := strings.Join(f.View(l, 60, 12), "\n"); !strings.Contains(s, "(c=d)") {
		t.Error(s)
	}
}

func TestAFormFitsEverySize(t *testing.T) {
	for _, size := range [][2]int{{20, 3}, {40, 6}, {60, 12}, {80, 17}, {120, 35}} {
		b := newBench(t)
		b.Fail(Fault{Field: "file", What: strings.Repeat("wrong ", 30), Remedy: "Do it."})
		for range 7 {
			lines := b.View(b.look, size[0], size[1])
			if len(lines) > size[1] {
				t.Errorf("%v: %d lines", size, len(lines))
			}
			for _, line := range lines {
				if look.Width(line) > size[0] {
					t.Errorf("%v: %q", size, line)
				}
			}
			if s := fmt.Sprint(lines); b.Focus() != "off" && !strings.Contains(s, ">") {
				t.Errorf("%v: the focus %s is not seen: %s", size, b.Focus(), s)
			}
			b.press(t, tea.KeyTab)
		}
	}
}

// TestAnotherLookKeepsTheCursor checks that a theme may change, or the terminal tell its background,
// while fields are filled in.
func TestAnotherLookKeepsTheCursor(t *testing.T) {
	b := newBench(t)
	dark, err := look.New("dark", true)
	if err != nil {
		t.Fatal(err)
	}
	b.press(t, 'a', 'c', tea.KeyLeft)
	b.Show(dark, b.content)
	b.press(t, 'b')
	b.MoveTo("ticks")
	b.press(t, tea.KeyRight, tea.KeyRight)
	b.View(dark, 80, 24)
	b.Show(b.look, b.content)
	if b.press(t, tea.KeySpace); b.values["text"] != "abc" || b.values["ticks"] != "c" || b.Focus() != "ticks" {
		t.Errorf("%q, the focus is at %s", b.values, b.Focus())
	}
	light := strings.Join(b.View(b.look, 80, 24), "\n")
	b.Show(dark, b.content)
	if strings.Join(b.View(dark, 80, 24), "\n") == light {
		t.Error("it is drawn in the look before")
	}
}
