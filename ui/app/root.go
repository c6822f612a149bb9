package app

import (
	"context"
	"errors"
	"time"

	tea "charm.land/bubbletea/v2"

	"dirbridge/config"
	"dirbridge/sync/control"
	"dirbridge/ui/look"
	"dirbridge/ui/page"
	"dirbridge/ui/page/check"
	"dirbridge/ui/page/convert"
	"dirbridge/ui/page/dashboard"
	"dirbridge/ui/page/dryrun"
	"dirbridge/ui/page/events"
	"dirbridge/ui/page/history"
	"dirbridge/ui/page/mapping"
	"dirbridge/ui/page/objects"
	"dirbridge/ui/page/purge"
	"dirbridge/ui/page/settings"
	"dirbridge/ui/page/signin"
	"dirbridge/ui/view"
)

// root is the model: it owns the frame, the dialogs and the polling, and passes everything else to
// the pages.
type root struct {
	ctx      context.Context
	conn     control.Connector
	look     look.Look
	now      func() time.Time
	after    func(time.Duration, tea.Msg) tea.Cmd // a timer
	readOnly bool
	basic    bool // the terminal gets only basic sequences
	// suspendable returns why the program cannot be suspended and resumed, or "".
	suspendable func() string

	work   page.Work
	result page.ResultMsg // of the last request
	plan   *control.Plan
	status control.Status
	draft  config.Editing
	// planned is the draft from which the current plan was made; nil if it was made from the saved
	// settings.
	planned *config.Draft
	askedOf *config.Draft // the same, for the current dry run

	dialogs []openDialog
	note    string
	noted   time.Time // when note was set
	refused bool      // note says why something is unavailable
	fault   *fault

	opts     Options
	pages    []page.Page // by page.ID-1; nil until the connector is available
	hosts    []page.Host // of the pages
	active   page.ID
	width    int
	height   int
	opening  bool
	quitting bool // as soon as nothing runs
	ended    bool // it was asked whether to sign in again, since the sign-in has ended
	beats    int  // ticks since the start
	menu     *menu
	escaped  time.Time // time of an Esc that had no other use; zero: none
	mouse    bool
	setup    *setup // nil: no setup is needed, or it is done
	beating  bool   // the tick has been started
	failing  failing
	cursor   *tea.Position // of the terminal in the last frame; nil hides it
	asks     bool          // the terminal may be asked for its colors
	recent   []string      // IDs of the commands chosen last, the latest first
	taskbar  bool          // the terminal shows progress in its window
}

// Messages of the root itself.
type (
	openedMsg struct {
		conn control.Connector
		err  error
	}
	tickMsg   struct{}
	statusMsg struct {
		of     control.Connector
		status control.Status
		err    error
	}
	// pageMsg carries the message of a page's command back to that page.
	pageMsg struct {
		to  page.ID
		msg tea.Msg
	}
)

func (r *root) Init() tea.Cmd {
	if r.setup != nil {
		return tea.Batch(r.greet(), r.setup.model.Init())
	}
	return tea.Batch(r.greet(), r.open())
}

// open opens the connector after the first frame.
func (r *root) open() tea.Cmd {
	r.opening = true
	conn, opened := r.opts.Connector, r.opts.Opened
	return func() tea.Msg {
		if conn != nil || opened == nil {
			return openedMsg{conn: conn}
		}
		c, err := opened()
		return openedMsg{conn: c, err: err}
	}
}

func (r *root) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	cmd := r.guard(0, func() tea.Cmd { return r.update(msg) })
	cmd = tea.Batch(cmd, r.guard(0, r.resize))
	return r, r.protect(0, tea.Batch(cmd, r.failing.owed()))
}

