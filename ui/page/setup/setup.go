package setup

import (
	"cmp"
	"context"
	"errors"
	"time"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/ui/component/form"
	"dirbridge/ui/look"
	"dirbridge/ui/view"
	"dirbridge/ui/wizard"
)

// Options are what the set-up works with.
type Options struct {
	Setup control.Setup
	Now   func() time.Time
	After func(time.Duration, tea.Msg) tea.Cmd // a timer
}

// Model guides through the first start. Every entry goes into the draft at once, so that the set-up
// can be quit and resumed at any point. State must be current before Update, Key, Paste and View.
type Model struct {
	State State
	Look  look.Look

	ctx   context.Context
	opt   Options
	state control.SetupState
	step  wizard.Step
	form  form.Form
	note  string

	notice  bool // in front of the first step: the named file is missing, or cannot be written
	places  []control.SetupPlace
	account string // of the service

	trial   *trial // nil: nothing is waited for
	trials  int    // number of the last trial: answers to earlier ones are ignored
	cloud   *control.SetupCloudFound
	dir     *control.SetupDirectoryFound
	editing int // directory in the form; len(Directories): a new one; -1: the list
	known   wizard.Known
	looked  bool           // for domains
	saved   wizard.Values  // the settings that values began with
	values  wizard.Values  // the same as edited
	saving  func() tea.Cmd // after the settings are saved; nil: nothing is being saved

	entered        bool   // something that is not kept yet
	unkept         string // why the draft was not kept last; "" if it was
	keeping, again bool   // the draft is being kept; it changed in the meantime
	leaving        bool   // as soon as the draft is kept
	finishing      bool   // the same, permanently
	unsettled      bool   // resumed at a point where only the state shows what is done
	stale          bool   // the configuration has changed since the connector was opened
	enabled        bool   // by the last step
}

// New returns the set-up; Init starts it.
func New(ctx context.Context, o Options) *Model { return &Model{ctx: ctx, opt: o, editing: -1} }

// Init reads what was entered in an earlier start.
func (m *Model) Init() tea.Cmd {
	return m.run(func() any {
		state, err := m.opt.Setup.Resume(m.ctx)
		return resumed{state, err}
	})
}

// run makes a command of the set-up.
func (m *Model) run(fn func() any) tea.Cmd { return func() tea.Msg { return Msg{fn()} } }

// ask makes a command of a message to the console.
func ask(msg tea.Msg) tea.Cmd { return func() tea.Msg { return msg } }

// Step returns the current step.
func (m *Model) Step() wizard.Step { return m.step }

// Needed says that there is something to set up, once Init has found that out.
func (m *Model) Needed() bool { return m.state.Needed }

// InScope says that the current step is the console's Object Selection.
func (m *Model) InScope() bool { return m.step == wizard.Scope && !m.notice }

// Note returns the message of the status line.
func (m *Model) Note() string { return m.note }

// Say sets the message of the status line.
func (m *Model) Say(text string) { m.note = text }

func (m *Model) draft() *control.SetupDraft { return &m.state.Draft }

// Update handles the results of commands.
func (m *Model) Update(msg Msg) tea.Cmd {
	cmd := m.took(msg.what)
	m.show()
	return cmd
}

func (m *Model) took(msg any) tea.Cmd {
	switch msg := msg.(type) {
	case resumed:
		return m.resumed(msg)
	case kept:
		return m.kept(msg)
	case domains:
		m.known.Looking, m.looked, m.known.Domains = false, true, msg.found
		wizard.Propose(m.draft(), msg.found)
	case places:
		if msg.account == m.account {
			m.places = msg.all
		}
		return m.noticed()
	case cloudTried:
		return m.triedCloud(msg)
	case signInKept:
		return m.signInKept(msg)
	case directoryTried:
		return m.triedDirectory(msg)
	case written:
		return m.wrote(msg)
	case finished:
		if msg.err != nil {
			return ask(FailMsg{view.SetupNotRemoved, msg.err})
		}
	case ticked:
		return m.tick()
	default: // of the file picker
		return m.formCmd(m.form.Update(msg))
	}
	return nil
}

