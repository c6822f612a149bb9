package ui

import (
	"context"
	"errors"
	"time"

	tea "charm.land/bubbletea/v2"

	"dirbridge/config"
	"dirbridge/sync/control"
)

// pageID is a page by its number in the tabs.
type pageID int

const (
	pageDashboard pageID = iota + 1
	pageObjects
	pageMapping
	pageDryRun
	pageEvents
	pageHistory
	pageSettings
	pageCheck
	pageQueue
	lastPage = pageQueue
)

// root is the model: it owns the frame, the dialogs and the polling, and passes everything else to
// the pages.
type root struct {
	*shell
	opts     Options
	pages    []Page // by pageID-1; nil until the connector is available
	active   pageID
	width    int
	height   int
	opening  bool
	quitting bool // as soon as nothing runs
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
		to  pageID
		msg tea.Msg
	}
	// resultMsg tells every page that a request ended.
	resultMsg struct{}
	// planMsg tells every page that there is a new current plan.
	planMsg struct{}
	// settingsMsg tells every page that the saved settings have changed.
	settingsMsg struct{}
)

func newRoot(s *shell, opts Options) *root {
	r := &root{shell: s, opts: opts, active: pageDashboard, width: 80, height: 24, opening: true, mouse: !opts.NoMouse &&
		!s.basic}
	r.setup = newSetup(r)
	return r
}

func (r *root) Init() tea.Cmd {
	if r.setup != nil {
		return tea.Batch(r.greet(), r.setup.resume())
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
	cmd := r.guard(0, func() tea.Cmd {
		r.goTo, r.replaced = 0, false
		cmd := r.update(msg)
		if r.replaced {
			cmd = tea.Batch(cmd, r.broadcast(draftMsg{}))
		}
		if r.goTo != 0 {
			cmd = tea.Batch(cmd, r.show(r.goTo))
		}
		return cmd
	})
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
		r.look = r.look.On(msg.IsDark())
	case tea.KeyPressMsg:
		return r.press(msg)
	case tea.PasteMsg:
		return r.paste(msg.Content)
	case tea.MouseClickMsg:
		return r.click(tea.Mouse(msg))
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
		return r.tell(pageDashboard, msg)
	case settingsSavedMsg:
		return r.saved(msg)
	case reloadedMsg:
		return r.reloaded(msg)
	case reviewedMsg:
		r.reviewed(msg)
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
	_, r.ended, _ = r.conn.Result()
	r.result, _, _ = r.conn.Result()
	r.progress, r.plan = r.conn.Progress(), r.conn.Current()
	r.pages = newPages(r.shell)
	cmds := []tea.Cmd{r.readStatus(), r.readRescued()}
	if !r.beating {
		cmds = append(cmds, r.beat())
	}
	for i, p := range r.pages {
		cmds = append(cmds, r.wrap(pageID(i+1), p.Init()))
	}
	return tea.Batch(append(cmds, r.show(r.active))...)
}

// newPages returns all pages, in the order of their numbers.
func newPages(s *shell) []Page {
	return []Page{newDashboard(s), newObjects(s), newMapping(s), newDryRun(s), newEvents(s), newHistory(s),
		newSettings(s), newCheck(s), newQueue(s)}
}

// beat is the tick: five per second while something runs, else one. If nothing has changed, the
// frame is the same, and nothing is sent.
func (r *root) beat() tea.Cmd {
	r.beating = true
	d := time.Second
	if r.running() || r.quitting {
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
	if r.quitting && !r.running() {
		return tea.Quit
	}
	r.fade()
	if !r.escaped.IsZero() && r.now().Sub(r.escaped) >= escapedFor {
		r.forgetEsc()
	}
	return tea.Batch(append(cmds, r.tell(r.active, tickMsg{}))...)
}

// poll reads the engine's state from memory and notifies the pages of changes.
func (r *root) poll() tea.Cmd {
	var cmds []tea.Cmd
	r.progress = r.conn.Progress()
	if p := r.conn.Current(); p != r.plan {
		r.plan, r.planned, r.asked = p, r.asked, nil
		cmds = append(cmds, r.broadcast(planMsg{}))
	}
	if result, number, ok := r.conn.Result(); ok && number != r.ended {
		r.result, r.ended, r.asked = result, number, nil
		if result.Err == nil {
			r.over(ofRequest)
		}
		if errors.Is(result.Err, context.Canceled) {
			r.say("%s", resultWords(r.shell, result))
		} else if result.Err != nil {
			r.failOf(ofRequest, modeName(result.Request.Mode)+" ended", result.Err)
		} else if result.Request.Draft != nil && r.draft.Changed() && !r.readOnly &&
			result.Request.Draft.Same(r.draft.Edited) {
			if r.active == pageDryRun {
				cmds = append(cmds, r.askDraft())
			} else {
				r.say("The dry run of your changes is done: 4 shows it, and a there saves or discards them.")
			}
		}
		cmds = append(cmds, r.broadcast(resultMsg{}), r.readStatus())
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

func (r *root) page() Page { return r.pages[r.active-1] }

func (r *root) tell(id pageID, msg tea.Msg) tea.Cmd {
	if r.pages == nil {
		return nil
	}
	return r.guard(id, func() tea.Cmd { return r.wrap(id, r.pages[id-1].Update(msg)) })
}

func (r *root) broadcast(msg tea.Msg) tea.Cmd {
	var cmds []tea.Cmd
	for id := range r.pages {
		cmds = append(cmds, r.tell(pageID(id+1), msg))
	}
	return tea.Batch(cmds...)
}

// wrap sends the messages of a page's command back to that page, whichever page is in front by
// then.
func (r *root) wrap(id pageID, cmd tea.Cmd) tea.Cmd {
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
		case tea.QuitMsg, tea.SuspendMsg, pageMsg, statusMsg, settingsSavedMsg, reloadedMsg, reviewedMsg, modeSetMsg,
			explainedMsg, openedMsg, setupMsg,
			failedMsg, reportedMsg, rescuedMsg:
			return msg
		default:
			if msg == tea.ClearScreen() {
				return msg
			}
			return pageMsg{id, msg}
		}
	}
}

func (r *root) show(id pageID) tea.Cmd {
	if r.pages == nil || id < 1 || id > lastPage {
		return nil
	}
	r.active = id
	return r.wrap(id, r.page().Enter())
}

// resize sets the page's size, which a dialog or an error reduces.
func (r *root) resize() tea.Cmd {
	if r.setup.inFront() {
		return r.setup.resize()
	}
	if r.pages == nil {
		return nil
	}
	return r.wrap(r.active, r.page().SetSize(r.width, r.bodyHeight()))
}

// paste inserts pasted text into the text field in use. Anywhere else it does nothing: pasted text
// never counts as a key (TestAPasteIsNeverACommand).
func (r *root) paste(text string) tea.Cmd {
	switch d := r.top(); {
	case r.menu != nil:
	case d != nil:
		d.paste(text)
		if live, ok := d.(interface{ pasted() tea.Cmd }); ok {
			return r.wrap(r.active, live.pasted())
		}
	case r.pages != nil && r.page().Typing():
		return r.wrap(r.active, r.page().Paste(text))
	}
	return nil
}
