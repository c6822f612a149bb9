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
	Mark     Marks
	Style    Styles
}

// Styles has one style for each purpose. A style is never the only sign of anything: a word or a
// mark always goes with it.
type Styles struct {
	Title, Head, Dim, Rule, Tab, TabOn, Cursor, Key lipgloss.Style
	Good, Warn, Bad                                 lipgloss.Style
	Add, Change, Take                               lipgloss.Style
	Diff                                            lipgloss.Style // the part of a value that differs
}

// New returns the Look of a theme; ascii selects the ASCII marks.
func New(theme string, ascii bool) (Look, error) {
	if theme == "" {
		theme = "auto"
	}
	if !slices.Contains(Themes(), theme) {
		return Look{}, fmt.Errorf("unknown theme %q: use one of %s", theme, strings.Join(Themes(), ", "))
	}
	return Look{Theme: theme, Mark: marks(ascii), Style: styles(theme)}, nil
}

func styles(theme string) Styles {
	plain := lipgloss.NewStyle()
	bold, reverse := plain.Bold(true), plain.Reverse(true)
	s := Styles{
		Title: bold, Head: bold, Dim: plain, Rule: plain, Tab: plain, TabOn: reverse, Cursor: reverse, Key: bold,
		Good: plain, Warn: bold, Bad: bold, Add: plain, Change: plain, Take: bold, Diff: bold.Underline(true),
	}
	colour := func(name string) lipgloss.Style { return plain.Foreground(lipgloss.Color(name)) }
	switch theme {
	case "auto", "dark":
		s.Good, s.Warn, s.Bad = colour("2"), colour("3"), colour("1").Bold(true)
		s.Add, s.Change, s.Take = colour("2"), colour("6"), colour("1")
		s.Key, s.Head, s.Rule = colour("6"), colour("6").Bold(true), plain.Faint(true)
		s.Dim = plain.Faint(true)
	case "light": // no yellow and no cyan: both are unreadable on white
		s.Good, s.Warn, s.Bad = colour("2"), colour("5"), colour("1").Bold(true)
		s.Add, s.Change, s.Take = colour("2"), colour("4"), colour("1")
		s.Key, s.Head = colour("4"), colour("4").Bold(true)
	case "high-contrast":
		s.Good, s.Warn, s.Bad = colour("10").Bold(true), colour("11").Bold(true), colour("9").Bold(true).Underline(true)
		s.Add, s.Change, s.Take = s.Good, colour("14").Bold(true), colour("9").Bold(true)
		s.Key, s.Head = colour("14").Bold(true), bold.Underline(true)
	}
	return s
}

// Row is the line under the cursor: reversed, and with a mark in its first cell for terminals that
// cannot reverse.
func (l Look) Row(text string, width int) string {
	text = ansi.Strip(l.Fit(text, width))
	if rest, ok := strings.CutPrefix(text, " "); ok {
		text = l.Mark.Cursor + rest
	}
	return l.Style.Cursor.Render(text)
}

// Tab returns a name in a row of tabs; the current one is in brackets.
func (l Look) Tab(name string, on bool) string {
	if on {
		return l.Style.TabOn.Render("[" + name + "]")
	}
	return l.Style.Tab.Render(" " + name + " ")
}
