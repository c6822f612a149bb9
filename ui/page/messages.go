package page

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"dirbridge/config"
	"dirbridge/sync/control"
	"dirbridge/ui/look"
)

// Messages that the console sends to its pages.
type (
	// ProgressMsg says what is under way. It comes with every tick, and whenever a request starts.
	ProgressMsg struct{ Work Work }
	// ResultMsg says that a request ended; Number rises with each, and is 0 before the first.
	ResultMsg struct {
		Result control.Result
		Number int64
	}
	// PlanMsg brings a new current plan; Of is the draft that it was made from, or nil.
	PlanMsg struct {
		Plan *control.Plan
		Of   *config.Draft
	}
	// StatusMsg brings what the state says, whenever it was read.
	StatusMsg struct{ Status control.Status }
	// DraftMsg brings the draft after each change. Replaced says that undo, redo or a reload
	// replaced it, and not an edit of one page. It comes before the next frame: a page that still
	// lists the values of the previous draft would draw values that no longer exist
	// (TestUndoOfAListDrawsWhatIsThere).
	DraftMsg struct {
		Draft    Draft
		Of       *config.Draft // that the current plan was made from, or nil
		Replaced bool
	}
	// SettingsMsg says that the saved settings have changed; the DraftMsg before it has them.
	SettingsMsg struct{}
	// LookMsg brings another look.
	LookMsg struct{ Look look.Look }
	// TickMsg comes to the page in front with every tick.
	TickMsg struct{}
	// DialogMsg tells the page in front whether a dialog is open.
	DialogMsg struct{ Open bool }
	// SignInMsg begins a sign-in on its page, ResetSecretMsg asks there for a new client secret.
	SignInMsg      struct{}
	ResetSecretMsg struct{}
	// RunMsg brings to the history the run, with a record, to show when it comes to the front.
	RunMsg struct {
		Run    int64
		Record string // "" is none
	}
)

// Requests of a page, by the methods of Host. The console carries them out after the call of the
// page, in their order, and before it reads the next key.
type (
	// SayMsg shows a message in the status line; "" clears it.
	SayMsg struct{ Text string }
	// FailMsg shows an error with its remedy until it is acknowledged (P13).
	FailMsg struct{ What, Remedy string }
	// AskMsg opens a dialog, whose commands answer to the page.
	AskMsg struct{ Dialog Dialog }
	// GoMsg brings a page to the front.
	GoMsg struct{ To ID }
	// StartMsg starts a request, and goes to the page with its progress; 0 stays.
	StartMsg struct {
		Request control.Request
		Show    ID
	}
	// EditMsg replaces the draft, as one step for undo.
	EditMsg struct{ Edited config.Draft }
	// ExplainMsg explains a person, a group or an account.
	ExplainMsg struct{ Who string }
	// ShowRunMsg goes to a run in the history, with the cursor on the record if the run has it.
	ShowRunMsg RunMsg
	// CopyMsg puts a text on the clipboard. Name says what it is.
	CopyMsg struct{ Name, Text string }
	// ReadStatusMsg reads the status again.
	ReadStatusMsg struct{}
)

// Dialog asks one question and receives all keys while it is open.
type Dialog interface {
	// Key handles a key; closed says that the dialog is done.
	Key(k tea.KeyPressMsg) (cmd tea.Cmd, closed bool)
	Paste(text string) tea.Cmd
	View(l look.Look, width, height int) []string
	Hints() []key.Binding // for the line of keys
}

// Facts is what a page knows when it is made; messages bring what changes later.
type Facts struct {
	Work   Work
	Result ResultMsg
	Plan   PlanMsg
	Status control.Status
	Draft  Draft
}

// Draft is the saved settings and the edited ones. It belongs to the page that got it.
type Draft struct{ Saved, Edited config.Draft }

// Changed reports whether there are unsaved edits.
func (d Draft) Changed() bool { return !d.Saved.Same(d.Edited) }

// PlanOf reports whether a plan of this draft, nil for the saved settings, is of unsaved settings.
func (d Draft) PlanOf(of *config.Draft) bool { return of != nil && !of.Same(d.Saved) }
