package ui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
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
func (d *dashboard) move(key string) func() tea.Cmd {
	return func() tea.Cmd { d.scroll.Key(key, d.height); return nil }
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

func (d *dashboard) Keys() []Key {
	cancelOff := "nothing is running"
	if d.running() {
		cancelOff = ""
	}
	if d.readOnly {
		cancelOff = d.writable()
	}
	return []Key{
		{On: []string{"d"}, Short: "Dry Run", Help: "dry run: show what would change, write nothing", Off: d.writable(), Do: d.dryRun},
		{On: []string{"i"}, Short: "Incremental", Help: "synchronize what changed since the last run", Off: d.incrementalOff(), Do: d.incremental},
		{On: []string{"f"}, Short: "Full", Help: "full synchronization: read all, plan, apply", Off: d.writable(), Do: d.full},
		{On: []string{"c"}, Short: "Cancel", Help: "cancel the run between two writes", Off: cancelOff, Do: d.cancel},
		{On: []string{"e"}, Short: "Events", Help: "see the events", Do: func() tea.Cmd { d.goTo = pageEvents; return nil }},
		{On: []string{"enter"}, Show: "Enter", Help: "see the last runs and what they wrote", Do: func() tea.Cmd { d.goTo = pageHistory; return nil }},
		{On: []string{"down", "j"}, Help: "scroll down", Do: d.move("down")},
		{On: []string{"up", "k"}, Help: "scroll up", Do: d.move("up")},
	}
}

func (d *dashboard) cancel() tea.Cmd {
	d.conn.Cancel()
	d.say("Cancelling: it stops between two writes, and what was not done stays to be done.")
	return nil
}

// incrementalOff says why no incremental run can be started, or "".
func (d *dashboard) incrementalOff() string {
	if off := d.writable(); off != "" || !d.status.LastFull.IsZero() {
		return off
	}
	return "no full synchronization has succeeded yet: press f"
}

func (d *dashboard) incremental() tea.Cmd {
	return d.sure("Incremental Synchronization", record.Incremental,
		"Reads what changed in the directory since the last run and writes it to the cloud.")
}

// full asks for a dry run first where there is none to tell what would happen.
func (d *dashboard) full() tea.Cmd {
	if d.plan != nil {
		return d.sure("Full Synchronization", record.Full,
			"Reads the directory and the cloud anew, plans, and writes the changes to the cloud.")
	}
	d.ask(&question{
		title: "Full Synchronization: no dry run has been made.",
		lines: []string{"A dry run shows every change before anything is written."},
		options: []option{
			{key: "d", text: "Make a dry run first (recommended)", do: d.dryRun},
			{key: "f", text: "Go on without one" + d.look.Mark.Ellipsis, do: func() tea.Cmd {
				return d.sure("Full Synchronization", record.Full, "What it will change is not known: no dry run has been made.")
			}},
			{key: "x", text: "Leave it"},
		},
	})
	return nil
}

// sure asks for a word before a run that writes, and says what it would do.
func (d *dashboard) sure(title string, mode record.Mode, what string) tea.Cmd {
	lines := []string{what}
	if d.plan != nil {
		h := d.plan.Header()
		lines = append(lines, "The dry run of "+look.Clock(d.now(), h.Made)+" would do: "+strings.Join(countsLong(h.Counts), ", ")+".")
		for _, hold := range h.Holds {
			lines = append(lines, "It was held: "+hold.Detail)
		}
	}
	if p := d.status.Unfinished; p > 0 {
		lines = append(lines, look.Count(p, "write", "writes")+" of an earlier run had no answer: they are looked at in the cloud first.")
	}
	if d.draft.changed() {
		lines = append(lines, "Your changes that are not saved do not take part.")
	}
	lines = append(lines, "Guards still stop it before the first write if too much would be removed.")
	d.ask(confirm(title, lines, "yes", func() tea.Cmd { return d.start(control.Request{Mode: mode}, pageDashboard) }))
	return nil
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
