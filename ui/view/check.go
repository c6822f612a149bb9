package view

import (
	"strings"
	"time"

	"dirbridge/sync/control"
)

// What the check does, and what it says if it has nothing.
const (
	CheckMeans = "A check reads the directories and lists duplicate, missing, invalid and unusual values, each with " +
		"its remedy. It does not use the cloud and writes nothing."
	NoCheck      = "No check yet."
	CheckClean   = "No findings: every value is valid."
	CheckFailed  = "The last check failed."
	FindingsFile = "The file contains names and addresses of people. An existing file is not overwritten."
)

// Findings counts findings.
func Findings(n int64) string { return count(n, "finding", "findings") }

// CheckPhase says what a check does, of which directory.
func CheckPhase(p control.CheckProgress) string {
	if p.Directory == "" {
		return string(p.Phase)
	}
	return string(p.Phase) + " of " + p.Directory
}

// CheckProgress says how far a check is.
func CheckProgress(p control.CheckProgress) string {
	text := CheckPhase(p)
	if p.Done > 0 {
		text += ": " + number(p.Done)
	}
	return text + ", " + Findings(p.Findings) + " so far"
}

// CheckRead says how many objects a check read, and which of them are special, omitting zeros.
func CheckRead(c control.CheckCounts) string {
	text := count(c.People, "person", "people")
	if c.Disabled > 0 {
		text += " (" + number(c.Disabled) + " disabled)"
	}
	words := []string{text, count(c.Groups, "group", "groups"), count(c.Memberships, "membership", "memberships")}
	return strings.Join(append(words, CheckSpecial(c)...), ", ")
}

// CheckSpecial says how many of the objects are not synchronized, or refer to others that are not.
func CheckSpecial(c control.CheckCounts) (words []string) {
	add := func(n int64, one, many string) {
		if n > 0 {
			words = append(words, count(n, one, many))
		}
	}
	add(c.Contacts, "contact", "contacts")
	add(c.Rooms, "room", "rooms")
	add(c.ManagersElsewhere, "manager out of scope", "managers out of scope")
	add(c.MembersElsewhere, "member out of scope", "members out of scope")
	if c.MembersElsewhere > 0 {
		words[len(words)-1] += " in " + count(c.GroupsElsewhere, "group", "groups")
	}
	return words
}

// Unchecked says that a directory could not be read.
func Unchecked(d control.CheckRead) Fact {
	return Fact{Text: "Directory " + d.Name + " could not be read and was not checked: " + d.Error, Tone: Bad,
		Remedy: d.Remedy}
}

// Finding returns what is wrong with an object: the attribute, its value, and the detail.
func Finding(f control.Finding) string {
	text := f.Attribute
	if f.Value != "" {
		text = strings.TrimSpace(text + ` "` + f.Value + `"`)
	}
	if text != "" && f.Detail != "" {
		text += ": "
	}
	return text + f.Detail
}

// FindingsName is the usual name of a file with findings.
func FindingsName(ended time.Time) string {
	return "dirbridge-check-" + ended.Format("20060102-1504") + ".csv"
}
