package ui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/page"
	"dirbridge/ui/view"
)

// Commands that start and stop work. They belong to the console and are in its menu on every page;
// pages with keys for them take them from here.

func (r *root) fullCommand() page.Command {
	return page.Command{ID: "sync.full", Changes: true, Title: "full synchronization: read all, plan, apply",
		Menu: place("Actions", "Sync Now", "Full", "f"), Off: r.work.WriteOff(), Do: r.full}
}

func (r *root) incrementalCommand() page.Command {
	return page.Command{ID: "sync.incremental", Changes: true,
		Title: "incremental synchronization: write what changed since the last run",
		Menu:  place("Actions", "Sync Now", "Incremental", "i"), Off: r.work.IncrementalOff(r.status), Do: r.incremental}
}

func (r *root) dryRunCommand() page.Command {
	return page.Command{ID: "dryrun", Changes: true, Title: "dry run: show what would change, write nothing",
		Menu: place("Actions", "", "Dry Run", "d"), Off: r.work.Busy(), Do: r.dryRun}
}

func (r *root) cancelCommand() page.Command {
	c := page.Command{ID: "sync.cancel", Changes: true, Title: "cancel the run between two writes",
		Menu: place("Actions", "", "Cancel", "c"), Do: r.cancel}
	switch {
	case r.work.Running():
	case r.status.Elsewhere != nil:
		c.Off = "it runs in another process, and is cancelled there"
	default:
		c.Off = "nothing is running"
	}
	return c
}

func (r *root) eventsCommand() page.Command {
	return page.Command{ID: "events", Title: "events: see what happened",
		Menu: place("Actions", "", "Launch Event Viewer", "e"), Do: func() tea.Cmd { return r.show(page.Events) }}
}

func (r *root) queueCommand() page.Command {
	return page.Command{ID: "queue", Title: "purge queue: see who waits for the purge; keep, release, purge now",
		Menu: place("Actions", "", "Purge Queue", "p"), Do: func() tea.Cmd { return r.show(page.Purge) }}
}

// cancel asks for confirmation if something is being written.
func (r *root) cancel() tea.Cmd {
	p := r.work.Progress
	if p.Phase != view.Applying {
		return r.cancelNow()
	}
	r.ask(&component.Question{
		Title: "Cancel " + view.Mode(p.Mode) + "? " + look.Number(p.Done) + " of " +
			look.Count(p.Total, "change is", "changes are") + " written.",
		Lines: []string{"It stops between two writes. What was written stays; what was not done stays to be done."},
		Options: []component.Option{
			{Key: "s", Text: "Let it go on"},
			{Key: "c", Text: "Cancel it", Do: r.cancelNow},
		},
	})
	return nil
}

func (r *root) cancelNow() tea.Cmd {
	r.conn.Cancel()
	r.say("Cancelling: it stops between two writes, and what was not done stays to be done.")
	return nil
}

func (r *root) incremental() tea.Cmd {
	return r.sure("Incremental Synchronization", record.Incremental,
		"Reads what changed in the directory since the last run and writes it to the cloud.")
}

// full asks for a dry run first if no dry run shows what would happen.
func (r *root) full() tea.Cmd {
	if r.dryRunPlan() != nil {
		return r.sure("Full Synchronization", record.Full,
			"Reads the directory and the cloud anew, plans, and writes the changes to the cloud.")
	}
	r.ask(&component.Question{
		Title: "Full Synchronization: no dry run has been made.",
		Lines: []string{"A dry run shows every change before anything is written."},
		Options: []component.Option{
			{Key: "d", Text: "Make a dry run first (recommended)", Do: r.dryRun},
			{Key: "f", Text: "Go on without one" + r.look.Mark.Ellipsis, Do: func() tea.Cmd {
				return r.sure("Full Synchronization", record.Full, "What it will change is not known: no dry run has been made.")
			}},
			{Key: "x", Text: "Leave it"},
		},
	})
	return nil
}

// dryRunPlan returns the current plan if it shows what a synchronization would do, else nil. A plan
// of an undo or a purge does not.
func (r *root) dryRunPlan() *control.Plan {
	if r.plan == nil || r.plan.Header().Mode != record.Full && r.plan.Header().Mode != record.Incremental {
		return nil
	}
	return r.plan
}

// sure requires a typed word before a run that writes, and shows what the run would do.
func (r *root) sure(title string, mode record.Mode, what string) tea.Cmd {
	lines := []string{what}
	if p := r.dryRunPlan(); p != nil {
		h := p.Header()
		lines = append(lines, "The dry run of "+look.Clock(r.now(), h.Made)+" would do: "+strings.Join(view.Counts(h.Counts),
			", ")+".")
		for _, hold := range h.Holds {
			lines = append(lines, "It was held: "+hold.Detail)
		}
	}
	if p := r.status.Unfinished; p > 0 {
		lines = append(lines, look.Count(p, "write",
			"writes")+" of an earlier run had no answer: they are looked at in the cloud first.")
	}
	if r.draft.Changed() {
		lines = append(lines, "Your changes that are not saved do not take part.")
	}
	lines = append(lines, "Guards still stop it before the first write if too much would be removed.")
	r.ask(component.TypedConfirm(title, lines, "yes", func() tea.Cmd {
		return r.start(control.Request{Mode: mode},
			page.Dashboard)
	}))
	return nil
}
