package view

import (
	"slices"
	"strings"
	"time"

	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/look"
)

// Applying is the engine's phase while it writes.
const Applying control.Phase = "applying"

// Progress is how far the run under way is.
type Progress struct {
	Title   string // "Full, started 14:02:05"
	Step    string // "step 3 of 5, reading the cloud"
	Known   bool   // the total is known, and so are Percent and Count
	Percent int64
	Count   string   // "1,204/48,120", or "counting"
	Facts   []string // rate, time left, errors, skipped
	Waiting string   // what it waits for; "" if it does not
	Read    string   // what it has read; "" before
}

// steps returns the phases of a type of run, in order.
func steps(m record.Mode) []control.Phase {
	planning := []control.Phase{"connecting", "reading the directory", "reading the cloud", "matching", "planning"}
	writing := []control.Phase{Applying, "recording"}
	switch m {
	case "":
		return nil
	case record.DryRun, control.UndoPlan, control.PurgePlan:
		return planning
	case record.ApplyPlan:
		return append([]control.Phase{"connecting", "verifying the plan"}, writing...)
	}
	return append(planning, writing...)
}

// Step names the phase, with its place in the run.
func Step(p control.Progress) string {
	all := steps(p.Mode)
	i := slices.Index(all, p.Phase)
	if i < 0 {
		return string(p.Phase)
	}
	return "step " + number(int64(i+1)) + " of " + number(int64(len(all))) + ", " + string(p.Phase)
}

// ProgressOf words the progress of a run.
func ProgressOf(p control.Progress, now time.Time) Progress {
	out := Progress{Title: Mode(p.Mode) + ", started " + p.Started.In(now.Location()).Format("15:04:05"), Step: Step(p),
		Known: p.Total > 0, Percent: percent(p.Done, p.Total), Count: number(p.Done) + "/" + number(p.Total),
		Waiting: waiting(p.Waiting)}
	switch {
	case !out.Known && p.Done > 0:
		out.Count = number(p.Done) + " so far"
	case !out.Known:
		out.Count = "counting"
	}
	if r := p.Rate(now); r > 0 {
		out.Facts = append(out.Facts, number(int64(r))+" a second")
	}
	if left := p.Left(now); left >= time.Second {
		out.Facts = append(out.Facts, "about "+look.Length(left)+" left")
	}
	out.Facts = append(out.Facts, count(p.Failed, "error", "errors"))
	if p.Skipped > 0 {
		out.Facts = append(out.Facts, number(p.Skipped)+" skipped")
	}
	if p.People > 0 || p.Accounts > 0 {
		out.Read = "read " + count(p.People, "person", "people") + ", " + count(p.Accounts, "account", "accounts")
	}
	return out
}

// waiting says what a run waits for, in words that need no protocol.
func waiting(why string) string {
	const silent = "no answer: trying again in "
	if rest, ok := strings.CutPrefix(why, silent); ok {
		return "The server is not responding; retrying in " + rest
	}
	return why
}

// String returns the progress in one sentence.
func (p Progress) String() string {
	text := p.Step
	if p.Known {
		text += ", " + number(p.Percent) + "%"
	}
	parts := []string{text, strings.Replace(p.Count, "/", " of ", 1)}
	for _, f := range p.Facts {
		if !strings.HasSuffix(f, " a second") && f != "0 errors" {
			parts = append(parts, f)
		}
	}
	if p.Waiting != "" {
		parts = append(parts, "waiting: "+p.Waiting)
	}
	return strings.Join(parts, ", ")
}

// Short returns the progress in a few words.
func (p Progress) Short(m record.Mode) string {
	text := Mode(m) + ", " + p.Step
	if p.Known {
		text += " " + number(p.Percent) + "%"
	}
	return text
}

func percent(done, total int64) int64 {
	if total <= 0 {
		return 0
	}
	return max(min(int64(float64(done)/float64(total)*100), 100), 0)
}

// WrittenSoFar says how much of the run's changes is written, before it is cancelled.
func WrittenSoFar(p control.Progress) string {
	return number(p.Done) + " of " + count(p.Total, "change is", "changes are") + " written."
}

// What cancelling does, and did.
const (
	CancelMeans = "It stops after the current write. What was written stays; the rest stays pending."
	Cancelling  = "Cancelling after the current write; the rest stays pending."
)
