package objects

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/page/draw"
	"dirbridge/ui/scope"
	"dirbridge/ui/view"
)

func (o *Model) SetSize(w, h int) tea.Cmd {
	o.width, o.height = w, h
	o.list.SetHeight(o.panel().ListHeight())
	o.find.list.SetHeight(o.panel().ListHeight())
	return nil
}

func (o *Model) View() []string {
	l := o.host.Look
	p := o.panel()
	if len(o.trees) == 0 {
		p.Empty = "No directory is configured: add a [[directory]] to " + l.Clean(o.conn.Path()) + "."
		return p.View()
	}
	p.Head, p.Title = o.head(), view.ObjectsTitle
	if o.find.searching() {
		o.searchRows(&p)
		return p.View()
	}
	p.Fill([]component.Column{{Title: "Container", Width: 24, Grow: 1}, {Title: "People", Width: 17, Right: true},
		{Width: 10, Keep: true}}, func(i int64) []component.Cell { return o.cells(int(i)) })
	p.About, p.Details = "Scope", func(width, _ int) []string { return o.details(width) }
	return p.View()
}

func (o *Model) head() []string {
	l := o.host.Look
	d := o.draft.Edited.Directories[o.dir()]
	tick := func(on bool) string {
		if on {
			return l.Mark.On
		}
		return l.Mark.Off
	}
	first := l.Sides(" Users "+tick(d.SyncUsers)+"  Groups "+tick(d.SyncGroups), o.inScope(o.dir())+" ", o.width)
	second := " Filter  " + l.Clean(view.None(d.UserFilter))
	if d.GroupFilter != "" {
		second += "   groups  " + l.Clean(d.GroupFilter)
	}
	if f := &o.find; f.input.Typing() {
		tail := f.words(l)
		second = l.Sides(" /"+f.input.View(max(o.width-len(tail)-4, 1), l.Clean), tail+" ", o.width)
	}
	return []string{first, second}
}

func (o *Model) inScope(dir int) string {
	c := o.counts[dir]
	switch {
	case c.counting && !c.known:
		return "counting" + o.host.Look.Mark.Ellipsis
	case !c.known:
		return ""
	}
	text := look.Count(c.people, "person", "people") + ", " + look.Count(c.groups, "group", "groups") + " in scope"
	if c.counting {
		return text + ", counting" + o.host.Look.Mark.Ellipsis
	}
	if c.wasSet && c.was != c.people {
		text += "   (was " + look.Number(c.was) + ")"
	}
	return text
}

func (o *Model) cells(at int) []component.Cell {
	l, r := o.host.Look, o.rows[at]
	if r.node == nil {
		d := o.draft.Edited.Directories[r.dir]
		text := d.Name + "  " + d.Label()
		if !o.trees[r.dir].loaded {
			text += "  " + component.Working(l, o.host.Now()) + " reading" + l.Mark.Ellipsis
			if !o.trees[r.dir].asked {
				text = d.Name + "  could not be read: r tries again"
			}
		}
		return []component.Cell{component.Styled(text, l.Style.Title)}
	}
	n := r.node
	box := [...]string{scope.Off: l.Mark.Off, scope.On: l.Mark.On, scope.Part: l.Mark.Part}[o.scopes[r.dir].Tick(n.DN)]
	arrow := " "
	switch {
	case n.asked && !n.loaded:
		arrow = "."
	case n.open:
		arrow = l.Mark.Open
	case n.HasChildren:
		arrow = l.Mark.Closed
	}
	note, style := o.rowNote(r)
	name := component.Cell{{Text: o.treeLines(at), Style: l.Style.Dim}, {Text: box + " " + arrow + " "}}
	name = append(name, component.Marked(n.Name, o.find.input.Text(), nil, l.Style.Match)...)
	return []component.Cell{name, component.Text(o.people(r)), component.Styled(note, style)}
}

