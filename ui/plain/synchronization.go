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
		s.say("%s.", modeSentence(st.Mode, s))
		if st.Mode.WhyNot != "" {
			s.say("%s.", st.Mode.WhyNot)
			s.remedy(st.Mode.Remedy)
		}
		s.unseen(st.Mode.Unseen)
		s.procedure(st.Mode.Procedure)
		if s.running() {
			s.say("%s.", s.progress(s.conn.Progress()))
		}
		return nil
	}, choices: func() []choice {
		running := ""
		if !s.running() {
			running = "nothing is running"
		}
		writes := s.busy()
		if writes == "" && st.Elsewhere != nil {
			writes = runsElsewhere
		}
		incremental, enable, disable := writes, s.forbidden(), s.forbidden()
		if incremental == "" && st.LastFull.IsZero() {
			incremental = "no full synchronization was completed yet"
		}
		if enable == "" && st.Mode.Enabled {
			enable = "synchronization is enabled"
		}
		if disable == "" && !st.Mode.Enabled {
			disable = "synchronization is disabled"
		}
		abandon := s.forbidden()
		if abandon == "" && st.Mode.Procedure == nil {
			abandon = "no conversion is under way"
		}
		return []choice{
			{text: "Full synchronization: read all, plan, apply", off: writes, do: func() error {
				return anew(s.full(st),
					look)
			}},
			{text: "Incremental synchronization: write what changed since the last run", off: incremental, do: func() error {
				return anew(s.sure(st, record.Incremental,
					"Incremental synchronization: reads what changed in the directory since the last run and writes it to the "+
						"cloud"), look)
			}},
			{text: "Dry run: show what would change, write nothing", off: first(s.busy(), s.scopeOff()), do: s.dryRun},
			{text: "Enable synchronization: let the schedule start it", off: enable,
				do: func() error { return anew(s.enable(st.Mode), look) }},
			{text: "Disable synchronization: have the schedule start nothing", off: disable,
				do: func() error { return anew(s.disable(), look) }},
			{text: "Cancel the run under way, between two writes", off: first(s.forbidden(), running), do: s.cancelOrNot},
			{text: "Watch the run under way", off: running, do: s.watch},
			{text: "Convert accounts that another organization has, step by step", off: s.forbidden(),
				do: func() error { return anew(s.convert(), look) }},
			{text: "Abandon the conversion", off: abandon, do: func() error { return anew(s.abandon(), look) }},
		}
	}})
}

// anew reads the state again, whatever the result of an action.
func anew(err error, look func() error) error {
	if err != nil {
		return err
	}
	return look()
}

// full asks for a dry run first if no dry run shows what would happen.
func (s *session) full(st control.Status) error {
	const what = "Full synchronization: reads the directory and the cloud anew, plans, and writes the changes to the cloud"
	if s.plan.Plan != nil {
		return s.sure(st, record.Full, what)
	}
	return s.pickOne("No dry run has been made. A dry run shows every change before anything is written.", []choice{
		{text: "Make a dry run first (recommended)", do: s.dryRun},
		{text: "Go on without one", do: func() error {
			return s.sure(st, record.Full,
				what+". What it will change is not known")
		}},
		{text: "Leave it"},
	})
}

// sure requires a typed word before a run that writes, and prints what the run would do.
func (s *session) sure(st control.Status, mode record.Mode, what string) error {
	lines := []string{what}
	if s.plan.Plan != nil {
		h := s.plan.Header()
		lines = append(lines, "The dry run of "+s.clock(h.Made)+" would do: "+strings.Join(view.Counts(h.Counts), ", "))
		for _, hold := range h.Holds {
			lines = append(lines, "It was held: "+hold.Detail)
		}
	}
	if st.Unfinished > 0 {
		lines = append(lines, plural(st.Unfinished, "write",
			"writes")+" of an earlier run had no answer: they are looked at in the cloud first")
	}
	if s.draft.Changed() {
		lines = append(lines, "Your changes that are not saved do not take part")
	}
	lines = append(lines, "Guards still stop it before the first write if too much would be removed")
	if err := s.confirm(lines, "yes"); err != nil {
		return err
	}
	return s.start(control.Request{Mode: mode})
}

