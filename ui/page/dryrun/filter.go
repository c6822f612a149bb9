package dryrun

import (
	"context"
	"strings"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/identity"
	"dirbridge/ui/component"
	"dirbridge/ui/look"
)

// choicesMsg brings what a filter can choose from.
type choicesMsg struct {
	source planSource
	by     string
	rows   []planRow
	err    error
}

// addFilter asks for one more filter.
func (d *Model) addFilter() tea.Cmd {
	dots := d.host.Look.Mark.Ellipsis
	d.host.Ask(&component.Question{Title: "Add a filter", Options: []component.Option{
		{Key: "f", Text: "Field that changes" + dots, Do: d.choices("field")},
		{Key: "o", Text: "OU" + dots, Do: d.askContainer},
		{Key: "p", Text: "Kind: people, groups or memberships" + dots, Do: d.askKind},
		{Key: "c", Text: "Cause" + dots, Do: d.choices("why")},
		{Key: "/", Text: "Words", Do: func() tea.Cmd { d.typing = true; return nil }},
	}})
	return nil
}

// choices reads the fields, or the causes, of the changes that are shown.
func (d *Model) choices(by string) func() tea.Cmd {
	return func() tea.Cmd {
		ctx, source, shown := d.host.Ctx, d.source, d.shown
		shown.by = by
		return func() tea.Msg {
			rows, err := source.Groups(ctx, shown, nil)
			return choicesMsg{source, by, rows, err}
		}
	}
}

func (d *Model) choose(msg choicesMsg) {
	switch {
	case msg.source != d.source:
		return
	case msg.err != nil:
		d.host.Fail("The plan could not be read", msg.err)
		return
	case len(msg.rows) == 0:
		d.host.Say("The changes that are shown have nothing to choose by.")
		return
	}
	var options []component.Option
	for _, row := range msg.rows {
		g := row.group
		text := g.name
		if g.by == "field" && g.kind == identity.Group {
			text += " (groups)"
		}
		options = append(options, component.Option{Text: text, About: look.Count(g.count, "change", "changes"),
			Do: func() tea.Cmd { return d.narrow(g) }})
	}
	title := "Filter by cause"
	if msg.by == "field" {
		title = "Filter by field"
	}
	d.host.Ask(component.NewFinder(title, options))
}

// narrow adds a filter.
func (d *Model) narrow(g *group) tea.Cmd {
	d.shown = d.shown.with(g)
	if !d.shown.ofChanges() {
		d.shown.view = viewAll
	}
	return d.restart()
}

func (d *Model) askContainer() tea.Cmd {
	p := &component.Prompt{
		Title: "Filter by OU",
		Lines: []string{"The name of an OU; what is below it counts. With * at its end, all OUs whose names " +
			"begin so: Sales*."},
		Label: "OU:",
		Check: func(text string) string {
			if strings.Trim(text, " *") == "" {
				return "Enter the name of an OU, e.g. Sales*"
			}
			return ""
		},
		Done: func(text string) tea.Cmd {
			return d.narrow(&group{by: "container", name: strings.TrimSpace(text)})
		},
	}
	if row, ok := d.list.Current(); ok && row.change != nil && row.change.DN != "" {
		_, parent := identity.SplitDN(row.change.DN)
		first, _ := identity.SplitDN(parent)
		p.Input.Insert(identity.RDNValue(first))
	}
	d.host.Ask(p)
	return nil
}

func (d *Model) askKind() tea.Cmd {
	var options []component.Option
	for _, k := range []struct {
		key, name string
		kind      identity.Kind
	}{{"p", "people", identity.User}, {"g", "groups", identity.Group}, {"m", "memberships", identity.Member}} {
		options = append(options, component.Option{Key: k.key, Text: k.name, Do: func() tea.Cmd {
			if planViews()[d.shown.view].changes.Kinds != nil { // the tab has kinds of its own
				d.shown.view = viewAll
			}
			return d.narrow(&group{by: "kind", name: k.name, kind: k.kind})
		}})
	}
	d.host.Ask(&component.Question{Title: "Filter by kind", Options: options})
	return nil
}

// wholeMsg brings the number of rows without any filter.
type wholeMsg struct {
	query int
	total int64
}

// countAll counts the rows of the kind that is shown, without the filters.
func (d *Model) countAll(ctx context.Context) tea.Cmd {
	d.all = 0
	if len(d.shown.in) == 0 && d.shown.filter == "" {
		return nil
	}
	source, query, whole := d.source, d.query, slice{view: d.shown.view}
	return func() tea.Msg {
		total, err := source.Count(ctx, whole)
		if err != nil {
			return nil
		}
		return wholeMsg{query, total}
	}
}
