package view

import (
	"strings"

	"dirbridge/sync/control"
)

// ScheduleState says whether the schedule is on, since when and by which operator.
func ScheduleState(m control.ModeStatus, v Voice) string {
	text := "The schedule is off"
	if m.Enabled {
		text = "The schedule is on"
	}
	if m.At.IsZero() {
		return text + "; it was never turned on"
	}
	if m.WithoutDeletions {
		text += ", without seeing deletions,"
	}
	text += " since " + v.Clock(m.At)
	if m.By != "" {
		text += ", by " + m.By
	}
	if m.Reason != "" {
		text += ": " + strings.TrimSuffix(m.Reason, ".")
	}
	return text
}

// Schedule says what is wrong with the schedule: that it is off, not served, outdated, or does not
// see deletions. The first fact is its state.
func Schedule(s control.Status, v Voice) []Fact {
	m, all := s.Mode, facts{}
	if m.Enabled {
		all.add("", ScheduleState(m, v))
	} else {
		all.tone(Warn, "", ScheduleState(m, v))
		all[0].Remedy = v.In("Turn it on: dirbridge enable.")
	}
	if m.Enabled && !s.Served {
		all.tone(Warn, "", Unserved)
		all[len(all)-1].Remedy = "Start the service: dirbridge run"
	}
	if m.WhyNot != "" && (m.Enabled || v.To != Console && m.Procedure == nil) {
		all.tone(Warn, "", Capital(m.WhyNot))
		all[len(all)-1].Remedy = v.In(m.Remedy)
	}
	for _, u := range m.Unseen {
		text := control.UnseenSentence(u)
		if m.WithoutDeletions && m.By != "" {
			text += "; accepted by " + m.By
		}
		all.tone(Warn, "", text)
		all[len(all)-1].Remedy = v.In("Set a full sync, or let incremental runs see deletions. " + u.Remedy)
	}
	for _, p := range m.Provisioners {
		text := control.ProvisionerSentence(p)
		if !p.At.IsZero() {
			text += "; confirmed on " + v.Clock(p.At)
			if p.By != "" {
				text += " by " + p.By
			}
			all.add("", text)
			continue
		}
		all.tone(Warn, "", text)
		all[len(all)-1].Remedy = v.In(control.ProvisionerRemedy)
	}
	return all
}

// NextRun returns when a type of run starts next. While the schedule is off it names the time that
// is set, because it will count again.
func NextRun(s control.Status, next, set string) string {
	switch {
	case s.Mode.Enabled || set == "":
		return next
	case next == "" || next == notScheduled:
		return set + ", paused: the schedule is off"
	}
	return next
}

// notScheduled is the guide's text for a run that nothing starts.
const notScheduled = "Not Scheduled"

// What turning the schedule on and off does.
const (
	EnableAsk   = "Turn the schedule on?"
	EnableDoes  = "The service (dirbridge run) will start every run that is due."
	EnableDone  = "The schedule is on."
	DisableAsk  = "Turn the schedule off"
	DisableDoes = "No run or purge starts by itself. A run that is under way continues, and runs that you start " +
		"still work."
	DisableWhy   = "Reason, for the log (optional):"
	DisableDone  = "The schedule is off."
	UnsavedStay  = "Unsaved changes have no effect on it."
	DryRunAdvice = "Dry run first: preview every change"
)

// DryRunShowed says what the last dry run showed, and what held it.
func DryRunShowed(d *control.DryRun, v Voice) []string {
	if d == nil {
		return nil
	}
	lines := []string{"The dry run of " + v.Clock(d.At) + " found: " + strings.Join(Counts(d.Counts), ", ") + "."}
	for _, h := range d.Holds {
		lines = append(lines, "A guard held it, and will hold the next run that finds the same: "+h.Detail)
	}
	return lines
}

// RunMeans says what a run that writes will do: as the last dry run showed, if there is one.
func RunMeans(what string, h *control.Header, s control.Status, unsaved bool, v Voice) []string {
	lines := []string{what}
	if h != nil {
		lines = append(lines, "The dry run of "+v.Clock(h.Made)+" found: "+strings.Join(Counts(h.Counts), ", ")+".")
		for _, hold := range h.Holds {
			lines = append(lines, "A guard held it: "+hold.Detail)
		}
	}
	if n := s.Unfinished; n > 0 {
		lines = append(lines, count(n, "write", "writes")+" of an earlier run had no answer; the run checks "+
			of(n, "it", "them")+" in the cloud first.")
	}
	if unsaved {
		lines = append(lines, UnsavedStay)
	}
	return append(lines, "Guards stop it before the first write if it would remove too much.")
}

// What the types of run do.
const (
	FullTitle        = "Full synchronization"
	FullDoes         = "Reads the directory and the cloud completely, plans, and writes the changes to the cloud."
	FullBlind        = "No dry run was made, so what it will change is not known."
	IncrementalTitle = "Incremental synchronization"
	IncrementalDoes  = "Reads what changed in the directory since the last run and writes it to the cloud."
	NoIncremental    = "incremental sync is unavailable until a full sync has succeeded"
	NoDryRunYet      = "No dry run yet"
	DryRunDoes       = "A dry run shows every change before anything is written."
)

// Why nothing can be started.
const (
	RunUnderWay  = "a run is under way"
	RunElsewhere = "a run is under way in another process; wait for it"
)
