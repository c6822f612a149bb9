package view

import (
	"strconv"
	"strings"

	"dirbridge/config"
	"dirbridge/sync/control"
	"dirbridge/sync/record"
)

// DeleteThreshold is the rule name of the delete threshold in plans.
const DeleteThreshold = "delete-threshold"

// Why a plan cannot be applied.
const (
	AppliedAlready = "this plan was applied; make a new dry run"
	AllExcluded    = "everything is excluded"
	NothingToWrite = "no changes needed"
)

// UnsavedPlan says why a plan of a draft cannot be applied; changed reports whether the draft is still there.
func UnsavedPlan(changed bool) string {
	if changed {
		return "it was made with unsaved settings; save them first"
	}
	return "it was made with settings that were discarded; make a new dry run"
}

// Removes returns how many objects and memberships a plan removes; if any, the operator types a
// number.
func Removes(c record.Counts) int64 {
	return c.Users.Deactivate + c.Users.Delete + c.Groups.Deactivate + c.Groups.Delete + c.Members.Remove
}

// ShortID is the short form of a plan's id.
func ShortID(id string) string { return id[:min(len(id), 6)] }

// Apply is the question before a plan is applied: its title, its consequences, and the phrase to
// type.
type Apply struct {
	Title  string
	Lines  []string
	Phrase string
}

// ApplyPlan returns the question before applying the part of a plan that has the counts c; excluded
// says what is not part of it.
func ApplyPlan(h control.Header, c record.Counts, p config.Policy, excluded []string, to Audience) Apply {
	a := Apply{Title: "Apply plan " + ShortID(h.ID), Phrase: "yes", Lines: []string{willDo(h, c)}}
	a.Lines = append(append(a.Lines, excluded...), Losses(p, h, c)...)
	switch {
	case h.Mode == record.Purge:
		a.Title = "Purge: apply plan " + ShortID(h.ID)
		a.Phrase = "purge " + strconv.FormatInt(c.Users.Delete+c.Groups.Delete, 10)
	case h.UndoOf != 0:
		a.Title = "Undo run " + number(h.UndoOf) + ": apply plan " + ShortID(h.ID)
		for _, note := range h.Notes {
			a.Lines = append(a.Lines, In(to, note))
		}
		a.Phrase = "undo " + strconv.FormatInt(c.Writes(), 10)
	case Removes(c) > 0:
		a.Phrase = "apply " + strconv.FormatInt(c.Writes(), 10)
	}
	return a
}

// Override returns the question before a held plan is applied once, for exactly its numbers.
func Override(h control.Header, c record.Counts, p config.Policy, excluded []string) Apply {
	what := "the guard"
	switch {
	case len(h.Holds) > 1:
		what = count(int64(len(h.Holds)), "guard", "guards")
	case len(h.Holds) == 1 && h.Holds[0].Rule == DeleteThreshold:
		what = "the threshold"
	}
	a := Apply{Title: "Override " + what + " and apply plan " + ShortID(h.ID) + " now", Phrase: h.OverridePhrase(),
		Lines: []string{willDo(h, c)}}
	a.Lines = append(append(a.Lines, excluded...), Losses(p, h, c)...)
	for _, hold := range h.Holds {
		a.Lines = append(a.Lines, HoldDetail(h, hold)...)
	}
	return a
}

func willDo(h control.Header, c record.Counts) string {
	what := "This run will " + Doing(c)
	if name := h.Organization.Name; name != "" && name != h.Organization.ID {
		what += ", in " + name
	}
	return what + "."
}

// HoldDetail says what holds a plan, and which of the removals count.
func HoldDetail(h control.Header, hold control.Hold) []string {
	lines := []string{hold.Detail}
	all := h.Counts.Users.Deactivate + h.Counts.Users.Delete + h.Counts.Groups.Delete
	if n := all - hold.Count; hold.Rule == DeleteThreshold && n > 0 {
		lines = append(lines, number(hold.Count)+" of the "+number(all)+" count towards the threshold; the other "+
			number(n)+of(n, " is", " are")+" disabled in AD.")
	}
	return lines
}

// Excluded says how many changes the operator excluded, and what those would have done.
func Excluded(n int64, c record.Counts) []string {
	if n == 0 {
		return nil
	}
	text := count(n, "change is", "changes are") + " excluded"
	if c.Writes() > 0 {
		text += " (" + strings.Join(Written(c), ", ") + ")"
	}
	return []string{text + "; the next plan has " + of(n, "it", "them") + " again. Changes that depend on " +
		of(n, "it", "them") + " are skipped."}
}