func (r *root) update(msg tea.Msg) tea.Cmd {
	if cmd, taken := r.setup.take(msg); taken {
		return cmd
	}
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		if msg.Width > 0 && msg.Height > 0 {
			r.width, r.height = msg.Width, msg.Height
		}
	case tea.BackgroundColorMsg:
		return r.useLook(r.look.On(msg.IsDark()))
	case tea.KeyPressMsg:
		return r.press(msg)
	case tea.PasteMsg:
		return r.paste(msg.Content)
	case tea.MouseClickMsg:
		return r.click(tea.Mouse(msg))
	case tea.MouseMotionMsg:
		return r.drag(tea.Mouse(msg))
	case tea.MouseWheelMsg:
		return r.wheel(tea.Mouse(msg))
	case openedMsg:
		return r.opened(msg)
	case tickMsg:
		return r.tick()
	case statusMsg:
		if msg.of != r.conn { // of a connector that has been closed since
			return nil
		}
		if msg.err != nil {
			r.failOf(ofState, "The state could not be read", msg.err)
			return nil
		}
		r.over(ofState)
		r.status = msg.status
		r.work.Elsewhere = msg.status.Elsewhere != nil
		r.askSignIn()
		return tea.Batch(r.broadcast(page.ProgressMsg{Work: r.work}), r.broadcast(page.StatusMsg{Status: msg.status}))
	case settingsSavedMsg:
		return r.saved(msg)
	case reloadedMsg:
		return r.reloaded(msg)
	case reviewedMsg:
		return r.reviewed(msg)
	case explainedMsg:
		return r.explained(msg)
	case modeSetMsg:
		if msg.err != nil {
			r.fail("The mode was not changed", msg.err)
			return nil
		}
		r.say("%s", msg.said)
		return r.readStatus()
	case failedMsg:
		return r.failed(msg)
	case reportedMsg:
		return r.reported(msg)
	case rescuedMsg:
		r.offerRescued(msg)
	case pageMsg:
		return r.tell(msg.to, msg.msg)
	}
	return nil
}

func (r *root) opened(msg openedMsg) tea.Cmd {
	r.opening = false
	if msg.err != nil {
		r.fail("Could not open", msg.err)
		return nil
	}
	if msg.conn == nil {
		return nil
	}
	r.conn, r.fault = msg.conn, nil
	saved := r.conn.Settings()
	r.draft = config.NewEditing(saved, saved)
	r.result.Result, r.result.Number, _ = r.conn.Result()
	r.work.Progress, r.plan = r.conn.Progress(), r.conn.Current()
	r.openPages()
	cmds := []tea.Cmd{r.readStatus(), r.readRescued()}
	if !r.beating {
		cmds = append(cmds, r.beat())
	}
	for i, p := range r.pages {
		cmds = append(cmds, r.call(page.ID(i+1), p.Init))
	}
	return tea.Batch(append(cmds, r.show(r.active))...)
}

// openPages creates all pages.
func (r *root) openPages() {
	r.pages, r.hosts = make([]page.Page, page.Pages), make([]page.Host, page.Pages)
	for id := page.Dashboard; id <= page.Pages; id++ {
		r.pages[id-1] = r.newPage(id)
	}
}

// newPage creates a page, with its host.
func (r *root) newPage(id page.ID) page.Page {
	h, f := page.NewHost(page.Host{Ctx: r.ctx, Look: r.look, Now: r.now, After: r.after, ReadOnly: r.readOnly}), r.facts()
	r.hosts[id-1] = h
	switch id {
	case page.Dashboard:
		return dashboard.New(h, r.conn, f)
	case page.Objects:
		return objects.New(h, r.conn, f)
	case page.Mapping:
		return mapping.New(h, r.conn, f)
	case page.DryRun:
		return dryrun.New(h, r.conn, f)
	case page.Events:
		return events.New(h, r.conn)
	case page.History:
		return history.New(h, r.conn, f)
	case page.Settings:
		return settings.New(h, r.conn, f)
	case page.Check:
		return check.New(h, r.conn, f)
	case page.Purge:
		return purge.New(h, r.conn, f)
	case page.Convert:
		return convert.New(h, r.conn, f)
	case page.SignIn:
		return signin.New(h, r.conn.SignIn(), f)
	}
	return nil
}

// facts is what a new page knows.
func (r *root) facts() page.Facts {
	return page.Facts{Work: r.work, Result: r.result, Plan: page.PlanMsg{Plan: r.plan, Of: r.planned}, Status: r.status,
		Draft: page.Draft{Saved: r.draft.Saved.Clone(), Edited: r.draft.Edited.Clone()}}
}

// beat is the tick: five per second while something runs, else one. If nothing has changed, the
// frame is the same, and nothing is sent.
func (r *root) beat() tea.Cmd {
	r.beating = true
	d := time.Second
	if r.work.Running() || r.quitting {
		d = 200 * time.Millisecond
	}
	return r.after(d, tickMsg{})
}

