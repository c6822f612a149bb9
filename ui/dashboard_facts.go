package ui

import (
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/page"
	"dirbridge/ui/page/draw"
)

func msLength(ms int64) time.Duration { return time.Duration(ms) * time.Millisecond }

// standing returns the overall status: the ball with its word, the age of the last good run, and
// everything that needs attention, each line with its target.
func (d *dashboard) standing(w int) []dashLine {
	lines := []dashLine{d.head("Current Synchronization Status")}
	if !d.known {
		return append(lines, dashLine{text: " " + d.host.Look.Mark.Ellipsis})
	}
	lines = append(lines, d.overall(w))
	lines = append(lines, dashLine{text: d.host.Look.Cut(" Last good run: "+d.lastGood(), w)})
	for _, h := range d.status.Held {
		lines = append(lines, d.held(h, w)...)
	}
	lines = append(lines, d.failures(w)...)
	lines = append(lines, d.problems(w)...)
	for _, h := range d.status.Directories {
		lines = append(lines, d.directory(h, w)...)
	}
	if n := d.status.Unfinished; n > 0 {
		lines = append(lines, d.plainLines(d.host.Look.Mark.Problem+" "+look.Count(n, "write",
			"writes")+" without an answer: the next run looks", w, d.host.Look.Style.Warn)...)
	}
	if n := d.status.Dirty; n > 0 {
		lines = append(lines, d.plainLines(look.Count(n, "record waits", "records wait")+" for the next run", w, nil)...)
	}
	return lines
}

// lastGood returns the time of the last good run, and its age.
func (d *dashboard) lastGood() string {
	at, now := d.status.LastGood, d.host.Now()
	if at.IsZero() {
		return "never"
	}
	return look.Clock(now, at) + ", " + look.Ago(now, at)
}

// overall returns the status ball, with a word and the reason.
func (d *dashboard) overall(w int) dashLine {
	l, ball := d.host.Look, d.host.Look.Mark.Ball
	say := func(style component.Styler, word, why string) dashLine {
		return dashLine{text: l.Cut(" "+style.Render(ball+" "+word)+l.Clean(why), w)}
	}
	if word := page.Trouble(d.status); word != "" {
		return say(l.Style.Bad, word, page.TroubleWhy(d.status))
	}
	run, any := page.LastEnded(d.status.Last)
	switch {
	case page.Degraded(d.status) != "" && !d.work.UnderWay() && any:
		return say(l.Style.Warn, "degraded", ": "+page.Degraded(d.status))
	case d.work.UnderWay() && page.Degraded(d.status) != "":
		return say(l.Style.Warn, "running", ": "+page.Degraded(d.status))
	case d.work.UnderWay():
		return say(l.Style.Good, "running", "")
	case !any:
		return say(l.Style.Dim, "none", ": no synchronization yet")
	case run.Outcome == record.Cancelled:
		return say(l.Style.Warn, "stopped", fmt.Sprintf(": run %d was cancelled", run.ID))
	case d.status.LastGood.IsZero():
		return say(l.Style.Warn, "not yet", ": none brought the cloud in step")
	}
	return say(l.Style.Good, "good", "")
}

// problems returns the number of records with problems; the line opens the oldest.
func (d *dashboard) problems(w int) []dashLine {
	p := d.status.Problems
	if p.Total() == 0 {
		return nil
	}
	lines := d.plainLines(fmt.Sprintf("%s %s since %s", d.host.Look.Mark.Problem,
		look.Count(p.Total(), "record has problems", "records have problems"),
		look.Clock(d.host.Now(), p.Since)), w, d.host.Look.Style.Warn)
	lines[0].id, lines[0].to, lines[0].rank = "problems", "the records that have problems", 50
	lines[0].leads = func() tea.Cmd {
		now := d.host.Now()
		d.host.Ask(&component.Reading{Title: "Problems", Lines: func(l look.Look, w int) []string {
			return problemDetails(l, p, now,
				w)
		}})
		return nil
	}
	return lines
}

// problemDetails returns the oldest problems with their remedies.
func problemDetails(l look.Look, p control.Problems, now time.Time, width int) []string {
	w := draw.Details{L: l, Width: width}
	for _, one := range p.List {
		w.Text(one.Message)
		w.Remedy(one.Remedy)
		w.Fact("since", fmt.Sprintf("%s, run %d", look.Clock(now, one.Since), one.Run))
	}
	if p.Total() > int64(len(p.List)) {
		w.Text("There are more: the tab Problems of a dry run lists all of them.")
	}
	return w.Lines
}

// held says since when a guard has held plans, and why; the line opens the run.
func (d *dashboard) held(h control.HeldSince, w int) []dashLine {
	what := "Held"
	if h.Purge {
		what = "The purge is held"
	}
	lines := d.plainLines(fmt.Sprintf("%s %s since %s, for %s (%s)", d.host.Look.Mark.Problem, what,
		look.Clock(d.host.Now(), h.Since),
		look.Length(d.host.Now().Sub(h.Since)), look.Count(h.Runs, "run", "runs")), w, d.host.Look.Style.Bad)
	lines[0].id, lines[0].to, lines[0].rank = what, fmt.Sprintf("run %d, which was held", h.Run), 80
	lines[0].leads = func() tea.Cmd { d.host.ShowRun(h.Run, ""); return nil }
	for _, hold := range h.Holds {
		for _, line := range d.plainLines(hold.Detail, w-2, nil) {
			lines = append(lines, dashLine{text: "  " + line.text})
		}
	}
	return lines
}

