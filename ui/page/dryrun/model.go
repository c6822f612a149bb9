package dryrun

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/component"
	"dirbridge/ui/page"
	"dirbridge/ui/page/draw"
	"dirbridge/ui/view"
)

// Model shows the current plan, of any type: its totals, its holds, and its changes field by
// field. It reads the plan in windows, from commands.
type Model struct {
	page.Plain
	host    page.Host
	conn    Connector
	work    page.Work
	result  page.ResultMsg
	plan    page.PlanMsg
	draft   page.Draft
	source  planSource
	reads   func(*control.Plan) planSource
	shown   slice
	list    component.Window[planRow]
	pane    component.Pane
	summary component.Viewport
	query   int // of the last requested load
	stop    context.CancelFunc
	loading bool
	filter  component.Input
	sought  string // the last jump target
	leaving
	confirmed map[string]bool // withheld records, by fingerprint
	ids       bool            // the details have ids and DNs
	all       int64           // rows without the filters; 0 while it is not known
	converts  bool            // accounts can be converted, or are being converted
	applied   string          // how applying the current plan ended; "" before
	width     int
	height    int
}

// Messages of this page.
type (
	loadedMsg struct{ loaded }
	windowMsg struct {
		request component.Request
		rows    []planRow
		err     error
	}
	soughtMsg struct {
		version int // of the list that was searched
		text    string
		at      int64
		ok      bool
		err     error
	}
	savedMsg struct {
		path string
		plan bool
		err  error
	}
	openedPlanMsg struct{ err error }
)

// Connector is what the page needs of the engine.
type Connector interface {
	OpenPlan(ctx context.Context, path string) error
	SavePlan(ctx context.Context, path string) error
	Confirm(ctx context.Context, w control.Withheld) error
	namer
}

// New returns the page as it is when the console opens.
func New(h page.Host, conn Connector, f page.Facts) *Model {
	d := &Model{host: h, conn: conn, work: f.Work, result: f.Result, plan: f.Plan, draft: f.Draft, stop: func() {},
		leaving: newLeaving(),
		reads:   func(p *control.Plan) planSource { return planFile{p, conn} }}
	d.shown.view = viewAll
	return d
}

func (d *Model) Init() tea.Cmd { return d.takePlan() }

// takePlan shows the current plan if it is a new one.
func (d *Model) takePlan() tea.Cmd {
	d.leaving.end()
	d.leaving, d.applied, d.confirmed = newLeaving(), "", map[string]bool{}
	if d.plan.Plan == nil {
		d.source = nil
		d.list.Reset(0)
		return nil
	}
	d.source = d.reads(d.plan.Plan)
	d.shown.by, d.shown.in, d.shown.order = "", nil, d.order()
	if v := planViews()[d.shown.view]; v.empty(d.header()) {
		d.shown.view = viewAll
	}
	return d.load()
}

// load requests the rows to show; the previous request is dropped.
func (d *Model) load() tea.Cmd {
	if d.source == nil {
		return nil
	}
	d.stop()
	ctx, stop := context.WithCancel(d.host.Ctx)
	d.stop, d.loading = stop, true
	d.query++
	source, query, shown, around, n := d.source, d.query, d.shown, d.list.Cursor(), max(d.list.Height(), 20)
	left := d.left
	if shown.grouped() {
		left = left.Clone()
	}
	rows := func() tea.Msg { return loadedMsg{load(ctx, source, query, shown, left, around, n)} }
	if whole := d.countAll(ctx); whole != nil {
		return tea.Batch(rows, whole)
	}
	return rows
}

// fetch requests rows that are on the screen and not loaded yet.
func (d *Model) fetch() tea.Cmd {
	if d.source == nil || d.loading || d.shown.grouped() {
		return nil
	}
	request, ok := d.list.Want()
	if !ok {
		return nil
	}
	ctx, source, shown := d.host.Ctx, d.source, d.shown
	return func() tea.Msg {
		rows, err := source.Window(ctx, shown, request.From, request.N)
		return windowMsg{request, rows, err}
	}
}

