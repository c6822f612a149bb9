package history

import (
	"fmt"
	"strings"
	"time"

	"dirbridge/sync/record"
	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/page/draw"
	"dirbridge/ui/view"
)

// runHead returns the lines above the rows of a run.
func (h *Model) runHead() []string {
	l, v, w := h.host.Look, h.open, h.width
	if !v.known {
		return []string{fmt.Sprintf(" Run %d", v.id)}
	}
	run := v.report.Run
	what := view.Mode(run.Mode)
	if run.UndoOf != 0 {
		what += fmt.Sprintf(", undo of run %d", run.UndoOf)
	}
	word, style := draw.OutcomeWord(l, run.Outcome)
	when := look.Clock(h.host.Now(), run.Started)
	if !run.Ended.IsZero() {
		when += ", " + look.Length(run.Ended.Sub(run.Started))
	}
	if run.By != "" {
		when += ", by " + l.Clean(run.By)
	}
	lines := []string{l.Sides(fmt.Sprintf(" Run %d, %s  ", run.ID, what)+style.Render(word), when+" ", w)}
	facts := h.runFacts(run, min(w, 110))
	switch {
	case h.height < 12:
		facts = nil
	case h.height < 24:
		facts = facts[:min(len(facts), 3)]
	}
	lines = append(lines, facts...)
	return append(lines, h.runViews())
}

// runViews names the views of the run with their numbers of rows.
func (h *Model) runViews() string {
	l, v := h.host.Look, h.open
	var names string
	for kind, name := range []string{"Not done", "Told", "Withheld", "Journal"} {
		if runKind(kind) == runWithheld && v.report.Withheld == 0 {
			continue
		}
		n := look.Number(int64(len(v.rows[kind])))
		if v.more[kind] {
			n += "+"
		}
		names += l.Tab(name+" "+n, runKind(kind) == v.view)
	}
	switch {
	case v.typing:
		return l.Sides(" /"+v.filter.View(h.width-4, l.Clean), "", h.width)
	case v.filter.Text() != "":
		names = " / " + l.Clean(v.filter.Text()) + "  in" + names
	}
	return l.Cut(names, h.width)
}

func (h *Model) runScreen() []string {
	v := h.open
	p := h.runPanel()
	p.Head, p.Empty = h.runHead(), h.runEmpty()
	p.Title, p.About = "Records", "One record"
	from, to := v.list.Visible()
	rows := v.rows[v.view]
	width := p.ListWidth()
	for i := from; i < min(to, int64(len(rows))); i++ {
		p.Rows = append(p.Rows, rows[i].draw(p.ListLook(), width, i == v.list.Cursor()))
	}
	if n := v.missing(); n > 0 && v.view == runNotDone && len(p.Rows) > 0 && len(p.Rows) < p.ListHeight() {
		p.Rows = append(p.Rows, h.host.Look.Style.Dim.Render(h.host.Look.Cut("   "+missingWords(n), width)))
	}
	if v.more[v.view] && len(p.Rows) > 0 && len(p.Rows) < p.ListHeight() {
		p.Rows = append(p.Rows, h.host.Look.Cut(fmt.Sprintf("   These are the first %s: / finds the others.",
			look.Number(rowsRead)), width))
	}
	if row, ok := v.current(); ok {
		now := h.host.Now()
		p.Details = func(width, _ int) []string { return row.details(h.host.Look, width, now) }
	}
	return p.View()
}

// missing returns how many failed records are not in the event log.
func (v *runView) missing() int64 {
	return max(0, v.report.Failed+v.report.Skipped-v.failed)
}

func missingWords(n int64) string {
	return look.Number(n) + " of them are not in the event log (any more): log_level says what is kept."
}

func (h *Model) runEmpty() string {
	v := h.open
	switch {
	case !v.known:
		return h.host.Look.Mark.Ellipsis
	case v.filter.Text() != "":
		return "Nothing matches the filter. Esc clears it."
	case v.view == runNotDone && v.missing() > 0:
		return missingWords(v.missing())
	case v.view == runNotDone:
		return "No record failed, and none was skipped."
	case v.view == runTold:
		return "Nothing else was told of this run."
	case v.view == runWithheld:
		return "An earlier version did not keep which records it withheld."
	}
	return "It wrote nothing."
}

// draw returns a row in one line.
func (r runRow) draw(l look.Look, width int, current bool) string {
	var mark, name, rest string
	var style component.Styler
	if h := r.waits; h != nil {
		mark, style = l.Mark.Problem, l.Style.Warn
		name, rest = h.Person.Key, h.Rule+": "+h.Reason
	} else if e := r.event; e != nil {
		mark, style = draw.LevelMark(l, e.Level)
		name, rest = e.Record, e.Message
		if e.Runs > 1 && e.Code != "escalated" {
			rest = fmt.Sprintf("%d runs in a row: %s", e.Runs, rest)
		}
	} else {
		mark, style = draw.ChangeMark(l, r.change)
		name, rest = draw.ChangeKey(r.change), draw.ChangeWords(l, r.change)
		if r.state != record.WriteDone {
			mark, style = l.Mark.Problem, l.Style.Bad
			rest = strings.ToUpper(string(r.state)) + " " + rest
		}
	}
	who := min(max(width*2/5, 12), 44)
	text := l.Clean(rest)
	if name != "" {
		text = l.Fit(l.Clean(name), who) + " " + text
	}
	text = l.Cut(text, max(width-look.Width(mark)-2, 0))
	if current {
		return l.Row(" "+mark+" "+text, width)
	}
	return " " + style.Render(mark) + " " + text
}

// details returns all facts of a row.
func (r runRow) details(l look.Look, width int, now time.Time) []string {
	if r.event != nil {
		return draw.EventLines(l, *r.event, width, now.Location())
	}
	w := draw.Details{L: l, Width: width}
	if r.waits != nil {
		w.Facts(view.WithheldFacts(*r.waits, view.Console))
		return w.Lines
	}
	if r.why != "" {
		w.Text(r.why)
	}
	w.Remedy(r.remedy)
	w.Fact("state", stateWords(r.state))
	draw.ChangeDetails(&w, r.change, draw.ChangeKey(r.change), true)
	return w.Lines
}

// stateWords returns the result of a write in words.
func stateWords(s record.WriteState) string {
	if s == record.WriteUnknown {
		return "sent, not answered: the next run looks at what became of it"
	}
	return string(s)
}
