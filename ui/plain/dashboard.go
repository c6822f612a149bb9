package plain

import (
	"context"
	"fmt"
	"strings"

	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/view"
)

// dashboard prints the status.
func (s *session) dashboard() error {
	var st control.Status
	return s.menu(page{title: "Dashboard", head: func() error { return told(s.standing(&st)) }, choices: func() []choice {
		watch := choice{text: "Watch the current run", do: s.watch}
		if !s.running() {
			watch.off = view.NothingRuns
		}
		return []choice{
			{text: "Refresh", do: func() error { return s.standing(&st) }},
			watch,
			{text: "Records that fail, " + number(st.FailingCount), do: s.failing},
			{text: "History", do: s.history},
			{text: "Events", do: s.events},
		}
	}})
}

func (s *session) standing(st *control.Status) error {
	err := s.wait("Reading the state", func(ctx context.Context) (err error) { *st, err = s.conn.Status(ctx); return err })
	if err != nil {
		return err
	}
	s.say("%s to %s.", st.Directory, st.Cloud)
	if text := view.SignInLine(st.SignIn, s.voice()); text != "" {
		s.say("Error: %s.", text)
		s.say("Sign in: %s.", view.In(view.Plain, "dirbridge signin"))
	}
	if text := view.Escalated(st.Escalated); text != "" {
		s.say("Error: %s.", text)
	}
	for _, h := range st.Held {
		s.say("Error: %s.", view.Held(h, s.voice()))
		for _, hold := range h.Holds {
			s.say("%s", view.Sentence(hold.Detail))
			s.remedy(hold.Remedy)
		}
	}
	s.current(*st)
	s.next(*st)
	s.last(*st)
	s.good(*st)
	s.cloud(*st)
	s.directories(*st)
	s.heading("Configuration Summary.")
	for _, line := range st.Summary {
		s.say("%s", view.Sentence(line))
	}
	return nil
}

func (s *session) current(st control.Status) {
	s.heading("Current Synchronization.")
	if run := st.Elsewhere; run != nil && !s.running() {
		s.say("%s.", view.Elsewhere(*run, s.clock(run.Started)))
		return
	}
	if !s.running() {
		s.say("Nothing is running.")
		return
	}
	p := view.ProgressOf(s.conn.Progress(), s.watching.mode, s.now())
	s.say("%s. %s.", p.Title, view.Capital(p.String()))
}

// voice is how the accessible mode says times and remedies.
func (s *session) voice() view.Voice { return view.Voice{To: view.Plain, Now: s.now()} }

func (s *session) next(st control.Status) {
	s.heading("Next Synchronization.")
	s.facts(view.Schedule(st, s.voice()))
	s.say("Incremental: %s. Full: %s.", view.NextRun(st, st.Incremental, st.Schedule.Incremental),
		view.NextRun(st, st.Full, st.Schedule.Full))
	if at := st.Schedule; at.Incremental != "" || at.Full != "" {
		s.say("Schedule: incremental %s, full %s.", orNever(at.Incremental), orNever(at.Full))
	}
}

func orNever(when string) string {
	if when == "" {
		return "never"
	}
	return when
}

func (s *session) last(st control.Status) {
	s.heading("Last Synchronization.")
	if len(st.Last) == 0 {
		s.say(view.NoRuns(view.Plain))
		return
	}
	const shown = 3
	for _, r := range st.Last[:min(len(st.Last), shown)] {
		s.say("%s.", view.RunLine(r, s.voice()))
	}
}

func (s *session) good(st control.Status) {
	s.heading("Status.")
	s.say("%s. Last good run: %s.", view.ConditionOf(st), view.LastGood(st, s.voice()))
	if text := view.Failing(st); text != "" {
		s.say("%s.", text)
	}
	if n := st.Problems.Total(); n > 0 {
		s.say("%s, the oldest since %s.", view.Problems(st), s.clock(st.Problems.Since))
		for _, p := range st.Problems.List {
			s.facts([]view.Fact{view.OpenProblem(p, s.voice())})
		}
		if more := view.MoreProblems(st.Problems, view.Plain); more != "" {
			s.say("%s", more)
		}
	}
	s.facts(view.Leftovers(st))
}

func (s *session) cloud(st control.Status) {
	s.heading("Cloud Statistics.")
	if st.Statistics == nil {
		s.say(view.NoData(view.Plain))
	}
	var all []string
	for _, f := range view.CloudStatistics(st) {
		all = append(all, f.Label+" "+f.Text)
	}
	s.say("%s.", strings.Join(all, ", "))
}

func (s *session) directories(st control.Status) {
	s.heading("Directories and Connectors.")
	for _, d := range st.Directories {
		text := "Directory " + d.Name
		if d.Server != "" {
			text += ", " + d.Server
		}
		if d.LastRead.IsZero() {
			text += ", not read yet"
		} else {
			text += ", last read " + s.clock(d.LastRead)
		}
		s.say("%s.", text)
		s.facts(view.Directory(d, s.voice()))
	}
	role := "ready"
	if st.Leading {
		role = "leading"
	}
	s.say("Connector %s, %s, version %s.", st.Connector, role, st.Version)
}

// failing lists the records that fail in run after run.
func (s *session) failing() error {
	all, err := read(s, "Reading the state", func(ctx context.Context) ([]record.Failing, error) {
		return s.conn.Failing(ctx, 1, itemsShown)
	})
	if err != nil {
		return err
	}
	var rows []row
	for _, f := range all {
		rows = append(rows, row{fmt.Sprintf("%s, in %s in a row, since %s: %s", f.Record, plural(f.Runs, "run", "runs"),
			s.clock(f.Since), f.Message), func() error {
			s.facts(view.FailingFacts(f, s.voice()))
			return nil
		}})
	}
	return s.list(inMemory("Records that fail, most runs in a row first", "No record fails.", rows))
}
