package ui

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/ui/look"
	"dirbridge/ui/widget"
)

// dryRunPage shows the plan at hand: its totals, what holds it, and its changes
// field by field. It reads the plan by windows, in commands.
type dryRunPage struct {
	plain
	*shell
	source   planSource
	reads    func(*control.Plan) planSource
	shown    slice
	list     widget.Window[planRow]
	query    int // of the last load that was asked for
	stop     context.CancelFunc
	loading  bool
	filter   widget.Input
	typing   bool
	exclude  map[int64]bool
	removals []control.Group // what the counted removals have in common
	applied  string          // how applying the plan at hand ended; "" before
	width    int
	height   int
}

// Messages of this page.
type (
	loadedMsg struct{ loaded }
	windowMsg struct {
		request widget.Request
		rows    []planRow
		err     error
	}
	causesMsg struct {
		source planSource
		groups []control.Group
		err    error
	}
	savedMsg struct {
		path string
		err  error
	}
	openedPlanMsg struct{ err error }
)

func newDryRun(s *shell) *dryRunPage {
	return &dryRunPage{shell: s, stop: func() {},
		reads: func(p *control.Plan) planSource { return planFile{p} }}
}

func (d *dryRunPage) Title() string { return "Dry Run" }
func (d *dryRunPage) Init() tea.Cmd { return d.takePlan() }

// takePlan shows the plan at hand, another one than before.
func (d *dryRunPage) takePlan() tea.Cmd {
	d.exclude, d.applied, d.removals = map[int64]bool{}, "", nil
	if d.plan == nil {
		d.source = nil
		d.list.Reset(0)
		return nil
	}
	d.source = d.reads(d.plan)
	d.shown.cause, d.shown.grouped = "", false
	return tea.Batch(d.load(), d.readCauses())
}

// load asks for the rows of what is to be shown; what was asked before is dropped.
func (d *dryRunPage) load() tea.Cmd {
	if d.source == nil {
		return nil
	}
	d.stop()
	ctx, stop := context.WithCancel(d.ctx)
	d.stop, d.loading = stop, true
	d.query++
	source, query, shown, around, n := d.source, d.query, d.shown, d.list.Cursor(), max(d.list.Height(), 20)
	return func() tea.Msg { return loadedMsg{load(ctx, source, query, shown, around, n)} }
}

// fetch asks for rows that came onto the screen and are not there yet.
func (d *dryRunPage) fetch() tea.Cmd {
	if d.source == nil || d.loading {
		return nil
	}
	request, ok := d.list.Want()
	if !ok {
		return nil
	}
	ctx, source, shown := d.ctx, d.source, d.shown
	return func() tea.Msg {
		rows, err := source.Window(ctx, shown, request.From, request.N)
		return windowMsg{request, rows, err}
	}
}

func (d *dryRunPage) readCauses() tea.Cmd {
	if len(d.source.Header().Holds) == 0 {
		return nil
	}
	ctx, source := d.ctx, d.source
	return func() tea.Msg {
		groups, err := source.Causes(ctx, slice{}, true)
		return causesMsg{source, groups, err}
	}
}

func (d *dryRunPage) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case planMsg:
		return d.takePlan()
	case resultMsg:
		return d.ended()
	case loadedMsg:
		return d.loaded(msg.loaded)
	case windowMsg:
		if msg.request.Version != d.list.Version() {
			return nil
		}
		if msg.err != nil {
			d.list.Fail(msg.request)
			d.fail("The plan could not be read", msg.err)
			return nil
		}
		d.list.Put(msg.request, msg.rows)
		return d.fetch()
	case causesMsg:
		if msg.source == d.source && msg.err == nil {
			d.removals = msg.groups
		}
	case savedMsg:
		if msg.err != nil {
			d.fail("The plan was not saved", msg.err)
		} else {
			d.say("Saved to %s. dirbridge apply %s does it later.", msg.path, msg.path)
		}
	case openedPlanMsg:
		d.fail("The plan was not opened", msg.err)
	}
	return nil
}

func (d *dryRunPage) loaded(l loaded) tea.Cmd {
	if l.query != d.query {
		return nil
	}
	d.loading = false
	if l.err != nil {
		if !stale(l.err) {
			d.list.Reset(0)
			d.fail("The plan could not be read", l.err)
		}
		return nil
	}
	d.list.Load(l.total, l.from, l.rows)
	return d.fetch()
}

// ended takes note of how a request ended; the plan that was applied is spent.
func (d *dryRunPage) ended() tea.Cmd {
	switch mode := d.result.Request.Mode; {
	case mode == "apply":
		d.applied = resultWords(d.shell, d.result)
		d.say("%s", d.applied)
	case mode == control.UndoPlan && d.result.Err == nil:
		d.say("The plan that undoes run %d is made; nothing was written.", d.result.Request.Undo)
	case mode == "dry-run" && d.result.Err == nil:
		d.say("The dry run is done; nothing was written.")
	}
	return nil
}

func (d *dryRunPage) SetSize(w, h int) tea.Cmd {
	d.width, d.height = w, h
	d.list.SetHeight(d.listHeight())
	return d.fetch()
}

// turn goes to another view; its list begins at the top.
func (d *dryRunPage) turn(by int) func() tea.Cmd {
	return func() tea.Cmd {
		n := len(planViews())
		d.shown.view = (d.shown.view + by + n) % n
		return d.restart()
	}
}

func (d *dryRunPage) restart() tea.Cmd {
	d.list.Go(0)
	return d.load()
}

