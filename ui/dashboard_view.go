package ui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/record"
	"dirbridge/ui/look"
	"dirbridge/ui/view"
)

func (d *dashboard) head(text string) dashLine {
	return dashLine{text: " " + d.look.Style.Head.Render(strings.ToUpper(text))}
}

// plainLines returns wrapped lines of text without targets.
func (d *dashboard) plainLines(text string, w int, style styleOf) (lines []dashLine) {
	for _, part := range d.look.Wrap(d.look.Clean(text), max(w-2, 1)) {
		if style != nil {
			part = style.Render(part)
		}
		lines = append(lines, dashLine{text: " " + part})
	}
	return lines
}

// left returns the current run, the next and last runs, and the overall status. If there is little
// room, the status comes first.
func (d *dashboard) left(w int) [][]dashLine {
	sections := [][]dashLine{d.current(w), d.next(w), d.last(w), d.standing(w)}
	used := len(sections) - 1
	for _, s := range sections {
		used += len(s)
	}
	if used-len(sections)+1 > d.height {
		sections = [][]dashLine{sections[3], sections[0], sections[1], sections[2]}
	}
	if plot := d.plot(w, d.height-used-1); plot != nil {
		sections = append(sections, plot)
	}
	return sections
}

func (d *dashboard) current(w int) []dashLine {
	lines := []dashLine{d.head("Current Synchronization")}
	if d.running() {
		for _, text := range progressLines(d.shell, w) {
			if text != "" {
				lines = append(lines, dashLine{text: text})
			}
		}
		return lines
	}
	if run := d.status.Elsewhere; run != nil {
		return append(lines, d.plainLines(view.Elsewhere(*run, look.Clock(d.now(), run.Started))+".", w,
			d.look.Style.Good)...)
	}
	switch {
	case d.ended > 0 && !d.result.Ended.IsZero():
		lines = append(lines, d.plainLines("Idle. "+resultWords(d.shell, d.result), w, nil)...)
	case d.known && d.plan == nil && len(d.status.Last) == 0:
		lines = append(lines, d.plainLines("Idle. Begin with d: a dry run writes nothing.", w, nil)...)
	default:
		lines = append(lines, d.plainLines("Idle: nothing is running.", w, nil)...)
	}
	if off := d.incrementalOff(); off != "" && d.known {
		lines = append(lines, d.plainLines("i is off: "+off, w, d.look.Style.Dim)...)
	}
	return lines
}

func (d *dashboard) next(w int) []dashLine {
	lines := []dashLine{d.head("Next Synchronization")}
	for _, row := range [][2]string{{"Incremental", d.status.Incremental}, {"Full", d.status.Full}} {
		lines = append(lines, dashLine{text: d.look.Cut(fmt.Sprintf(" %-13s %s", row[0], d.look.Clean(row[1])), w)})
	}
	m := d.status.Mode
	switch {
	case !d.known:
	case !m.Enabled && m.At.IsZero():
		lines = append(lines, d.plainLines(d.look.Mark.Problem+" Synchronization is disabled: Alt+A M E enables it", w,
			d.look.Style.Warn)...)
	case !m.Enabled:
		text := d.look.Mark.Problem + " Synchronization is disabled since " + look.Clock(d.now(), m.At)
		if m.By != "" {
			text += ", by " + m.By
		}
		if m.Reason != "" {
			text += ": " + m.Reason
		}
		lines = append(lines, d.plainLines(text, w, d.look.Style.Warn)...)
	case m.WhyNot != "":
		lines = append(lines, d.plainLines(d.look.Mark.Problem+" "+m.WhyNot, w, d.look.Style.Warn)...)
	}
	if d.known && m.Enabled && !d.status.Served {
		lines = append(lines, d.plainLines(d.look.Mark.Problem+" "+view.Unserved+". Start it: dirbridge run", w,
			d.look.Style.Warn)...)
	}
	for _, u := range m.Unseen {
		text := d.look.Mark.Problem + " Deletions in " + u.Directory + " are not seen: no full run is scheduled"
		if m.WithoutDeletions {
			text += ", accepted by " + m.By
		}
		lines = append(lines, d.plainLines(text, w, d.look.Style.Warn)...)
	}
	return lines
}

// last returns the last two runs, or more if there is room.
func (d *dashboard) last(w int) []dashLine {
	lines := []dashLine{d.head("Last Synchronization")}
	switch {
	case !d.known:
		return append(lines, dashLine{text: " " + d.look.Mark.Ellipsis})
	case len(d.status.Last) == 0:
		return append(lines, dashLine{text: " None yet."})
	}
	room := 2
	if d.height > 30 {
		room = 6
	}
	for i, run := range d.status.Last[:min(room, len(d.status.Last))] {
		lines = append(lines, d.lastRun(run, w, i)...)
	}
	return lines
}

