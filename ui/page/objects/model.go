package objects

import (
	"context"
	"reflect"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"dirbridge/config"
	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/ui/component"
	"dirbridge/ui/page"
	"dirbridge/ui/page/draw"
	"dirbridge/ui/scope"
)

// Model selects the scope: containers by ticks, users and groups, and the filters. It edits
// only the draft.
type Model struct {
	host   page.Host
	conn   Connector
	draft  page.Draft
	trees  []*containers
	scopes []*scope.Scope // of the draft
	saved  []*scope.Scope
	rows   []treeRow
	list   component.Window[int]
	pane   component.Pane
	drawn  []config.Directory // of the draft, as counted
	counts []count
	find   containerSearch
	trial  filterTrial
	width  int
	height int
}

// treeRow is one line: a directory's name, or a container.
type treeRow struct {
	dir  int
	node *node // nil: the directory itself
}

// count is the number of objects of one directory in scope.
type count struct {
	people, groups int64
	was            int64 // people in the saved scope
	known, wasSet  bool
	counting       bool
	number         int // of the last requested count
	stop           context.CancelFunc
}

type (
	treeMsg struct {
		dir   int
		dn    string
		nodes []identity.Node
		err   error
	}
	// countDueMsg arrives a moment after a change, so that several quick ticks are counted once.
	countDueMsg struct{ dir, number int }
	countMsg    struct {
		dir, number    int
		people, groups int64
		err            error
	}
)

// countAfter is the pause after a tick before the scope is counted.
const countAfter = 300 * time.Millisecond

// Connector is what the page needs of the engine.
type Connector interface {
	Path() string
	Tree(ctx context.Context, directory, dn string) ([]identity.Node, error)
	Containers(ctx context.Context, directory string) (dns []string, err error)
	Count(ctx context.Context, d config.Directory) (people, groups int64, err error)
	TryFilter(ctx context.Context, d config.Directory, kind identity.Kind, filter string) (control.Trial, error)
}

// New returns the page as it is when the console opens.
func New(h page.Host, conn Connector, f page.Facts) *Model {
	return &Model{host: h, conn: conn, draft: f.Draft}
}

func (o *Model) Init() tea.Cmd {
	for i := range o.counts {
		o.counts[i].stop()
	}
	n := len(o.draft.Edited.Directories)
	o.find.asked, o.find.all = false, nil
	o.trees, o.counts = make([]*containers, n), make([]count, n)
	for i := range o.trees {
		o.trees[i] = &containers{}
		o.counts[i].stop = func() {}
	}
	o.readDraft()
	o.layout()
	return nil
}

// Enter requests the roots and the counts the first time.
func (o *Model) Enter() tea.Cmd {
	var cmds []tea.Cmd
	for i, t := range o.trees {
		if !t.loaded && !t.asked {
			t.asked = true
			cmds = append(cmds, o.tree(i, ""))
		}
		if !o.counts[i].known && !o.counts[i].counting {
			cmds = append(cmds, o.countNow(i))
		}
	}
	return tea.Batch(cmds...)
}

// readDraft reads the ticks from the settings.
func (o *Model) readDraft() {
	o.scopes, o.saved = nil, nil
	o.drawn = o.draft.Edited.Clone().Directories
	for i, d := range o.draft.Edited.Directories {
		o.scopes = append(o.scopes, scope.New(d.BaseDNs, d.ExcludeDNs))
		was := o.draft.Saved.Directories[i]
		o.saved = append(o.saved, scope.New(was.BaseDNs, was.ExcludeDNs))
		o.tellRoots(i)
	}
}

func (o *Model) tellRoots(dir int) {
	if dir >= len(o.trees) || !o.trees[dir].loaded {
		return
	}
	var dns []string
	for _, n := range o.trees[dir].roots {
		dns = append(dns, n.DN)
	}
	o.scopes[dir].Roots(dns)
	o.saved[dir].Roots(dns)
}

func (o *Model) tree(dir int, dn string) tea.Cmd {
	ctx, conn, name := o.host.Ctx, o.conn, o.draft.Edited.Directories[dir].Name
	return func() tea.Msg {
		nodes, err := conn.Tree(ctx, name, dn)
		return treeMsg{dir, dn, nodes, err}
	}
}

func (o *Model) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case treeMsg:
		return o.took(msg)
	case containersMsg:
		o.foundContainers(msg)
	case countDueMsg:
		if msg.number == o.counts[msg.dir].number {
			return o.countNow(msg.dir)
		}
	case countMsg:
		o.counted(msg)
	case page.LookMsg:
		o.host.Look = msg.Look
	case page.DraftMsg:
		if o.draft = msg.Draft; msg.Replaced {
			return o.redraw()
		}
	case trialDueMsg:
		return o.tryFilter(msg)
	case trialMsg:
		o.tried(msg)
	case page.SettingsMsg:
		if !slices.EqualFunc(o.drawn, o.draft.Edited.Directories, func(a,
			b config.Directory) bool {
			return a.Name == b.Name
		}) {
			return o.Init() // the directories changed: read everything again
		}
		cmd := o.redraw()
		for i := range o.counts {
			o.counts[i].was, o.counts[i].wasSet = o.counts[i].people, o.counts[i].known && cmd == nil
		}
		return cmd
	}
	return nil
}

// took adds containers to the tree. A single root opens automatically.
func (o *Model) took(msg treeMsg) tea.Cmd {
	t := o.trees[msg.dir]
	if msg.err != nil {
		t.failed(msg.dn)
		o.host.Fail("The containers of "+o.draft.Edited.Directories[msg.dir].Name+" could not be read", msg.err)
		o.layout()
		return nil
	}
	t.put(msg.dn, msg.nodes)
	var cmd tea.Cmd
	if msg.dn == "" {
		o.tellRoots(msg.dir)
		if len(t.roots) == 1 && !t.roots[0].loaded {
			cmd = o.expand(msg.dir, t.roots[0])
		}
	}
	o.layout()
	return tea.Batch(cmd, o.towards())
}

