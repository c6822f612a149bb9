package draw

import (
	"fmt"
	"strings"
	"time"

	"charm.land/bubbles/v2/progress"

	"dirbridge/sync/record"
	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/page"
	"dirbridge/ui/view"
)

// Said words the progress of the current run.
func Said(w page.Work, now time.Time) view.Progress { return view.ProgressOf(w.Progress, w.Mode, now) }

// progressSteps returns the steps of a run, to be drawn.
func progressSteps(p view.Progress) (steps []component.Step) {
	for _, s := range p.Steps {
		step := component.Step{Name: s.Name, Note: s.Note}
		switch {
		case s.Done:
			step.State = component.Done
		case s.Now:
			step.State = component.Now
		}
		steps = append(steps, step)
	}
	return steps
}

// Progress returns the current run: its steps, a bar, counts, rate, time left, and what it waits
// for. The text is the same on every page.
func Progress(l look.Look, w page.Work, now time.Time, width int) []string {
	p, said := w.Progress, Said(w, now)
	name := said.Name
	if w.Mode == record.DryRun {
		name += " (nothing will be written)"
	}
	lines := []string{l.Sides(" "+l.Style.Title.Render(name), "started "+
		p.Started.In(now.Location()).Format("15:04:05")+" ", width)}
	lines = append(lines, component.Steps(l, progressSteps(said), width)...)
	if said.Known {
		tail := fmt.Sprintf("  %3d%%   %s", said.Percent, said.Count)
		share := float64(p.Done) / float64(max(p.Total, 1))
		lines = append(lines, " "+bar(l, share, width-look.Width(tail)-1)+tail)
	} else {
		lines = append(lines, " "+view.Capital(said.Phase)+": "+said.Count+l.Mark.Ellipsis)
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

// bar draws a share of 1.
func bar(l look.Look, share float64, width int) string {
	b := progress.New(progress.WithoutPercentage(), progress.WithWidth(max(width, 4)),
		progress.WithFillCharacters(l.Mark.Full, l.Mark.Empty))
	b.FullColor, b.EmptyColor = l.Style.Good.GetForeground(), l.Style.Rule.GetForeground()
	return b.ViewAs(share)
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
