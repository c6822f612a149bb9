package dashboard

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/look"
	"dirbridge/ui/page"
	"dirbridge/ui/page/draw"
	"dirbridge/ui/view"
)

func msLength(ms int64) time.Duration { return time.Duration(ms) * time.Millisecond }

// standing returns everything that needs attention, each line with its target.
func (d *Model) standing(w int) (lines []dashLine) {
	for _, h := range d.status.Held {
		lines = append(lines, d.held(h, w)...)
	}
	lines = append(lines, d.signIn(w)...)
	lines = append(lines, d.failed(w)...)
	lines = append(lines, d.failures(w)...)
	lines = append(lines, d.problems(w)...)
	for _, h := range d.status.Directories {
		lines = append(lines, d.directory(h, w)...)
	}
	return append(lines, d.factLines(view.Leftovers(d.status), w)...)
}

// factLines returns facts in the style of their tone, each with its remedy.
func (d *Model) factLines(all []view.Fact, w int) (lines []dashLine) {
	for _, f := range all {
		text, style := f.Text, draw.Toned(d.host.Look, f.Tone)
		if f.Remedy != "" {
			text = view.Sentence(text) + " " + f.Remedy
		}
		if f.Tone == view.Warn || f.Tone == view.Bad {
			lines = append(lines, d.trouble(text, w, style, dashLine{})...)
			continue
		}
		lines = append(lines, d.plainLines(text, w, style)...)
	}
	return lines
}

// overall returns the status ball, with a word and the reason.
func (d *Model) overall(w int) []dashLine {
	l, c := d.host.Look, view.ConditionOf(d.status)
	if d.work.UnderWay() && c.Tone != view.Bad {
		if c.Tone != view.Warn || c.Word != "degraded" {
			c.Tone, c.Why = view.Good, ""
		}
		c.Word = "running"
	}
	if err := d.result.Result.Err; err != nil && !errors.Is(err, context.Canceled) && c.Tone == view.Dim {
		c = view.Condition{Word: "FAILED", Tone: view.Bad, Why: view.Result(d.result.Result)}
	}
	said := l.Mark.Ball + " " + c.Word
	if c.Why != "" {
		said += ":"
	}
	lines := d.plainLines(strings.TrimRight(said+" "+c.Why, " "), w, nil)
	lines[0].text = strings.Replace(lines[0].text, said, draw.Toned(l, c.Tone).Render(said), 1)
	return lines
}

// failed returns the last run if it failed; the line opens it.
func (d *Model) failed(w int) []dashLine {
	run, any := view.LastEnded(d.status.Last)
	if !any || !view.IsFailed(run.Outcome) {
		return nil
	}
	return d.trouble(fmt.Sprintf("Run %d failed: %s", run.ID, view.RunTrouble(run)), w, d.host.Look.Style.Bad,
		dashLine{id: "failed", to: fmt.Sprintf("run %d", run.ID), verb: "open", rank: 60,
			leads: func() tea.Cmd { d.host.ShowRun(run.ID, ""); return nil }})
}

// signIn returns a sign-in that is missing, has ended or ends soon; the line leads to its page.
func (d *Model) signIn(w int) []dashLine {
	text := view.SignInLine(d.status.SignIn, draw.Voice(d.host))
	if text == "" {
		return nil
	}
	style, rank := d.host.Look.Style.Warn, 40
	if view.SignInMissing(d.status.SignIn) {
		style, rank = d.host.Look.Style.Bad, 82
	}
	l := d.host.Look
	return []dashLine{{text: l.Cut(" "+style.Render(l.Mark.Problem+" "+l.Clean(text)), w), id: "signin",
		to: "the sign-in", verb: "sign in", rank: rank, leads: func() tea.Cmd { d.host.GoTo(page.SignIn); return nil }}}
}

// problems returns the number of records with problems; the line opens the oldest.
func (d *Model) problems(w int) []dashLine {
	p := d.status.Problems
	if p.Total() == 0 {
		return nil
	}
	now := d.host.Now()
	return d.trouble(view.Problems(d.status)+" since "+look.Clock(now, p.Since), w, d.host.Look.Style.Warn,
		dashLine{id: "problems", to: "the records with problems", verb: "list", rank: 50,
			leads: d.reads("Problems", func(l look.Look, w int) []string { return problemDetails(l, p, now, w) })})
}

