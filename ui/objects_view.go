package ui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"dirbridge/ui/look"
	"dirbridge/ui/scope"
	"dirbridge/ui/view"
)

// Lines above and below the list of this page, rules included.
const (
	objectsHead = 3
	objectsFoot = 2
)

func (o *objectsPage) SetSize(w, h int) tea.Cmd {
	o.width, o.height = w, h
	o.list.SetHeight(max(h-objectsHead-objectsFoot, 1))
	return nil
}

func (o *objectsPage) View() []string {
	l := o.host.Look
	if len(o.trees) == 0 {
		return []string{"", " No directory is configured: add a [[directory]] to " + l.Clean(o.conn.Path()) + "."}
	}
	lines := o.head()
	from, to := o.list.Visible()
	for i := from; i < to; i++ {
		lines = append(lines, o.row(o.rows[i], i == o.list.Cursor()))
	}
	for len(lines) < o.height-objectsFoot {
		lines = append(lines, "")
	}
	return append(lines, l.Line(o.width), o.foot())
}

func (o *objectsPage) head() []string {
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
	if o.typing {
		second = " /" + o.find.View(o.width-3, l.Clean)
	}
	return []string{first, second, l.Line(o.width)}
}

func (o *objectsPage) inScope(dir int) string {
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

func (o *objectsPage) row(r treeRow, current bool) string {
	l := o.host.Look
	if r.node == nil {
		d := o.draft.Edited.Directories[r.dir]
		text := " " + l.Clean(d.Name) + "  " + l.Clean(d.Label())
		if !o.trees[r.dir].loaded {
			text += "  reading" + l.Mark.Ellipsis
			if !o.trees[r.dir].asked {
				text = " " + l.Clean(d.Name) + "  could not be read: r tries again"
			}
		}
		if current {
			return l.Row(text, o.width)
		}
		return l.Style.Head.Render(l.Cut(text, o.width))
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
	people := ""
	if n.People >= 0 {
		people = look.Number(int64(n.People))
	}
	note := o.rowNote(r)
	nameWidth := max(min(o.width, 100)-10-17, 8)
	text := " " + box + " " + l.Fit(strings.Repeat("  ", n.depth)+arrow+" "+l.Clean(n.Name), nameWidth) +
		l.Right(people, 9) + "  " + note
	if current {
		return l.Row(text, o.width)
	}
	return l.Cut(text, o.width)
}

// rowNote returns what changes for the container, or why it stands out.
func (o *objectsPage) rowNote(r treeRow) string {
	now, was := o.scopes[r.dir], o.saved[r.dir]
	dn := r.node.DN
	switch {
	case now.Includes(dn) && !was.Includes(dn):
		return o.host.Look.Mark.Add + " enters"
	case !now.Includes(dn) && was.Includes(dn):
		return o.host.Look.Mark.Take + " leaves"
	case now.Excluded(dn):
		return "excluded"
	}
	return ""
}

func (o *objectsPage) foot() string {
	dir := o.dir()
	d := o.draft.Edited.Directories[dir]
	what := "the whole domain"
	if n := len(d.BaseDNs); n > 0 {
		what = look.Count(int64(n), "container", "containers")
	}
	if n := len(d.ExcludeDNs); n > 0 {
		what += fmt.Sprintf(", %d excluded", n)
	}
	row, _ := o.current()
	if row.node != nil {
		return o.host.Look.Sides(" "+o.host.Look.Clean(row.node.DN), "In scope: "+what+" ", o.width)
	}
	return " In scope: " + what
}
