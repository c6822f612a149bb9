package ui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/record"
	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/page/draw"
	"dirbridge/ui/view"
)

func (d *dashboard) head(text string) dashLine {
	return dashLine{text: " " + d.host.Look.Style.Head.Render(strings.ToUpper(text))}
}

// plainLines returns wrapped lines of text without targets.
func (d *dashboard) plainLines(text string, w int, style component.Styler) (lines []dashLine) {
	for _, part := range d.host.Look.Wrap(d.host.Look.Clean(text), max(w-2, 1)) {
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
	if d.work.Running() {
		for _, text := range draw.Progress(d.host.Look, d.work.Progress, d.host.Now(), w) {
			if text != "" {
				lines = append(lines, dashLine{text: text})
			}
		}
		return lines
	}
	if run := d.status.Elsewhere; run != nil {
		return append(lines, d.plainLines(view.Elsewhere(*run, look.Clock(d.host.Now(), run.Started))+".", w,
			d.host.Look.Style.Good)...)
	}
	switch {
	case d.result.Number > 0 && !d.result.Result.Ended.IsZero():
		lines = append(lines, d.plainLines("Idle. "+draw.Result(d.result.Result), w, nil)...)
	case d.known && !d.hasPlan && len(d.status.Last) == 0:
		lines = append(lines, d.plainLines("Idle. Begin with d: a dry run writes nothing.", w, nil)...)
	default:
		lines = append(lines, d.plainLines("Idle: nothing is running.", w, nil)...)
	}
	if off := d.work.IncrementalOff(d.status); off != "" && d.known {
		lines = append(lines, d.plainLines("i is off: "+off, w, d.host.Look.Style.Dim)...)
	}
	return lines
}

func (d *dashboard) next(w int) []dashLine {
	lines := []dashLine{d.head("Next Synchronization")}
	for _, row := range [][2]string{{"Incremental", d.status.Incremental}, {"Full", d.status.Full}} {
		lines = append(lines, dashLine{text: d.host.Look.Cut(fmt.Sprintf(" %-13s %s", row[0], d.host.Look.Clean(row[1])), w)})
	}
	m := d.status.Mode
	switch {
	case !d.known:
	case !m.Enabled && m.At.IsZero():
		lines = append(lines, d.plainLines(d.host.Look.Mark.Problem+" Synchronization is disabled: Alt+A M E enables it", w,
			d.host.Look.Style.Warn)...)
	case !m.Enabled:
		text := d.host.Look.Mark.Problem + " Synchronization is disabled since " + look.Clock(d.host.Now(), m.At)
		if m.By != "" {
			text += ", by " + m.By
		}
		if m.Reason != "" {
			text += ": " + m.Reason
		}
		lines = append(lines, d.plainLines(text, w, d.host.Look.Style.Warn)...)
	case m.WhyNot != "":
		lines = append(lines, d.plainLines(d.host.Look.Mark.Problem+" "+m.WhyNot, w, d.host.Look.Style.Warn)...)
	}
	if d.known && m.Enabled && !d.status.Served {
		lines = append(lines, d.plainLines(d.host.Look.Mark.Problem+" "+view.Unserved+". Start it: dirbridge run", w,
			d.host.Look.Style.Warn)...)
	}
	for _, u := range m.Unseen {
		text := d.host.Look.Mark.Problem + " Deletions in " + u.Directory + " are not seen: no full run is scheduled"
		if m.WithoutDeletions {
			text += ", accepted by " + m.By
		}
		lines = append(lines, d.plainLines(text, w, d.host.Look.Style.Warn)...)
	}
	return lines
}

// last returns the last two runs, or more if there is room.
func (d *dashboard) last(w int) []dashLine {
	lines := []dashLine{d.head("Last Synchronization")}
	switch {
	case !d.known:
		return append(lines, dashLine{text: " " + d.host.Look.Mark.Ellipsis})
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
	l := d.host.Look
	took := ""
	if !run.Ended.IsZero() {
		took = look.Length(run.Ended.Sub(run.Started))
	}
	ball, style := draw.OutcomeWord(l, run.Outcome)
	if run.Outcome == record.Done && run.Counts.Users.Problem+run.Counts.Groups.Problem+run.Withheld > 0 {
		style = l.Style.Warn // good except for some records
	}
	text := fmt.Sprintf(" %s %-11s %-9s %-6s", style.Render(l.Fit(ball, 8)), view.Mode(run.Mode),
		look.Clock(d.host.Now(), run.Started), took)
	counts := draw.Counts(l, run.Counts)
	first := dashLine{text: l.Cut(text, w), id: fmt.Sprintf("run%d", run.ID), to: fmt.Sprintf("run %d", run.ID),
		rank:  20 - i,
		leads: func() tea.Cmd { d.host.ShowRun(run.ID, ""); return nil }}
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
		bars := []string{d.host.Look.Spark(values)}
		if rows > 1 {
			bars = d.host.Look.Plot(values, rows)
		}
		for j, bar := range bars {
			name, top := "", ""
			if j == len(bars)-1 {
				name = names[i]
			}
			if j == 0 {
				top = "  " + tops[i]
			}
			lines = append(lines, dashLine{text: d.host.Look.Cut(fmt.Sprintf(" %-10s ", name)+bar+top, w)})
		}
	}
	return lines
}