// lastRun returns one run in one line, or in two if it needs a note.
func (d *dashboard) lastRun(run record.Run, w, i int) []dashLine {
	l := d.look
	took := ""
	if !run.Ended.IsZero() {
		took = look.Length(run.Ended.Sub(run.Started))
	}
	ball, style := outcomeWord(l, run.Outcome)
	if run.Outcome == record.Done && run.Counts.Users.Problem+run.Counts.Groups.Problem+run.Withheld > 0 {
		style = l.Style.Warn // good except for some records
	}
	text := fmt.Sprintf(" %s %-11s %-9s %-6s", style.Render(l.Fit(ball, 8)), modeName(run.Mode),
		look.Clock(d.now(), run.Started), took)
	counts := countsShort(l, run.Counts)
	first := dashLine{text: l.Cut(text, w), id: fmt.Sprintf("run%d", run.ID), to: fmt.Sprintf("run %d", run.ID),
		rank:  20 - i,
		leads: func() tea.Cmd { d.showRun(run.ID, ""); return nil }}
	if run.Outcome == record.Done || run.Outcome == record.Running {
		if look.Width(text)+look.Width(counts)+1 <= w {
			first.text = l.Sides(text, counts, w)
			return []dashLine{first}
		}
		return []dashLine{first, {text: l.Sides("", counts, w)}}
	}
	if i == 0 { // a later run was better
		first.rank = 60
	}
	return []dashLine{first, {text: l.Sides("   "+runTrouble(l, run), counts, w)}}
}

// runTrouble returns why a run is not good.
func runTrouble(l look.Look, run record.Run) string {
	var parts []string
	if run.Failed > 0 {
		parts = append(parts, look.Count(run.Failed, "record", "records")+" failed")
	}
	if run.Skipped > 0 {
		parts = append(parts, look.Number(run.Skipped)+" skipped")
	}
	if len(parts) == 0 && run.NotDone > 0 {
		parts = append(parts, look.Number(run.NotDone)+" not done")
	}
	for _, dir := range run.Unread {
		parts = append(parts, "directory "+l.Clean(dir.Name)+" was not read")
	}
	if len(parts) == 0 && run.Detail != "" {
		return l.Clean(run.Detail)
	}
	if len(parts) == 0 {
		return string(run.Outcome)
	}
	return strings.Join(parts, ", ")
}

// isFailed reports whether a run ended badly.
func isFailed(o record.RunOutcome) bool {
	return o == record.Partial || o == record.Failed || o == record.Crashed
}

// outcomeWord returns a run's outcome as the status ball and the word beside it.
func outcomeWord(l look.Look, o record.RunOutcome) (string, styleOf) {
	ball := l.Mark.Ball + " "
	switch {
	case isFailed(o):
		return ball + "FAILED", l.Style.Bad
	case o == record.WasHeld:
		return ball + "HELD", l.Style.Bad
	case o == record.Done:
		return ball + "ok", l.Style.Good
	case o == record.Cancelled:
		return ball + "stopped", l.Style.Warn
	}
	return ball + string(o), l.Style.Dim
}

// plot charts the changes and durations of the last runs, in the available room.
func (d *dashboard) plot(w, room int) []dashLine {
	runs := d.status.Last[:min(len(d.status.Last), 24)]
	if len(runs) < 3 || room < 2 {
		return nil
	}
	var writes, seconds []int64
	var most, longest int64
	for i := len(runs) - 1; i >= 0; i-- { // oldest first
		run := runs[i]
		n, s := run.Counts.Writes(), int64(0)
		if !run.Ended.IsZero() {
			s = run.Ended.Sub(run.Started).Milliseconds()
		}
		writes, seconds = append(writes, n), append(seconds, s)
		most, longest = max(most, n), max(longest, s)
	}
	names := []string{"Changes", "Durations"}
	tops := []string{"most " + look.Number(most), "longest " + look.Length(msLength(longest))}
	rows := 1
	if room >= 9 {
		rows = 3
	}
	var lines []dashLine
	if rows > 1 {
		lines = append(lines, d.head(fmt.Sprintf("The last %d runs", len(runs))))
	}
	for i, values := range [][]int64{writes, seconds} {
		bars := []string{d.look.Spark(values)}
		if rows > 1 {
			bars = d.look.Plot(values, rows)
		}
		for j, bar := range bars {
			name, top := "", ""
			if j == len(bars)-1 {
				name = names[i]
			}
			if j == 0 {
				top = "  " + tops[i]
			}
			lines = append(lines, dashLine{text: d.look.Cut(fmt.Sprintf(" %-10s ", name)+bar+top, w)})
		}
	}
	return lines
}
