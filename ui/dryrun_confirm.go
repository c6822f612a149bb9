package ui

import (
	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/ui/words"
)

// confirmedMsg reports that a withheld record was confirmed, or why not.
type confirmedMsg struct {
	source planSource
	h      control.Withheld
	err    error
}

func (d *dryRunPage) confirmCommand() Command {
	c := Command{ID: "plan.confirm", Changes: true, Keys: []string{"C"},
		Title: "confirm the withheld record under the cursor: the next run goes on with it",
		Off:   d.confirmOff(), Do: d.confirm}
	if d.shown.view == viewWithheld {
		c.Short = "Confirm" + d.look.Mark.Ellipsis
	}
	return c
}

// confirmOff returns why the row under the cursor cannot be confirmed, or "".
func (d *dryRunPage) confirmOff() string {
	row, ok := d.list.Current()
	switch {
	case d.shown.view != viewWithheld || !ok || row.waits == nil:
		return "only a withheld record is confirmed: Left and Right go to Withheld"
	case d.writeOff() != "":
		return d.writeOff()
	case d.planOfDraft():
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
	lines := []string{h.Reason, "Person: " + words.WithheldPerson(h) + ".", "Account: " + words.WithheldAccount(h) + "."}
	if owner := words.WithheldOwner(h); owner != "" {
		lines = append(lines, "The account is or was of "+owner+".")
	}
	d.ask(confirm(words.ConfirmTitle(h), append(lines, words.ConfirmMeans), "confirm", func() tea.Cmd {
		if off := d.writeOff(); off != "" { // a run may have started while the dialog was open
			d.say("Not now: %s.", off)
			return nil
		}
		ctx, conn := d.ctx, d.conn
		return func() tea.Msg { return confirmedMsg{source, h, conn.Confirm(ctx, h)} }
	}))
	return nil
}

func (d *dryRunPage) noted(msg confirmedMsg) {
	if msg.err != nil {
		d.fail("Not confirmed", msg.err)
		return
	}
	if msg.source == d.source {
		d.confirmed[msg.h.Fingerprint] = true
	}
	d.say("%s", words.Confirmed(msg.h, "d"))
}

// withheldDetails writes both sides of a withheld record; how says how to confirm it.
func withheldDetails(w *writer, h control.Withheld, how string) {
	w.text(h.Reason)
	w.fact("person", words.WithheldPerson(h))
	w.fact("account", words.WithheldAccount(h))
	w.fact("is or was of", words.WithheldOwner(h))
	w.fact("rule", h.Rule)
	w.fact("remedy", words.WithheldRemedy(h, how))
}