// problemDetails returns the oldest problems with their remedies.
func problemDetails(l look.Look, p control.Problems, now time.Time, width int) []string {
	w := draw.Details{L: l, Width: width}
	for _, one := range p.List {
		w.Facts([]view.Fact{view.OpenProblem(one, view.Voice{To: view.Console, Now: now})})
	}
	if text := view.MoreProblems(p, view.Console); text != "" {
		w.Text(text)
	}
	return w.Lines
}

// held says since when a guard has held plans, and why; the line opens the run.
func (d *Model) held(h control.HeldSince, w int) []dashLine {
	lines := d.trouble(view.Held(h, draw.Voice(d.host)), w, d.host.Look.Style.Bad,
		dashLine{id: fmt.Sprintf("held%v", h.Purge), to: fmt.Sprintf("run %d, which was held", h.Run), verb: "open", rank: 80,
			leads: func() tea.Cmd { d.host.ShowRun(h.Run, ""); return nil }})
	for _, hold := range h.Holds {
		for _, line := range d.plainLines(hold.Detail, w-2, nil) {
			lines = append(lines, dashLine{text: "  " + line.text})
		}
	}
	return lines
}

// failures returns the records that fail in run after run, and those that start to.
func (d *Model) failures(w int) (lines []dashLine) {
	add := func(text, id, to string, runs int64, rank int) {
		lines = append(lines, d.trouble(text, w, d.host.Look.Style.Bad, dashLine{id: id, to: to, verb: "list", rank: rank,
			leads: func() tea.Cmd { return d.readFailing(runs) }})...)
	}
	if text := view.Escalated(d.status.Escalated); text != "" {
		add("ESCALATED: "+text, "escalated", "the records that failed in ten or more runs in a row", record.Escalated, 90)
	}
	if text := view.Failing(d.status); text != "" {
		add(text, "failing", "the records that fail", 1, 70)
	}
	return lines
}

// directory returns the problem of one directory; the line opens the details.
func (d *Model) directory(h control.DirectoryHealth, w int) []dashLine {
	text, style, rank := "", d.host.Look.Style.Warn, 30
	switch {
	case h.Error != "":
		text, style, rank = h.Name+" cannot be read since "+look.Clock(d.host.Now(), h.Since), d.host.Look.Style.Bad, 85
	case h.NoDeletions != "":
		text = h.Name + ": only full runs see deletions"
	case len(h.Warnings) > 0:
		text = h.Name + ": " + h.Warnings[0]
	default:
		return nil
	}
	now := d.host.Now()
	return d.trouble(text, w, style, dashLine{id: "directory" + h.Name, to: "the state of directory " + h.Name,
		verb: "details", rank: rank, leads: d.reads("Directory "+h.Name,
			func(l look.Look, w int) []string { return directoryDetails(l, h, now, w) })})
}

// directoryDetails returns the state in which a directory was found, with the remedy.
func directoryDetails(l look.Look, h control.DirectoryHealth, now time.Time, width int) []string {
	w := draw.Details{L: l, Width: width}
	w.Facts(view.Directory(h, view.Voice{To: view.Console, Now: now}))
	w.Fact("last read", look.Clock(now, h.LastRead))
	w.Fact("server", h.Server)
	w.Fact("changes by", string(h.Way))
	return w.Lines
}

// cloud is what the cloud contains.
func (d *Model) cloud(w int) dashPanel {
	l := d.host.Look
	p := dashPanel{title: "Cloud Statistics"}
	room := min(w, 38) - 1
	if d.status.Statistics == nil {
		p.lines = d.plainLines(view.NoData(view.Console), w, nil)
	}
	for _, f := range view.CloudStatistics(d.status) {
		text := l.Sides(" "+f.Label, f.Text, room)
		if f.Tone != view.Normal {
			text = draw.Toned(l, f.Tone).Render(text)
		}
		p.lines = append(p.lines, dashLine{text: text})
	}
	return p
}

func (d *Model) connectors(w int) dashPanel {
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
func (d *Model) summary(w int) dashPanel {
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