// failures returns the records that fail in run after run, and those that start to.
func (d *dashboard) failures(w int) (lines []dashLine) {
	add := func(text, id, to string, runs int64, rank int) {
		line := dashLine{text: d.host.Look.Cut(" "+d.host.Look.Style.Bad.Render(d.host.Look.Mark.Problem+" "+text), w),
			id: id, to: to,
			rank: rank}
		line.leads = func() tea.Cmd { return d.readFailing(runs) }
		lines = append(lines, line)
	}
	if n := d.status.Escalated; n > 0 {
		add(fmt.Sprintf("ESCALATED: %s %s %d runs in a row", look.Number(n),
			map[bool]string{true: "record failed", false: "records failed"}[n == 1], record.Escalated),
			"escalated", "the records that failed ten runs in a row", record.Escalated, 90)
	}
	if n := d.status.FailingCount - d.status.Escalated; n > 0 {
		one, many := "record", "records"
		if d.status.Escalated > 0 {
			one, many = "more record", "more records"
		}
		add(look.Count(n, one, many)+" failed in the last runs", "failing", "the records that fail", 1, 70)
	}
	return lines
}

// directory returns the problem of one directory; the line opens the details.
func (d *dashboard) directory(h control.DirectoryHealth, w int) []dashLine {
	text, style, rank := "", d.host.Look.Style.Warn, 30
	switch {
	case h.Error != "":
		text, style, rank = h.Name+" cannot be read since "+look.Clock(d.host.Now(), h.Since), d.host.Look.Style.Bad, 85
	case h.NoDeletions != "":
		text = h.Name + ": deletions wait for full runs"
	case len(h.Warnings) > 0:
		text = h.Name + ": " + h.Warnings[0]
	default:
		return nil
	}
	l := d.host.Look
	line := dashLine{text: l.Cut(" "+style.Render(l.Cut(l.Mark.Problem+" "+l.Clean(text), w-1)), w),
		id: "directory" + h.Name, to: "how directory " + h.Name + " was found", rank: rank}
	line.leads = func() tea.Cmd {
		now := d.host.Now()
		d.host.Ask(&component.Reading{Title: "Directory " + h.Name, Lines: func(l look.Look,
			w int) []string {
			return directoryDetails(l, h, now, w)
		}})
		return nil
	}
	return []dashLine{line}
}

// directoryDetails returns the state in which a directory was found, with the remedy.
func directoryDetails(l look.Look, h control.DirectoryHealth, now time.Time, width int) []string {
	w := draw.Details{L: l, Width: width}
	if h.Error != "" {
		w.Text("It cannot be read; its people are left as they are.")
		w.Fact("error", h.Error)
		w.Remedy(h.Remedy)
		w.Fact("since", look.Clock(now, h.Since))
	}
	if h.NoDeletions != "" {
		w.Fact("deletions", "they wait for full runs: "+h.NoDeletions)
		w.Fact("remedy", h.NoDeletionsRemedy)
	}
	for _, text := range h.Warnings {
		w.Fact("warning", text)
	}
	w.Fact("last read", look.Clock(now, h.LastRead))
	w.Fact("server", h.Server)
	w.Fact("changes by", string(h.Way))
	return w.Lines
}

// right returns the contents of the cloud, the service and its schedule, and the settings.
func (d *dashboard) right(w int) [][]dashLine {
	room := min(w, 32) - 1
	row := func(name string, n int64) dashLine {
		return dashLine{text: d.host.Look.Sides(name, look.Number(n), room)}
	}
	head := func(text string) dashLine { return dashLine{text: d.host.Look.Style.Head.Render(text)} }
	cloud := []dashLine{head("CLOUD STATISTICS")}
	if st := d.status.Statistics; st == nil {
		cloud = append(cloud, dashLine{text: "Not read yet: d dry run"})
	} else {
		cloud = append(cloud, row("Active users", st.Active), row("Deactivated", st.Deactivated), row("Groups", st.Groups))
		if st.Admins >= 0 {
			cloud = append(cloud, row("Full administrators", st.Admins))
		} else {
			cloud = append(cloud, dashLine{text: d.host.Look.Sides("Full administrators", "not told", room)})
		}
		cloud = append(cloud, row("Unmatched", st.Unmatched), row("Unmanaged", st.Unmanaged))
	}
	cloud = append(cloud, row("In the purge queue", d.status.PurgeQueue))
	connectors := []dashLine{head("CONNECTORS")}
	if d.status.Connector != "" {
		state := "ready"
		if d.status.Leading {
			state = "leading"
		}
		connectors = append(connectors,
			dashLine{text: d.host.Look.Sides(d.host.Look.Mark.Star+" "+d.host.Look.Clean(d.status.Connector)+"  "+state,
				d.host.Look.Clean(d.status.Version), room)})
	}
	schedule := []dashLine{head("SYNCHRONIZATION SCHEDULE")}
	for _, row := range [][2]string{{"Incremental", d.status.Schedule.Incremental}, {"Full", d.status.Schedule.Full}} {
		text := row[1]
		if text == "" {
			text = "Not Scheduled"
		}
		schedule = append(schedule, dashLine{text: d.host.Look.Cut(fmt.Sprintf("%-12s %s", row[0], d.host.Look.Clean(text)),
			w)})
	}
	summary := []dashLine{head("CONFIGURATION SUMMARY")}
	for _, s := range d.status.Summary {
		for i, part := range d.host.Look.Wrap(d.host.Look.Clean(s), w-2) {
			if i > 0 {
				part = "  " + part
			}
			summary = append(summary, dashLine{text: part})
		}
	}
	sections := [][]dashLine{cloud, connectors, schedule, summary}
	if !d.besides() {
		for _, s := range sections {
			for i := range s {
				s[i].text = " " + s[i].text
			}
		}
	}
	return sections
}
