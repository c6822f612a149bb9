package draw

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/page"
	"dirbridge/ui/view"
)

// Line returns the current run in one line.
func Line(w page.Work) string {
	p := w.Progress
	text := view.Mode(p.Mode) + ": " + string(p.Phase)
	if w.Mode == record.DryRun {
		text = "Dry run: " + string(p.Phase)
	}
	if p.Total > 0 {
		text += fmt.Sprintf(" %d%%", Percent(p.Done, p.Total))
	}
	return text
}

func Percent(done, total int64) int64 {
	if total <= 0 {
		return 0
	}
	return max(min(int64(float64(done)/float64(total)*100), 100), 0)
}

// runName names the current run; a dry run says that it writes nothing.
func runName(w page.Work) string {
	if w.Mode == record.DryRun {
		return "Dry run (nothing will be written)"
	}
	return view.Mode(w.Progress.Mode)
}

// progressSteps returns the steps of the current run. A plan that is applied was made before.
func progressSteps(w page.Work) []component.Step {
	p := w.Progress
	note := func(n int64) string {
		if n == 0 {
			return ""
		}
		return look.Number(n)
	}
	steps := []component.Step{{Name: "Connect"}}
	phases := [][]control.Phase{{control.Connecting, control.Recovering}}
	add := func(name, note string, phase ...control.Phase) {
		steps, phases = append(steps, component.Step{Name: name, Note: note}), append(phases, phase)
	}
	if w.Mode == record.ApplyPlan {
		add("Verify", "", control.Verifying)
	} else {
		add("Directory", note(p.People), control.ReadingDirectory)
		add("Cloud", note(p.Accounts), control.ReadingCloud)
		add("Compare", "", control.Matching, control.Planning, control.Verifying)
	}
	if w.Mode != record.DryRun {
		add("Write", "", control.Applying)
		add("Record", "", control.Recording)
	}
	now := slices.IndexFunc(phases, func(of []control.Phase) bool { return slices.Contains(of, p.Phase) })
	for i := range steps {
		switch {
		case i < now:
			steps[i].State = component.Done
		case i == now:
			if steps[i].State = component.Now; p.Total > 0 {
				steps[i].Note = fmt.Sprintf("%d%%", Percent(p.Done, p.Total))
			}
		default:
			steps[i].Note = ""
		}
	}
	return steps
}

// Progress returns the current run: its steps, a bar, counts, rate, time left, and what it waits
// for. The text is the same on every page.
func Progress(l look.Look, w page.Work, now time.Time, width int) []string {
	p := w.Progress
	lines := []string{l.Sides(" "+l.Style.Title.Render(runName(w)), "started "+
		p.Started.In(now.Location()).Format("15:04:05")+" ", width)}
	lines = append(lines, component.Steps(l, progressSteps(w), width)...)
	said := view.ProgressOf(p, now)
	if said.Known {
		tail := fmt.Sprintf("  %3d%%   %s", said.Percent, said.Count)
		bar := l.Bar(p.Done, p.Total, max(width-look.Width(tail)-1, 4))
		lines = append(lines, " "+l.Style.Good.Render(bar)+tail)
	} else {
		lines = append(lines, " "+view.Capital(string(p.Phase))+": "+said.Count+l.Mark.Ellipsis)
	}
	lines = append(lines, " "+strings.Join(said.Facts, ", "))
	switch {
	case said.Waiting != "":
		lines = append(lines, l.Style.Warn.Render(" "+l.Mark.Problem+" "+l.Clean(said.Waiting)))
	case said.Read != "":
		lines = append(lines, " "+said.Read)
	}
	return lines
}

// CountsOf returns what a run added, changed and removed.
func CountsOf(c record.Counts) (added, changed, removed int64) {
	return c.Users.Add + c.Groups.Add + c.Members.Add,
		c.Users.Update + c.Users.Rename + c.Users.Reactivate + c.Groups.Update + c.Groups.Rename + c.Groups.Reactivate,
		c.Users.Deactivate + c.Users.Delete + c.Groups.Deactivate + c.Groups.Delete + c.Members.Remove
}

// Counts returns the counts of a run as marks: "+2 ~31 -0".
func Counts(l look.Look, c record.Counts) string {
	added, changed, taken := CountsOf(c)
	return l.Mark.Add + look.Number(added) + " " + l.Mark.Change + look.Number(changed) + " " + l.Mark.Take +
		look.Number(taken)
}

// Voice is how a page says times and remedies.
func Voice(h page.Host) view.Voice { return view.Voice{To: view.Console, Now: h.Now()} }

// Toned returns the style of a tone; nil is that of plain text.
func Toned(l look.Look, t view.Tone) component.Styler {
	switch t {
	case view.Good:
		return l.Style.Good
	case view.Warn:
		return l.Style.Warn
	case view.Bad:
		return l.Style.Bad
	case view.Dim:
		return l.Style.Dim
	}
	return nil
}
