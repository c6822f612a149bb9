package ui

import (
	"fmt"
	"strings"

	"dirbridge/sync/record"
	"dirbridge/ui/look"
	"dirbridge/ui/page/draw"
	"dirbridge/ui/view"
)

func (h *historyPage) View() []string {
	if h.open != nil {
		return h.runScreen()
	}
	l := h.host.Look
	p := h.panel(2)
	names := fmt.Sprintf(" %-9s %5s  %-11s %-16s", "outcome", "run", "type", "started")
	if h.width >= 76 {
		names += " took"
	}
	p.Head = []string{l.Style.Dim.Render(l.Fit(names, h.width)), l.Line(h.width)}
	p.Empty = l.Mark.Ellipsis
	if h.read {
		p.Empty = "No run yet. 1 Dashboard starts one; begin with a dry run."
	}
	from, to := h.list.Visible()
	for i := from; i < min(to, int64(len(h.runs))); i++ {
		p.Rows = append(p.Rows, h.row(h.runs[i], p.ListWidth(), i == h.list.Cursor()))
	}
	if run, ok := h.current(); ok {
		p.Details = func(width int) []string { return h.runFacts(run, width) }
	}
	return p.View()
}

func (h *historyPage) row(run record.Run, width int, current bool) string {
	l := h.host.Look
	took := "running"
	if !run.Ended.IsZero() {
		took = look.Length(run.Ended.Sub(run.Started))
	}
	word, style := draw.OutcomeWord(l, run.Outcome)
	word = l.Fit(word, 9)
	what := view.Mode(run.Mode)
	if run.UndoOf != 0 {
		what = fmt.Sprintf("Undo of %d", run.UndoOf)
	}
	if !current {
		word = style.Render(word)
	}
	text := fmt.Sprintf(" %s %5d  %s %-16s", word, run.ID, l.Fit(what, 11), look.Clock(h.host.Now(), run.Started))
	if h.width >= 76 {
		text += fmt.Sprintf(" %-7s", took)
	}
	if h.width >= 56 {
		text = l.Sides(text, draw.Counts(l, run.Counts)+" ", min(width, 100))
	}
	text = l.Cut(text, width)
	if current {
		return l.Row(text, width)
	}
	return text
}

// runFacts returns the known facts of a run in a few lines.
func (h *historyPage) runFacts(run record.Run, width int) []string {
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
