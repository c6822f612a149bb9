package plain

import (
	"context"
	"strings"

	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/view"
)

// synchronization starts and stops work, manually and by the schedule.
func (s *session) synchronization() error {
	var st control.Status
	look := func() error {
		return s.wait("Reading the state", func(ctx context.Context) (err error) { st, err = s.conn.Status(ctx); return err })
	}
	return s.menu(page{title: "Synchronization", head: func() error {
		if err := look(); err != nil {
			return told(err)
		}
		s.facts(view.Schedule(st, s.voice()))
		s.procedure(st.Mode.Procedure)
		if s.running() {
			s.say("%s.", s.progress(s.conn.Progress()))
		}
		return nil
	}, choices: func() []choice {
		running := ""
		if !s.running() {
			running = view.NothingRuns
		}
		writes := s.busy()
		if writes == "" && st.Elsewhere != nil {
			writes = runsElsewhere
		}
		incremental, enable, disable := writes, s.forbidden(), s.forbidden()
		if incremental == "" && st.LastFull.IsZero() {
			incremental = view.NoIncremental
		}
		if enable == "" && st.Mode.Enabled {
			enable = view.ScheduleIsOn
		}
		if disable == "" && !st.Mode.Enabled {
			disable = view.ScheduleIsOff
		}
		abandon := s.forbidden()
		if abandon == "" && st.Mode.Procedure == nil {
			abandon = view.NoConversion
		}
		return []choice{
			{text: view.FullTitle + ": read everything, plan, apply", off: writes, do: func() error {
				return afterwards(s.full(st),
					look)
			}},
			{text: view.IncrementalTitle + ": write what changed since the last run", off: incremental, do: func() error {
				return afterwards(s.sure(st, record.Incremental,
					view.IncrementalTitle+": "+view.IncrementalDoes), look)
			}},
			{text: "Dry run: show what would change, write nothing", off: first(s.busy(), s.scopeOff()), do: s.dryRun},
			{text: "Turn the schedule on: start runs when they are due", off: enable,
				do: func() error { return afterwards(s.enable(st.Mode), look) }},
			{text: "Turn the schedule off: start nothing by itself", off: disable,
				do: func() error { return afterwards(s.disable(), look) }},
			{text: "Cancel the current run", off: first(s.forbidden(), running), do: s.cancelOrNot},
			{text: "Watch the current run", off: running, do: s.watch},
			{text: "Convert accounts of another organization, step by step", off: s.forbidden(),
				do: func() error { return afterwards(s.convert(), look) }},
			{text: "Abandon the conversion", off: abandon, do: func() error { return afterwards(s.abandon(), look) }},
		}
	}})
}

// afterwards reads the state again, whatever the result of an action.
func afterwards(err error, look func() error) error {
	if err != nil {
		return err
	}
	return look()
}

// full asks for a dry run first if no dry run shows what would happen.
func (s *session) full(st control.Status) error {
	const what = view.FullTitle + ": " + view.FullDoes
	if s.plan.Plan != nil {
		return s.sure(st, record.Full, what)
	}
	return s.pickOne(view.NoDryRunYet+". "+view.DryRunDoes, []choice{
		{text: view.DryRunAdvice, do: s.dryRun},
		{text: view.StartWithoutOne, do: func() error {
			return s.sure(st, record.Full,
				what+" "+view.FullBlind)
		}},
		{text: "Not now"},
	})
}

// sure requires a typed word before a run that writes, and prints what the run would do.
func (s *session) sure(st control.Status, mode record.Mode, what string) error {
	var shown *control.Header
	if s.plan.Plan != nil {
		h := s.plan.Header()
		shown = &h
	}
	lines := view.RunMeans(what, shown, st, s.draft.Changed(), s.voice())
	if err := s.confirm(lines, "yes"); err != nil {
		return err
	}
	return s.start(control.Request{Mode: mode})
}

