package plain

import (
	"context"
	"fmt"
	"strings"

	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/look"
	"dirbridge/ui/view"
)

// dashboard prints the status.
func (s *session) dashboard() error {
	var st control.Status
	return s.menu(page{title: "Dashboard", head: func() error { return told(s.standing(&st)) }, choices: func() []choice {
		watch := choice{text: "Watch the run under way", do: s.watch}
		if !s.running() {
			watch.off = "nothing is running"
		}
		return []choice{
			{text: "Say it again, as it is now", do: func() error { return s.standing(&st) }},
			watch,
			{text: "Records that fail in run after run, " + number(st.FailingCount), do: s.failing},
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
	if st.Escalated > 0 {
		s.say("Error: %s in ten runs in a row or more.", plural(st.Escalated, "record has failed", "records have failed"))
	}
	for _, h := range st.Held {
		what := "Synchronizations are"
		if h.Purge {
			what = "Purges are"
		}
		s.say("Held: %s held since %s, in %s.", what, s.clock(h.Since), plural(h.Runs, "run", "runs"))
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
	p := s.conn.Progress()
	s.say("%s, started %s. %s.", view.Mode(p.Mode), s.clock(p.Started), s.progress(p))
}

func (s *session) next(st control.Status) {
	s.heading("Next Synchronization.")
	s.say("%s.", modeSentence(st.Mode, s))
	if st.Mode.Enabled && !st.Served {
		s.say("Warning: %s. Start it: dirbridge run.", view.Unserved)
	}
	s.unseen(st.Mode.Unseen)
	s.say("Incremental: %s. Full: %s.", st.Incremental, st.Full)
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

// modeSentence says whether the schedule is enabled, since when and by which operator.
func modeSentence(m control.ModeStatus, s *session) string {
	text := "Synchronization is " + onOff(m.Enabled)
	if m.At.IsZero() {
		return text + ", it was never enabled"
	}
	text += " since " + s.clock(m.At)
	if m.By != "" {
		text += " by " + m.By
	}
	if m.Reason != "" {
		text += ": " + strings.TrimSuffix(m.Reason, ".")
	}
	return text
}

func (s *session) last(st control.Status) {
	s.heading("Last Synchronization.")
	if len(st.Last) == 0 {
		s.say("None yet. Begin with a dry run: it writes nothing.")
		return
	}
	const shown = 3
	for _, r := range st.Last[:min(len(st.Last), shown)] {
		s.say("%s.", s.runLine(r))
	}
}

// runLine returns a run in one line.
func (s *session) runLine(r record.Run) string {
	text := fmt.Sprintf("run %d, %s, %s, %s", r.ID, strings.ToLower(view.Mode(r.Mode)), s.clock(r.Started), r.Outcome)
	if !r.Ended.IsZero() {
		text += ", took " + look.Length(r.Ended.Sub(r.Started))
	}
	if r.UndoOf != 0 {
		text += fmt.Sprintf(", undid run %d", r.UndoOf)
	}
	done := view.Written(r.Counts)
	if len(done) == 0 {
		done = []string{"nothing written"}
	}
	text += ", " + strings.Join(done, ", ")
	if r.Failed > 0 {
		text += ", " + number(r.Failed) + " failed"
	}
	if r.Skipped > 0 {
		text += ", " + number(r.Skipped) + " skipped"
	}
	if r.Withheld > 0 {
		text += ", " + number(r.Withheld) + " withheld"
	}
	return text
}

func (s *session) good(st control.Status) {
	s.heading("Status.")
	if st.LastGood.IsZero() {
		s.say("No synchronization has succeeded yet.")
	} else {
		s.say("The last good run ended %s, %s.", s.clock(st.LastGood), look.Ago(s.now(), st.LastGood))
	}
	if st.FailingCount > 0 {
		s.say("%s since the last time that it was tried.", plural(st.FailingCount, "record fails", "records fail"))
	}
	if n := st.Problems.Total(); n > 0 {
		s.say("Degraded: %s, the oldest since %s.", plural(n, "record has problems", "records have problems"),
			s.clock(st.Problems.Since))
		for _, p := range st.Problems.List {
			s.say("%s", view.Sentence(p.Message))
			s.remedy(p.Remedy)
		}
	}
	if st.Unfinished > 0 {
		s.say("%s without an answer: the next run looks at them in the cloud first.",
			plural(st.Unfinished, "write", "writes"))
	}
	if st.PurgeQueue > 0 {
		s.say("%s for the purge: see Purge queue.", plural(st.PurgeQueue, "account waits", "accounts wait"))
	}
	if st.Dirty > 0 {
		s.say("%s for the next run.", plural(st.Dirty, "record waits", "records wait"))
	}
}

func (s *session) cloud(st control.Status) {
	s.heading("Cloud Statistics.")
	c := st.Statistics
	if c == nil {
		s.say("Not read yet: a dry run reads them.")
		return
	}
	s.say("%s active users, %s deactivated, %s groups, %s unmatched.", number(c.Active), number(c.Deactivated),
		number(c.Groups), number(c.Unmatched))
	if c.Admins >= 0 {
		s.say("%s.", plural(c.Admins, "full administrator", "full administrators"))
	}
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
		if d.Error != "" {
			s.say("Error: %s cannot be read since %s: %s", d.Name, s.clock(d.Since), view.Sentence(d.Error))
			s.remedy(d.Remedy)
		}
		if d.NoDeletions != "" {
			s.say("%s", view.Sentence(d.NoDeletions))
			s.remedy(d.NoDeletionsRemedy)
		}
		for _, w := range d.Warnings {
			s.say("Warning: %s", view.Sentence(w))
		}
	}
	role := "ready"
	if st.Leading {
		role = "leading"
	}
	s.say("Connector %s, %s, version %s.", st.Connector, role, st.Version)
}

// failing lists the records that fail in run after run.
func (s *session) failing() error {
	var all []record.Failing
	err := s.wait("Reading the state", func(ctx context.Context) (err error) {
		all,
			err = s.conn.Failing(ctx, 1, itemsShown)
		return err
	})
	if err != nil {
		return err
	}
	var rows []row
	for _, f := range all {
		rows = append(rows, row{fmt.Sprintf("%s, in %s in a row, since %s: %s", f.Record, plural(f.Runs, "run", "runs"),
			s.clock(f.Since), f.Message), func() error {
			s.say("Error: %s: %s", f.Record, view.Sentence(f.Message))
			s.remedy(f.Remedy)
			s.fact("Field", f.Field)
			s.say("It fails since %s, in %s in a row, run %d the last.", s.clock(f.Since), plural(f.Runs, "run", "runs"),
				f.LastRun)
			return nil
		}})
	}
	return s.list(inMemory("Records that fail in most runs in a row", "No record fails.", rows))
}