// formCmd brings the message of a command of the form back to it.
func (m *Model) formCmd(cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return m.run(func() any { return cmd() })
}

// resumed starts at the first step that is not done.
func (m *Model) resumed(msg resumed) tea.Cmd {
	if msg.err != nil || !msg.state.Needed {
		return ask(NotNeededMsg{msg.err})
	}
	m.state, m.account = msg.state, cmp.Or(msg.state.Draft.Account, msg.state.Account)
	m.known.SecretIn = msg.state.SecretIn
	wizard.Begin(m.draft())
	first := m.first()
	m.unsettled = first == wizard.DryRun
	cmd := tea.Batch(m.enter(first), m.lookAtPlaces())
	if wizard.Resuming(*m.draft()) {
		m.note = wizard.Resumed
	} else {
		m.notice = msg.state.Named || msg.state.Lost != ""
	}
	return cmd
}

// lookAtPlaces checks whether the account of the service can use the files.
func (m *Model) lookAtPlaces() tea.Cmd {
	account := m.account
	return m.run(func() any { return places{account, m.opt.Setup.Places(m.ctx, account)} })
}

// noticed shows the notice at the start if nothing can be written.
func (m *Model) noticed() tea.Cmd {
	if m.step == wizard.Cloud && !wizard.Resuming(*m.draft()) && m.placeWrong() {
		m.notice = true
	}
	return nil
}

func (m *Model) placeWrong() bool {
	for _, p := range m.places {
		if p.Problem != "" {
			return true
		}
	}
	return false
}

// Settle moves to the next step according to the state of the connector, once after it was read.
func (m *Model) Settle() tea.Cmd {
	if !m.unsettled {
		m.show()
		return nil
	}
	m.unsettled = false
	switch {
	case m.State.Mode.Enabled:
		return m.finish(true)
	case m.State.Mode.MayEnable:
		return m.enter(wizard.Schedule)
	}
	m.show()
	return nil
}

// Opened says that the connector was opened.
func (m *Model) Opened() tea.Cmd {
	m.show()
	if m.step == wizard.Scope {
		if m.note != wizard.Resumed {
			m.note = scopeWords
		}
		return ask(EnterScopeMsg{})
	}
	return nil
}

const scopeWords = "Untick (Space) what is not to be synchronized, then [a] confirms."

// first returns the first step that is not done, as far as is known before the connector is open.
func (m *Model) first() wizard.Step { return wizard.First(*m.draft()) }

func (m *Model) done(step wizard.Step) bool { return wizard.IsDone(*m.draft(), m.State.Mode, step) }

// enter shows a step. From the scope on, the connector is needed.
func (m *Model) enter(step wizard.Step) tea.Cmd {
	m.step, m.note = step, ""
	m.form.Reset()
	var cmd tea.Cmd
	switch step {
	case wizard.Directory:
		cmd = m.enterDirectory()
	case wizard.Scope, wizard.Removals, wizard.DryRun, wizard.Schedule:
		switch {
		case !m.State.Open || m.stale:
			m.stale = false
			cmd = ask(OpenMsg{})
		case step == wizard.Scope:
			m.note = scopeWords
			cmd = ask(EnterScopeMsg{})
		default:
			cmd = ask(RefreshMsg{})
		}
	}
	m.show()
	return cmd
}

// Back goes to the previous step, or quits at the first one. Nothing is lost.
func (m *Model) Back() tea.Cmd {
	switch {
	case m.State.Running:
		m.note = view.DryRunUnderWay
		return nil
	case m.step == wizard.Done:
		return ask(DoneMsg{})
	case m.step == wizard.Cloud:
		return m.AskLeave()
	case m.step == wizard.Directory && m.editing >= 0 && len(m.draft().Directories) > 0:
		m.editing, m.dir, m.draft().Editing = -1, nil, nil
		m.form.Reset()
		m.show()
		return m.keep()
	}
	return m.enter(m.step - 1)
}

// AskLeave asks whether to quit.
func (m *Model) AskLeave() tea.Cmd {
	if m.step == wizard.Done {
		return tea.Quit
	}
	lines := []string{wizard.Left}
	if !wizard.SecretsKept(*m.draft()) {
		lines = append(lines, wizard.LeftSecret)
	}
	return ask(AskLeaveMsg{lines})
}

