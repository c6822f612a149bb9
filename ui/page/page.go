package page

import (
	tea "charm.land/bubbletea/v2"

	"dirbridge/ui/view"
)

// ID is a page by its number in the tabs.
type ID int

// The pages, in the order of the tabs. Those after Last have no tab: they are in the menus and among the
// commands.
const (
	Dashboard ID = iota + 1
	Objects
	Mapping
	DryRun
	Events
	History
	Settings
	Check
	Purge
	Convert
	SignIn
	Last  = Purge
	Pages = SignIn
)

// Title returns its name in the guide's terms.
func (id ID) Title() string {
	return [...]string{"Dashboard", view.ObjectsTitle, view.MappingTitle, "Dry Run", "Events", "History",
		"Settings", "Check", "Purge Queue", "Convert Accounts", view.SignInTitle}[id-1]
}

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

// Mouse is what the pointer does at a cell of the page: a click; the wheel, by that many lines; or a
// move with the button held.
type Mouse struct {
	X, Y  int
	Wheel int
	Drag  bool
}

// Pointed is a page that handles the mouse. Everything that it does there has a key as well.
type Pointed interface {
	Mouse(Mouse) tea.Cmd
}

// Plain is a page that accepts no text and may be left at any time; pages embed it.
type Plain struct{}

func (Plain) Enter() tea.Cmd               { return nil }
func (Plain) Typing() bool                 { return false }
func (Plain) Type(tea.KeyPressMsg) tea.Cmd { return nil }
func (Plain) Paste(string) tea.Cmd         { return nil }
