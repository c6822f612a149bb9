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
	plan          *control.Plan
	status        control.Status
	width, height int
	scroll        component.Viewport
	known         bool   // the status was read at least once
	at            string // id of the selected line; "" is the most urgent one
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
	return &Model{host: h, conn: conn, work: f.Work, result: f.Result, plan: f.Plan.Plan, status: f.Status}
}

func (d *Model) Init() tea.Cmd { return nil }
func (d *Model) SetSize(w, h int) tea.Cmd {
	d.width, d.height = w, h
	if d.failing != nil {
		d.failing.setHeight(d)
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

// move selects the next line with a target if it is on the screen; else it scrolls.
func (d *Model) move(key string) tea.Cmd {
	by := map[string]int{"up": -1, "k": -1, "down": 1, "j": 1}[key]
	spots := d.spots()
	if i := d.cursor(spots) + by; by != 0 && i >= 0 && i < len(spots) && d.scroll.Sees(spots[i].y, d.height) {
		d.at = spots[i].id
		return nil
	}
	if by == 0 || len(spots) == 0 || d.width < twoColumns { // the page keys scroll
		d.scroll.Key(key, d.height)
	}
	return nil
}

// nextPanel selects the first line with a target in the next frame that has one, or scrolls.
func (d *Model) nextPanel() tea.Cmd {
	spots := d.spots()
	at := d.cursor(spots)
	for n := range spots {
		i := (at + 1 + n) % len(spots)
		if spots[i].panel != spots[max(at, 0)].panel && d.scroll.Sees(spots[i].y, d.height) {
			d.at = spots[i].id
			return nil
		}
	}
	if top := d.scroll.Top(); d.scroll.Key("pgdown", d.height) && d.scroll.Top() == top {
		d.scroll.Key("home", d.height)
	}
	return nil
}

// cursor returns the line that Enter opens: the selected one, or the most urgent one on the screen;
// -1 if no line there has a target.
func (d *Model) cursor(spots []spot) int {
	best := -1
	for i, s := range spots {
		switch {
		case !d.scroll.Sees(s.y, d.height):
		case s.id == d.at:
			return i
		case best < 0 || s.rank > spots[best].rank:
			best = i
		}
	}
	return best
}

// Click selects a line.
func (d *Model) Click(line int) tea.Cmd {
	if d.failing != nil {
		d.failing.list.Click(d.panel().RowAt(line))
		return nil
	}
	for _, s := range d.spots() {
		if s.y == d.scroll.Top()+line {
			d.at = s.id
			return nil
		}
	}
	return nil
}

func (d *Model) Commands() []page.Command {
	if d.failing != nil {
		return d.failing.commands(d)
	}
	incremental := page.Of("sync.incremental", "incremental", "I")
	dry, events := page.Of("dryrun", "dry run", "d"), page.Of("events", "events", "e")
	follow := page.Command{ID: "dashboard.follow", Keys: []string{"enter"}, Show: "Enter", Short: "open",
		Title: "open the selected item", Off: "nothing to open", Do: page.Idle}
	if spots := d.spots(); d.cursor(spots) >= 0 {
		l := spots[d.cursor(spots)]
		follow.Off, follow.Do, follow.Title = "", l.leads, "open "+l.to
		if l.runs != "" {
			follow = page.Of(l.runs, l.verb, "enter")
			follow.Show, follow.Title = "Enter", l.to
		}
	}
	return append([]page.Command{
		dry, incremental, page.Of("sync.full", "full"+d.host.Look.Mark.Ellipsis, "F"),
		page.Of("sync.cancel", "cancel", "c"), events,
		{ID: "refresh", Keys: []string{"r"}, Short: "refresh", Title: "refresh this page",
			Do: d.refresh},
		follow,
		{ID: "dashboard.panel", Keys: []string{"tab"}, Show: "Tab", Short: "panel", Title: "go to the next panel",
			Do: d.nextPanel},
	}, page.Moves(d.move)...)
}

// refresh reads the status again.
func (d *Model) refresh() tea.Cmd {
	d.host.Say("Refreshed.")
	d.host.Request(page.ReadStatusMsg{})
	return nil
}
