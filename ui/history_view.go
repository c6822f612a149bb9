package ui

import (
	"fmt"
	"strings"

	"dirbridge/sync/record"
	"dirbridge/ui/look"
)

func (h *historyPage) View() []string {
	l := h.look
	lines := []string{
		l.Style.Dim.Render(l.Fit("      run  type         started           took     outcome", h.width)),
		l.Line(h.width),
	}
	if len(h.runs) == 0 {
		if !h.read {
			return append(lines, "", " "+l.Mark.Ellipsis)
		}
		return append(lines, "", " No run yet. 1 Dashboard starts one; begin with a dry run.")
	}
	from, to := h.list.Visible()
	for i := from; i < to; i++ {
		lines = append(lines, h.row(h.runs[i], i == h.list.Cursor()))
	}
	run, ok := h.current()
	if ok && h.below() > 0 {
		for len(lines) < h.height-h.below() {
			lines = append(lines, "")
		}
		lines = append(lines, l.Line(h.width))
		lines = append(lines, h.details(run)...)
	}
	return lines
}

func (h *historyPage) row(run record.Run, current bool) string {
	l := h.look
	took := "running"
	if !run.Ended.IsZero() {
		took = look.Length(run.Ended.Sub(run.Started))
	}
	mark := outcomeMark(l, run.Outcome)
	if current {
		mark = "ok"
		if run.Outcome != record.Done {
			mark = l.Mark.Problem + " "
		}
	}
	text := fmt.Sprintf(" %s %5d  %-11s  %-16s  %-7s  %-9s ", mark, run.ID, modeName(run.Mode),
		look.Clock(h.now(), run.Started), took, run.Outcome)
	text = l.Sides(text, countsShort(l, run.Counts)+" ", min(h.width, 100))
	if current {
		return l.Row(text, h.width)
	}
	return text
}

func (h *historyPage) details(run record.Run) []string {
	w := writer{l: h.look, width: h.width}
	what := strings.Join(countsLong(run.Counts), ", ")
	if run.Counts.Writes() == 0 {
		what = "nothing was written"
	}
	w.fact("done", what)
	if run.Failed+run.Skipped+run.NotDone > 0 {
		w.fact("not done", fmt.Sprintf("%s failed, %s skipped, %s not done", look.Number(run.Failed), look.Number(run.Skipped), look.Number(run.NotDone)))
	}
	w.fact("detail", run.Detail)
	w.fact("plan", run.Plan)
	if run.UndoOf != 0 {
		w.fact("undo of", look.Number(run.UndoOf))
	}
	w.fact("started", run.Started.In(h.now().Location()).Format("2006-01-02 15:04:05"))
	return w.lines
}

func journalLines(l look.Look, j journalMsg, width int) []string {
	if len(j.writes) == 0 {
		return []string{" It wrote nothing."}
	}
	var lines []string
	for i := range j.writes {
		c, state := &j.writes[i].change, j.writes[i].state
		mark, style := changeMark(l, c)
		word := l.Fit(string(state), 8)
		if state != record.WriteDone {
			word = l.Style.Bad.Render(word)
		}
		lines = append(lines, l.Cut(" "+style.Render(mark)+" "+word+" "+l.Clean(changeKey(c))+"  "+l.Clean(changeWords(l, c)), width))
		if why := j.writes[i].why; why != "" {
			for _, s := range l.Wrap(l.Clean(why), width-6) {
				lines = append(lines, "     "+s)
			}
		}
	}
	if j.more {
		lines = append(lines, fmt.Sprintf(" These are the first %s. dirbridge history --json has them all.", look.Number(writesRead)))
	}
	return lines
}
