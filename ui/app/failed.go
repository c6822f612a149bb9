package app

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"dirbridge/config"
	"dirbridge/sync/control"
	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/page"
	"dirbridge/ui/view"
)

// A page that panics is a fault of the program, but must not lose the operator's edits: the page is
// closed with an error, the other pages continue, and the report and the edits are kept. The
// console ends only if nothing is left to draw.

// failing records pages that failed.
type failing struct {
	due  []tea.Cmd // from a failed frame: drawing cannot start commands
	kept bool      // the edits are stored in the state
	end  error     // nothing is left to draw
}

type (
	// failedMsg reports a panic in a command of a page.
	failedMsg struct {
		page  page.ID // 0: the console's own
		late  bool    // it was a command, perhaps of a page that has been closed since
		what  string
		trace string
	}
	// reportedMsg says where the report of a failure is.
	reportedMsg struct {
		path string
		err  error
	}
	// rescuedMsg has the edits of a console that failed.
	rescuedMsg struct {
		edits control.Edits
		err   error
	}
)

// owed returns the commands that wait for an update.
func (f *failing) owed() tea.Cmd {
	due := f.due
	f.due = nil
	return tea.Batch(due...)
}

// caught turns a panic of a command into its answer; it is deferred.
func caught(id page.ID, answer *tea.Msg) {
	if p := recover(); p != nil {
		*answer = failedMsg{id, true, fmt.Sprint(p), string(debug.Stack())}
	}
}

// guard calls fn for one page, or for the one in front if id is 0.
func (r *root) guard(id page.ID, fn func() tea.Cmd) (cmd tea.Cmd) {
	defer func() {
		if p := recover(); p != nil {
			cmd = r.failed(failedMsg{id, false, fmt.Sprint(p), string(debug.Stack())})
		}
	}()
	return fn()
}

// protect turns a panic of a command, or of one inside it, into a failedMsg.
func (r *root) protect(id page.ID, cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return func() (answer tea.Msg) {
		defer caught(id, &answer)
		msg := cmd()
		if batch, ok := msg.(tea.BatchMsg); ok {
			for i, c := range batch {
				batch[i] = r.protect(id, c)
			}
		}
		return msg
	}
}

// guardedFrame draws the frame. If that panics, it draws again without the failed part: first
// without the dialogs, then without the page.
func (r *root) guardedFrame() (lines []string) {
	for range page.Pages + 2 {
		ok := true
		cmd := r.guard(0, func() tea.Cmd {
			ok = false
			lines = r.frame()
			ok = true
			return nil
		})
		if ok {
			return lines
		}
		r.failing.due = append(r.failing.due, cmd)
		if r.failing.end != nil {
			break
		}
	}
	return r.exactly(r.look.Wrap(r.look.Clean("The console failed and ends. "+r.failing.end.Error()), max(r.width, 1)),
		r.height)
}

// failed removes the failed part, and requests a report.
func (r *root) failed(msg failedMsg) tea.Cmd {
	where := "The console"
	dialogs := len(r.dialogs) > 0 || r.menu != nil
	r.dialogs, r.menu = nil, nil
	id := msg.page
	if id == 0 && !r.setup.inFront() && r.pages != nil {
		id = r.active
	}
	if id != 0 && r.pages != nil {
		where = "The page " + id.Title()
	}
	again := id == 0 || r.pages == nil // nothing is left to remove
	if !again {
		_, again = r.pages[id-1].(*failedPage)
	}
	switch {
	case again && msg.late:
		return nil
	case !again && !(msg.page == 0 && dialogs): // otherwise the dialog may be the cause
		r.pages[id-1] = &failedPage{host: r.hosts[id-1], name: id.Title(), what: msg.what,
			reopen: func() tea.Cmd { return r.reopen(id) }}
	case again && !dialogs:
		r.failing.end = fmt.Errorf("%s failed: %s", where, msg.what)
	}
	r.fault = &fault{at: r.now(), what: where + " failed: " + r.look.Clean(msg.what),
		remedy: "Runs go on, and your changes are kept."}
	return r.report(control.Failure{Where: where, What: msg.what, Trace: msg.trace})
}

