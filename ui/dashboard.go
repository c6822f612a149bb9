package ui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/record"
	"dirbridge/ui/look"
	"dirbridge/ui/widget"
)

// dashboard is the first page: what runs, what comes next, what was last, and what
// the cloud holds. It draws what the root polls, and fetches nothing itself.
type dashboard struct {
	plain
	*shell
	width, height int
	scroll        widget.Scroll
	known         bool // the status was read once
}

func newDashboard(s *shell) *dashboard { return &dashboard{shell: s} }

func (d *dashboard) Init() tea.Cmd            { return nil }
func (d *dashboard) Title() string            { return "Dashboard" }
func (d *dashboard) SetSize(w, h int) tea.Cmd { d.width, d.height = w, h; return nil }
func (d *dashboard) move(key string) tea.Cmd {
	d.scroll.Key(key, d.height)
	return nil
}

func (d *dashboard) Update(msg tea.Msg) tea.Cmd {
	switch msg.(type) {
	case statusMsg:
		d.known = true
	case resultMsg:
		d.say("%s", resultWords(d.shell, d.result))
	}
	return nil
}

func (d *dashboard) Commands() []Command {
	return append([]Command{
		d.dryRunCommand().on("d"), d.incrementalCommand().on("i"), d.fullCommand().on("f"), d.cancelCommand().on("c"), d.eventsCommand().on("e"),
		{ID: "dashboard.runs", Keys: []string{"enter"}, Show: "Enter", Title: "see the last runs and what they wrote", Do: func() tea.Cmd { d.goTo = pageHistory; return nil }},
	}, moves(d.move)...)
}

func (d *dashboard) View() []string {
	if d.width < 76 {
		return d.scroll.Lines(append(append(d.left(d.width), ""), d.right(d.width)...), d.height)
	}
	right := min(max(d.width*3/8, 27), 60)
	left := min(d.width-right-2, 72)
	a, b := d.left(left), d.right(right)
	var lines []string
	for i := 0; i < max(len(a), len(b)); i++ {
		var x, y string
		if i < len(a) {
			x = a[i]
		}
		if i < len(b) {
			y = b[i]
		}
		lines = append(lines, d.look.Fit(x, left)+"  "+d.look.Cut(y, right))
	}
	return d.scroll.Lines(lines, d.height)
}

func (d *dashboard) head(text string) string {
	return " " + d.look.Style.Head.Render(strings.ToUpper(text))
}

func (d *dashboard) left(w int) []string {
	lines := []string{d.head("Current Synchronization")}
	if d.running() {
		lines = append(lines, progressLines(d.shell, w)...)
	} else {
		lines = append(lines, " Nothing is running.")
		if d.ended > 0 && !d.result.Ended.IsZero() {
			for _, part := range d.look.Wrap(resultWords(d.shell, d.result), w-2) {
				lines = append(lines, " "+part)
			}
		} else if d.known && d.plan == nil && len(d.status.Last) == 0 {
			lines = append(lines, " Begin with d: a dry run writes nothing.")
		}
	}
	lines = append(lines, "", d.head("Next Synchronization"),
		" Incremental   "+d.look.Clean(d.status.Incremental), " Full          "+d.look.Clean(d.status.Full))
	lines = append(lines, "", d.head("Last Synchronization"))
	lines = append(lines, d.last(w)...)
	return append(append(lines, ""), d.health(w)...)
}

func (d *dashboard) last(w int) []string {
	if len(d.status.Last) == 0 {
		if !d.known {
			return []string{" " + d.look.Mark.Ellipsis}
		}
		return []string{" None yet."}
	}
	var lines []string
	room := 2
	if d.height > 30 {
		room = 6
	}
	for i, run := range d.status.Last {
		if i == room {
			break
		}
		took := ""
		if !run.Ended.IsZero() {
			took = look.Length(run.Ended.Sub(run.Started))
		}
		lines = append(lines, d.look.Sides(fmt.Sprintf(" %s %-11s %-9s %s", outcomeMark(d.look, run.Outcome),
			modeName(run.Mode), look.Clock(d.now(), run.Started), took), countsShort(d.look, run.Counts), w))
		if run.Outcome != record.Done && run.Outcome != record.Running {
			lines = append(lines, d.look.Cut("    "+d.runTrouble(run), w))
		}
	}
	return lines
}

func (d *dashboard) runTrouble(run record.Run) string {
	text := string(run.Outcome)
	if run.Failed > 0 {
		text += ", " + look.Count(run.Failed, "record", "records") + " failed"
	}
	if run.Skipped > 0 {
		text += ", " + look.Number(run.Skipped) + " skipped"
	}
	if run.Detail != "" {
		text += ": " + d.look.Clean(run.Detail)
	}
	return text + "; Enter to see"
}

func (d *dashboard) health(w int) []string {
	lines := []string{d.head("Status")}
	if !d.known {
		return append(lines, " "+d.look.Mark.Ellipsis)
	}
	if d.status.LastGood.IsZero() {
		lines = append(lines, " No synchronization has succeeded yet.")
	} else {
		lines = append(lines, " "+d.look.Style.Good.Render("good")+", last good run "+look.Clock(d.now(), d.status.LastGood))
	}
	if d.status.Unfinished > 0 {
		lines = append(lines, d.look.Style.Warn.Render(" "+d.look.Mark.Problem+" "+look.Count(d.status.Unfinished, "write", "writes")+" without an answer"))
	}
	if d.status.Dirty > 0 {
		lines = append(lines, " "+look.Count(d.status.Dirty, "record waits", "records wait")+" for the next run")
	}
	if values := writesOf(d.status.Last); len(values) > 2 {
		lines = append(lines, fmt.Sprintf(" Changes in the last %d runs  %s", len(values), d.look.Spark(values)))
	}
	return lines
}

// writesOf is what the runs wrote, oldest first, at most 24.
func writesOf(runs []record.Run) []int64 {
	var values []int64
	for i := min(len(runs), 24) - 1; i >= 0; i-- {
		values = append(values, runs[i].Counts.Writes())
	}
	return values
}

func (d *dashboard) right(w int) []string {
	row := func(name string, n int64) string {
		return d.look.Sides(name, look.Number(n), min(w, 30)-1)
	}
	lines := []string{d.look.Style.Head.Render("CLOUD STATISTICS")}
	if st := d.status.Statistics; st == nil {
		lines = append(lines, "Not read yet: d dry run")
	} else {
		lines = append(lines, row("Active users", st.Active), row("Deactivated", st.Deactivated), row("Groups", st.Groups))
		if st.Admins >= 0 {
			lines = append(lines, row("Full administrators", st.Admins))
		}
		lines = append(lines, row("Unmatched", st.Unmatched))
	}
	lines = append(lines, "", d.look.Style.Head.Render("CONNECTORS"))
	if d.status.Connector != "" {
		state := "ready"
		if d.status.Leading {
			state = "leading"
		}
		lines = append(lines, d.look.Sides(d.look.Mark.Star+" "+d.look.Clean(d.status.Connector)+"  "+state, d.look.Clean(d.status.Version), min(w, 30)-1))
	}
	lines = append(lines, "", d.look.Style.Head.Render("CONFIGURATION SUMMARY"))
	for _, s := range d.status.Summary {
		for i, part := range d.look.Wrap(d.look.Clean(s), w-2) {
			if i > 0 {
				part = "  " + part
			}
			lines = append(lines, part)
		}
	}
	return lines
}