// Leave ends the program once the draft is kept.
func (m *Model) Leave() tea.Cmd {
	if m.step == wizard.Done || m.notice {
		return tea.Quit
	}
	m.leaving = true
	return m.keep()
}

// keep stores the draft, one at a time, so that an older one never overwrites a newer one.
func (m *Model) keep() tea.Cmd {
	if m.keeping {
		m.again = true
		return nil
	}
	m.keeping, m.entered = true, false
	d := m.draft().Clone()
	return m.run(func() any { return kept{m.opt.Setup.Keep(m.ctx, d)} })
}

func (m *Model) kept(msg kept) tea.Cmd {
	m.keeping = false
	switch {
	case m.finishing:
		return m.forget()
	case m.again:
		m.again = false
		return m.keep()
	case msg.err != nil && m.leaving: // the next attempt quits anyway
		m.leaving = false
		return tea.Batch(ask(FailMsg{view.DraftNotKept, msg.err}), ask(UnkeptMsg{msg.err}))
	case msg.err != nil && m.unkept == msg.err.Error(): // it was reported
	case msg.err != nil:
		m.unkept = msg.err.Error()
		return ask(FailMsg{view.DraftNotKept, msg.err})
	case m.leaving:
		return tea.Quit
	default:
		m.unkept = ""
	}
	return nil
}

// write saves the draft to the configuration, and goes on.
func (m *Model) write(then wizard.Step) tea.Cmd {
	m.trial = &trial{what: "Writing " + m.state.Path, since: m.opt.Now()}
	d := m.draft().Clone()
	return m.run(func() any { return written{m.opt.Setup.Write(m.ctx, d), then} })
}

func (m *Model) wrote(msg written) tea.Cmd {
	m.trial = nil
	if msg.err != nil {
		m.refuse("The configuration was not written", msg.err)
		return nil
	}
	wizard.Written(m.draft())
	m.stale = m.State.Open
	cmd := tea.Batch(m.keep(), m.enter(msg.then))
	m.note = "Saved in " + m.state.Path + "."
	return cmd
}

// refuse shows a failure at its field until a value changes.
func (m *Model) refuse(what string, err error) {
	if m.ctx.Err() != nil {
		return
	}
	f := form.Fault{What: what + ": " + view.In(view.Console, err.Error()),
		Remedy: view.In(view.Console, identity.Remedy(err))}
	var entry *control.EntryError
	if errors.As(err, &entry) {
		f.Field = entry.Entry
	}
	var untrusted *control.UntrustedError
	if errors.As(err, &untrusted) {
		f.Field = "ca"
		for i, c := range untrusted.Certificates {
			f.More = append(f.More, wizard.CertificateWords(i, c))
			const half = 16 * 3 // of the pairs of digits
			for print := c.SHA256; print != ""; print = print[min(half, len(print)):] {
				f.More = append(f.More, print[:min(half, len(print))])
			}
		}
	}
	m.form.Fail(f)
	m.show()
	if m.form.MoveToButtons(); f.Field != "" {
		m.form.MoveTo(f.Field)
	}
}

// begin starts a trial that can be stopped, and returns its number.
func (m *Model) begin(what string) (context.Context, int, *control.SetupProgress) {
	ctx, stop := context.WithCancel(m.ctx)
	m.trials++
	p := &control.SetupProgress{}
	m.trial = &trial{what: what, since: m.opt.Now(), progress: p, stop: stop}
	m.form.Fail(form.Fault{})
	m.note = ""
	return ctx, m.trials, p
}

// ended reports whether the answer belongs to the current trial.
func (m *Model) ended(number int) bool {
	if number != m.trials || m.trial == nil {
		return false
	}
	m.trial.stop()
	m.trial = nil
	return true
}

// tick draws the progress of a trial again, until it ends.
func (m *Model) tick() tea.Cmd {
	if m.trial == nil {
		return nil
	}
	return m.opt.After(time.Second/4, Msg{ticked{}})
}

// try starts a trial with its timer.
func (m *Model) try(cmd tea.Cmd) tea.Cmd { return tea.Batch(cmd, m.tick()) }