// Doing says what a run does, in one sentence: "add 46 people and update 3 groups".
func Doing(c record.Counts) string {
	all := doing(c)
	last := len(all) - 1
	if last < 1 {
		return strings.Join(all, "")
	}
	return strings.Join(all[:last], ", ") + " and " + all[last]
}

// doing returns counts as what a run will do: "add 46 people, update 3 groups".
func doing(c record.Counts) []string {
	words := Written(c)
	if len(words) == 0 {
		return []string{"change nothing"}
	}
	infinitive := map[string]string{"added": "add", "updated": "update", "renamed": "rename",
		"reactivated": "reactivate", "deactivated": "deactivate", "deleted": "delete", "removed": "remove"}
	for i, w := range words {
		at := strings.LastIndexByte(w, ' ')
		words[i] = infinitive[w[at+1:]] + " " + w[:at]
	}
	return words
}

// Blocked says why a plan cannot be overridden; "" if it can.
func Blocked(h control.Header) string {
	if len(h.Holds) == 0 {
		return "nothing holds the plan"
	}
	for _, hold := range h.Holds {
		if !hold.Overridable {
			return "this hold cannot be overridden: " + hold.Detail
		}
	}
	return ""
}

// ReadFrom says what a plan was made from.
func ReadFrom(h control.Header) string {
	text := "Organization " + h.Organization.Name + "."
	var people, groups int64
	for _, dir := range h.Directories {
		people, groups = people+dir.People, groups+dir.Groups
	}
	if people+groups == 0 {
		return text
	}
	return text + " Read " + count(people, "person", "people") + " and " + count(groups, "group", "groups") +
		" from AD, " +
		count(h.CloudUsers+h.CloudGroups, "cloud account", "cloud accounts") + "."
}

// Warnings says what the operator must know about a plan before applying it.
func Warnings(h control.Header, to Audience) []Fact {
	var all facts
	if h.Mode == record.Purge && h.Counts.Users.Delete > 0 {
		all.tone(Warn, "", control.PurgeWarning)
	}
	for _, note := range h.Notes {
		all.tone(Warn, "", In(to, note))
	}
	for _, dir := range h.Directories {
		if !dir.Whole {
			all.problem("", "Directory "+dir.Name+" could not be read: "+Sentence(dir.Error)+
				" Its people are left unchanged, and no account is removed.", In(to, dir.Remedy))
		}
	}
	return all
}

// Notes says everything about a plan besides its changes: the warnings first.
func Notes(h control.Header, to Audience) []Fact {
	all := facts(Warnings(h, to))
	if n := h.Drift; n.Any() {
		all.tone(Warn, "", "Changed in the cloud by hand since the last run: "+n.Text()+". The plan restores it.")
	}
	if n := h.Drift.Both; n > 0 {
		all.tone(Warn, "", count(n, "field was", "fields were")+
			" changed both in the directory and by hand in the cloud; the directory's value wins.")
	}
	if h.Withheld > 0 {
		all.tone(Warn, "", Withheld(h.Withheld))
	}
	if h.Instead != "" {
		all.add("", "Everything was read, not only the changes: "+Sentence(h.Instead))
	}
	return append(all, alone(h)...)
}

// CloudEdits is the heading of the changes that were made in the cloud by hand.
const CloudEdits = "Edits in the cloud that the plan restores"

// alone says which accounts stay unchanged, and which rules for that expire.
func alone(h control.Header) (all facts) {
	if n := h.Kept; n > 0 {
		all.add("", count(n, "account is", "accounts are")+" kept from the purge by hand.")
	}
	if n := h.Unmanaged; n > 0 {
		all.add("", count(n, "account is", "accounts are")+" unmanaged, by rules, and left unchanged.")
	}
	if n := h.Protected; n > 0 {
		all.add("", count(n, "account is", "accounts are")+" protected and never changed.")
	}
	if n := h.Counts.AdminsDelete; n > 0 {
		all.add("", count(n, "full administrator is", "full administrators are")+" protected from deletion.")
	}
	for _, u := range h.UnmanagedRules {
		switch {
		case u.Expired:
			all.tone(Warn, "", "The rule "+u.Rule+" ("+u.Reason+") expired on "+u.Until+": its accounts are unmatched again.")
		case u.EndsSoon:
			all.tone(Warn, "", "The rule "+u.Rule+" ("+u.Reason+") ends on "+u.Until+".")
		}
	}
	return all
}
