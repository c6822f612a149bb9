package ui

import (
	"strings"

	tea "charm.land/bubbletea/v2"
)

// Page is one tab. Its methods are called only from the update loop and never block: slow work is a
// command, whose message comes back to the same page.
type Page interface {
	// Init is called once, when the connector is available.
	Init() tea.Cmd
	// Enter is called whenever the page comes to the front.
	Enter() tea.Cmd
	Update(tea.Msg) tea.Cmd
	// SetSize sets the size of the page. It is called before View, and on every change.
	SetSize(width, height int) tea.Cmd
	// View returns at most the size last set; there may be fewer and shorter lines.
	View() []string
	Title() string
	// Commands returns what the page can do now, the most important first. It is called for every
	// key and every frame, so it reads only memory.
	Commands() []Command
	// Typing says that the page accepts text: all keys go to Type.
	Typing() bool
	Type(tea.KeyPressMsg) tea.Cmd
	// Paste receives pasted text while the page accepts text. The text never counts as a key
	// (TestAPasteIsNeverACommand).
	Paste(text string) tea.Cmd
}

// clicker is a page that handles the mouse. Everything that a click does has a key as well.
type clicker interface {
	// Click handles a click on a line of the page, 0 being its first.
	Click(line int) tea.Cmd
}

// plain is a page that accepts no text and may be left at any time; pages embed it.
type plain struct{}

func (plain) Enter() tea.Cmd               { return nil }
func (plain) Typing() bool                 { return false }
func (plain) Type(tea.KeyPressMsg) tea.Cmd { return nil }
func (plain) Paste(string) tea.Cmd         { return nil }

// sameText is the comparison of every filter and search: it ignores case.
func sameText(in, part string) bool {
	return strings.Contains(strings.ToLower(in), strings.ToLower(part))
}