func (d *Model) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case page.LookMsg:
		d.host.Look = msg.Look
	case page.ProgressMsg:
		d.work = msg.Work
	case page.DraftMsg:
		d.draft, d.plan.Of = msg.Draft, msg.Of
	case page.StatusMsg:
		d.converts = view.Conversion(msg.Status) != ""
	case page.PlanMsg:
		d.plan = msg
		return d.takePlan()
	case page.ResultMsg:
		d.result = msg
		return d.ended()
	case loadedMsg:
		return d.loaded(msg.loaded)
	case windowMsg:
		if msg.request.Version != d.list.Version() {
			return nil
		}
		if msg.err != nil {
			d.list.Fail(msg.request)
			d.host.Fail("The plan could not be read", msg.err)
			return nil
		}
		d.list.Put(msg.request, msg.rows)
		return d.fetch()
	case soughtMsg:
		return d.found(msg)
	case choicesMsg:
		d.choose(msg)
	case wholeMsg:
		if msg.query == d.query {
			d.all = msg.total
		}
	case pickedMsg:
		return d.picked(msg)
	case talliedMsg:
		d.tallied(msg)
	case savedMsg:
		d.saved(msg)
	case confirmedMsg:
		d.noted(msg)
	case openedPlanMsg:
		d.host.Fail("The plan was not opened", msg.err)
	}
	return nil
}

func (d *Model) loaded(l loaded) tea.Cmd {
	if l.query != d.query {
		return nil
	}
	d.loading = false
	if l.err != nil {
		if !draw.Stale(l.err) {
			d.list.Reset(0)
			d.host.Fail("The plan could not be read", l.err)
		}
		return nil
	}
	d.list.Load(l.total, l.from, l.rows)
	return d.fetch()
}

// ended records how a request ended; an applied plan is spent, unless none of it was done.
func (d *Model) ended() tea.Cmd {
	run, err := d.result.Result.Run, d.result.Result.Err
	switch mode := d.result.Result.Request.Mode; {
	case mode == record.ApplyPlan && run.ID == 0 && err != nil, mode == record.ApplyPlan && run.Outcome == record.WasHeld:
		d.host.Say("%s", view.Result(d.result.Result))
	case mode == record.ApplyPlan:
		d.applied = view.Result(d.result.Result)
		d.host.Say("%s", d.applied)
	case err == nil && mode == control.UndoPlan:
		d.host.Say("The undo plan of run %d is ready; nothing was written.", d.result.Result.Request.Undo)
	case err == nil && mode == control.PurgePlan:
		d.host.Say("The purge plan is ready; nothing was written.")
	case err == nil && mode == record.DryRun:
		d.host.Say("The dry run is done; nothing was written.")
	}
	return nil
}

func (d *Model) SetSize(w, h int) tea.Cmd {
	d.width, d.height = w, h
	d.list.SetHeight(d.panel().ListHeight())
	return d.fetch()
}

func (d *Model) header() control.Header {
	if d.source == nil {
		return control.Header{}
	}
	return d.source.Header()
}

// open shows the item under the cursor: a group's changes, or all facts of one row.
func (d *Model) open() tea.Cmd {
	row, ok := d.list.Current()
	switch {
	case !ok:
	case row.group != nil:
		d.shown = d.shown.with(row.group)
		return d.restart()
	case d.panel().Wide() && d.explainRow().Do != nil:
		return d.explainRow().Do()
	default:
		d.openDetails(row)
	}
	return nil
}

func (d *Model) moves() []page.Command {
	if d.shown.view == viewSummary {
		return page.Moves(func(key string) tea.Cmd { d.summary.Key(key, d.summaryRoom()); return nil })
	}
	return d.panel().Moves(d.listed)
}

// listed moves in the list.
func (d *Model) listed(key string) tea.Cmd {
	d.list.Key(key)
	return d.fetch()
}

func (d *Model) Mouse(m page.Mouse) tea.Cmd {
	switch {
	case d.source == nil:
	case d.shown.view == viewSummary:
		d.summary.Go(d.summary.Top() + m.Wheel)
	default:
		d.panel().Mouse(m)
	}
	return d.fetch()
}

