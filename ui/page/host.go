package page

import (
	"context"
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"dirbridge/config"
	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/ui/look"
)

// Host is what the console gives each page: what it needs to draw and to wait, and the way to
// request something. A request is a message that the console handles when the page returns. It is
// not a command, because a key that was typed ahead has to find the dialog that the key before it
// opens.
type Host struct {
	Ctx      context.Context
	Look     look.Look
	Now      func() time.Time
	After    func(time.Duration, tea.Msg) tea.Cmd // a timer
	ReadOnly bool
	requests *[]tea.Msg
}

// NewHost returns the host of one page, which has no requests yet.
func NewHost(h Host) Host {
	h.requests = &[]tea.Msg{}
	return h
}

// Requests returns what the page has requested since the last call, in that order.
func (h Host) Requests() []tea.Msg {
	all := *h.requests
	*h.requests = nil
	return all
}

// Request adds a request.
func (h Host) Request(msg tea.Msg) { *h.requests = append(*h.requests, msg) }

// Say shows a message in the status line.
func (h Host) Say(format string, args ...any) { h.Request(SayMsg{fmt.Sprintf(format, args...)}) }

// Fail shows an error, with its remedy, until it is acknowledged.
func (h Host) Fail(what string, err error) {
	if err != nil && h.Ctx.Err() == nil {
		h.Request(FailMsg{what + ": " + err.Error(), identity.Remedy(err)})
	}
}

// Ask opens a dialog.
func (h Host) Ask(d Dialog) { h.Request(AskMsg{d}) }

// Copy puts a text on the clipboard. It is a request and not a command, because the message of a
// command comes back to the page, and this one is for Bubble Tea.
func (h Host) Copy(name, text string) tea.Cmd {
	h.Request(CopyMsg{name, text})
	return nil
}

// GoTo brings a page to the front.
func (h Host) GoTo(to ID) { h.Request(GoMsg{to}) }

// Start starts a request, and goes to the page with its progress; 0 stays.
func (h Host) Start(r control.Request, show ID) tea.Cmd {
	h.Request(StartMsg{r, show})
	return nil
}

// Explain explains a person, a group or an account.
func (h Host) Explain(who string) tea.Cmd {
	h.Request(ExplainMsg{who})
	return nil
}

// ShowRun goes to a run in the history, with the cursor on the record if the run has it.
func (h Host) ShowRun(run int64, record string) { h.Request(ShowRunMsg{run, record}) }

// Edit changes the draft as one step for undo, and returns what it is then.
func (h Host) Edit(d Draft, edit func(*config.Draft)) Draft {
	d.Edited = d.Edited.Clone()
	edit(&d.Edited)
	h.Request(EditMsg{d.Edited.Clone()})
	return d
}

// ExplainCommand explains one on the screen; who is the query, "" asks for it, and name is the name
// to show.
func (h Host) ExplainCommand(who, name string) Command {
	c := Explain(h.Look)
	if who != "" {
		c.Title = "explain " + h.Look.Clean(name) + ", as it is now"
		c.Call("explain")
		c.Do = func() tea.Cmd { return h.Explain(who) }
	}
	return c
}
