package purge

import (
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/page"
	"dirbridge/ui/view"
)

// named lists the accounts, at most ten of them.
func named(all []control.Queued) string {
	var names []string
	for _, w := range all[:min(len(all), 10)] {
		names = append(names, w.Key)
	}
	if n := len(all) - 10; n > 0 {
		names = append(names, fmt.Sprintf("and %d more", n))
	}
	return strings.Join(names, ", ") + "."
}

// keep asks for a reason, then for an end date.
func (q *Model) keep() tea.Cmd {
	all := q.chosen()
	lines := []string{view.KeepMeans}
	if len(all) > 1 {
		lines = append(lines, named(all))
	} else if all[0].Kept != nil {
		lines = append(lines, "This replaces: kept "+all[0].Kept.Text()+".")
	}
	q.host.Ask(&component.Prompt{
		Title: "Keep " + accounts(all) + " from the purge", Lines: lines, Label: view.KeepReason,
		Check: func(text string) string {
			if strings.TrimSpace(text) == "" {
				return view.KeepWhy
			}
			return ""
		},
		Done: func(reason string) tea.Cmd { q.keepUntil(all, strings.TrimSpace(reason)); return nil },
	})
	return nil
}

func (q *Model) keepUntil(all []control.Queued, reason string) {
	q.host.Ask(&component.Prompt{
		Title: "Keep " + accounts(all) + " from the purge: " + reason, Label: "Last day, as " +
			q.host.Now().AddDate(0, 1, 0).Format(time.DateOnly) + ", or empty until it is released:",
		Check: func(text string) string {
			_, wrong := view.LastDay(text, q.host.Now())
			return wrong
		},
		Done: func(text string) tea.Cmd {
			until, _ := view.LastDay(text, q.host.Now())
			ctx, conn := q.host.Ctx, q.conn
			said := accounts(all) + is(all) + " kept from the purge."
			if !until.IsZero() {
				said = accounts(all) + is(all) + " kept from the purge up to " + strings.TrimSpace(text) + "."
			}
			return func() tea.Msg {
				done, err := each(all, func(w control.Queued) error { return conn.Keep(ctx, w.Anchor, reason, until) })
				return queueDoneMsg{said, "Not kept", err, restore(conn, done, "Undone: "+accounts(done)+is(done)+" as before.")}
			}
		},
	})
}

func is(all []control.Queued) string {
	if len(all) == 1 {
		return " is"
	}
	return " are"
}

// each does something with one account after the other, up to the first failure; done are those before
// it.
func each(all []control.Queued, do func(control.Queued) error) (done []control.Queued, err error) {
	for _, w := range all {
		if err = do(w); err != nil {
			return done, err
		}
		done = append(done, w)
	}
	return done, nil
}

// kept returns those of the accounts that an operator keeps.
func kept(all []control.Queued) []control.Queued {
	return slices.DeleteFunc(slices.Clone(all), func(w control.Queued) bool { return w.Kept == nil })
}

func (q *Model) releaseOff(none string) string {
	all := q.chosen()
	switch {
	case none != "", len(kept(all)) > 0:
		return none
	case len(all) == 1 && all[0].Unmanaged != "":
		return view.KeptBy(all[0])
	case len(all) == 1:
		return all[0].Key + " is not kept"
	}
	return "none of the ticked accounts is kept"
}

func (q *Model) release() tea.Cmd {
	all := kept(q.chosen())
	due := slices.DeleteFunc(slices.Clone(all), func(w control.Queued) bool { return w.Due.After(q.host.Now()) })
	lines, over := []string{named(all)}, accounts(due)+is(due)+" past the grace period: the next purge deletes "
	if len(all) == 1 {
		lines, over = []string{"It is kept " + all[0].Kept.Text() + "."}, "Its grace period is over: the next purge deletes "
	}
	if len(due) == 1 {
		lines = append(lines, over+"it. "+control.PurgeWarning)
	} else if len(due) > 1 {
		lines = append(lines, over+"them. "+control.PurgeWarning)
	}
	q.host.Ask(&component.Question{Title: "Release " + accounts(all) + " to the purge?", Lines: lines,
		Options: []component.Option{
			{Key: "n", Text: "Continue to keep"},
			{Key: "r", Text: "Release", Do: func() tea.Cmd {
				ctx, conn := q.host.Ctx, q.conn
				return func() tea.Msg {
					done, err := each(all, func(w control.Queued) error { return conn.Release(ctx, w.Anchor) })
					return queueDoneMsg{accounts(all) + is(all) + " released to the purge.", "Not released", err,
						restore(conn, done, "Undone: "+accounts(done)+is(done)+" kept again.")}
				}
			}},
		}})
	return nil
}

// free returns those of the accounts that can be purged.
func free(all []control.Queued) []control.Queued {
	return slices.DeleteFunc(slices.Clone(all), control.Queued.Held)
}

func (q *Model) nowOff(none, busy string) string {
	all := q.chosen()
	switch {
	case busy != "":
		return busy
	case none != "", len(free(all)) > 0:
		return none
	case len(all) == 1:
		return all[0].Key + " is not purged: " + view.KeptBy(all[0])
	}
	return "all ticked accounts are kept"
}

// purgeNow plans the purge of the chosen accounts. The plan shows its effect; it is applied from
// the Dry Run page, with a typed word.
func (q *Model) purgeNow() tea.Cmd {
	all := q.chosen()
	purged := free(all)
	var only []identity.Anchor
	for _, w := range purged {
		only = append(only, w.Anchor)
	}
	slices.Sort(only)
	lines := []string{named(purged)}
	if n := len(all) - len(purged); n > 0 {
		lines = append(lines, look.Count(int64(n), "ticked account is", "ticked accounts are")+" kept and not purged.")
	}
	q.host.Ask(&component.Question{
		Title: "Plan to purge " + look.Count(int64(len(only)), "account", "accounts") +
			" now, whether the grace period is over or not?",
		Lines: append(lines, control.PurgeWarning,
			"This makes a plan and writes nothing. The Dry Run page shows it, and applies it when you say so there."),
		Options: []component.Option{
			{Key: "n", Text: "Not now"},
			{Key: "p", Text: "Make the plan", Do: func() tea.Cmd {
				return q.host.Start(control.Request{Mode: control.PurgePlan, Only: only}, page.DryRun)
			}},
		},
	})
	return nil
}

// due plans the next purge.
func (q *Model) due() tea.Cmd {
	return q.host.Start(control.Request{Mode: control.PurgePlan}, page.DryRun)
}
