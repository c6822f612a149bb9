package component

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// pressed returns the key of that name.
func pressed(name, typed string) tea.KeyPressMsg {
	codes := map[string]rune{"left": tea.KeyLeft, "right": tea.KeyRight, "home": tea.KeyHome, "end": tea.KeyEnd,
		"backspace": tea.KeyBackspace, "delete": tea.KeyDelete}
	if code, ok := codes[name]; ok {
		return tea.KeyPressMsg{Code: code}
	}
	if rest, ok := strings.CutPrefix(name, "ctrl+"); ok {
		return tea.KeyPressMsg{Code: rune(rest[0]), Mod: tea.ModCtrl}
	}
	return tea.KeyPressMsg{Code: []rune(typed)[0], Text: typed}
}

func TestInputEdits(t *testing.T) {
	tests := []struct {
		start string
		keys  []string
		want  string
	}{
		{"", []string{"a", "é", "漢"}, "aé漢"},
		{"abc", []string{"left", "backspace"}, "ac"},
		{"abc", []string{"home", "delete"}, "bc"},
		{"givenName sn", []string{"ctrl+w"}, "givenName "},
		{"givenName sn", []string{"ctrl+u"}, ""},
		{"abc", []string{"home", "right", "ctrl+k"}, "a"},
		{"", []string{"backspace", "delete", "left", "right"}, ""},
	}
	for _, tt := range tests {
		in := NewInput(tt.start)
		for _, k := range tt.keys {
			typed := ""
			if len([]rune(k)) == 1 {
				typed = k
			}
			in.Key(pressed(k, typed))
		}
		if in.Text() != tt.want {
			t.Errorf("%q by %q is %q, want %q", tt.start, tt.keys, in.Text(), tt.want)
		}
	}
}

func TestPastedTextIsOneLineWithoutControls(t *testing.T) {
	in := NewInput("")
	in.Insert("a\nb\x1b[2J\x00c")
	if in.Text() != "a b[2Jc" {
		t.Errorf("%q", in.Text())
	}
}

func FuzzInputNeverWiderThanItsRoom(f *testing.F) {
	f.Add("displayName", 4, 10)
	f.Add("漢字かな", 2, 3)
	f.Add("e\u0301\u200d", 1, 1)
	f.Fuzz(func(t *testing.T, text string, left, width int) {
		in := NewInput(text)
		for range min(max(left, 0), 50) {
			in.Key(pressed("left", ""))
		}
		width = min(max(width, 0), 200)
		view := in.View(width, func(s string) string { return s })
		if _, _, ok := TakeCursor([]string{view}); !ok && width > 0 {
			t.Fatalf("there is no cursor in %q", view)
		}
		if w := ansi.StringWidth(view); w > width {
			t.Fatalf("%d cells in %d: %q", w, width, view)
		}
	})
}

func TestScrollStaysInTheText(t *testing.T) {
	text := strings.Split(strings.Repeat("x\n", 30), "\n")
	var s Viewport
	for _, k := range []string{"end", "pgdown", "down", "home", "up", "pgup", "space"} {
		s.Key(k, 10)
		if got := len(s.Lines(text, 10)); got != 10 {
			t.Errorf("%d lines after %s", got, k)
		}
	}
	if got := len(s.Lines(text[:3], 10)); got != 3 {
		t.Errorf("%d lines of three", got)
	}
}
