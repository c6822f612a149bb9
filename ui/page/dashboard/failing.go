package dashboard

import (
	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/record"
	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/page"
	"dirbridge/ui/page/draw"
	"dirbridge/ui/view"
)

// failingShown is how many failing records the list shows, the worst first.
const failingShown = 1000

// failingList is the list of records that fail in run after run, for the dashboard.
type failingList struct {
	records []record.Failing
	list    component.Window[int]
	pane    component.Pane
}

type failingMsg struct {
	records []record.Failing
	err     error
}

// readFailing reads the records that failed in at least this many consecutive runs.
func (d *Model) readFailing(runs int64) tea.Cmd {
	ctx, conn := d.host.Ctx, d.conn
	return func() tea.Msg {
		records, err := conn.Failing(ctx, runs, failingShown)
		return failingMsg{records, err}
	}
}

func newFailingList(d *Model, records []record.Failing) *failingList {
	f := &failingList{records: records}
	f.list.Reset(int64(len(records)))
	return f
}

func (f *failingList) current() (record.Failing, bool) {
	if i := f.list.Cursor(); i < int64(len(f.records)) {
		return f.records[i], true
	}
	return record.Failing{}, false
}

func (f *failingList) commands(d *Model) []page.Command {
	open := page.Command{ID: "failing.run", Key: page.Keys("its last run", "enter"),
		Title: "see the record in the last run that tried it", Off: "there is no record", Do: page.Idle}
	explain := d.host.ExplainCommand("", "")
	var copies draw.Copies
	if r, ok := f.current(); ok {
		copies.Add("m", "record", r.Record)
		copies.Error(r.Message)
		copies.Add("a", "AD id", string(r.Anchor))
		copies.Add("c", "cloud id", string(r.ID))
		open.Off, open.Do = "", func() tea.Cmd { d.host.ShowRun(r.LastRun, r.Record); return nil }
		explain = d.host.ExplainCommand(whoFails(r), r.Record)
	}
	keys := []page.Command{open, explain, copies.Command(d.host, d.host.Look),
		{ID: "failing.back", Key: page.Keys("back", "esc"), Title: "back to the dashboard",
			Do: func() tea.Cmd { d.failing = nil; return nil }},
		page.Of("events", "Events", "e"),
	}
	return append(keys, d.panel().Moves(d.panel().Move)...)
}

// whoFails returns the query that finds a failing record.
func whoFails(r record.Failing) string {
	switch {
	case r.Member != "":
		return string(r.Member)
	case r.Anchor != "":
		return string(r.Anchor)
	case r.ID != "":
		return string(r.ID)
	}
	return r.Record
}

func (f *failingList) view(d *Model) []string {
	p := d.panel()
	p.Title = "Records that failed in the last runs that tried"
	p.Empty = "None any more: all that failed was done since. Esc goes back."
	p.Fill([]component.Column{{Width: 1}, {Title: "Record", Width: 14, Grow: 2},
		{Title: "In a row", Width: 8, Right: true}, {Title: "Why", Width: 12, Grow: 3}}, func(i int64) []component.Cell {
		r := f.records[i]
		return []component.Cell{component.Styled(d.host.Look.Mark.Problem, d.host.Look.Style.Bad),
			component.Text(r.Record), component.Text(look.Count(r.Runs, "run", "runs")), component.Text(r.Message)}
	})
	if r, ok := f.current(); ok {
		p.Details = func(width, _ int) []string { return failingDetails(d, r, width) }
	}
	return p.View()
}

func failingDetails(d *Model, r record.Failing, width int) []string {
	w := draw.Details{L: d.host.Look, Width: width}
	w.Facts(view.FailingFacts(r, draw.Voice(d.host)))
	return w.Lines
}

// panel is the frame of the dashboard's list of failing records.
func (d *Model) panel() component.Split {
	return component.Split{Look: d.host.Look, Width: d.width, Height: d.height, Headed: true,
		Pane: &d.failing.pane, List: &d.failing.list}
}
