package ui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/record"
	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/page"
	"dirbridge/ui/page/draw"
)

// failingShown is how many failing records the list shows, the worst first.
const failingShown = 1000

// failingList is the list of records that fail in run after run, for the dashboard.
type failingList struct {
	records []record.Failing
	list    component.Window[int]
}

type failingMsg struct {
	records []record.Failing
	err     error
}

// readFailing reads the records that failed in at least this many consecutive runs.
func (d *dashboard) readFailing(runs int64) tea.Cmd {
	ctx, conn := d.host.Ctx, d.conn
	return func() tea.Msg {
		records, err := conn.Failing(ctx, runs, failingShown)
		return failingMsg{records, err}
	}
}

func newFailingList(d *dashboard, records []record.Failing) *failingList {
	f := &failingList{records: records}
	f.list.Reset(int64(len(records)))
	f.setHeight(d)
	return f
}

func (f *failingList) setHeight(d *dashboard) { f.list.SetHeight(d.panel().ListHeight()) }

func (f *failingList) current() (record.Failing, bool) {
	if i := f.list.Cursor(); i < int64(len(f.records)) {
		return f.records[i], true
	}
	return record.Failing{}, false
}

func (f *failingList) commands(d *dashboard) []page.Command {
	open := page.Command{ID: "failing.run", Keys: []string{"enter"}, Show: "Enter", Short: "its last run",
		Title: "see the record in the last run that tried it", Off: "there is no record", Do: page.Idle}
	explain := d.host.ExplainCommand("", "")
	if r, ok := f.current(); ok {
		open.Off, open.Do = "", func() tea.Cmd { d.host.ShowRun(r.LastRun, r.Record); return nil }
		explain = d.host.ExplainCommand(whoFails(r), r.Record)
	}
	keys := []page.Command{open, explain,
		{ID: "failing.back", Keys: []string{"esc"}, Show: "Esc", Short: "back", Title: "back to the dashboard",
			Do: func() tea.Cmd { d.failing = nil; return nil }},
		page.Of("events", "Events", "e"),
	}
	return append(keys, page.Moves(func(key string) tea.Cmd { f.list.Key(key); return nil })...)
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

func (f *failingList) view(d *dashboard) []string {
	l := d.host.Look
	p := d.panel()
	p.Head = []string{l.Sides(" "+l.Style.Head.Render("RECORDS THAT FAILED IN THE LAST RUNS THAT TRIED"),
		look.Count(int64(len(f.records)), "record", "records")+" ", d.width), l.Line(d.width)}
	p.Empty = "None any more: all that failed was done since. Esc goes back."
	from, to := f.list.Visible()
	for i := from; i < to; i++ {
		p.Rows = append(p.Rows, f.row(d, f.records[i], p.ListWidth(), i == f.list.Cursor()))
	}
	if r, ok := f.current(); ok {
		p.Details = func(width int) []string { return failingDetails(d, r, width) }
	}
	return p.View()
}

func (f *failingList) row(d *dashboard, r record.Failing, width int, current bool) string {
	l := d.host.Look
	who := min(max(width*2/5, 14), 40)
	text := l.Fit(l.Clean(r.Record), who) + " " + l.Cut(fmt.Sprintf("%s in a row  %s", look.Count(r.Runs, "run", "runs"),
		l.Clean(r.Message)), max(width-who-5, 0))
	if current {
		return l.Row(" "+l.Mark.Problem+" "+text, width)
	}
	return " " + l.Style.Bad.Render(l.Mark.Problem) + " " + text
}

func failingDetails(d *dashboard, r record.Failing, width int) []string {
	w := draw.Details{L: d.host.Look, Width: width}
	w.Text(r.Message)
	w.Remedy(r.Remedy)
	w.Fact("record", r.Record)
	w.Fact("field", r.Field)
	w.Fact("fails since", fmt.Sprintf("%s, %s in a row", look.Clock(d.host.Now(), r.Since),
		look.Count(r.Runs, "run", "runs")))
	tried := fmt.Sprintf("%s, run %d", look.Clock(d.host.Now(), r.Last), r.LastRun)
	if r.Purge {
		tried += ", by the purge"
	}
	w.Fact("last tried", tried)
	return w.Lines
}

func (d *dashboard) panel() component.Split {
	return component.Split{L: d.host.Look, Width: d.width, Height: d.height, Scrolled: 2}
}
