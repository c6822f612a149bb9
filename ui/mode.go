package ui

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/page"
	"dirbridge/ui/view"
)

// modeSetMsg goes to the root: synchronization was enabled or disabled, or the request failed.
type modeSetMsg struct {
	said string
	err  error
}

func (r *root) enableCommand() page.Command {
	c := page.Command{ID: "mode.enable", Changes: true, Title: "enable synchronization: let the schedule start it",
		Menu: place("Actions", "Synchronization Mode", "Enable Synchronization", "e"), Do: r.enable}
	if r.status.Mode.Enabled {
		c.Off = "synchronization is enabled"
	}
	return c
}

func (r *root) disableCommand() page.Command {
	c := page.Command{ID: "mode.disable", Changes: true, Title: "disable synchronization: have the schedule start nothing",
		Menu: place("Actions", "Synchronization Mode", "Disable Synchronization", "d"), Do: r.disable}
	if m := r.status.Mode; !m.Enabled && !m.At.IsZero() {
		c.Off = "synchronization is disabled"
	} else if !m.Enabled {
		c.Off = "synchronization was never enabled"
	}
	return c
}

// enable asks for a dry run first if no dry run shows the result.
func (r *root) enable() tea.Cmd {
	m := r.status.Mode
	if !m.MayEnable {
		r.ask(&component.Question{
			Title: "Synchronization cannot be enabled yet: " + m.WhyNot + ".",
			Lines: []string{m.Remedy},
			Options: []component.Option{
				{Key: "d", Text: "Make a dry run: it shows every change and writes nothing", Off: r.work.Busy(), Do: r.dryRun},
				{Key: "x", Text: "Leave it"},
			},
		})
		return nil
	}
	lines := []string{"The schedule, which dirbridge run serves, starts what is due from then on."}
	lines = append(lines, dryRunWords(r.now(), m.DryRun)...)
	lines = append(lines, view.Unseen(m.Unseen)...)
	if r.draft.Changed() {
		lines = append(lines, "Your changes that are not saved do not take part.")
	}
	enable := func(opt control.EnableOptions) func() tea.Cmd {
		return func() tea.Cmd {
			ctx, conn := r.ctx, r.conn
			return func() tea.Msg { return modeSetMsg{"Synchronization is enabled.", conn.Enable(ctx, opt)} }
		}
	}
	q := &component.Question{Title: "Enable synchronization?", Lines: lines, Options: []component.Option{
		{Key: "e", Text: "Enable it", Do: enable(control.EnableOptions{})},
		{Key: "x", Text: "Leave it"},
	}}
	if len(m.Unseen) > 0 {
		q.Title = "Enable synchronization without seeing deletions?"
		q.Lines = append(q.Lines, view.UnseenRemedy(m.Unseen))
		q.Options = []component.Option{
			{Key: "x", Text: "Leave it, and set a full schedule first"},
			{Key: "w", Text: "Enable it without deletions; this is recorded",
				Do: enable(control.EnableOptions{WithoutDeletions: true})},
		}
	}
	r.ask(q)
	return nil
}

// dryRunWords says what the last dry run showed, and what held it.
func dryRunWords(now time.Time, d *control.DryRun) []string {
	if d == nil {
		return nil
	}
	lines := []string{"The dry run of " + look.Clock(now, d.At) + " showed: " +
		strings.Join(view.Counts(d.Counts), ", ") + "."}
	for _, h := range d.Holds {
		lines = append(lines, "It was held, and so will the next run be that finds the same: "+h.Detail)
	}
	return lines
}

func (r *root) disable() tea.Cmd {
	r.ask(&component.Prompt{
		Title: "Disable synchronization.",
		Lines: []string{"Nothing is started by the schedule any more, the purge included. A run that is under way goes " +
			"on, and a full synchronization or a plan that you start by hand is done."},
		Label: "Why, for whoever wonders (may be empty):", Input: component.NewInput(""),
		Done: func(reason string) tea.Cmd {
			ctx, conn := r.ctx, r.conn
			return func() tea.Msg {
				return modeSetMsg{"Synchronization is disabled.", conn.Disable(ctx, strings.TrimSpace(reason))}
			}
		},
	})
	return nil
}
