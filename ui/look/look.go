package look

import (
	"fmt"
	"slices"
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
)

// Themes returns the names that New accepts.
func Themes() []string { return []string{"auto", "mono", "light", "dark", "high-contrast"} }

// Look is a theme and its marks. It may be copied.
type Look struct {
	Theme string
	// SevenBit replaces every non-ASCII character, in data as well, for terminals with another
	// character set than UTF-8.
	SevenBit bool
	// Links says that the terminal takes addresses behind texts (OSC 8).
	Links bool
	// Blurred says that another panel has the focus: Row is dim.
	Blurred bool
	Mark    Marks
	Style   Styles
}

// Styles has one style for each purpose. A style is never the only sign of anything: a word or a
// mark always goes with it.
type Styles struct {
	Title, Head, Dim, Rule, Tab, TabOn, Key lipgloss.Style
	Accent                                  lipgloss.Style // the frame that has the focus
	Select, Unfocused                       lipgloss.Style // the line under the cursor, with the focus and without
	Match                                   lipgloss.Style // the part of a text that was searched for
	Badge, Chip                             lipgloss.Style // a word on a background: an alarm, a filter
	Good, Warn, Bad                         lipgloss.Style
	Add, Change, Take                       lipgloss.Style
	Diff                                    lipgloss.Style // the part of a value that differs
}

// New returns the Look of a theme; ascii selects the ASCII marks. "auto" is dark until On is told
// otherwise.
func New(theme string, ascii bool) (Look, error) {
	if theme == "" {
		theme = "auto"
	}
	if !slices.Contains(Themes(), theme) {
		return Look{}, fmt.Errorf("unknown theme %q: use one of %s", theme, strings.Join(Themes(), ", "))
	}
	return Look{Theme: theme, Mark: marks(ascii), Style: styles(theme)}, nil
}

// On returns the Look for a terminal whose background is dark or light, which only changes "auto".
func (l Look) On(dark bool) Look {
	if l.Theme == "auto" && !dark {
		l.Style = styles("light")
	} else {
		l.Style = styles(l.Theme)
	}
	return l
}

func styles(theme string) Styles {
	plain := lipgloss.NewStyle()
	bold, reverse := plain.Bold(true), plain.Reverse(true)
	s := Styles{
		Title: bold, Head: bold, Dim: plain, Rule: plain, Tab: plain, TabOn: reverse, Key: bold, Accent: bold,
		Select: reverse, Unfocused: bold, Match: bold.Underline(true), Badge: reverse, Chip: reverse,
		Good: plain, Warn: bold, Bad: bold, Add: plain, Change: plain, Take: bold, Diff: bold.Underline(true),
	}
	colour := func(name string) lipgloss.Style { return plain.Foreground(lipgloss.Color(name)) }
	on := func(front, back string) lipgloss.Style { return colour(front).Background(lipgloss.Color(back)) }
	accent := func(name string) {
		s.Key, s.Accent, s.Change = colour(name), colour(name), colour(name)
		s.TabOn = colour(name).Bold(true).Underline(true)
		s.Select, s.Badge = on("15", "4"), on("15", "1").Bold(true)
		s.Good, s.Bad = colour("2"), colour("1").Bold(true)
		s.Add, s.Take = colour("2"), colour("1")
	}
	switch theme {
	case "auto", "dark":
		accent("6")
		s.Warn, s.Dim, s.Rule = colour("3"), plain.Faint(true), plain.Faint(true)
		s.Unfocused, s.Chip, s.Tab = on("15", "8"), on("0", "6"), plain.Faint(true)
	case "light": // no yellow and no cyan: both are unreadable on white
		accent("4")
		s.Warn, s.Dim, s.Rule = colour("5"), colour("8"), colour("8")
		s.Unfocused, s.Chip = on("0", "7"), on("15", "4")
	case "high-contrast":
		s.Good, s.Warn, s.Bad = colour("10").Bold(true), colour("11").Bold(true), colour("9").Bold(true).Underline(true)
		s.Add, s.Change, s.Take = s.Good, colour("14").Bold(true), colour("9").Bold(true)
		s.Key, s.Head, s.Accent = colour("14").Bold(true), bold.Underline(true), colour("14").Bold(true)
		s.Unfocused = bold.Underline(true)
	}
	return s
}

// Row is the line under the cursor, on the background of the accent; without the focus it is dim.
// A terminal that may lack backgrounds gets a mark in the first cell instead.
func (l Look) Row(text string, width int) string {
	text = ansi.Strip(l.Fit(text, width))
	if rest, ok := strings.CutPrefix(text, " "); ok && l.Bare() {
		text = l.Mark.Cursor + rest
	}
	if l.Blurred {
		return l.Style.Unfocused.Render(text)
	}
	return l.Style.Select.Render(text)
}

// Bare reports whether signs stand for what is else a colour.
func (l Look) Bare() bool { return l.Mark.ASCII || l.Theme == "mono" }

// Chip is a filter, which stays in sight while it narrows a list.
func (l Look) Chip(text string) string { return l.Style.Chip.Render("[" + text + " x]") }

// Tab returns a name in a row of names. Without colors, the current one is in brackets.
func (l Look) Tab(name string, on bool) string {
	left, right := " ", " "
	if on && l.Bare() {
		left, right = "[", "]"
	}
	if on {
		return left + l.Style.TabOn.Render(name) + right
	}
	return left + l.Style.Tab.Render(name) + right
}
