package app

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/ui/component"
	"dirbridge/ui/page"
	"dirbridge/ui/view"
)

// modeSetMsg goes to the root: synchronization was enabled or disabled, or the request failed.
type modeSetMsg struct {
	said string
	err  error
}

func (r *root) enableCommand() page.Command {
	c := page.Command{ID: "mode.enable", Changes: true, Title: "turn the schedule on: start runs when they are due",
		Menu: place("Actions", "Synchronization Mode", "Enable Synchronization", "e"), Do: r.enable}
	if r.status.Mode.Enabled {
		c.Off = view.ScheduleIsOn
	} else {
		c.Key = page.Keys("", "E")
	}
	return c
}

func (r *root) disableCommand() page.Command {
	c := page.Command{ID: "mode.disable", Changes: true, Title: "turn the schedule off: start nothing by itself",
		Menu: place("Actions", "Synchronization Mode", "Disable Synchronization", "d"), Do: r.disable}
	if m := r.status.Mode; !m.Enabled && !m.At.IsZero() {
		c.Off = view.ScheduleIsOff
	} else if !m.Enabled {
		c.Off = "the schedule was never turned on"
	} else {
		c.Key = page.Keys("", "E")
	}
	return c
}

// enable asks for a dry run first if no dry run shows the result.
func (r *root) enable() tea.Cmd {
	m := r.status.Mode
	if !m.MayEnable {
		r.ask(&component.Question{
			Title: "The schedule cannot be turned on yet: " + m.WhyNot,
			Lines: []string{view.In(view.Console, m.Remedy)},
			Options: []component.Option{
				{Key: "d", Text: view.DryRunAdvice, Off: r.work.Busy(), Do: r.dryRun},
				{Key: "x", Text: "Not now"},
			},
		})
		return nil
	}
	lines := append([]string{view.EnableDoes}, view.DryRunShowed(m.DryRun, view.Voice{To: view.Console, Now: r.now()})...)
	lines = append(lines, view.EnableRisks(m)...)
	if r.draft.Changed() {
		lines = append(lines, view.UnsavedStay)
	}
	enable := func(opt control.EnableOptions) func() tea.Cmd {
		return func() tea.Cmd {
			ctx, conn := r.ctx, r.conn
			return func() tea.Msg { return modeSetMsg{view.EnableDone, conn.Enable(ctx, opt)} }
		}
	}
	q := &component.Question{Title: view.EnableAsk, Lines: lines, Options: []component.Option{
		{Key: "e", Text: "Turn it on", Do: enable(control.EnableOptions{})},
		{Key: "x", Text: "Not now"},
	}}
	if anyway := view.EnableAnyway(m); anyway != "" {
		q.Title = "Turn the schedule on " + anyway + "?"
		if len(m.Unseen) == 0 {
			q.Title = view.BesideAsk
		}
		q.Options = []component.Option{
			{Key: "x", Text: "Not now"},
			{Key: "w", Text: "Turn it on " + anyway + "; this is logged", Do: enable(m.Accepting())},
		}
		if len(m.Unseen) > 0 {
			q.Options[0].Text = "Not now; set a full sync first"
		}
	}
	r.ask(q)
	return nil
}

func (r *root) disable() tea.Cmd {
	r.ask(&component.Prompt{
		Title: view.DisableAsk,
		Lines: []string{view.DisableDoes},
		Label: view.DisableWhy, Input: component.NewInput(""),
		Done: func(reason string) tea.Cmd {
			ctx, conn := r.ctx, r.conn
			return func() tea.Msg {
				return modeSetMsg{view.DisableDone, conn.Disable(ctx, strings.TrimSpace(reason))}
			}
		},
	})
	return nil
}

// convertCommand opens the guided conversion of accounts of another organization.
func (r *root) convertCommand() page.Command {
	return page.Command{ID: "convert", Title: "convert accounts: take over accounts of another organization, step by step",
		Menu: place("Actions", "Synchronization Mode", page.Convert.Title(), "c"),
		Do:   func() tea.Cmd { return r.show(page.Convert) }}
}
