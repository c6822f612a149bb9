package ui

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

func (d *dryRunPage) confirmCommand() page.Command {
	c := page.Command{ID: "plan.confirm", Changes: true, Keys: []string{"C"},
		Title: "confirm the withheld record under the cursor: the next run goes on with it",
		Off:   d.confirmOff(), Do: d.confirm}
	if d.shown.view == viewWithheld {
		c.Short = "Confirm" + d.host.Look.Mark.Ellipsis
	}
	return c
}

// confirmOff returns why the row under the cursor cannot be confirmed, or "".
func (d *dryRunPage) confirmOff() string {
	row, ok := d.list.Current()
	switch {
	case d.shown.view != viewWithheld || !ok || row.waits == nil:
		return "only a withheld record is confirmed: Left and Right go to Withheld"
	case d.work.WriteOff() != "":
		return d.work.WriteOff()
	case d.draft.PlanOf(d.plan.Of):
		return "its settings are not saved: apply those first, on pages 2, 3 or 7"
	case d.confirmed[row.waits.Fingerprint]:
		return "it is confirmed: d makes a new dry run"
	}
	return ""
}

// confirm shows both sides, and records the operator's confirmation of this pair.
func (d *dryRunPage) confirm() tea.Cmd {
	row, _ := d.list.Current()
	h, source := *row.waits, d.source
	lines := []string{h.Reason, "Person: " + view.WithheldPerson(h) + ".", "Account: " + view.WithheldAccount(h) + "."}
	if owner := view.WithheldOwner(h); owner != "" {
		lines = append(lines, "The account is or was of "+owner+".")
	}
	d.host.Ask(component.TypedConfirm(view.ConfirmTitle(h), append(lines, view.ConfirmMeans), "confirm", func() tea.Cmd {
		if off := d.work.WriteOff(); off != "" { // a run may have started while the dialog was open
			d.host.Say("Not now: %s.", off)
			return nil
		}
		ctx, conn := d.host.Ctx, d.conn
		return func() tea.Msg { return confirmedMsg{source, h, conn.Confirm(ctx, h)} }
	}))
	return nil
}

func (d *dryRunPage) noted(msg confirmedMsg) {
	if msg.err != nil {
		d.host.Fail("Not confirmed", msg.err)
		return
	}
	if msg.source == d.source {
		d.confirmed[msg.h.Fingerprint] = true
	}
	d.host.Say("%s", view.Confirmed(msg.h, "d"))
}
