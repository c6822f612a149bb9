package signin

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/ui/component"
	"dirbridge/ui/component/form"
	"dirbridge/ui/page"
	"dirbridge/ui/view"
)

// Model signs in to the cloud in the configured way. An attempt goes on while other pages are in front,
// and touches neither the plan nor the draft. Nothing is stored before the organization is confirmed.
type Model struct {
	host   page.Host
	signIn control.SigningIn // nil: nothing can be signed in to
	status *control.SignedIn // as it was last seen
	form   form.Form
	stage  stage
	typed  string                // the start value or secret in the field
	org    identity.Organization // to be confirmed
	done   string                // what the last attempt led to
	wait   *attempt              // nil: nothing is waited for
	number int                   // of the last attempt: answers to earlier ones are ignored
	width  int
	height int
}

// stage is what the page asks.
type stage int

const (
	standing   stage = iota // how the cloud is signed in to
	starting                // the start value of a sign-in
	confirming              // the organization
	resetting               // a new secret of the client
)

// attempt is a request that is under way.
type attempt struct {
	what     string
	since    time.Time
	progress *control.SetupProgress // has the code
	stop     context.CancelFunc
}

type (
	triedMsg struct {
		number int
		org    identity.Organization
		err    error
	}
	// endedMsg says how another request ended.
	endedMsg struct {
		number     int
		said, what string
		err        error
	}
)

// New returns the page as it is when the console opens.
func New(h page.Host, s control.SigningIn, f page.Facts) *Model {
	m := &Model{host: h, signIn: s, status: f.Status.SignIn}
	m.show()
	return m
}

func (m *Model) Init() tea.Cmd { return nil }

func (m *Model) Enter() tea.Cmd {
	m.host.Request(page.ReadStatusMsg{})
	return nil
}

func (m *Model) Update(msg tea.Msg) tea.Cmd {
	cmd := m.take(msg)
	m.show()
	return cmd
}

func (m *Model) take(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case page.LookMsg:
		m.host.Look = msg.Look
	case page.StatusMsg:
		m.status = msg.Status.SignIn
	case page.SignInMsg:
		return m.begin()
	case page.ResetSecretMsg:
		m.ask(resetting)
	case triedMsg:
		m.tried(msg)
	case endedMsg:
		if !m.ended(msg.number) {
			return nil
		}
		m.stage = standing
		if msg.err != nil {
			m.refuse(msg.what, msg.err)
			return nil
		}
		m.done = msg.said
		m.host.Say("%s", msg.said)
		m.host.Request(page.ReadStatusMsg{})
	}
	return nil
}

// ask asks for a secret.
func (m *Model) ask(what stage) {
	m.abandon()
	m.stage, m.typed, m.done = what, "", ""
	m.form.Reset()
}

// begin signs in, or asks for what a sign-in begins with.
func (m *Model) begin() tea.Cmd {
	if m.signIn == nil {
		return nil
	}
	if m.signIn.NeedsStart() {
		m.ask(starting)
		return nil
	}
	return m.try("")
}

func (m *Model) try(start string) tea.Cmd {
	ctx, number, progress := m.start(view.SignInWait)
	s := m.signIn
	return func() tea.Msg {
		token, err := control.SecretOf(start).Resolve(ctx)
		if start != "" && err != nil {
			return triedMsg{number, identity.Organization{}, err}
		}
		org, err := s.TrySignIn(ctx, token, progress.Show)
		return triedMsg{number, org, err}
	}
}

// start begins an attempt that can be stopped.
func (m *Model) start(what string) (context.Context, int, *control.SetupProgress) {
	m.abandon()
	ctx, stop := context.WithCancel(m.host.Ctx)
	m.stage, m.typed, m.done = standing, "", ""
	m.form.Reset()
	m.wait = &attempt{what: what, since: m.host.Now(), progress: &control.SetupProgress{}, stop: stop}
	return ctx, m.number, m.wait.progress
}

// abandon stops the attempt that is under way; its answer counts no more.
func (m *Model) abandon() {
	if m.number++; m.wait != nil {
		m.wait.stop()
		m.wait = nil
	}
}

// ended reports whether an answer belongs to the attempt that is under way, which is over then.
func (m *Model) ended(number int) bool {
	if m.wait == nil || number != m.number {
		return false
	}
	m.wait.stop()
	m.wait = nil
	return true
}

func (m *Model) tried(msg triedMsg) {
	if !m.ended(msg.number) {
		return
	}
	if msg.err != nil {
		m.refuse(view.SignInRefused, msg.err)
		return
	}
	m.stage, m.org = confirming, msg.org
	m.form.Reset()
	m.host.Say("%s", view.RightOrganization(msg.org))
}

func (m *Model) refuse(what string, err error) {
	if m.host.Ctx.Err() != nil {
		return
	}
	m.form.Reset()
	m.form.Fail(form.Fault{What: what + ": " + view.In(view.Console, err.Error()),
		Remedy: view.In(view.Console, identity.Remedy(err))})
}

// run does a request that ends with one sentence.
func (m *Model) run(waiting, said, failed string, do func(context.Context) (string, error)) tea.Cmd {
	ctx, number, _ := m.start(waiting)
	return func() tea.Msg {
		more, err := do(ctx)
		if more != "" {
			said += " " + more
		}
		return endedMsg{number, said, failed, err}
	}
}

func (m *Model) keep() tea.Cmd {
	s := m.signIn
	return m.run("Storing the sign-in", view.SignedInTo(s.Method(), m.org), "The sign-in was not stored",
		func(ctx context.Context) (string, error) { return "", s.KeepSignIn(ctx) })
}

func (m *Model) test() tea.Cmd {
	s := m.signIn
	return m.run("Testing the sign-in", "The cloud accepts the sign-in. Organization:", "The test failed",
		func(ctx context.Context) (string, error) {
			org, _, err := s.TestSignIn(ctx)
			return view.Sentence(view.Named(org)), err
		})
}

func (m *Model) reset() tea.Cmd {
	s, typed := m.signIn, control.SecretOf(m.typed)
	return m.run("Proving the new secret", view.ResetDone, view.ResetFailed,
		func(ctx context.Context) (string, error) {
			secret, err := typed.Resolve(ctx)
			if err != nil {
				return "", err
			}
			return "", s.ResetSecret(ctx, secret)
		})
}

func (m *Model) askSignOut() tea.Cmd {
	s := m.signIn
	m.host.Ask(&component.Question{Title: view.SignOutAsk, Lines: []string{view.SignOutDoes}, Options: []component.Option{
		{Key: "x", Text: "Stay signed in"},
		{Key: "s", Text: "Sign out", Do: func() tea.Cmd {
			cmd := m.run("Signing out", view.SignedOut, "Not signed out", func(ctx context.Context) (string, error) {
				revoked, err := s.SignOut(ctx)
				if err != nil || revoked {
					return "", err
				}
				return view.NotRevoked, nil
			})
			m.show()
			return cmd
		}}}})
	return nil
}
