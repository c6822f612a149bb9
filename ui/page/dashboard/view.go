package dashboard

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/record"
	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/page"
	"dirbridge/ui/page/draw"
	"dirbridge/ui/view"
)

// plainLines returns wrapped lines of text without targets.
func (d *Model) plainLines(text string, w int, style component.Styler) (lines []dashLine) {
	for _, part := range d.host.Look.Wrap(d.host.Look.Clean(text), max(w-2, 1)) {
		if style != nil {
			part = style.Render(part)
		}
		lines = append(lines, dashLine{text: " " + part})
	}
	return lines
}

// trouble returns a wrapped text with the mark of a problem; its first line leads to what to says.
func (d *Model) trouble(text string, w int, style component.Styler, to dashLine) []dashLine {
	lines := d.plainLines(text, w-2, style)
	for i := range lines {
		lines[i].text = "  " + lines[i].text
	}
	mark := d.host.Look.Mark.Problem
	if style != nil {
		mark = style.Render(mark)
	}
	to.text = " " + mark + lines[0].text[2:]
	lines[0] = to
	return lines
}

// reads opens a text.
func (d *Model) reads(title string, lines func(l look.Look, width int) []string) func() tea.Cmd {
	return func() tea.Cmd {
		d.host.Ask(&component.Reading{Title: title, Lines: lines})
		return nil
	}
}

// current is the run under way, or what to do first.
func (d *Model) current(w int) dashPanel {
	p := dashPanel{title: "Current Synchronization"}
	if d.work.Running() {
		for _, text := range draw.Progress(d.host.Look, d.work, d.host.Now(), w) {
			if text != "" {
				p.lines = append(p.lines, dashLine{text: text})
			}
		}
		return p
	}
	if run := d.status.Elsewhere; run != nil {
		p.lines = d.plainLines(view.Elsewhere(*run, look.Clock(d.host.Now(), run.Started))+".", w, d.host.Look.Style.Good)
		return p
	}
	switch {
	case d.result.Number > 0 && !d.result.Result.Ended.IsZero():
		p.lines = d.plainLines("Idle. Last run: "+view.Result(d.result.Result), w, nil)
	case d.known && d.plan == nil && len(d.status.Last) == 0:
		p.lines = d.plainLines("Idle. Press [d] for a dry run; it changes nothing.", w, nil)
	default:
		p.lines = d.plainLines("Idle.", w, nil)
	}
	if d.known {
		good := "Last good run: " + view.LastGood(d.status, draw.Voice(d.host))
		p.lines = slices.Concat(p.lines, d.overall(w), d.plainLines(good, w, nil))
	}
	if off := d.work.IncrementalOff(d.status); off != "" && d.known {
		p.lines = append(p.lines, d.plainLines(view.Capital(off)+".", w, d.host.Look.Style.Dim)...)
	}
	return p
}

// next is when the schedule starts the next runs.
func (d *Model) next(w int) dashPanel {
	p := dashPanel{title: "Next Synchronization"}
	l := d.host.Look
	for _, row := range [][3]string{{"Incremental", d.status.Incremental, d.status.Schedule.Incremental},
		{"Full", d.status.Full, d.status.Schedule.Full}} {
		when := l.Clean(row[1])
		switch set := l.Clean(row[2]); {
		case set == "":
		case !d.status.Mode.Enabled && d.known:
			when = set + " " + l.Style.Warn.Render("paused")
		case w >= 44:
			when = l.Fit(when, 18) + l.Style.Dim.Render(set)
		}
		p.lines = append(p.lines, dashLine{text: l.Cut(" "+l.Fit(row[0], 12)+when, w)})
	}
	return p
}

// last is the table of the last runs.
func (d *Model) last(w int) dashPanel {
	p := dashPanel{title: "Last Synchronization", least: 3, grows: true}
	switch {
	case !d.known:
		p.lines = []dashLine{{text: " " + d.host.Look.Mark.Ellipsis}}
		return p
	case len(d.status.Last) == 0:
		p.lines = []dashLine{{text: " No runs yet."}}
		return p
	}
	table := component.NewTable(d.host.Look, w, draw.RunColumns(w)...)
	p.header, p.foot = table.Header(), look.Count(int64(len(d.status.Last)), "run", "runs")
	for i, run := range d.status.Last {
		line := dashLine{text: table.Row(draw.RunCells(d.host.Look, run, d.host.Now(), w), false),
			id: fmt.Sprintf("run%d", run.ID),
			to: fmt.Sprintf("run %d", run.ID), rank: max(20-i, 1),
			leads: func() tea.Cmd { d.host.ShowRun(run.ID, ""); return nil }}
		if i == 0 && run.Outcome != record.Done && run.Outcome != record.Running { // no later run was better
			line.rank = 60
		}
		p.lines = append(p.lines, line)
	}
	return p
}

// attention lists what an administrator has to see to, each line with its target.
func (d *Model) attention(w int) dashPanel {
	p := dashPanel{title: "Attention"}
	if !d.known {
		p.lines = []dashLine{{text: " " + d.host.Look.Mark.Ellipsis}}
		return p
	}
	p.lines = slices.Concat(d.heldPlan(w), d.standing(w), d.conversion(w), d.schedules(w))
	for i, line := range p.lines {
		p.lines[i].text = d.acts(line, w)
	}
	n := 0
	for _, line := range p.lines {
		if line.leads != nil || strings.HasPrefix(component.Plain(line.text), " "+d.host.Look.Mark.Problem) {
			n++
		}
	}
	if p.foot = look.Number(int64(n)); len(p.lines) == 0 {
		p.lines, p.foot = []dashLine{{text: d.host.Look.Style.Dim.Render(" Nothing needs attention.")}}, ""
	}
	return p
}