// enable asks for a dry run first if no dry run shows the result.
func (s *session) enable(m control.ModeStatus) error {
	if !m.MayEnable {
		s.say("Error: synchronization cannot be enabled yet: %s.", m.WhyNot)
		s.remedy(m.Remedy)
		return s.pickOne("What next?", []choice{
			{text: "Make a dry run: it shows every change and writes nothing", off: first(s.busy(), s.scopeOff()), do: s.dryRun},
			{text: "Leave it"},
		})
	}
	lines := []string{"Enable synchronization: the schedule, which dirbridge run serves, starts what is due from then on"}
	if d := m.DryRun; d != nil {
		lines = append(lines, "The dry run of "+s.clock(d.At)+" showed: "+strings.Join(view.Counts(d.Counts), ", "))
		for _, h := range d.Holds {
			lines = append(lines, "It was held, and so will the next run be that finds the same: "+h.Detail)
		}
	}
	if s.draft.Changed() {
		lines = append(lines, "Your changes that are not saved do not take part")
	}
	word := "enable"
	if len(m.Unseen) > 0 {
		word = "without deletions"
		for _, line := range view.Unseen(m.Unseen) {
			lines = append(lines, strings.TrimSuffix(line, "."))
		}
		lines = append(lines, strings.TrimSuffix(view.UnseenRemedy(m.Unseen), "."))
	}
	if err := s.confirm(lines, word); err != nil {
		return err
	}
	if err := s.turnOn(m); err != nil {
		return err
	}
	s.say("Synchronization is enabled.")
	return nil
}

// turnOn enables synchronization. It accepts what m says about undetected deletions, because that
// was shown.
func (s *session) turnOn(m control.ModeStatus) error {
	opt := control.EnableOptions{WithoutDeletions: len(m.Unseen) > 0}
	return s.wait("Enabling synchronization", func(ctx context.Context) error { return s.conn.Enable(ctx, opt) })
}

// unseen warns of deletions that no scheduled run detects.
func (s *session) unseen(all []control.UnseenDeletions) {
	if len(all) == 0 {
		return
	}
	for _, line := range view.Unseen(all) {
		s.say("Warning: %s", line)
	}
	s.remedy(view.UnseenRemedy(all))
}

func (s *session) disable() error {
	reason, err := s.text("Why, for whoever wonders, or Enter:", []string{
		"Disable synchronization: nothing is started by the schedule any more, the purge included. A run that is under " +
			"way goes on, and what you start by hand is done."}, nil)
	if err != nil {
		return err
	}
	if err := s.wait("Disabling synchronization", func(ctx context.Context) error {
		return s.conn.Disable(ctx,
			reason)
	}); err != nil {
		return err
	}
	s.say("Synchronization is disabled.")
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
	text, err := s.text("Mail addresses, or Enter for those of the known naming conflicts:", []string{
		"People whose accounts another organization has are naming conflicts. Synchronization is disabled, they are " +
			"converted in Control Hub, and it is enabled again once a dry run shows that none of them would be removed."}, nil)
	if err != nil {
		return err
	}
	if err := s.wait("Beginning the conversion", func(ctx context.Context) error {
		return s.conn.Convert(ctx,
			strings.Fields(text))
	}); err != nil {
		return err
	}
	return s.sayMode()
}

func (s *session) abandon() error {
	if err := s.confirm([]string{"Abandon the conversion: synchronization stays disabled"}, "abandon"); err != nil {
		return err
	}
	if err := s.wait("Abandoning the conversion", s.conn.Abandon); err != nil {
		return err
	}
	return s.sayMode()
}

func (s *session) sayMode() error {
	var m control.ModeStatus
	if err := s.wait("Reading the state", func(ctx context.Context) (err error) {
		m,
			err = s.conn.Mode(ctx)
		return err
	}); err != nil {
		return err
	}
	s.say("%s.", modeSentence(m, s))
	s.procedure(m.Procedure)
	return nil
}

// cancelOrNot asks for confirmation if something is being written.
func (s *session) cancelOrNot() error {
	p := s.conn.Progress()
	if p.Phase != view.Applying {
		s.cancel()
		return nil
	}
	return told(s.pickOne("Cancel it? "+number(p.Done)+" of "+plural(p.Total, "change is",
		"changes are")+" written; that stays.", []choice{
		{text: "Let it go on", do: func() error { return nil }},
		{text: "Cancel it", do: func() error { s.cancel(); return nil }},
	}))
}