// enable asks for a dry run first if no dry run shows the result.
func (s *session) enable(m control.ModeStatus) error {
	if !m.MayEnable {
		s.say("Error: the schedule cannot be turned on yet: %s.", m.WhyNot)
		s.remedy(m.Remedy)
		return s.pickOne("What next?", []choice{
			{text: view.DryRunAdvice, off: first(s.busy(), s.scopeOff()), do: s.dryRun},
			{text: "Not now"},
		})
	}
	lines := append([]string{view.EnableAsk + " " + view.EnableDoes}, view.DryRunShowed(m.DryRun, s.voice())...)
	if s.draft.Changed() {
		lines = append(lines, view.UnsavedStay)
	}
	word := "enable"
	if risks := view.EnableRisks(m); len(risks) > 0 {
		word = "beside another program"
		if len(m.Unseen) > 0 {
			word = "without deletions"
		}
		risks[len(risks)-1] = strings.TrimSuffix(risks[len(risks)-1], ".")
		lines = append(lines, risks...)
	}
	if err := s.confirm(lines, word); err != nil {
		return err
	}
	if err := s.turnOn(m); err != nil {
		return err
	}
	s.say(view.EnableDone)
	return nil
}

// turnOn enables synchronization. It accepts what m says about undetected deletions and other
// programs, because that was shown.
func (s *session) turnOn(m control.ModeStatus) error {
	opt := m.Accepting()
	return s.wait("Enabling synchronization", func(ctx context.Context) error { return s.conn.Enable(ctx, opt) })
}

// risks warns of deletions that no scheduled run detects, and of other programs.
func (s *session) risks(m control.ModeStatus) {
	for _, line := range view.Unseen(m.Unseen) {
		s.say("Warning: %s", line)
	}
	if len(m.Unseen) > 0 {
		s.remedy(view.UnseenRemedy(m.Unseen))
	}
	for _, line := range view.Beside(m.Unconfirmed()) {
		s.say("Warning: %s", line)
	}
	if len(m.Unconfirmed()) > 0 {
		s.remedy(control.ProvisionerRemedy)
	}
}

func (s *session) disable() error {
	reason, err := s.text(view.DisableWhy, []string{
		view.DisableAsk + ": " + view.DisableDoes}, nil)
	if err != nil {
		return err
	}
	if err := s.wait("Disabling synchronization", func(ctx context.Context) error {
		return s.conn.Disable(ctx, reason)
	}); err != nil {
		return err
	}
	s.say(view.DisableDone)
	return nil
}

// procedure prints the progress of a guided conversion.
func (s *session) procedure(p *control.Procedure) {
	if p == nil {
		return
	}
	s.say("Guided conversion of %s, begun %s.", plural(int64(len(p.Accounts)), "account", "accounts"), s.clock(p.Begun))
	for i, step := range p.Steps {
		if step.Done {
			s.say("Step %d, done: %s.", i+1, step.Title)
			continue
		}
		s.say("Step %d, missing: %s. %s", i+1, step.Title, view.Sentence(step.Detail))
		s.remedy(step.Remedy)
	}
	for _, a := range p.Accounts {
		if a.Fate != "" {
			s.say("%s: %s. %s", a.Mail, a.Fate, view.Sentence(a.Detail))
			s.remedy(a.Remedy)
		}
	}
}

// convert starts the conversion of accounts that belong to another organization, or adds to it.
func (s *session) convert() error {
	text, err := s.text(view.ConvertWhich, []string{view.ConvertDoes}, nil)
	if err != nil {
		return err
	}
	if err := s.wait("Beginning the conversion", func(ctx context.Context) error {
		return s.conn.Convert(ctx, strings.Fields(text))
	}); err != nil {
		return err
	}
	return s.sayMode()
}

func (s *session) abandon() error {
	if err := s.confirm([]string{"Abandon the conversion: the schedule stays off"}, "abandon"); err != nil {
		return err
	}
	if err := s.wait("Abandoning the conversion", s.conn.Abandon); err != nil {
		return err
	}
	return s.sayMode()
}

func (s *session) sayMode() error {
	m, err := read(s, "Reading the state", s.conn.Mode)
	if err != nil {
		return err
	}
	s.say("%s.", view.ScheduleState(m, s.voice()))
	s.procedure(m.Procedure)
	return nil
}

// cancelOrNot asks for confirmation if something is being written.
func (s *session) cancelOrNot() error {
	p := s.conn.Progress()
	if p.Phase != control.Applying {
		s.cancel()
		return nil
	}
	return told(s.pickOne("Cancel it? "+view.WrittenSoFar(p)+" "+view.CancelMeans, []choice{
		{text: "Continue", do: func() error { return nil }},
		{text: "Cancel it", do: func() error { s.cancel(); return nil }},
	}))
}
