package plain

import (
	"context"
	"errors"

	"dirbridge/sync/control"
	"dirbridge/ui/firststart"
)

// guide leads through a first start, in the steps of the console's and with its draft:
// each can go on where the other was left. Whatever is entered is kept at once.
type guide struct {
	*session
	api       control.Setup
	state     control.SetupState
	cloud     *control.SetupCloudFound // of the last trial, of what the draft has
	domains   []control.SetupDomain
	looked    bool // for domains
	stale     bool // the configuration was changed since the connector was opened
	unsettled bool // taken up again where only the connector's state says what is done
	unkept    string
	finished  bool
}

// firstStart leads to an open connector. Leaving it loses nothing.
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
			return failed // a script that did not go to the end is told so
		}
	}
	return err
}

func (g *guide) draft() *control.SetupDraft { return &g.state.Draft }

// lead goes from step to step until the last is done. b in the first question of a step
// goes to the step before.
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

// left says what becomes of what was entered, and saves what was ticked.
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
	g.say("%s", firststart.Left)
	if !firststart.SecretsKept(*g.draft()) {
		g.say("%s", firststart.LeftSecret)
	}
}

// keep remembers the draft. Why it cannot is said once.
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

// write makes the configuration say what the draft does.
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

// ready opens the connector where a step needs it.
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

// finish ends the set-up for good.
func (g *guide) finish(enabled bool) (firststart.Step, error) {
	g.finished = true
	if err := g.api.Finish(g.ctx); err != nil {
		g.fail("The draft of the set-up could not be removed", err)
	}
	title, next := firststart.DoneWords(enabled)
	g.heading(sentence(title))
	g.say("%s", next)
	g.say("dirbridge run --config %s", g.state.Path)
	g.say("A first full synchronization can be started here as well, under Synchronization; or apply the dry run, " +
		"which writes exactly what it shows.")
	g.say("The set-up is not started again: all of it can be changed here, and in the file.")
	return firststart.Done, nil
}