func (d *Model) Commands() []page.Command {
	none := ""
	if d.source == nil {
		none = "there is no dry run yet: d makes one"
	}
	dots := d.host.Look.Mark.Ellipsis
	events := page.Of("events", "", "e")
	again := page.Of("dryrun", "dry run", "d")
	opened := page.Command{ID: "plan.open", Key: page.Keys("open a saved one", "p"), Title: "open a saved plan",
		Off: d.work.Busy(), Do: d.openSaved}
	cancel := page.Of("sync.cancel", "cancel", "c")
	var keys []page.Command
	if d.plan.Plan != nil && d.draft.PlanOf(d.plan.Of) && d.draft.Changed() && !d.work.Running() {
		keys = append(keys, page.Of("settings.decide", "save or discard"+dots))
	}
	switch {
	case d.work.Running():
		keys = append(keys, cancel)
	case none != "":
		keys = append(keys, again, opened)
	case d.applied != "":
		keys = append(keys, again)
	}
	if d.converts {
		keys = append(keys, page.Of("convert", "convert accounts", "L"))
	}
	if d.header().Withheld > 0 {
		keys = append(keys, d.confirmCommand())
	}
	keys = append(keys, []page.Command{
		{ID: "plan.why", Key: page.Keys(d.opens(), "enter"), Title: "see all of the row under the cursor",
			Off: none, Do: d.open},
		{ID: "plan.apply", Changes: true, Key: page.Keys("apply"+dots, "a"),
			Title: "write these changes to the cloud", Off: d.applyOff(none), Do: d.apply},
		{ID: "plan.override", Changes: true, Key: page.Keys("override"+dots, "o"),
			Title: "Override Threshold: apply the held plan now, once", Off: d.overrideOff(none), Do: d.override},
		{ID: "plan.leaveout", Changes: true, Key: page.Keys("exclude", "space"),
			Title: "exclude the change or the group, or include it again", Off: d.leaveOff(none), Do: d.leaveRow},
		{ID: "plan.addfilter", Key: page.Keys("filter"+dots, "f"),
			Title: "add a filter: field, OU, kind or cause", Off: none, Do: d.addFilter},
		{ID: "plan.filter", Key: page.Keys("", "/"), Title: "filter by words: name, DN, attribute, value or cause",
			Off: none, Do: func() tea.Cmd { d.filter.Begin(); return nil }},
		{ID: "plan.ids", Key: page.Keys("ids", "i"), Title: "show ids and DNs in the details, or hide them",
			Off: none, Do: d.toggleIDs},
		d.copies().Command(d.host, d.host.Look),
		{ID: "plan.left", Key: page.Keys("", "left", "h"), Title: "kind of change before", Off: none, Do: d.turn(-1)},
		{ID: "plan.right", Key: page.Keys("", "right", "l"), Title: "next kind of change", Off: none, Do: d.turn(1)},
		{ID: "plan.causes", Key: page.Keys("by cause", "g"), Title: "group by cause, and back",
			Off: d.groupOff(none), Do: d.group("why")},
		{ID: "plan.attributes", Key: page.Keys("by attribute", "t"), Title: "group by attribute, and back",
			Off: d.groupOff(none), Do: d.group("field")},
		{ID: "plan.leaveall", Changes: true, Key: page.Keys("exclude many"+dots, "X"),
			Title: "exclude all that is shown, all else, or by conditions; or include it again", Off: d.leaveOff(none),
			Do: d.leaveMany},
		{ID: "plan.save", Changes: true, Key: page.Keys("save"+dots, "s"),
			Title: "Save Results to a file: CSV, JSON, or a plan to apply later", Off: none, Do: d.save},
		{ID: "plan.holds", Key: page.Keys("", "w"), Title: "why the plan is held: all guards, with their numbers and causes",
			Off: d.holdsOff(none), Do: d.readHolds},
		{ID: "plan.sort", Key: page.Keys("sort", "S"), Title: "sort: name, OU, execution order", Off: d.sortOff(none),
			Do: d.sort},
		{ID: "plan.jump", Key: page.Keys("", "#"), Title: "jump to a number, or to a name, DN, attribute or value", Off: none,
			Do: d.jump},
		{ID: "plan.next", Key: page.Keys("", "n"), Title: "jump to the next one of the same text", Off: d.nextOff(none),
			Do: func() tea.Cmd { return d.seek(d.sought) }},
		d.explainRow(), again, opened, cancel, events,
		{ID: "plan.back", Key: page.Keys("", "backspace", "esc"), Title: "drop the last filter", Off: d.backOff(),
			Do: d.back},
	}...)
	return append(keys, d.moves()...)
}
