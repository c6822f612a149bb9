package dryrun

import (
	"context"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/identity"
	"dirbridge/ui/component"
	"dirbridge/ui/look"
)

// choicesMsg brings what a filter can choose from.
type choicesMsg struct {
	source planSource
	rows   []planRow
	err    error
}

// addFilter reads the fields and causes of the changes that are shown, for a list to choose from.
func (d *Model) addFilter() tea.Cmd {
	ctx, source, shown := d.host.Ctx, d.source, d.shown
	return func() tea.Msg {
		msg := choicesMsg{source: source}
		for _, by := range []string{"field", "why"} {
			shown.by = by
			rows, err := source.Groups(ctx, shown, nil)
			if err != nil {
				return choicesMsg{source: source, err: err}
			}
			msg.rows = append(msg.rows, rows...)
		}
		return msg
	}
}

// choose asks for one more filter: a field, an OU, a kind or a cause. The name of an OU is typed.
func (d *Model) choose(msg choicesMsg) {
	switch {
	case msg.source != d.source:
		return
	case msg.err != nil:
		d.host.Fail("The plan could not be read", msg.err)
		return
	}
	finder := component.NewFinder("Filter by field, OU, kind or cause", slices.Concat(d.byGroup(msg.rows, "field"),
		d.byPlace(), d.byKind(), d.byGroup(msg.rows, "why")))
	finder.Foot, finder.Typed = "Type a part of it; for an OU, how its name begins.", d.byTyped
	d.host.Ask(finder)
}

// byGroup offers the fields, or the causes, with their numbers of changes.
func (d *Model) byGroup(rows []planRow, by string) (options []component.Option) {
	for _, row := range rows {
		g := row.group
		if g.by != by {
			continue
		}
		text, about := g.name, "cause, "
		if by == "field" {
			about = "field, "
		}
		if by == "field" && g.kind == identity.Group {
			about = "field of groups, "
		}
		options = append(options, component.Option{Text: text, About: about + look.Count(g.count, "change", "changes"),
			Do: func() tea.Cmd { return d.narrow(g) }})
	}
	return options
}

// byPlace offers the OU of the row under the cursor.
func (d *Model) byPlace() []component.Option {
	row, ok := d.list.Current()
	if !ok || row.change == nil || row.change.DN == "" {
		return nil
	}
	_, parent := identity.SplitDN(row.change.DN)
	first, _ := identity.SplitDN(parent)
	return []component.Option{d.inOU(identity.RDNValue(first), "OU of the selected row, with what is below it")}
}

// byTyped offers what is typed as the name of an OU.
func (d *Model) byTyped(text string) []component.Option {
	name := strings.Trim(text, " *")
	if name == "" {
		return nil
	}
	return []component.Option{d.inOU(name+"*", "OUs whose names begin so, with what is below them"),
		d.inOU(name, "OU of exactly this name, with what is below it")}
}

func (d *Model) inOU(name, about string) component.Option {
	return component.Option{Text: name, About: about,
		Do: func() tea.Cmd { return d.narrow(&group{by: "container", name: name}) }}
}

func (d *Model) byKind() (options []component.Option) {
	for _, k := range []struct {
		name string
		kind identity.Kind
	}{{"people", identity.User}, {"groups", identity.Group}, {"memberships", identity.Member}} {
		options = append(options, component.Option{Text: k.name, About: "kind of object", Do: func() tea.Cmd {
			if planViews()[d.shown.view].changes.Kinds != nil { // the tab has kinds of its own
				d.shown.view = viewAll
			}
			return d.narrow(&group{by: "kind", name: k.name, kind: k.kind})
		}})
	}
	return options
}

// narrow adds a filter.
func (d *Model) narrow(g *group) tea.Cmd {
	d.shown = d.shown.with(g)
	if !d.shown.ofChanges() {
		d.shown.view = viewAll
	}
	return d.restart()
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
