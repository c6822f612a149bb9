package view

import (
	"slices"
	"strings"
	"time"

	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/look"
)

// Progress is how far the run under way is.
type Progress struct {
	Title   string // "Full, started 14:02:05"
	Name    string // "Full"
	Steps   []Step
	Step    string // "step 3 of 5, reading the cloud"
	Phase   string // "reading the cloud"
	Known   bool   // the total is known, and so are Percent and Count
	Percent int64
	Count   string   // "1,204/48,120", or "counting"
	Facts   []string // rate, time left, errors, skipped
	Waiting string   // what it waits for; "" if it does not
	Read    string   // what it has read; "" before
}

// Step is a step of a run. The note says how much of it is done.
type Step struct {
	Name, Note string
	Done, Now  bool
}

// step is a step, with its phases and what it counts.
type step struct {
	name   string
	phases []control.Phase
	count  func(control.Progress) int64
}

// steps returns the steps of a type of run, in order. A plan that is applied was made before.
func steps(m record.Mode) []step {
	all := []step{{"Connect", []control.Phase{control.Connecting, control.Recovering}, nil}}
	if m == record.ApplyPlan {
		all = append(all, step{"Verify", []control.Phase{control.Verifying}, nil})
	} else {
		all = append(all,
			step{"Directory", []control.Phase{control.ReadingDirectory}, func(p control.Progress) int64 { return p.People }},
			step{"Cloud", []control.Phase{control.ReadingCloud}, func(p control.Progress) int64 { return p.Accounts }},
			step{"Compare", []control.Phase{control.Matching, control.Planning, control.Verifying}, nil})
	}
	if !Plans(m) {
		all = append(all, step{"Write", []control.Phase{control.Applying}, nil},
			step{"Record", []control.Phase{control.Recording}, nil})
	}
	return all
}

// stepsOf says how far each step of a run is, and which one is under way.
func stepsOf(p control.Progress, m record.Mode) ([]Step, string) {
	all := steps(m)
	now := slices.IndexFunc(all, func(s step) bool { return slices.Contains(s.phases, p.Phase) })
	said := make([]Step, len(all))
	for i, s := range all {
		said[i] = Step{Name: s.name, Done: i < now, Now: i == now}
		if i <= now && s.count != nil && s.count(p) > 0 {
			said[i].Note = number(s.count(p))
		}
		if i == now && p.Total > 0 {
			said[i].Note = number(percent(p.Done, p.Total)) + "%"
		}
	}
	if now < 0 {
		return said, string(p.Phase)
	}
	return said, "step " + number(int64(now+1)) + " of " + number(int64(len(all))) + ", " + string(p.Phase)
}

// ProgressOf words the progress of a run. The progress of a dry run names the mode of its plan, so
// mode is that of the request; "" if it is not known.
func ProgressOf(p control.Progress, mode record.Mode, now time.Time) Progress {
	if mode == "" {
		mode = p.Mode
	}
	name := Mode(mode)
	if mode != record.DryRun && p.Mode != "" {
		name = Mode(p.Mode)
	}
	out := Progress{Name: name, Title: name + ", started " + p.Started.In(now.Location()).Format("15:04:05"),
		Phase: string(p.Phase), Known: p.Total > 0, Percent: percent(p.Done, p.Total),
		Count: number(p.Done) + "/" + number(p.Total), Waiting: waiting(p.Waiting)}
	out.Steps, out.Step = stepsOf(p, mode)
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
	cause, until, ok := strings.Cut(why, ": ")
	until = strings.Replace(until, "trying again in ", "retrying in ", 1)
	switch {
	case ok && cause == "no answer":
		return "The server is not responding; " + until
	case ok && cause == "429":
		return "Cloud busy (429); " + until
	case ok && len(cause) == 3 && cause[0] == '5':
		return "Cloud unavailable (" + cause + "); " + until
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
func (p Progress) Short() string {
	text := p.Name + ": " + p.Phase
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
