package ui

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/page"
	"dirbridge/ui/page/draw"
)

// dashboard is the first page: the current run, the next and the last runs, the overall status, and
// the contents of the cloud. It draws what the root polls. Lines with a target can be selected;
// Enter opens the target.
type dashboard struct {
	page.Plain
	host          page.Host
	conn          dashboardConn
	work          page.Work
	result        page.ResultMsg
	hasPlan       bool
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
	rank  int    // the most urgent line has the highest; 0 has no target
}

// dashboardConn is what the page reads of the connector.
type dashboardConn interface {
	Failing(ctx context.Context, runs int64, limit int) ([]record.Failing, error)
}

func newDashboard(h page.Host, conn dashboardConn, f page.Facts) *dashboard {
	return &dashboard{host: h, conn: conn, work: f.Work, result: f.Result, hasPlan: f.Plan.Plan != nil, status: f.Status}
}

func (d *dashboard) Init() tea.Cmd { return nil }
func (d *dashboard) SetSize(w, h int) tea.Cmd {
	d.width, d.height = w, h
	if d.failing != nil {
		d.failing.setHeight(d)
	}
	return nil
}

func (d *dashboard) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case page.LookMsg:
		d.host.Look = msg.Look
	case page.ProgressMsg:
		d.work = msg.Work
	case page.PlanMsg:
		d.hasPlan = msg.Plan != nil
	case page.StatusMsg:
		d.known, d.status = true, msg.Status
	case page.ResultMsg:
		d.result = msg
		d.host.Say("%s", draw.Result(d.result.Result))
	case failingMsg:
		if msg.err != nil {
			d.host.Fail("The failing records could not be read", msg.err)
			return nil
		}
		d.failing = newFailingList(d, msg.records)
	}
	return nil
}

// move selects the next line with a target if it is on the screen; else it scrolls.
func (d *dashboard) move(key string) tea.Cmd {
	by := map[string]int{"up": -1, "k": -1, "down": 1, "j": 1}[key]
	if by == 0 {
		d.scroll.Key(key, d.height)
		return nil
	}
	lines := d.lines()
	for i := d.cursor(lines) + by; i >= 0 && i < len(lines); i += by {
		if lines[i].leads != nil && d.scroll.Sees(i, d.height) {
			d.at = lines[i].id
			return nil
		}
	}
	d.scroll.Key(key, d.height)
	return nil
}

// cursor returns the line that Enter opens: the selected one, or the most urgent one on the screen;
// -1 if no line there has a target.
func (d *dashboard) cursor(lines []dashLine) int {
	best := -1
	for i, l := range lines {
		switch {
		case l.leads == nil || !d.scroll.Sees(i, d.height):
		case l.id == d.at:
			return i
		case best < 0 || l.rank > lines[best].rank:
			best = i
		}
	}
	return best
}

// Click selects a line.
func (d *dashboard) Click(line int) tea.Cmd {
	if d.failing != nil {
		d.failing.list.Click(line - 2)
		return nil
	}
	lines := d.lines()
	if i := d.scroll.Top() + line; i >= 0 && i < len(lines) && lines[i].leads != nil {
		d.at = lines[i].id
	}
	return nil
}

func (d *dashboard) Commands() []page.Command {
	if d.failing != nil {
		return d.failing.commands(d)
	}
	incremental := page.Of("sync.incremental", "Incremental", "i")
	dry, events := page.Of("dryrun", "Dry Run", "d"), page.Of("events", "Events", "e")
	if d.width >= 110 { // the guide's toolbar
		incremental.Short, dry.Short, events.Short = "Start Incremental Sync", "Sync Dry Run", "Launch Event Viewer"
	}
	follow := page.Command{ID: "dashboard.follow", Keys: []string{"enter"}, Show: "Enter",
		Title: "see more of the line under the cursor", Off: "no line here leads anywhere", Do: page.Idle}
	if lines := d.lines(); d.cursor(lines) >= 0 {
		l := lines[d.cursor(lines)]
		follow.Off, follow.Do, follow.Title = "", l.leads, "see "+l.to
	}
	return append([]page.Command{
		dry, incremental, page.Of("sync.full", "Full", "f"), page.Of("sync.cancel", "Cancel", "c"), events,
		{ID: "refresh", Keys: []string{"r"}, Short: "Refresh", Title: "refresh: read again what this page shows",
			Do: d.refresh},
		follow,
	}, page.Moves(d.move)...)
}

// refresh reads the status again.
func (d *dashboard) refresh() tea.Cmd {
	d.host.Say("Read again.")
	d.host.Request(page.ReadStatusMsg{})
	return nil
}

func (d *dashboard) View() []string {
	if d.failing != nil {
		return d.failing.view(d)
	}
	lines := d.lines()
	cursor := d.cursor(lines)
	text := make([]string, len(lines))
	for i, l := range lines {
		if text[i] = l.text; i == cursor {
			text[i] = d.host.Look.Row(l.text, d.leftWidth())
		}
	}
	if d.besides() {
		left := d.leftWidth()
		right := join(d.right(d.width-left-2), d.height)
		for i := range max(len(text), len(right)) {
			if i == len(text) {
				text = append(text, "")
			}
			if i < len(right) {
				text[i] = d.host.Look.Fit(text[i], left) + "  " + d.host.Look.Cut(right[i].text, d.width-left-2)
			}
		}
	}
	shown := d.scroll.Lines(text, d.height)
	if n := len(text) - d.scroll.Top() - len(shown); n > 0 && len(shown) > 1 {
		more := d.host.Look.Style.Dim.Render(d.host.Look.Mark.Open + " " + look.Number(int64(n)) + " more ")
		shown[len(shown)-1] = d.host.Look.Sides(shown[len(shown)-1], more, d.width)
	}
	return shown
}

// besides reports whether there is room for two columns.
func (d *dashboard) besides() bool { return d.width >= 76 }

func (d *dashboard) leftWidth() int {
	if !d.besides() {
		return d.width
	}
	return min(d.width-min(max(d.width*3/8, 27), 60)-2, 84)
}

// lines returns the left column, or both in one if there is no room for two.
func (d *dashboard) lines() []dashLine {
	sections := d.left(d.leftWidth())
	if !d.besides() {
		sections = append(sections, d.right(d.width)...)
	}
	return join(sections, d.height)
}

// join stacks sections, with blank lines between them as far as there is room.
func join(sections [][]dashLine, height int) []dashLine {
	var all []dashLine
	used := 0
	for _, s := range sections {
		used += len(s)
	}
	blanks := min(max(height-used, 0), len(sections)-1)
	for i, s := range sections {
		if i > 0 && blanks > 0 {
			all = append(all, dashLine{})
			blanks--
		}
		all = append(all, s...)
	}
	return all
}
