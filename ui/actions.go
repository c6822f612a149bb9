package ui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/look"
	"dirbridge/ui/view"
)

// Commands that start and stop work. They belong to the console and are in its menu on every page;
// pages with keys for them take them from here.

func (s *shell) fullCommand() Command {
	return Command{ID: "sync.full", Changes: true, Title: "full synchronization: read all, plan, apply", Short: "Full",
		Menu: Place{"Actions", "Sync Now", "Full", "f"}, Off: s.writeOff(), Do: s.full}
}

func (s *shell) incrementalCommand() Command {
	return Command{ID: "sync.incremental", Changes: true,
		Title: "incremental synchronization: write what changed since the last run", Short: "Incremental",
		Menu: Place{"Actions", "Sync Now", "Incremental", "i"}, Off: s.incrementalOff(), Do: s.incremental}
}

func (s *shell) dryRunCommand() Command {
	return Command{ID: "dryrun", Changes: true, Title: "dry run: show what would change, write nothing", Short: "Dry Run",
		Menu: Place{"Actions", "", "Dry Run", "d"}, Off: s.busy(), Do: s.dryRun}
}

func (s *shell) cancelCommand() Command {
	c := Command{ID: "sync.cancel", Changes: true, Title: "cancel the run between two writes", Short: "Cancel",
		Menu: Place{"Actions", "", "Cancel", "c"}, Do: s.cancel}
	switch {
	case s.running():
	case s.status.Elsewhere != nil:
		c.Off = "it runs in another process, and is cancelled there"
	default:
		c.Off = "nothing is running"
	}
	return c
}

func (s *shell) eventsCommand() Command {
	return Command{ID: "events", Title: "events: see what happened", Short: "Events",
		Menu: Place{"Actions", "", "Launch Event Viewer", "e"}, Do: func() tea.Cmd { s.goTo = pageEvents; return nil }}
}

func (s *shell) queueCommand() Command {
	return Command{ID: "queue", Title: "purge queue: see who waits for the purge; keep, release, purge now",
		Menu: Place{"Actions", "", "Purge Queue", "p"}, Do: func() tea.Cmd { s.goTo = pageQueue; return nil }}
}

// on returns the command with these keys on a page.
func (c Command) on(keys ...string) Command {
	c.Keys = append(keys, c.Keys...)
	return c
}

// cancel asks for confirmation if something is being written.
func (s *shell) cancel() tea.Cmd {
	p := s.progress
	if p.Phase != view.Applying {
		return s.cancelNow()
	}
	s.ask(&question{
		title: "Cancel " + modeName(p.Mode) + "? " + look.Number(p.Done) + " of " +
			look.Count(p.Total, "change is", "changes are") + " written.",
		lines: []string{"It stops between two writes. What was written stays; what was not done stays to be done."},
		options: []option{
			{key: "s", text: "Let it go on"},
			{key: "c", text: "Cancel it", do: s.cancelNow},
		},
	})
	return nil
}

func (s *shell) cancelNow() tea.Cmd {
	s.conn.Cancel()
	s.say("Cancelling: it stops between two writes, and what was not done stays to be done.")
	return nil
}

// incrementalOff returns why no incremental run can be started, or "": the cases of the guide.
func (s *shell) incrementalOff() string {
	switch off := s.writeOff(); {
	case off != "":
		return off
	case s.status.LastFull.IsZero():
		return "no full synchronization was completed yet"
	case !s.status.Mode.Enabled:
		return "synchronization is disabled"
	}
	return ""
}

func (s *shell) incremental() tea.Cmd {
	return s.sure("Incremental Synchronization", record.Incremental,
		"Reads what changed in the directory since the last run and writes it to the cloud.")
}

// full asks for a dry run first if no dry run shows what would happen.
func (s *shell) full() tea.Cmd {
	if s.dryRunPlan() != nil {
		return s.sure("Full Synchronization", record.Full,
			"Reads the directory and the cloud anew, plans, and writes the changes to the cloud.")
	}
	s.ask(&question{
		title: "Full Synchronization: no dry run has been made.",
		lines: []string{"A dry run shows every change before anything is written."},
		options: []option{
			{key: "d", text: "Make a dry run first (recommended)", do: s.dryRun},
			{key: "f", text: "Go on without one" + s.look.Mark.Ellipsis, do: func() tea.Cmd {
				return s.sure("Full Synchronization", record.Full, "What it will change is not known: no dry run has been made.")
			}},
			{key: "x", text: "Leave it"},
		},
	})
	return nil
}

// dryRunPlan returns the current plan if it shows what a synchronization would do, else nil. A plan
// of an undo or a purge does not.
func (s *shell) dryRunPlan() *control.Plan {
	if s.plan == nil || s.plan.Header().Mode != record.Full && s.plan.Header().Mode != record.Incremental {
		return nil
	}
	return s.plan
}

// sure requires a typed word before a run that writes, and shows what the run would do.
func (s *shell) sure(title string, mode record.Mode, what string) tea.Cmd {
	lines := []string{what}
	if p := s.dryRunPlan(); p != nil {
		h := p.Header()
		lines = append(lines, "The dry run of "+look.Clock(s.now(), h.Made)+" would do: "+strings.Join(countsLong(h.Counts),
			", ")+".")
		for _, hold := range h.Holds {
			lines = append(lines, "It was held: "+hold.Detail)
		}
	}
	if p := s.status.Unfinished; p > 0 {
		lines = append(lines, look.Count(p, "write",
			"writes")+" of an earlier run had no answer: they are looked at in the cloud first.")
	}
	if s.draft.Changed() {
		lines = append(lines, "Your changes that are not saved do not take part.")
	}
	lines = append(lines, "Guards still stop it before the first write if too much would be removed.")
	s.ask(confirm(title, lines, "yes", func() tea.Cmd { return s.start(control.Request{Mode: mode}, pageDashboard) }))
	return nil
}
