package ui

import (
	"fmt"

	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/look"
	"dirbridge/ui/page/draw"
	"dirbridge/ui/view"
)

// summaryLines returns the plan as a whole, in the guide's terms and order.
func (d *dryRunPage) summaryLines(width int) []string {
	l, h := d.host.Look, d.header()
	w := draw.Details{L: l, Width: width}
	w.Lines = append(w.Lines, "", l.Style.Head.Render(l.Cut(" Summary of "+planName(h)+", made "+look.Clock(d.host.Now(),
		h.Made), width)))
	w.Text("For " + h.Organization.Name + ". " + readWords(h))
	w.Lines = append(w.Lines, "")
	for _, row := range summaryRows(h.Counts) {
		w.Lines = append(w.Lines, l.Cut(" "+l.Right(look.Number(row.n), 9)+"  "+row.words, width))
	}
	paragraph := func(mark, text string) {
		w.Lines = append(w.Lines, "")
		for i, s := range l.Wrap(l.Clean(text), width-4) {
			if i > 0 {
				mark = " "
			}
			w.Lines = append(w.Lines, " "+mark+" "+s)
		}
	}
	if n := h.Drift; n.Any() {
		paragraph(l.Mark.Problem,
			"Changed in the cloud by hand since the last run: "+n.Text()+". The plan puts it back; it is shown apart under "+
				"Cloud edits.")
	}
	if n := h.Drift.Both; n > 0 {
		paragraph(l.Mark.Problem, look.Count(n, "field was",
			"fields were")+" changed in the directory, and by hand in the cloud as well: the directory's value stands.")
	}
	if h.Withheld > 0 {
		paragraph(l.Mark.Problem, view.Withheld(h.Withheld)+" They are listed under Withheld; C there confirms one.")
	}
	for _, text := range planWarnings(h) {
		paragraph(l.Mark.Problem, text)
	}
	if h.Instead != "" {
		paragraph(" ", "Everything was read instead of the changes alone: "+h.Instead+".")
	}
	for _, text := range aloneWords(h) {
		paragraph(" ", text)
	}
	for _, hold := range h.Holds {
		w.Lines = append(w.Lines, "")
		w.Lines = append(w.Lines, holdLines(l, hold, width, true)...)
	}
	for _, text := range d.leftOutWords() {
		paragraph("x", text)
	}
	return w.Lines
}

type summaryRow struct {
	n     int64
	words string
}

func summaryRows(c record.Counts) []summaryRow {
	u, g := c.Users, c.Groups
	rows := []summaryRow{{0, "Admin objects will be deleted"}}
	if c.AdminsDelete > 0 {
		rows = append(rows, summaryRow{c.AdminsDelete, "Admin objects would have been deleted, and are kept"})
	}
	rows = append(rows, []summaryRow{
		{u.Deactivate, "Non Admin user objects will be deactivated"},
		{u.Delete, "Non Admin user objects will be deleted"},
		{g.Delete + g.Deactivate, "Group objects will be deleted, or wait for it"},
		{u.Add + g.Add, fmt.Sprintf("Objects will be added (%s, %s)", look.Count(u.Add, "person", "people"),
			look.Count(g.Add, "group", "groups"))},
		{u.Update + g.Update, "Objects will be updated"},
		{u.Rename + g.Rename, "Objects will be renamed"},
		{u.Reactivate + g.Reactivate, "Objects will be reactivated"},
		{c.Members.Add, "Memberships will be added"},
		{c.Members.Remove, "Memberships will be removed"},
		{u.Match + g.Match, "Objects Matched"},
		{u.Unmatched + g.Unmatched, "accounts are unmatched: no directory knows them"},
		{u.Problem + g.Problem, "objects have problems, and are left as they are"},
	}...)
	return rows
}

// readWords says what the plan was made from.
func readWords(h control.Header) string {
	var people, groups int64
	for _, dir := range h.Directories {
		people, groups = people+dir.People, groups+dir.Groups
	}
	if people+groups == 0 {
		return ""
	}
	return "Read were " + look.Count(people, "person", "people") + ", " + look.Count(groups, "group", "groups") + " and " +
		look.Count(h.CloudUsers+h.CloudGroups, "account", "accounts") + " of the cloud."
}

// aloneWords says which accounts stay unchanged, and which rules for that expire.
func aloneWords(h control.Header) []string {
	var all []string
	if n := h.Kept; n > 0 {
		all = append(all, look.Count(n, "account is",
			"accounts are")+" kept from the purge by hand, and listed under Left alone.")
	}
	if n := h.Unmanaged; n > 0 {
		all = append(all, look.Count(n, "account is", "accounts are")+" unmanaged by rule, and listed under Left alone.")
	}
	for _, u := range h.UnmanagedRules {
		switch {
		case u.Expired:
			all = append(all, fmt.Sprintf("The rule %s (%s) expired on %s: its accounts are unmatched again.", u.Rule,
				u.Reason, u.Until))
		case u.EndsSoon:
			all = append(all, fmt.Sprintf("The rule %s (%s) ends on %s.", u.Rule, u.Reason, u.Until))
		}
	}
	return all
}