// report writes the failure to a file, with the edits.
func (r *root) report(f control.Failure) tea.Cmd {
	conn, now := r.conn, r.now()
	if conn == nil {
		return func() tea.Msg { return reportedMsg{} }
	}
	kept := control.Edits{At: now, Changed: r.draft.Changed(), Saved: r.draft.Saved.Clone(),
		Edited: r.draft.Edited.Clone()}
	if kept.Changed {
		r.failing.kept = true
		f.Trace = view.UnsavedChanges + strings.Join(view.Changes(kept.Saved, kept.Edited), "\n  ") +
			"\n\n" + f.Trace
	}
	return func() tea.Msg {
		// The console's own context may be ending.
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		path, err := conn.Rescue(ctx, f, kept)
		return reportedMsg{path, err}
	}
}

// reported adds the path of the report to the error, and ends the console if nothing is left of it.
func (r *root) reported(msg reportedMsg) tea.Cmd {
	if r.fault == nil {
		r.fault = &fault{at: r.now(), what: "The console failed"}
	}
	switch {
	case msg.path != "":
		r.fault.remedy += " Please report it, with " + msg.path + "."
	case msg.err != nil:
		r.fault.remedy += " No report could be written: " + msg.err.Error()
	}
	if r.failing.end == nil {
		return nil
	}
	if msg.path != "" {
		r.failing.end = fmt.Errorf("%w; the report is in %s", r.failing.end, msg.path)
	}
	return tea.Quit
}

// endedWell returns how the console ended. It deletes edits that the operator knowingly discarded.
func (r *root) endedWell() error {
	if r.failing.end != nil || !r.failing.kept || r.conn == nil {
		return r.failing.end
	}
	r.forgetRescued()()
	return nil
}

// reopen creates the page again.
func (r *root) reopen(id page.ID) tea.Cmd {
	r.pages[id-1] = r.newPage(id)
	return tea.Batch(r.call(id, r.pages[id-1].Init), r.show(id))
}

// readRescued requests the edits of a console that failed.
func (r *root) readRescued() tea.Cmd {
	if r.readOnly {
		return nil
	}
	ctx, conn := r.ctx, r.conn
	return func() tea.Msg {
		e, err := conn.Rescued(ctx)
		return rescuedMsg{e, err}
	}
}

// offerRescued asks what to do with the edits of a failed console, if they would still change
// anything.
func (r *root) offerRescued(msg rescuedMsg) {
	if msg.err != nil {
		r.fail(view.DraftUnread, msg.err)
		return
	}
	e := msg.edits
	if !e.Changed || r.draft.Changed() {
		return
	}
	mine, lost := config.Merge(e.Saved, e.Edited, r.draft.Saved)
	if mine.Same(r.draft.Saved) {
		return
	}
	r.ask(&component.Question{
		Title: "Restore the unsaved changes of a console that failed?",
		Lines: append([]string{"It failed on " + look.Clock(r.now(), e.At) + "."}, changeList(r.draft.Saved, mine)...),
		Options: []component.Option{
			{Key: "t", Text: view.RestoreChanges, Do: func() tea.Cmd {
				r.draft = config.NewEditing(r.draft.Saved, mine)
				r.failing.kept = true
				if len(lost) > 0 {
					r.say(view.FileReplaced, strings.Join(view.Called(r.draft.Saved, lost), "; "))
				}
				return r.draftChanged(true)
			}},
			{Key: "x", Text: "Drop them", Do: r.forgetRescued},
		},
	})
}

func (r *root) forgetRescued() tea.Cmd {
	r.failing.kept = false
	conn := r.conn
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := conn.ForgetRescued(ctx); err != nil {
			return reportedMsg{err: err}
		}
		return nil
	}
}

// failedPage replaces a page that panicked.
type failedPage struct {
	page.Plain
	host       page.Host
	name, what string
	width      int
	reopen     func() tea.Cmd
}

func (p *failedPage) Init() tea.Cmd            { return nil }
func (p *failedPage) SetSize(w, _ int) tea.Cmd { p.width = w; return nil }

func (p *failedPage) Update(msg tea.Msg) tea.Cmd {
	if msg, ok := msg.(page.LookMsg); ok {
		p.host.Look = msg.Look
	}
	return nil
}

func (p *failedPage) Commands() []page.Command {
	return []page.Command{{ID: "page.reopen", Key: page.Keys("Open again", "r"), Title: "open this page again",
		Do: p.reopen}}
}

func (p *failedPage) View() []string {
	lines := []string{""}
	for _, s := range p.host.Look.Wrap(p.host.Look.Clean(p.name+" failed: "+p.what), max(p.width-2, 1)) {
		lines = append(lines, " "+s)
	}
	return append(lines, "", " Your changes of the settings are kept. r opens this page again.")
}