func (r *root) tick() tea.Cmd {
	r.beats++
	if r.opening { // it is opened again while the previous one is being closed
		return r.beat()
	}
	cmds := []tea.Cmd{r.poll(), r.beat()}
	if every := 5; r.beats%every == 0 {
		cmds = append(cmds, r.readStatus())
	}
	if r.quitting && !r.work.Running() {
		return tea.Quit
	}
	r.fade()
	if !r.escaped.IsZero() && r.now().Sub(r.escaped) >= escapedFor {
		r.forgetEsc()
	}
	return tea.Batch(append(cmds, r.tell(r.active, page.TickMsg{}))...)
}

// poll reads the engine's state from memory and notifies the pages of changes.
func (r *root) poll() tea.Cmd {
	var cmds []tea.Cmd
	r.work.Progress = r.conn.Progress()
	cmds = append(cmds, r.broadcast(page.ProgressMsg{Work: r.work}))
	if p := r.conn.Current(); p != r.plan {
		r.plan, r.planned, r.askedOf = p, r.askedOf, nil
		cmds = append(cmds, r.broadcast(page.PlanMsg{Plan: p, Of: r.planned}))
	}
	if result, number, ok := r.conn.Result(); ok && number != r.result.Number {
		r.result, r.askedOf = page.ResultMsg{Result: result, Number: number}, nil
		if result.Err == nil {
			r.over(ofRequest)
		}
		if errors.Is(result.Err, context.Canceled) {
			r.say("%s", view.Result(result))
		} else if result.Err != nil {
			r.failOf(ofRequest, view.Mode(result.Request.Mode)+" failed", result.Err)
		} else if result.Request.Draft != nil && r.draft.Changed() && !r.readOnly &&
			result.Request.Draft.Same(r.draft.Edited) {
			if r.active == page.DryRun {
				cmds = append(cmds, r.askDraft())
			} else {
				r.say("The dry run of your changes is done: 4 shows it, and a there saves or discards them.")
			}
		}
		cmds = append(cmds, r.broadcast(r.result), r.readStatus())
	}
	return tea.Batch(cmds...)
}

func (r *root) readStatus() tea.Cmd {
	ctx, conn := r.ctx, r.conn
	return func() tea.Msg {
		s, err := conn.Status(ctx)
		return statusMsg{conn, s, err}
	}
}

func (r *root) page() page.Page { return r.pages[r.active-1] }

func (r *root) tell(id page.ID, msg tea.Msg) tea.Cmd {
	if r.pages == nil {
		return nil
	}
	return r.guard(id, func() tea.Cmd {
		return r.call(id, func() tea.Cmd { return tea.Batch(r.tellDialog(id, msg), r.pages[id-1].Update(msg)) })
	})
}

// tellDialog passes a message to the dialog in front, if it is one of the page and takes any.
func (r *root) tellDialog(id page.ID, msg tea.Msg) tea.Cmd {
	d, ok := r.top().(updated)
	if !ok || r.dialogs[len(r.dialogs)-1].of != id {
		return nil
	}
	return d.Update(msg)
}

func (r *root) broadcast(msg tea.Msg) tea.Cmd {
	var cmds []tea.Cmd
	for id := range r.pages {
		cmds = append(cmds, r.tell(page.ID(id+1), msg))
	}
	return tea.Batch(cmds...)
}

func (r *root) show(id page.ID) tea.Cmd {
	if r.pages == nil || id < 1 || id > page.Pages {
		return nil
	}
	r.active = id
	return r.call(id, r.page().Enter)
}

// resize sets the page's size, which a dialog or an error reduces.
func (r *root) resize() tea.Cmd {
	if r.setup.inFront() {
		return r.setup.resize()
	}
	if r.pages == nil {
		return nil
	}
	cmd := r.tell(r.active, page.DialogMsg{Open: r.top() != nil})
	return tea.Batch(cmd, r.call(r.active, func() tea.Cmd { return r.page().SetSize(r.width, r.bodyHeight()) }))
}

// paste inserts pasted text into the text field in use. Anywhere else it does nothing: pasted text
// never counts as a key (TestAPasteIsNeverACommand).
func (r *root) paste(text string) tea.Cmd {
	switch {
	case r.menu != nil:
	case r.top() != nil:
		return r.pasteDialog(text)
	case r.pages != nil && r.page().Typing():
		return r.call(r.active, func() tea.Cmd { return r.page().Paste(text) })
	}
	return nil
}
