package draw

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/page"
	"dirbridge/ui/view"
)

// Copies are the texts of a row that can be put on the clipboard, the most wanted first.
type Copies []component.Option

// Add adds a text, unless it is empty or there already. The key chooses it.
func (c *Copies) Add(key, name, text string) {
	again := func(o component.Option) bool { return o.About == text }
	if text != "" && !slices.ContainsFunc(*c, again) {
		*c = append(*c, component.Option{Key: key, Text: name, About: text})
	}
}

// Error adds the text of an error, and the tracking id that the cloud gave it.
func (c *Copies) Error(message string) {
	c.Add("e", "error", message)
	c.Add("t", "tracking id", view.TrackingID(message))
}

// Change adds what a change names.
func (c *Copies) Change(change *control.Change) {
	c.Add("m", "e-mail or group", change.Key)
	c.Add("p", "member", change.MemberKey)
	c.Add("d", "DN", change.DN)
	c.Add("a", "AD id", string(change.Anchor))
	c.Add("c", "cloud id", string(change.ID))
}

// Withheld adds what a withheld record names.
func (c *Copies) Withheld(h *control.Withheld) {
	c.Add("m", "e-mail of the person", h.Person.Key)
	c.Add("k", "e-mail of the account", h.Account.Key)
	c.Add("d", "DN", h.Person.DN)
	c.Add("a", "AD id", string(h.Person.Anchor))
	c.Add("c", "cloud id", string(h.Account.ID))
}

// Event adds what an event says and names.
func (c *Copies) Event(ev record.Event) {
	c.Add("m", "record", ev.Record)
	if ev.Level == record.Error || ev.Level == record.Warn {
		c.Error(ev.Message)
	} else {
		c.Add("e", "event", ev.Message)
	}
	c.Add("a", "AD id", string(ev.Anchor))
}

// Copier is where texts are copied to: a page's Host, or the console.
type Copier interface {
	Ask(page.Dialog)
	Copy(name, text string) tea.Cmd
}

// Command copies the only text, or asks which one.
func (c Copies) Command(to Copier, l look.Look) page.Command {
	command := page.Command{ID: "copy", Key: page.Keys("copy", "y"),
		Title: "copy an e-mail address, DN, id or error to the clipboard"}
	switch len(c) {
	case 0:
		command.Off, command.Do = "nothing to copy here", page.Idle
		command.Call("")
	case 1:
		command.Do = func() tea.Cmd { return to.Copy(c[0].Text, c[0].About) }
	default:
		command.Call("copy" + l.Mark.Ellipsis)
		command.Do = func() tea.Cmd { return c.ask(to, l) }
	}
	return command
}

// ask shows the texts beside their names.
func (c Copies) ask(to Copier, l look.Look) tea.Cmd {
	width := 0
	for _, o := range c {
		width = max(width, look.Width(o.Text))
	}
	options := slices.Clone(c)
	for i, o := range c {
		options[i].Text, options[i].About = l.Fit(o.Text, width)+"  "+l.Clean(o.About), ""
		options[i].Do = func() tea.Cmd { return to.Copy(o.Text, o.About) }
	}
	to.Ask(&component.Question{Title: "Copy to the clipboard", Options: options})
	return nil
}
