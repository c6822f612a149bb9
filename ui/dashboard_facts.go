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

// standing returns everything that needs attention, each line with its target.
func (d *dashboard) standing(w int) (lines []dashLine) {
	for _, h := range d.status.Held {
		lines = append(lines, d.held(h, w)...)
	}
	lines = append(lines, d.failed(w)...)
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

// failed returns the last run if it failed; the line opens it.
func (d *dashboard) failed(w int) []dashLine {
	run, any := page.LastEnded(d.status.Last)
	if !any || !page.IsFailed(run.Outcome) {
		return nil
	}
	l := d.host.Look
	text := fmt.Sprintf("%s Run %d failed: %s", l.Mark.Problem, run.ID, runTrouble(l, run))
	return []dashLine{{text: l.Cut(" "+l.Style.Bad.Render(text), w), id: "failed", to: fmt.Sprintf("run %d", run.ID),
		rank: 60, leads: func() tea.Cmd { d.host.ShowRun(run.ID, ""); return nil }}}
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

// cloud is what the cloud contains.
func (d *dashboard) cloud(w int) dashPanel {
	l := d.host.Look
	p := dashPanel{title: "Cloud Statistics"}
	room := min(w, 38) - 1
	row := func(name, value string, style component.Styler) {
		text := l.Sides(" "+name, value, room)
		if style != nil {
			text = style.Render(text)
		}
		p.lines = append(p.lines, dashLine{text: text})
	}
	if st := d.status.Statistics; st == nil {
		p.lines = append(p.lines, dashLine{text: l.Cut(" Not read yet: d dry run", w)})
	} else {
		admins, unmatched := "not told", component.Styler(nil)
		if st.Admins >= 0 {
			admins = look.Number(st.Admins)
		}
		if st.Unmatched > 0 {
			unmatched = l.Style.Warn
		}
		row("Active users", look.Number(st.Active), nil)
		row("Deactivated", look.Number(st.Deactivated), nil)
		row("Groups", look.Number(st.Groups), nil)
		row("Full administrators", admins, nil)
		row("Unmatched", look.Number(st.Unmatched), unmatched)
		row("Unmanaged", look.Number(st.Unmanaged), nil)
	}
	row("In the purge queue", look.Number(d.status.PurgeQueue), nil)
	return p
}

func (d *dashboard) connectors(w int) dashPanel {
	if d.status.Connector == "" {
		return dashPanel{}
	}
	state := "ready"
	if d.status.Leading {
		state = "leading"
	}
	text := d.host.Look.Sides(" "+d.host.Look.Mark.Star+" "+d.host.Look.Clean(d.status.Connector)+"  "+state,
		d.host.Look.Clean(d.status.Version), min(w, 38)-1)
	return dashPanel{title: "Connectors", lines: []dashLine{{text: text}}}
}

// summary is what the settings say, in sentences.
func (d *dashboard) summary(w int) dashPanel {
	p := dashPanel{title: "Configuration Summary"}
	for _, s := range d.status.Summary {
		for i, part := range d.host.Look.Wrap(d.host.Look.Clean(s), w-3) {
			if i > 0 {
				part = "  " + part
			}
			p.lines = append(p.lines, dashLine{text: " " + part})
		}
	}
	return p
}