// group turns between the changes and what they have in common.
func (d *dryRunPage) group() tea.Cmd {
	d.shown.grouped, d.shown.cause = !d.shown.grouped, ""
	return d.restart()
}

// open shows what is under the cursor: a group's changes, or all of one row.
func (d *dryRunPage) open() tea.Cmd {
	row, ok := d.list.Current()
	switch {
	case !ok:
	case row.group != nil:
		d.shown.grouped, d.shown.cause = false, row.group.Name
		return d.restart()
	default:
		d.ask(&reading{title: "Why", lines: func(l look.Look, w int) []string { return rowDetails(l, row, w, true) }})
	}
	return nil
}

func (d *dryRunPage) backOff() string {
	if d.shown.cause == "" && !d.shown.grouped && d.shown.filter == "" {
		return "all is shown"
	}
	return ""
}

// back undoes the last narrowing.
func (d *dryRunPage) back() tea.Cmd {
	switch {
	case d.shown.cause != "":
		d.shown.grouped, d.shown.cause = true, ""
	case d.shown.grouped:
		d.shown.grouped = false
	case d.shown.filter != "":
		d.shown.filter = ""
		d.filter.Clear()
	default:
		return nil
	}
	return d.restart()
}

func (d *dryRunPage) leaveOut() tea.Cmd {
	row, ok := d.list.Current()
	if !ok || row.change == nil {
		d.say("Only a change can be left out.")
		return nil
	}
	if seq := row.change.Seq; d.exclude[seq] {
		delete(d.exclude, seq)
	} else {
		d.exclude[seq] = true
	}
	d.list.Move(1)
	return d.fetch()
}

func (d *dryRunPage) Typing() bool { return d.typing }

// Paste takes text into the filter line.
func (d *dryRunPage) Paste(text string) tea.Cmd {
	d.filter.Insert(text)
	d.shown.filter = d.filter.Text()
	return d.restart()
}

// Type takes a key of the filter line.
func (d *dryRunPage) Type(k tea.KeyPressMsg) tea.Cmd {
	switch name := k.String(); name {
	case "enter":
		d.typing = false
	case "esc":
		d.typing = false
		d.filter.Clear()
	case "up", "down", "pgup", "pgdown":
		d.list.Key(name)
		return d.fetch()
	default:
		d.filter.Key(name, k.Text)
	}
	if d.filter.Text() == d.shown.filter {
		return nil
	}
	d.shown.filter = d.filter.Text()
	return d.restart()
}

func (d *dryRunPage) move(key string) tea.Cmd {
	d.list.Key(key)
	return d.fetch()
}

// Click puts the cursor on a row.
func (d *dryRunPage) Click(line int) tea.Cmd {
	if d.source != nil {
		d.list.Click(line - len(d.head()) - 2)
	}
	return d.fetch()
}

func (d *dryRunPage) Commands() []Command {
	none := ""
	if d.source == nil {
		none = "there is no dry run yet: d makes one"
	}
	events := d.eventsCommand().on("e")
	events.Short = ""
	again := d.dryRunCommand().on("d")
	saved := Command{ID: "plan.open", Keys: []string{"p"}, Short: "open a saved one", Title: "open a saved plan", Off: d.busy(), Do: d.openSaved}
	cancel := d.cancelCommand().on("c")
	var keys []Command
	switch {
	case d.running():
		keys = append(keys, cancel)
	case none != "":
		keys = append(keys, again, saved)
	case d.applied != "":
		keys = append(keys, again)
	}
	keys = append(keys, []Command{
		{ID: "plan.why", Keys: []string{"enter"}, Show: "Enter", Short: "why", Title: "see all of the row under the cursor", Off: none, Do: d.open},
		{ID: "plan.apply", Changes: true, Keys: []string{"a"}, Short: "Apply" + d.look.Mark.Ellipsis, Title: "write these changes to the cloud", Off: d.applyOff(none), Do: d.apply},
		{ID: "plan.override", Changes: true, Keys: []string{"o"}, Short: "Override" + d.look.Mark.Ellipsis, Title: "apply although the delete threshold holds it", Off: d.overrideOff(none), Do: d.override},
		{ID: "plan.leaveout", Changes: true, Keys: []string{"space"}, Show: "Space", Short: "leave out", Title: "leave the change out, or take it in again", Off: none, Do: d.leaveOut},
		{ID: "plan.filter", Keys: []string{"/"}, Short: "filter", Title: "filter by name, DN, field, value or cause", Off: none, Do: func() tea.Cmd { d.typing = true; return nil }},
		{ID: "plan.left", Keys: []string{"left", "h"}, Show: "Left", Title: "kind of change before", Off: none, Do: d.turn(-1)},
		{ID: "plan.right", Keys: []string{"right", "l"}, Show: "Right", Title: "next kind of change", Off: none, Do: d.turn(1)},
		{ID: "plan.causes", Keys: []string{"g"}, Short: "by cause", Title: "group by cause", Off: none, Do: d.group},
		{ID: "plan.save", Changes: true, Keys: []string{"s"}, Short: "Save" + d.look.Mark.Ellipsis, Title: "save the plan to a file", Off: none, Do: d.save},
		d.explainRow(), again, saved, cancel, events,
		{ID: "plan.back", Keys: []string{"esc"}, Show: "Esc", Title: "take the last narrowing back", Off: d.backOff(), Do: d.back},
	}...)
	return append(keys, moves(d.move)...)
}
