package plain

import (
	"context"
	"errors"

	"dirbridge/sync/control"
	"dirbridge/ui/firststart"
	"dirbridge/ui/view"
)

// guide guides through a first start, with the console's steps and draft: each front end can resume
// where the other stopped. Every entry is stored at once.
type guide struct {
	*session
	api       control.Setup
	state     control.SetupState
	cloud     *control.SetupCloudFound // of the last test of the draft's values
	domains   []control.SetupDomain
	looked    bool // for domains
	stale     bool // the configuration has changed since the connector was opened
	unsettled bool // resumed at a point where only the connector's state shows what is done
	unkept    string
	finished  bool
}

// firstStart leads to an open connector. Quitting it loses nothing.
func (s *session) firstStart(state control.SetupState) error {
	g := &guide{session: s, api: s.opts.Setup, state: state}
	s.guide = g
	defer func() { s.guide = nil }()
	d := g.draft()
	firststart.Begin(d)
	s.heading("Set-up.")
	s.say("The configuration will be %s. The set-up has six steps. Nothing is written to the cloud by it, and the "+
		"directory is only ever read.", state.Path)
	s.say("One question a line: Enter keeps what is set. At every prompt ? says the question again, h is help, b goes " +
		"back, q leaves, and what you entered is kept.")
	if firststart.Resuming(*d) {
		s.say("Taken up again where you left it.")
	}
	step := firststart.First(*d)
	g.unsettled = step == firststart.DryRun
	err := g.lead(step)
	if g.finished {
		return err
	}
	g.left()
	if s.ended && !s.interactive && !g.state.Draft.Written && s.ctx.Err() == nil {
		if _, failed := s.opts.Opened(); failed != nil {
			return failed // a script that did not reach the end gets the error
		}
	}
	return err
}

func (g *guide) draft() *control.SetupDraft { return &g.state.Draft }

// lead goes from step to step until the last is done. b in the first question of a step goes to the
// previous step.
func (g *guide) lead(step firststart.Step) error {
	steps := []func() (firststart.Step, error){g.stepCloud, g.stepDirectory, g.stepMirror, g.stepContainers,
		g.stepDryRun, g.stepEnable}
	for step < firststart.Done {
		g.heading("Step " + number(int64(step)+1) + " of 6: " + firststart.Steps()[step] + ".")
		next, err := steps[step]()
		switch {
		case errors.Is(err, errBack) && step == firststart.Cloud:
			g.say("This is the first step. q leaves.")
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
		g.fail("What you entered cannot be kept", kept)
		return
	}
	g.say("%s", view.Left)
	if !firststart.SecretsKept(*g.draft()) {
		g.say("%s", view.LeftSecret)
	}
}

// keep stores the draft. It prints a failure only once.
func (g *guide) keep() {
	err := g.api.Keep(g.ctx, g.draft().Clone())
	if err == nil {
		g.unkept = ""
		return
	}
	if g.unkept != err.Error() {
		g.unkept = err.Error()
		g.fail("The draft was not kept", err)
	}
}

// write saves the draft to the configuration.
func (g *guide) write() error {
	d := g.draft().Clone()
	if err := g.wait("Writing "+g.state.Path, func(ctx context.Context) error { return g.api.Write(ctx, d) }); err != nil {
		return err
	}
	g.draft().Written, g.stale = true, g.conn != nil
	g.say("Saved in %s. No secret stands in it.", g.state.Path)
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
func (g *guide) finish(enabled bool) (firststart.Step, error) {
	g.finished = true
	if err := g.api.Finish(g.ctx); err != nil {
		g.fail("The draft of the set-up could not be removed", err)
	}
	title, next := view.DoneWords(enabled)
	g.heading(view.Sentence(title))
	g.say("%s", next)
	g.say("dirbridge run --config %s", g.state.Path)
	g.say("A first full synchronization can be started here as well, under Synchronization; or apply the dry run, " +
		"which writes exactly what it shows.")
	g.say("The set-up is not started again: all of it can be changed here, and in the file.")
	return firststart.Done, nil
}
