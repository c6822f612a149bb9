package draw

import (
	"context"
	"errors"
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
	if p.Total > 0 {
		tail := fmt.Sprintf("  %3d%%   %s/%s", Percent(p.Done, p.Total), look.Number(p.Done), look.Number(p.Total))
		bar := l.Bar(p.Done, p.Total, max(width-look.Width(tail)-1, 4))
		lines = append(lines, " "+l.Style.Good.Render(bar)+tail)
	} else {
		lines = append(lines, " "+string(p.Phase)+": "+look.Number(p.Done)+" so far")
	}
	var facts []string
	if r := p.Rate(now); r > 0 {
		facts = append(facts, look.Number(int64(r))+" a second")
	}
	if left := p.Left(now); left >= time.Second {
		facts = append(facts, "about "+look.Length(left)+" left")
	}
	facts = append(facts, look.Count(p.Failed, "error", "errors"))
	if p.Skipped > 0 {
		facts = append(facts, look.Number(p.Skipped)+" skipped")
	}
	lines = append(lines, " "+strings.Join(facts, ", "))
	switch {
	case p.Waiting != "":
		lines = append(lines, l.Style.Warn.Render(" "+l.Mark.Problem+" waiting: "+l.Clean(p.Waiting)))
	case p.People > 0 || p.Accounts > 0:
		lines = append(lines, " read "+look.Count(p.People, "person", "people")+", "+look.Count(p.Accounts, "account",
			"accounts"))
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

// Result says how the last request ended.
func Result(r control.Result) string {
	run := r.Run
	text := view.Mode(r.Request.Mode)
	if r.Err != nil && run.ID == 0 {
		if errors.Is(r.Err, context.Canceled) {
			return text + ": " + r.Err.Error()
		}
		return text + " could not be done"
	}
	if m := r.Request.Mode; m == record.DryRun || m == control.UndoPlan || m == control.PurgePlan {
		if r.Err != nil {
			return text + " could not be done"
		}
		return text + ": done, nothing was written"
	}
	text += ": " + string(run.Outcome)
	return text + fmt.Sprintf("; %s done, %s failed, %s skipped, %s not done",
		look.Number(run.Counts.Writes()), look.Number(run.Failed), look.Number(run.Skipped), look.Number(run.NotDone))
}