// acts returns the text of a line with what Enter does at its end, if there is room.
func (d *Model) acts(line dashLine, w int) string {
	hint := "Enter " + line.verb + " "
	if line.verb == "" || look.Width(component.Plain(line.text))+2+look.Width(hint) > w {
		return line.text
	}
	l := d.host.Look
	return l.Sides(line.text, l.Style.Key.Render("Enter")+" "+line.verb+" ", w)
}

// heldPlan says that the plan of the last dry run is held; the line opens it.
func (d *Model) heldPlan(w int) []dashLine {
	if d.plan == nil || len(d.plan.Header().Holds) == 0 {
		return nil
	}
	l, h := d.host.Look, d.plan.Header()
	text := h.Holds[0].Detail
	if n := len(h.Holds); n > 1 {
		text = fmt.Sprintf("%s (and %d more)", text, n-1)
	}
	badge := " " + l.Style.Badge.Render(" HELD ") + " "
	indent := look.Width(badge)
	lines := d.plainLines(text, w-indent+1, nil)
	for i := range lines {
		lines[i].text = strings.Repeat(" ", indent) + lines[i].text[1:]
	}
	first := &lines[0]
	first.text = badge + first.text[indent:]
	first.id, first.to, first.verb, first.rank = "plan", "the dry run that is held", "review", 75
	first.leads = func() tea.Cmd { d.host.GoTo(page.DryRun); return nil }
	return lines
}

// conversion says how far the conversion of accounts is, or that one is of use.
func (d *Model) conversion(w int) []dashLine {
	text := view.Conversion(d.status)
	if text == "" {
		return nil
	}
	return d.trouble(text, w, d.host.Look.Style.Warn, dashLine{id: "convert", to: "the conversion of accounts",
		verb: "convert", rank: 55, leads: func() tea.Cmd { d.host.GoTo(page.Convert); return nil }})
}

// schedules says what is wrong with the schedule; the head of the screen says that it is on. Enter
// turns it on, or tells the remedy.
func (d *Model) schedules(w int) (lines []dashLine) {
	l := d.host.Look
	for i, f := range view.Schedule(d.status, draw.Voice(d.host)) {
		if i == 0 && d.status.Mode.Enabled {
			continue
		}
		to := dashLine{id: f.Text, to: "what to do about it", verb: "remedy", rank: 65,
			leads: d.reads("Remedy", func(l look.Look, w int) []string {
				out := draw.Details{L: l, Width: w}
				out.Text(view.Sentence(f.Text))
				out.Remedy(f.Remedy)
				return out.Lines
			})}
		if i == 0 { // Enter turns the schedule on
			to = dashLine{id: "schedule", to: "enable synchronization", verb: "enable", rank: 40, runs: "mode.enable",
				leads: page.Idle}
		}
		lines = append(lines, d.trouble(f.Text, w, draw.Toned(l, f.Tone), to)...)
	}
	return lines
}

// trend charts the changes and the durations of the last runs, the oldest first, with their highest
// values.
func (d *Model) trend(w int) dashPanel {
	l := d.host.Look
	runs := d.status.Last[:min(len(d.status.Last), max(min((w-8)/2, 20), 0))]
	if len(runs) < 3 {
		return dashPanel{}
	}
	var changes, durations []int64
	for i := len(runs) - 1; i >= 0; i-- {
		s := int64(0)
		if !runs[i].Ended.IsZero() {
			s = runs[i].Ended.Sub(runs[i].Started).Milliseconds()
		}
		changes, durations = append(changes, runs[i].Counts.Writes()), append(durations, s)
	}
	p := dashPanel{title: "Trend", foot: fmt.Sprintf("last %d runs", len(runs)), grows: true}
	p.fill = func(height int) []dashLine {
		high := max(min((height-2)/2, 10), 2)
		most, longest := slices.Max(changes), slices.Max(durations)
		return append(d.chart("Changes per run", changes, [2]string{look.Number(most), look.Number(most / 2)}, high, w,
			l.Style.Good),
			d.chart("Duration of a run", durations, [2]string{look.Length(msLength(longest)),
				look.Length(msLength(longest / 2))}, high, w, l.Style.Key)...)
	}
	p.lines = p.fill(6)
	return p
}

// chart draws values as bars under their name, with their highest value, its half and 0 at the left.
func (d *Model) chart(name string, values []int64, axis [2]string, high, w int, style component.Styler) []dashLine {
	l := d.host.Look
	lines := []dashLine{{text: l.Style.Dim.Render(l.Cut(" "+name, w))}}
	for i, bar := range l.Plot(values, high) {
		at := ""
		switch {
		case i == 0:
			at = axis[0]
		case i == high-1:
			at = "0"
		case i == high/2 && high > 4:
			at = axis[1]
		}
		wide := strings.Join(strings.Split(bar, ""), " ")
		lines = append(lines, dashLine{text: l.Style.Dim.Render(l.Right(at, 7)) + " " + style.Render(l.Cut(wide, w-8))})
	}
	return lines
}
