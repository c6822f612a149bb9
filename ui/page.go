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
	// Keys are what the page answers to now, the most important first.
	Keys() []Key
	// Typing says that the page takes text: keys go to Type and to no one else.
	Typing() bool
	Type(tea.KeyPressMsg) tea.Cmd
}

// Key is one key of a page, or of the console: what it is called, what it does,
// and why it does nothing where it is off.
type Key struct {
	On    []string // names of keys, the first is shown
	Show  string   // how it is shown, if not as On[0]
	Short string   // for the line of keys; "" is shown in the help alone
	Help  string
	Off   string // why it cannot be used now; "" where it can
	Do    func() tea.Cmd
}

func (k Key) label() string {
	if k.Show != "" {
		return k.Show
	}
	return k.On[0]
}

func (k Key) is(name string) bool {
	for _, on := range k.On {
		if on == name {
			return true
		}
	}
	return false
}

// plain is a page that takes no text and may be left at any time; pages embed it.
type plain struct{}

func (plain) Enter() tea.Cmd               { return nil }
func (plain) Typing() bool                 { return false }
func (plain) Type(tea.KeyPressMsg) tea.Cmd { return nil }

// sameText is the comparison of every filter and search: without regard to case.
func sameText(in, part string) bool {
	return strings.Contains(strings.ToLower(in), strings.ToLower(part))
}
