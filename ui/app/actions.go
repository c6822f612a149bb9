package app

import (
	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/component"
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
	c := page.Command{ID: "sync.cancel", Changes: true, Key: page.Keys("Cancel"),
		Title: "cancel the run after the current write", Menu: place("Actions", "", "Cancel", "c"), Do: r.cancel}
	switch {
	case r.work.Running():
	case r.status.Elsewhere != nil:
		c.Off = "it runs in another process; cancel it there"
	default:
		c.Off = view.NothingRuns
	}
	return c
}

func (r *root) eventsCommand() page.Command {
	return page.Command{ID: "events", Title: "events: see what happened",
		Menu: place("Actions", "", "Launch Event Viewer", "e"), Do: func() tea.Cmd { return r.show(page.Events) }}
}

func (r *root) queueCommand() page.Command {
	return page.Command{ID: "queue", Title: "purge queue: people who will be deleted; keep, release, purge now",
		Menu: place("Actions", "", "Purge Queue", "p"), Do: func() tea.Cmd { return r.show(page.Purge) }}
}

// cancel asks for confirmation if something is being written.
func (r *root) cancel() tea.Cmd {
	p := r.work.Progress
	if p.Phase != control.Applying {
		return r.cancelNow()
	}
	r.ask(&component.Question{
		Title: "Cancel " + view.Mode(p.Mode) + "? " + view.WrittenSoFar(p),
		Lines: []string{view.CancelMeans},
		Options: []component.Option{
			{Key: "s", Text: "Continue"},
			{Key: "c", Text: "Cancel it", Do: r.cancelNow},
		},
	})
	return nil
}

func (r *root) cancelNow() tea.Cmd {
	r.conn.Cancel()
	r.say(view.Cancelling)
	return nil
}

func (r *root) incremental() tea.Cmd {
	return r.sure(view.IncrementalTitle, record.Incremental, view.IncrementalDoes)
}

// full asks for a dry run first if no dry run shows what would happen.
func (r *root) full() tea.Cmd {
	if r.dryRunPlan() != nil {
		return r.sure(view.FullTitle, record.Full, view.FullDoes)
	}
	r.ask(&component.Question{
		Title: view.FullTitle + ": no dry run yet",
		Lines: []string{view.DryRunDoes},
		Options: []component.Option{
			{Key: "d", Text: view.DryRunAdvice, Do: r.dryRun},
			{Key: "f", Text: view.StartWithoutOne + r.look.Mark.Ellipsis, Do: func() tea.Cmd {
				return r.sure(view.FullTitle, record.Full, view.FullBlind)
			}},
			{Key: "x", Text: "Not now"},
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
	var shown *control.Header
	if p := r.dryRunPlan(); p != nil {
		h := p.Header()
		shown = &h
	}
	lines := view.RunMeans(what, shown, r.status, r.draft.Changed(), view.Voice{To: view.Console, Now: r.now()})
	r.ask(component.TypedConfirm(title, lines, "yes",
		func() tea.Cmd { return r.start(control.Request{Mode: mode}, page.Dashboard) }))
	return nil
}