func (o *Model) expand(dir int, n *node) tea.Cmd {
	n.open = n.HasChildren
	if n.open && !n.loaded && !n.asked {
		n.asked = true
		return o.tree(dir, n.DN)
	}
	return nil
}

// layout creates the rows of the open containers; the cursor stays on its row.
func (o *Model) layout() {
	at, had := o.current()
	o.rows = o.rows[:0]
	cursor := o.list.Cursor()
	for i, t := range o.trees {
		if len(o.trees) > 1 || !t.loaded {
			o.rows = append(o.rows, treeRow{dir: i})
		}
		for _, n := range t.visible() {
			if had && at.node != nil && at.dir == i && at.node.DN == n.DN {
				cursor = int64(len(o.rows))
			}
			o.rows = append(o.rows, treeRow{i, n})
		}
	}
	o.list.Reset(int64(len(o.rows)))
	o.list.Go(cursor)
}

func (o *Model) current() (treeRow, bool) {
	if i := o.list.Cursor(); i < int64(len(o.rows)) {
		return o.rows[i], true
	}
	return treeRow{}, false
}

// dir returns the directory of the cursor.
func (o *Model) dir() int {
	row, _ := o.current()
	return row.dir
}

// change edits one directory of the draft as one step for undo, and counts.
func (o *Model) change(dir int, edit func(*config.Directory)) tea.Cmd {
	o.draft = o.host.Edit(o.draft, func(s *config.Draft) { edit(&s.Directories[dir]) })
	return o.redraw()
}

// redraw shows the current draft, and counts if it has changed.
func (o *Model) redraw() tea.Cmd {
	before := o.drawn
	o.readDraft()
	var cmds []tea.Cmd
	for i, d := range o.drawn {
		if i < len(before) && !reflect.DeepEqual(before[i], d) && (o.counts[i].known || o.counts[i].counting) {
			cmds = append(cmds, o.countSoon(i))
		}
	}
	return tea.Batch(cmds...)
}

func (o *Model) countSoon(dir int) tea.Cmd {
	c := &o.counts[dir]
	c.number++
	c.counting = true
	return o.host.After(countAfter, countDueMsg{dir, c.number})
}

func (o *Model) countNow(dir int) tea.Cmd {
	c := &o.counts[dir]
	c.stop()
	ctx, stop := context.WithCancel(o.host.Ctx)
	c.stop, c.counting = stop, true
	conn, number := o.conn, c.number
	settings := o.draft.Edited.Clone().Directories[dir]
	return func() tea.Msg {
		people, groups, err := conn.Count(ctx, settings)
		return countMsg{dir, number, people, groups, err}
	}
}

func (o *Model) counted(msg countMsg) {
	c := &o.counts[msg.dir]
	if msg.number != c.number {
		return
	}
	c.counting = false
	if msg.err != nil {
		if !draw.Stale(msg.err) {
			o.host.Fail("The scope could not be counted", msg.err)
		}
		return
	}
	c.people, c.groups, c.known = msg.people, msg.groups, true
	if !o.draft.Changed() {
		c.was, c.wasSet = msg.people, true
	}
}

// toggle ticks or unticks the container under the cursor.
func (o *Model) toggle() tea.Cmd { return o.tick((*scope.Scope).Toggle) }

// only ticks the container under the cursor, and nothing outside it.
func (o *Model) only() tea.Cmd {
	return o.tick(func(s *scope.Scope, dn string) error { s.Only(dn); return nil })
}

func (o *Model) tick(edit func(s *scope.Scope, dn string) error) tea.Cmd {
	row, ok := o.current()
	if !ok || row.node == nil {
		return nil
	}
	next := o.scopes[row.dir].Clone()
	if err := edit(next, row.node.DN); err != nil {
		o.host.Say("%s: %v", row.node.Name, err)
		return nil
	}
	bases, excludes := next.Lists()
	was := o.draft.Saved.Directories[row.dir]
	if scope.Same(bases, was.BaseDNs) && scope.Same(excludes, was.ExcludeDNs) {
		bases, excludes = was.BaseDNs, was.ExcludeDNs
	}
	return o.change(row.dir, func(d *config.Directory) {
		d.BaseDNs, d.ExcludeDNs = append([]string(nil), bases...), append([]string(nil), excludes...)
	})
}

func (o *Model) openNode() tea.Cmd {
	row, ok := o.current()
	if !ok || row.node == nil {
		return nil
	}
	if row.node.open {
		o.list.Move(1)
		return nil
	}
	cmd := o.expand(row.dir, row.node)
	o.layout()
	return cmd
}

// closeNode closes the container, or moves to its parent.
func (o *Model) closeNode() tea.Cmd {
	row, ok := o.current()
	if !ok || row.node == nil {
		return nil
	}
	if row.node.open {
		row.node.open = false
		o.layout()
		return nil
	}
	for i := o.list.Cursor() - 1; i >= 0; i-- {
		if n := o.rows[i].node; n != nil && n.depth < row.node.depth {
			o.list.Go(i)
			break
		}
	}
	return nil
}

// reload reads the containers below the cursor again.
func (o *Model) reload() tea.Cmd {
	row, ok := o.current()
	o.find.asked, o.find.all = false, nil
	if !ok || row.node == nil {
		return o.tree(o.dir(), "")
	}
	row.node.open = true
	return o.tree(row.dir, row.node.DN)
}