// people says how many are below a container, and how many of them are in scope if it is ticked in
// part.
func (o *Model) people(r treeRow) string {
	if r.node.People < 0 {
		return ""
	}
	all := look.Number(int64(r.node.People))
	if o.scopes[r.dir].Tick(r.node.DN) != scope.Part {
		return all
	}
	if n, known := r.node.within(o.scopes[r.dir]); known {
		return look.Number(int64(n)) + " of " + all
	}
	return "some of " + all
}

// rowNote returns what changes for the container, or why it stands out.
func (o *Model) rowNote(r treeRow) (string, component.Styler) {
	now, was := o.scopes[r.dir], o.saved[r.dir]
	dn := r.node.DN
	switch {
	case now.Tick(dn) == scope.Part:
	case now.Includes(dn) && !was.Includes(dn):
		return o.host.Look.Mark.Add + " enters", o.host.Look.Style.Add
	case !now.Includes(dn) && was.Includes(dn):
		return o.host.Look.Mark.Take + " leaves", o.host.Look.Style.Take
	case now.Excluded(dn):
		return "excluded", o.host.Look.Style.Dim
	}
	return "", nil
}

// details says what the scope is; beside the tree, where there is room, also what the cursor is on.
func (o *Model) details(width int) []string {
	dir := o.dir()
	d := o.draft.Edited.Directories[dir]
	what := "the whole domain"
	if n := len(d.BaseDNs); n > 0 {
		what = look.Count(int64(n), "container", "containers")
	}
	switch n := len(d.ExcludeDNs); {
	case o.scopes[dir].None():
		what = "nothing selected"
	case n > 0:
		what += fmt.Sprintf(", %d excluded", n)
	}
	row, _ := o.current()
	if !o.panel().Wide() {
		lines := []string{o.host.Look.Cut(" Scope: "+what, width)}
		if row.node != nil {
			lines = append(lines, o.host.Look.Cut(" "+o.host.Look.Clean(row.node.DN), width))
		}
		return lines
	}
	w := draw.Details{L: o.host.Look, Width: width}
	w.Fact("directory", d.Name+"  "+d.Label())
	w.Fact("scope", what)
	w.Fact("in scope", o.inScope(dir))
	w.Fact("user filter", view.None(d.UserFilter))
	w.Fact("group filter", view.None(d.GroupFilter))
	if row.node != nil {
		note, _ := o.rowNote(row)
		w.Lines = append(w.Lines, "")
		w.Text(row.node.Name)
		w.Fact("people", o.people(row))
		w.Fact("change", note)
		w.Fact("DN", row.node.DN)
	}
	return w.Lines
}

// panel is the frame of the tree; above it are the choices that hold for all of it.
func (o *Model) panel() component.Split {
	p := component.Split{Look: o.host.Look, Width: o.width, Height: o.height, Above: 2, Headed: true, Under: 4,
		Pane: &o.pane, List: &o.list}
	if o.find.searching() {
		p.List, p.Single = &o.find.list, true
	}
	return p
}

// treeLines returns the lines that lead from the root to a row. Lip Gloss and Bubbles draw whole
// trees, 437 ms for 5,000 containers; here a row knows its depth alone, and the next rows tell where a
// branch ends.
func (o *Model) treeLines(at int) string {
	l, n := o.host.Look, o.rows[at].node
	var b strings.Builder
	for depth := 1; depth <= n.depth; depth++ {
		more := o.goesOn(at, depth)
		switch {
		case depth == n.depth && more:
			b.WriteString(l.Mark.Branch)
		case depth == n.depth:
			b.WriteString(l.Mark.Leaf)
		case more:
			b.WriteString(l.Mark.Stem)
		default:
			b.WriteString("  ")
		}
	}
	return b.String()
}

// goesOn reports whether a container of that depth follows in the branch of a row, as far as the
// screen shows it.
func (o *Model) goesOn(at, depth int) bool {
	_, to := o.list.Visible()
	for _, r := range o.rows[at+1 : min(max(int(to)+1, at+1), len(o.rows))] {
		if r.node == nil || r.node.depth < depth {
			return false
		}
		if r.node.depth == depth {
			return true
		}
	}
	return false
}
