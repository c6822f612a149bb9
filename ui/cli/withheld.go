package cli

import (
	"context"

	"dirbridge/sync/control"
)

// withheldShown is how many withheld records the text output lists.
const withheldShown = 20

// summaryWithheld lists the withheld records of a plan.
func summaryWithheld(ctx context.Context, w *errWriter, p *control.Plan, h control.Header) error {
	if h.Withheld == 0 {
		return w.err
	}
	list, err := p.WithheldWindow(ctx, "", 0, withheldShown)
	if err != nil {
		return err
	}
	withheldLines(w, list, h.Withheld)
	return w.err
}

// standingWithheld lists the withheld records in the state.
func standingWithheld(ctx context.Context, c control.Withholding, w *errWriter) error {
	list, err := c.Withheld(ctx)
	if err != nil {
		return err
	}
	withheldLines(w, list[:min(len(list), withheldShown)], int64(len(list)))
	return w.err
}

func withheldLines(w *errWriter, list []control.Withheld, n int64) {
	if n == 0 {
		return
	}
	w.printf("\n! WITHHELD: %s; nothing of %s is written until an operator confirms it\n", count(n, "record"),
		verb(n, "it", "them"))
	for _, h := range list {
		withheldRecord(w, h)
	}
	if more := n - int64(len(list)); more > 0 {
		w.printf("  and %d more: dirbridge plan --json lists all of them\n", more)
	}
}

// withheldOf lists the records that a run withheld, with the state of both sides at that time.
func withheldOf(w *errWriter, r control.Report) {
	if len(r.WithheldRecords) == 0 {
		return
	}
	w.printf("\nWithheld\n")
	list := r.WithheldRecords[:min(len(r.WithheldRecords), withheldShown)]
	for _, h := range list {
		withheldRecord(w, h)
	}
	if more := r.Withheld - int64(len(list)); more > 0 {
		w.printf("  and %d more: --json lists %d of all\n", more, len(r.WithheldRecords))
	}
}

// withheldRecord prints one of them, with both sides.
func withheldRecord(w *errWriter, h control.Withheld) {
	p, c := h.Person, h.Account
	w.printf("  %s: %s\n", h.Rule, h.Reason)
	w.printf("    person   %s\n             %s%s%s\n", p.DN, p.Key, named(p.Name, p.EmployeeNumber),
		state(p.Active, "", ", disabled"))
	if !p.Created.IsZero() {
		w.printf("             created %s\n", moment(p.Created))
	}
	role := map[string]string{"yes": ", full administrator", "partly": ", administrative role",
		"unknown": ", roles unknown"}[c.Admin]
	w.printf("    account  %s (%s)%s%s%s\n", c.Key, c.ID, named(c.Name, c.EmployeeNumber), role,
		state(c.Active, "", ", inactive"))
	if !c.Created.IsZero() {
		w.printf("             created %s\n", moment(c.Created))
	}
	if c.Owner != "" && c.Owner != p.Anchor {
		w.printf("             of %s", c.Owner)
		if c.OwnerDN != "" {
			w.printf(", last at %s", c.OwnerDN)
		}
		if !c.Linked.IsZero() {
			w.printf(", linked %s", moment(c.Linked))
		}
		w.printf("\n")
	}
	w.printf("    %s\n", h.Remedy)
}

func named(name, number string) string {
	text := ""
	if name != "" {
		text += ", " + name
	}
	if number != "" {
		text += ", employee number " + number
	}
	return text
}

func state(is bool, yes, no string) string {
	if is {
		return yes
	}
	return no
}
