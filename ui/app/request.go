package app

import (
	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/page"
)

// call calls a page, carries out what it requests, and sends the messages of its commands back to
// it, whichever page is in front by then. Page 0 is the console itself.
func (r *root) call(id page.ID, fn func() tea.Cmd) tea.Cmd {
	if id == 0 || r.pages == nil {
		return fn()
	}
	cmds := []tea.Cmd{r.wrap(id, fn())}
	for _, msg := range r.hosts[id-1].Requests() {
		cmds = append(cmds, r.request(id, msg))
	}
	return tea.Batch(cmds...)
}

// request carries out one request of a page.
func (r *root) request(id page.ID, msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case page.SayMsg:
		r.say("%s", msg.Text)
	case page.FailMsg:
		r.fault = &fault{at: r.now(), what: msg.What, remedy: msg.Remedy}
	case page.AskMsg:
		r.dialogs = append(r.dialogs, openDialog{msg.Dialog, id})
	case page.GoMsg:
		return r.show(msg.To)
	case page.StartMsg:
		return r.start(msg.Request, msg.Show)
	case page.EditMsg:
		return r.edited(msg.Edited)
	case page.ExplainMsg:
		return r.explain(msg.Who)
	case page.ShowRunMsg:
		return tea.Batch(r.tell(page.History, page.RunMsg(msg)), r.show(page.History))
	case page.CopyMsg:
		return r.copy(msg.Name, msg.Text)
	case page.ReadStatusMsg:
		return r.readStatus()
	}
	return nil
}

// wrap sends the messages of a page's command back to that page.
func (r *root) wrap(id page.ID, cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return func() (answer tea.Msg) {
		defer caught(id, &answer)
		switch msg := cmd().(type) {
		case nil:
			return nil
		case tea.BatchMsg:
			cmds := make([]tea.Cmd, len(msg))
			for i, c := range msg {
				cmds[i] = r.wrap(id, c)
			}
			return tea.BatchMsg(cmds)
		default:
			return pageMsg{id, msg}
		}
	}
}

// openDialog is an open dialog, and the page that its commands answer to; 0 is the console.
type openDialog struct {
	page.Dialog
	of page.ID
}

// ask opens a dialog of the console.
func (r *root) ask(d page.Dialog) { r.dialogs = append(r.dialogs, openDialog{d, 0}) }

// top returns the dialog in front; nil if there is none.
func (r *root) top() page.Dialog {
	if len(r.dialogs) == 0 {
		return nil
	}
	return r.dialogs[len(r.dialogs)-1].Dialog
}

// start starts a request, shows a message, and opens the page with its progress; 0 is none.
func (r *root) start(q control.Request, show page.ID) tea.Cmd {
	if err := r.conn.Start(q); err != nil {
		r.fail("Could not start", err)
		return nil
	}
	r.note = ""
	r.askedOf, r.work.Mode = q.Draft, q.Mode
	r.work.Progress = r.conn.Progress()
	cmd := r.broadcast(page.ProgressMsg{Work: r.work})
	if show != 0 {
		cmd = tea.Batch(cmd, r.show(show))
	}
	return cmd
}

// dryRun plans with the draft if there is one, else with the saved settings.
func (r *root) dryRun() tea.Cmd {
	q := control.Request{Mode: record.DryRun}
	if r.draft.Changed() {
		d := r.draft.Edited.Clone()
		q.Draft = &d
	}
	return r.start(q, page.DryRun)
}
