package dryrun

import (
	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/ui/component"
	"dirbridge/ui/page"
	"dirbridge/ui/view"
)

// confirmedMsg reports that a withheld record was confirmed, or why not.
type confirmedMsg struct {
	source planSource
	h      control.Withheld
	err    error
}

func (d *Model) confirmCommand() page.Command {
	c := page.Command{ID: "plan.confirm", Changes: true, Key: page.Keys("", "C"),
		Title: "confirm the selected withheld record; the next run writes it",
		Off:   d.confirmOff(), Do: d.confirm}
	if d.shown.view == viewWithheld {
		c.Call("Confirm" + d.host.Look.Mark.Ellipsis)
	}
	return c
}

// confirmOff returns why the row under the cursor cannot be confirmed, or "".
func (d *Model) confirmOff() string {
	row, ok := d.list.Current()
	switch {
	case d.shown.view != viewWithheld || !ok || row.waits == nil:
		return "only a withheld record can be confirmed; see the tab Withheld"
	case d.work.WriteOff() != "":
		return d.work.WriteOff()
	case d.draft.PlanOf(d.plan.Of):
		return view.UnsavedPlan(d.draft.Changed())
	case d.confirmed[row.waits.Fingerprint]:
		return view.ConfirmedAlready
	}
	return ""
}

// confirm shows both sides, and records the operator's confirmation of this pair.
func (d *Model) confirm() tea.Cmd {
	row, _ := d.list.Current()
	h, source := *row.waits, d.source
	lines := []string{h.Reason, "Person: " + view.WithheldPerson(h) + ".", "Account: " + view.WithheldAccount(h) + "."}
	if owner := view.WithheldOwner(h); owner != "" {
		lines = append(lines, "The account belongs or belonged to "+owner+".")
	}
	d.host.Ask(component.TypedConfirm(view.ConfirmTitle(h), append(lines, view.ConfirmMeans), "confirm", func() tea.Cmd {
		if off := d.work.WriteOff(); off != "" { // a run may have started while the dialog was open
			d.host.Say(view.Unavailable, off)
			return nil
		}
		ctx, conn := d.host.Ctx, d.conn
		return func() tea.Msg { return confirmedMsg{source, h, conn.Confirm(ctx, h)} }
	}))
	return nil
}

func (d *Model) noted(msg confirmedMsg) {
	if msg.err != nil {
		d.host.Fail("Not confirmed", msg.err)
		return
	}
	if msg.source == d.source {
		d.confirmed[msg.h.Fingerprint] = true
	}
	d.host.Say("%s", view.Confirmed(msg.h, "[d]"))
}
