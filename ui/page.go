package ui

import (
	"strings"

	tea "charm.land/bubbletea/v2"
)

// Page is one tab. Its methods are called from the update loop alone and never
// block: what takes time is a command, whose message comes back to the same page.
type Page interface {
	// Init is called once, when the connector is there.
	Init() tea.Cmd
	// Enter is called whenever the page comes to the front.
	Enter() tea.Cmd
	Update(tea.Msg) tea.Cmd
	// SetSize says how much room the page has. It is called before View, and
	// whenever that changes.
	SetSize(width, height int) tea.Cmd
	// View draws at most the size last set; lines may be fewer and shorter.
	View() []string
	Title() string
	// Commands are what the page can do now, the most important first. It is called
	// for every key and every frame: it reads what is in memory.
	Commands() []Command
	// Typing says that the page takes text: keys go to Type and to no one else.
	Typing() bool
	Type(tea.KeyPressMsg) tea.Cmd
	// Paste takes text that was pasted while the page takes text. It is never a key.
	Paste(text string) tea.Cmd
}

// clicker is a page that takes the mouse. What it does there its keys do as well.
type clicker interface {
	// Click is told of a click on a line of the page, 0 being its first.
	Click(line int) tea.Cmd
}

// plain is a page that takes no text and may be left at any time; pages embed it.
type plain struct{}

func (plain) Enter() tea.Cmd               { return nil }
func (plain) Typing() bool                 { return false }
func (plain) Type(tea.KeyPressMsg) tea.Cmd { return nil }
func (plain) Paste(string) tea.Cmd         { return nil }

// sameText is the comparison of every filter and search: without regard to case.
func sameText(in, part string) bool {
	return strings.Contains(strings.ToLower(in), strings.ToLower(part))
}
