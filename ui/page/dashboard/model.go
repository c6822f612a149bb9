package dashboard

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/component"
	"dirbridge/ui/page"
	"dirbridge/ui/view"
)

// Model is the first page: the current run, the next and the last runs, the overall status, and
// the contents of the cloud. It draws what the root polls. Lines with a target can be selected;
// Enter opens the target.
type Model struct {
	page.Plain
	host          page.Host
	conn          Connector
	work          page.Work
	result        page.ResultMsg
	plan          *control.Plan // nil once it is applied
	status        control.Status
	width, height int
	scroll        component.Viewport
	known         bool              // the status was read at least once
	focus         string            // title of the panel that has the focus; "" is that of the most urgent line
	at            map[string]string // id of the selected line of each panel; without one, its most urgent line
	tops          map[string]int    // the first visible line of each panel
	failing       *failingList
}

// dashLine is a line of the dashboard; leads, if set, is the target that Enter opens.
type dashLine struct {
	text  string
	id    string // identifies the target, the same in each frame
	leads func() tea.Cmd
	to    string // the target, in words
	verb  string // what Enter does, shown on the line
	runs  string // ID of a command of the console, which Enter runs instead of leads
	rank  int    // the most urgent line has the highest; 0 has no target
}

// Connector is what the page needs of the engine.
type Connector interface {
	Failing(ctx context.Context, runs int64, limit int) ([]record.Failing, error)
}

// New returns the page as it is when the console opens.
func New(h page.Host, conn Connector, f page.Facts) *Model {
	return &Model{host: h, conn: conn, work: f.Work, result: f.Result, plan: f.Plan.Plan, status: f.Status,
		at: map[string]string{}, tops: map[string]int{}}
}

func (d *Model) Init() tea.Cmd { return nil }
func (d *Model) SetSize(w, h int) tea.Cmd {
	d.width, d.height = w, h
	if d.failing != nil {
		d.failing.list.SetHeight(d.panel().ListHeight())
	}
	return nil
}

func (d *Model) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case page.LookMsg:
		d.host.Look = msg.Look
	case page.ProgressMsg:
		d.work = msg.Work
	case page.PlanMsg:
		d.plan = msg.Plan
	case page.StatusMsg:
		d.known, d.status = true, msg.Status
	case page.ResultMsg:
		d.result = msg
		if msg.Result.Request.Mode == record.ApplyPlan && msg.Result.Run.ID != 0 &&
			msg.Result.Run.Outcome != record.WasHeld {
			d.plan = nil
		}
		d.host.Say("%s", view.Result(d.result.Result))
	case failingMsg:
		if msg.err != nil {
			d.host.Fail("Reading the failing records failed", msg.err)
			return nil
		}
		d.failing = newFailingList(d, msg.records)
	}
	return nil
}

func (d *Model) Commands() []page.Command {
	if d.failing != nil {
		return d.failing.commands(d)
	}
	incremental := page.Of("sync.incremental", "incremental", "I")
	dry, events := page.Of("dryrun", "dry run", "d"), page.Of("events", "events", "e")
	follow := page.Command{ID: "dashboard.follow", Key: page.Keys("open", "enter"),
		Title: "open the selected item", Off: "nothing to open", Do: page.Idle}
	if l, ok := d.selected(); ok {
		follow.Off, follow.Do, follow.Title = "", l.leads, "open "+l.to
		if l.runs != "" {
			follow = page.Of(l.runs, l.verb, "enter")
			follow.Title = l.to
		}
	}
	return append([]page.Command{
		dry, incremental, page.Of("sync.full", "full"+d.host.Look.Mark.Ellipsis, "F"),
		page.Of("sync.cancel", "cancel", "c"), events,
		{ID: "refresh", Key: page.Keys("refresh", "r"), Title: "refresh this page", Do: d.refresh},
		follow,
		{ID: "panel.next", Key: page.Keys("panel", "tab"), Title: "go to the next panel of this page",
			Do: func() tea.Cmd { return d.turn(1) }},
		{ID: "panel.before", Key: page.Keys("", "shift+tab"), Title: "go to the panel before",
			Do: func() tea.Cmd { return d.turn(-1) }},
	}, page.Moves(d.move)...)
}

// refresh reads the status again.
func (d *Model) refresh() tea.Cmd {
	d.host.Say("Refreshed.")
	d.host.Request(page.ReadStatusMsg{})
	return nil
}
