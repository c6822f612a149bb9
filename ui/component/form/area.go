package form

import (
	"strings"

	"charm.land/bubbles/v2/textarea"
	tea "charm.land/bubbletea/v2"

	"dirbridge/ui/look"
)

// area is a text of several lines. huh's own has keys for an editor and does not say where its
// cursor is, so this is the text area of bubbles.
type area struct{ text textarea.Model }

// The lines of an area: as many as its text has, and one to go on.
const (
	fewestLines = 3
	mostLines   = 7
)

func newArea(text string) *area {
	a := &area{textarea.New()}
	a.text.Prompt, a.text.ShowLineNumbers, a.text.CharLimit = "", false, most
	a.text.MaxHeight = 0
	a.text.SetValue(text)
	return a
}

func (a *area) wear(l look.Look) {
	dim := textarea.StyleState{Placeholder: l.Style.Dim}
	a.text.SetStyles(textarea.Styles{Focused: dim, Blurred: dim})
}

func (a *area) focus(on bool) {
	if on {
		a.text.Focus()
		return
	}
	a.text.Blur()
}

func (a *area) update(msg tea.Msg) string {
	a.text, _ = a.text.Update(msg)
	return a.text.Value()
}

// moves reports whether there is a line above or below the cursor.
func (a *area) moves(by int) bool {
	at := a.text.LineInfo()
	if by < 0 {
		return a.text.Line() > 0 || at.RowOffset > 0
	}
	return a.text.Line() < a.text.LineCount()-1 || at.RowOffset < at.Height-1
}

func (a *area) view(width int) string {
	a.text.SetWidth(width)
	a.text.SetHeight(min(max(a.text.LineCount()+1, fewestLines), mostLines))
	return strings.TrimRight(a.text.View(), "\n")
}
