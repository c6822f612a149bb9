package draw

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/look"
	"dirbridge/ui/view"
)

// Line returns the current run in one line.
func Line(p control.Progress) string {
	text := view.Mode(p.Mode) + ": " + string(p.Phase)
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

// Progress returns the current run: phase and bar, counts, rate, time left, and what it waits
// for. The text is the same on every page.
func Progress(l look.Look, p control.Progress, now time.Time, width int) []string {
	lines := []string{l.Sides(" "+view.Mode(p.Mode)+", started "+p.Started.In(now.Location()).Format("15:04:05"),
		l.Style.Head.Render(string(p.Phase)), width)}
	if p.Total > 0 {
		tail := fmt.Sprintf("  %3d%%   %s/%s", Percent(p.Done, p.Total), look.Number(p.Done), look.Number(p.Total))
		bar := l.Bar(p.Done, p.Total, max(width-look.Width(tail)-1, 4))
		lines = append(lines, " "+l.Style.Good.Render(bar)+tail)
	} else {
		lines = append(lines, " "+look.Number(p.Done)+" so far; how many there are is not known yet")
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
	default:
		lines = append(lines, "")
	}
	return lines
}

// Counts returns the counts of a run as marks: "+2 ~31 -0".
func Counts(l look.Look, c record.Counts) string {
	added := c.Users.Add + c.Groups.Add + c.Members.Add
	changed := c.Users.Update + c.Users.Rename + c.Users.Reactivate + c.Groups.Update + c.Groups.Rename +
		c.Groups.Reactivate
	taken := c.Users.Deactivate + c.Users.Delete + c.Groups.Deactivate + c.Groups.Delete + c.Members.Remove
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
