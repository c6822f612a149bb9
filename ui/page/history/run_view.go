package history

import (
	"fmt"
	"strings"

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
	word, style := draw.OutcomeWord(l, run.Outcome)
	lines := []string{l.Sides(" "+view.RunName(run)+"  "+style.Render(word),
		l.Clean(view.RunTime(run, draw.Voice(h.host)))+" ", w)}
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
	for kind, name := range []string{view.FailedPart, view.NotesPart, view.WithheldPart, view.WrittenPart} {
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
	case v.filter.Typing():
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
	p.Title, p.About = "Records", "Record"
	rows, width := v.rows[v.view], p.ListWidth()
	p.Fill([]component.Column{{Width: 2}, {Title: "Record", Width: 12, Grow: 2},
		{Title: "What happened", Width: 16, Grow: 3}},
		func(i int64) []component.Cell { return rows[i].cells(h.host.Look) })
	if n := v.missing(); n > 0 && v.view == runFailed && len(p.Rows) > 0 && len(p.Rows) < p.ListHeight() {
		p.Rows = append(p.Rows, h.host.Look.Style.Dim.Render(h.host.Look.Cut("   "+view.NotInLog(n), width)))
	}
	if v.more[v.view] && len(p.Rows) > 0 && len(p.Rows) < p.ListHeight() {
		p.Rows = append(p.Rows, h.host.Look.Cut(fmt.Sprintf("   These are the first %s. [/] finds the others.",
			look.Number(rowsRead)), width))
	}
	if row, ok := v.current(); ok {
		p.Details = func(width, _ int) []string { return row.details(h.host.Look, width, draw.Voice(h.host)) }
	}
	return p.View()
}

// missing returns how many failed records are not in the event log.
func (v *runView) missing() int64 {
	return max(0, v.report.Failed+v.report.Skipped-v.failed)
}

func (h *Model) runEmpty() string {
	v := h.open
	switch {
	case !v.known:
		return h.host.Look.Mark.Ellipsis
	case v.filter.Text() != "":
		return view.NothingFound + " Press [Esc] to clear it."
	case v.view == runFailed && v.missing() > 0:
		return view.NotInLog(v.missing())
	case v.view == runFailed:
		return view.NoFailures
	case v.view == runNotes:
		return view.NoNotes
	case v.view == runWithheld:
		return view.NoneKept
	}
	return view.NoWrites
}

// cells returns a row: a mark, the record, and what happened to it.
func (r runRow) cells(l look.Look) []component.Cell {
	var mark, name, rest string
	var style component.Styler
	if h := r.waits; h != nil {
		mark, style = l.Mark.Problem, l.Style.Warn
		name, rest = h.Person.Key, h.Rule+": "+h.Reason
	} else if e := r.event; e != nil {
		mark, style = draw.LevelMark(l, e.Level)
		name, rest = e.Record, view.EventLine(*e)
	} else {
		mark, style = draw.ChangeMark(l, r.change)
		name, rest = view.ChangeName(r.change), l.Arrows(view.ChangeWords(r.change, view.Console))
		if r.answer.State != record.WriteDone {
			mark, style = l.Mark.Problem, l.Style.Bad
			rest = strings.ToUpper(view.WriteWord(r.answer.State)) + " " + rest
		}
	}
	return []component.Cell{component.Styled(mark, style), component.Text(name), component.Text(rest)}
}

// details returns all facts of a row.
func (r runRow) details(l look.Look, width int, v view.Voice) []string {
	switch {
	case r.event != nil:
		return draw.FactLines(l, view.Event(*r.event, v), width)
	case r.waits != nil:
		return draw.FactLines(l, view.WithheldFacts(*r.waits, view.Console), width)
	}
	w := draw.Details{L: l, Width: width}
	w.Facts(view.Answer(r.answer, view.Console))
	draw.ChangeDetails(&w, r.change, view.ChangeName(r.change), true)
	return w.Lines
}
