package history

import (
	"dirbridge/ui/page/draw"
	"dirbridge/ui/view"
	"fmt"
	"strings"

	"dirbridge/sync/record"
	"dirbridge/ui/look"
)

func (h *Model) View() []string {
	if h.open != nil {
		return h.runScreen()
	}
	p := h.panel(0)
	p.Title, p.About = "Last Synchronization", "Run"
	p.Empty = h.host.Look.Mark.Ellipsis
	if h.read {
		p.Empty = "No runs yet. Press [d] for a dry run; it changes nothing."
	}
	table, widths := draw.RunTable(p.ListLook(), p.ListWidth())
	p.Header = table.Header(widths)
	from, to := h.list.Visible()
	for i := from; i < min(to, int64(len(h.runs))); i++ {
		cells := draw.RunCells(h.host.Look, h.runs[i], h.host.Now(), table.Width)
		p.Rows = append(p.Rows, table.Row(widths, cells, i == h.list.Cursor()))
	}
	if run, ok := h.current(); ok {
		p.Details = func(width, _ int) []string { return h.runFacts(run, width) }
	}
	return p.View()
}

// runFacts returns the known facts of a run in a few lines.
func (h *Model) runFacts(run record.Run, width int) []string {
	w := draw.Details{L: h.host.Look, Width: width}
	what := strings.Join(view.Counts(run.Counts), ", ")
	if run.Counts.Writes() == 0 {
		what = "nothing was written"
	}
	w.Fact("done", what)
	if run.Failed+run.Skipped+run.NotDone > 0 {
		w.Fact("not done", fmt.Sprintf("%s failed, %s skipped, %s not tried", look.Number(run.Failed),
			look.Number(run.Skipped), look.Number(run.NotDone)))
	}
	if run.Gone > 0 {
		w.Fact("gone", look.Count(run.Gone, "record", "records")+", before this run could delete it")
	}
	for _, dir := range run.Unread {
		w.Fact("not read", "directory "+dir.Name+": "+dir.Error)
		w.Fact("", dir.Remedy)
	}
	if run.LeftOut > 0 {
		w.Fact("left out", look.Count(run.LeftOut, "change", "changes")+", by the operator")
	}
	if run.Withheld > 0 {
		w.Fact("withheld", look.Count(run.Withheld, "record", "records")+", until an operator confirms it")
	}
	w.Fact("detail", run.Detail)
	if run.UndoOf != 0 {
		w.Fact("undoes", fmt.Sprintf("run %d", run.UndoOf))
	}
	for _, id := range h.undoneBy(run.ID) {
		w.Fact("undone", fmt.Sprintf("by run %d", id))
	}
	for _, o := range run.Overrides {
		w.Fact("lifted", fmt.Sprintf("%s, for exactly %s", o.Rule, look.Number(o.Count)))
	}
	w.Fact("started", run.Started.In(h.host.Now().Location()).Format("2006-01-02 15:04:05"))
	w.Fact("by", run.By)
	w.Fact("plan", run.Plan)
	return w.Lines
}
