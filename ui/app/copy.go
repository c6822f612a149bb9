package app

import (
	tea "charm.land/bubbletea/v2"

	"dirbridge/ui/page"
	"dirbridge/ui/page/draw"
	"dirbridge/ui/view"
)

// copier copies what dialogs of the console show.
type copier struct{ r *root }

func (c copier) Ask(d page.Dialog)              { c.r.ask(d) }
func (c copier) Copy(name, text string) tea.Cmd { return c.r.copy(name, text) }

// copy asks the terminal to put a text on its clipboard (OSC 52), which works through SSH as well. A
// terminal that gets only basic sequences would print it instead.
func (r *root) copy(name, text string) tea.Cmd {
	if r.basic {
		r.say("Not copied: this terminal (TERM) has no clipboard.")
		return nil
	}
	r.say("Copied %s: %s", name, r.look.Clean(text))
	return tea.SetClipboard(text)
}

// copyErrorCommand copies the error that is shown, whichever page is in front.
func (r *root) copyErrorCommand() page.Command {
	c := page.Command{ID: "copy.error", Key: page.Keys("", "Y"), Title: "copy the error that is shown",
		Do: func() tea.Cmd { return r.copy("error", r.fault.text()) }}
	if r.fault == nil {
		c.Off = "no error is shown"
		return c
	}
	var all draw.Copies
	all.Error(r.fault.text())
	if view.TrackingID(r.fault.text()) != "" {
		c.Do = all.Command(copier{r}, r.look).Do
	}
	return c
}

// text is the error with its remedy.
func (f *fault) text() string {
	if f.remedy == "" {
		return f.what
	}
	return f.what + "\n" + f.remedy
}
