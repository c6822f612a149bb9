package objects

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/identity"
	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/view"
)

// containerSearch finds containers of all directories, opened or not.
type containerSearch struct {
	input component.Input
	asked bool
	all   []container // nil until they are read
	hits  []container
	list  component.Window[int]
	goal  container // the container to show as soon as those above it are open; the zero one is none
}

// container is one found by its name.
type container struct {
	dir            int
	dn, name, path string
}

type containersMsg struct {
	all []container
	err error
}

func (o *Model) startFind() tea.Cmd {
	f := &o.find
	f.input.Begin()
	f.input.Clear()
	f.narrow()
	if f.asked {
		return nil
	}
	f.asked = true
	ctx, conn, dirs, under := o.host.Ctx, o.conn, o.drawn, " "+o.host.Look.Mark.Under+" "
	return func() tea.Msg {
		var all []container
		for i, d := range dirs {
			dns, err := conn.Containers(ctx, d.Name)
			if err != nil {
				return containersMsg{err: err}
			}
			for _, dn := range dns {
				all = append(all, newContainer(i, dn, under))
			}
		}
		return containersMsg{all: all}
	}
}

func newContainer(dir int, dn, under string) container {
	first, parent := identity.SplitDN(dn)
	c := container{dir: dir, dn: dn, name: identity.RDNValue(first)}
	var path []string
	for parent != "" {
		var part string
		if part, parent = identity.SplitDN(parent); strings.HasPrefix(strings.ToUpper(part), "DC=") {
			break
		}
		path = append(path, identity.RDNValue(part))
	}
	slices.Reverse(path)
	c.path = strings.Join(path, under)
	return c
}

func (o *Model) foundContainers(msg containersMsg) {
	o.find.all = msg.all
	if msg.err != nil {
		o.find.asked = false
		o.find.input.End()
		o.host.Fail("The containers could not be searched", msg.err)
	}
	o.find.narrow()
}

// searching reports whether the hits are shown in place of the tree.
func (f *containerSearch) searching() bool { return f.input.Typing() && f.input.Text() != "" }

func (f *containerSearch) narrow() {
	f.hits = nil
	for _, c := range f.all {
		if component.Contains(c.name, f.input.Text()) {
			f.hits = append(f.hits, c)
		}
	}
	f.list.Reset(int64(len(f.hits)))
	f.list.Go(0)
}

// words says how many containers are found.
func (f *containerSearch) words(l look.Look) string {
	switch {
	case !f.asked, f.input.Text() == "":
		return ""
	case f.all == nil:
		return "reading the containers" + l.Mark.Ellipsis
	}
	return look.Number(int64(len(f.hits))) + " of " + look.Number(int64(len(f.all)))
}

func (o *Model) Typing() bool { return o.find.input.Typing() }

// Paste inserts text into the search.
func (o *Model) Paste(text string) tea.Cmd {
	o.find.input.Insert(text)
	o.find.narrow()
	return nil
}

// Type handles a key of the search.
func (o *Model) Type(k tea.KeyPressMsg) tea.Cmd {
	if k.Code == tea.KeyEnter {
		return o.goToHit()
	}
	if f := &o.find; f.input.Type(k, f.list.Key) {
		f.narrow()
	}
	return nil
}

// goToHit leaves the search for the container under its cursor, and opens the way to it.
func (o *Model) goToHit() tea.Cmd {
	f := &o.find
	if f.input.Text() != "" && f.all == nil {
		return nil // they are being read
	}
	f.input.End()
	switch at := f.list.Cursor(); {
	case f.input.Text() == "":
	case at >= int64(len(f.hits)):
		o.host.Say("No container named %q.", f.input.Text())
	default:
		f.goal = f.hits[at]
		return o.towards()
	}
	return nil
}

// towards opens the containers above the goal, as far as they are read, and requests the next one.
func (o *Model) towards() tea.Cmd {
	goal := o.find.goal
	if goal.dn == "" {
		return nil
	}
	want, nodes := identity.FoldDN(goal.dn), o.trees[goal.dir].roots
	var cmd tea.Cmd
	for nodes != nil {
		i := slices.IndexFunc(nodes, func(n *node) bool {
			dn := identity.FoldDN(n.DN)
			return want == dn || strings.HasSuffix(want, ","+dn)
		})
		if i < 0 {
			o.host.Say("%s has no people and is hidden in the tree.", goal.name)
			break
		}
		n := nodes[i]
		if identity.FoldDN(n.DN) == want {
			o.layout()
			o.list.Go(int64(slices.IndexFunc(o.rows, func(r treeRow) bool { return r.node == n })))
			break
		}
		n.HasChildren = true
		cmd = o.expand(goal.dir, n)
		if !n.loaded {
			o.layout()
			return cmd
		}
		nodes = n.children
	}
	o.find.goal = container{}
	return cmd
}

// searchRows draws the containers found, each with its path.
func (o *Model) searchRows(p *component.Split) {
	l, f := o.host.Look, &o.find
	p.Fill([]component.Column{{Title: "Container", Width: 24, Grow: 1}, {Title: "In", Width: 20, Grow: 2}},
		func(i int64) []component.Cell {
			return []component.Cell{component.Marked(f.hits[i].name, f.input.Text(), nil, l.Style.Match),
				component.Styled(f.hits[i].path, l.Style.Dim)}
		})
	p.Empty = "No container named \"" + l.Clean(f.input.Text()) + "\"."
	if f.all == nil {
		p.Empty = component.Working(l, o.host.Now()) + " " + view.ReadingContainers + l.Mark.Ellipsis
	}
}
