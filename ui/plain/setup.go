package plain

import (
	"cmp"
	"context"
	"errors"

	"dirbridge/sync/control"
	"dirbridge/ui/view"
	"dirbridge/ui/wizard"
)

// guide guides through a first start, with the console's steps and draft: each front end can resume
// where the other stopped. Every entry is stored at once.
type guide struct {
	*session
	api       control.Setup
	state     control.SetupState
	cloud     *control.SetupCloudFound // of the last test of the draft's values
	known     wizard.Known
	account   string // of the service
	looked    bool   // for domains
	stale     bool   // the configuration has changed since the connector was opened
	unsettled bool   // resumed at a point where only the connector's state shows what is done
	unkept    string
	finished  bool
}

// firstStart leads to an open connector. Quitting it loses nothing.
func (s *session) firstStart(state control.SetupState) error {
	g := &guide{session: s, api: s.opts.Setup, state: state, account: cmp.Or(state.Draft.Account, state.Account)}
	s.guide = g
	defer func() { s.guide = nil }()
	d := g.draft()
	wizard.Begin(d)
	s.heading("Set-up.")
	if err := g.notice(); err != nil {
		return g.unfinished(err)
	}
	s.say("The configuration will be %s. The set-up has six steps. It writes nothing to the cloud, and only reads the "+
		"directory.", state.Path)
	s.say("One question a line: Enter keeps the current value. At every prompt ? repeats the question, h is help, b " +
		"goes back, q quits, and your entries are kept.")
	if wizard.Resuming(*d) {
		s.say("%s", wizard.Resumed)
	}
	step := wizard.First(*d)
	g.unsettled = step == wizard.DryRun
	err := g.lead(step)
	if g.finished {
		return err
	}
	g.left()
	return g.unfinished(err)
}

// unfinished returns how a set-up that was not finished ends: a script whose input ended gets the
// error of the missing configuration.
func (g *guide) unfinished(err error) error {
	if g.ended && !g.interactive && !g.state.Draft.Written && g.ctx.Err() == nil {
		if _, failed := g.opts.Opened(); failed != nil {
			return failed
		}
	}
	return err
}

// notice says that a named file is missing, that earlier entries cannot be read, or that nothing can
// be written, and asks whether to go on.
func (g *guide) notice() error {
	wrong := g.placesWrong("")
	lost := g.state.Lost != ""
	if wizard.Resuming(*g.draft()) || !g.state.Named && !wrong && !lost {
		return nil
	}
	if lost {
		for _, text := range wizard.LostWords(g.state) {
			g.say("%s", view.Sentence(text))
		}
	}
	if g.state.Named {
		g.say("There is no configuration file %s.", g.state.Path)
		if len(g.state.Near) > 0 {
			g.say(view.ConfigurationsExist)
		}
		for _, path := range g.state.Near {
			g.say("dirbridge --config %s", path)
		}
	}
	return g.pickOne("Continue?", []choice{{text: view.NewConfiguration, do: func() error { return nil }},
		{text: "Quit", do: func() error { return errLeave }}})
}

// placesWrong prints which files an account cannot use, and reports whether there are any.
func (g *guide) placesWrong(account string) (wrong bool) {
	for _, p := range g.api.Places(g.ctx, account) {
		if p.Problem != "" {
			g.say("Warning: %s %s: %s.", p.What, p.Path, p.Problem)
			g.remedy(p.Remedy)
			wrong = true
		}
	}
	return wrong
}

func (g *guide) draft() *control.SetupDraft { return &g.state.Draft }

// lead goes from step to step until the last is done. b in the first question of a step goes to the
// previous step.
func (g *guide) lead(step wizard.Step) error {
	steps := []func() (wizard.Step, error){g.stepCloud, g.stepDirectory, g.stepScope, g.stepRemovals,
		g.stepDryRun, g.stepSchedule}
	for step < wizard.Done {
		g.heading("Step " + number(int64(step)+1) + " of 6: " + step.Title() + ".")
		next, err := steps[step]()
		switch {
		case errors.Is(err, errBack) && step == wizard.Cloud:
			g.say("This is the first step. q quits.")
			continue
		case errors.Is(err, errBack):
			next = step - 1
		case err != nil:
			return err
		}
		step = next
	}
	return nil
}

// left says what happens to the entries, and saves the ticks.
func (g *guide) left() {
	if g.conn != nil && g.session.draft.Changed() && g.scopeOff() == "" {
		settings := g.session.draft.Edited.Clone()
		if err := g.conn.SaveSettings(context.WithoutCancel(g.ctx), settings); err != nil {
			g.fail("The containers were not saved", err)
		}
	}
	kept := g.api.Keep(context.WithoutCancel(g.ctx), g.draft().Clone())
	if kept != nil {
		g.fail(view.EntriesNotKept, kept)
		return
	}
	g.say("%s", wizard.Left)
	if !wizard.SecretsKept(*g.draft()) {
		g.say("%s", wizard.LeftSecret)
	}
}

// keep stores the draft. It prints a failure only once.
func (g *guide) keep() {
	if g.account != g.state.Account {
		g.draft().Account = g.account
	}
	err := g.api.Keep(g.ctx, g.draft().Clone())
	if err == nil {
		g.unkept = ""
		return
	}
	if g.unkept != err.Error() {
		g.unkept = err.Error()
		g.fail(view.DraftNotKept, err)
	}
}

// write saves the draft to the configuration.
func (g *guide) write() error {
	d := g.draft().Clone()
	if err := g.wait("Writing "+g.state.Path, func(ctx context.Context) error { return g.api.Write(ctx, d) }); err != nil {
		return err
	}
	wizard.Written(g.draft())
	g.stale = g.conn != nil
	g.say("Saved in %s. It contains no secret.", g.state.Path)
	g.keep()
	return nil
}

// ready opens the connector if a step needs it.
func (g *guide) ready() error {
	if g.conn != nil && !g.stale {
		return nil
	}
	g.say("Opening %s.", g.state.Path)
	if err := g.open(); err != nil {
		return err
	}
	g.stale = false
	return nil
}

// finish ends setup for good.
func (g *guide) finish(enabled bool) (wizard.Step, error) {
	g.finished = true
	if err := g.api.Finish(g.ctx); err != nil {
		g.fail(view.SetupNotRemoved, err)
	}
	title, next := wizard.DoneWords(enabled)
	g.heading(view.Sentence(title))
	g.say("%s", next)
	g.say("dirbridge run --config %s", g.state.Path)
	if g.account != g.state.Account {
		g.say("Run it as the account %s.", g.account)
	}
	g.say("The first full synchronization can also be started here, under Synchronization.")
	g.say("Everything can be changed later, here and in the file.")
	return wizard.Done, nil
}
