package view

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/ui/look"
)

// ChangeName returns the name of the object of a change; that of a membership is its member's.
func ChangeName(c *control.Change) string {
	if c.Kind == identity.Member {
		return c.MemberKey
	}
	return c.Key
}

// ChangeSubject returns the query that explains the object of a change.
func ChangeSubject(c *control.Change) string {
	switch {
	case c.Kind == identity.Member && c.Member != "":
		return string(c.Member)
	case c.Anchor != "":
		return string(c.Anchor)
	}
	return string(c.ID)
}

// FirstLink is the change of an account that is matched for the first time, and needs no other change.
const FirstLink = "linked to its AD object"

// ChangeWords returns the most important fact of a change.
func ChangeWords(c *control.Change, to Audience) string {
	switch {
	case c.Kind == identity.Member:
		return membership(c)
	case c.Drift:
		return "removed in the cloud by hand; will be restored"
	case c.Action == "add" && c.DN != "" && to != Plain:
		return c.DN
	case c.Action == "add" || len(c.Fields) == 0 && (c.Action == "update" || c.Action == "rename"):
		return c.Reason
	case c.Action != "update" && c.Action != "rename":
		return Because(c)
	}
	fields := slices.DeleteFunc(slices.Clone(c.Fields), func(f control.Field) bool { return Housekeeping(f.Name) })
	if len(fields) == 0 {
		return FirstLink
	}
	first := slices.IndexFunc(fields, func(f control.Field) bool { return f.Drift })
	if first < 0 && c.Action == "rename" {
		first = slices.IndexFunc(fields, func(f control.Field) bool { return f.Name == "uid" })
	}
	text := FieldWords(fields[max(first, 0)], to)
	if fields[max(first, 0)].Drift {
		text = "cloud edit: " + text
	}
	if n := len(fields) - 1; n > 0 {
		text += ", and " + number(int64(n)) + " more"
	}
	return text
}

func membership(c *control.Change) string {
	switch {
	case c.Action == "remove" && c.Drift:
		return "leaves group " + c.Key + " (added in the cloud by hand)"
	case c.Action == "remove":
		return "leaves group " + c.Key
	case c.Drift:
		return "joins group " + c.Key + " again (removed in the cloud by hand)"
	}
	return "joins group " + c.Key
}

// FieldWords returns the old and the new value of a field. For a screen reader, which reads an arrow
// as two signs or not at all, it uses words.
func FieldWords(f control.Field, to Audience) string {
	was, is := look.Values(f.Old), look.Values(f.New)
	switch {
	case to != Plain:
		return f.Name + ": " + was + " -> " + is
	case len(f.Old) > 0 && len(f.New) == 0:
		return f.Name + " is cleared, was " + was
	case len(f.Old) > 0:
		return f.Name + " becomes " + is + ", was " + was
	}
	return f.Name + " becomes " + is
}

// FieldSource says why a field differs, if the directory's change is not the whole reason.
func FieldSource(f control.Field) string {
	switch {
	case f.Drift:
		return "changed in the cloud by hand"
	case f.Both && f.Mapping:
		return "changed with the mapping; also in the cloud by hand"
	case f.Both:
		return "changed in the directory; also in the cloud by hand"
	case f.Mapping:
		return "changed with the mapping"
	}
	return ""
}

// ChangeNotes says what else is special about a change.
func ChangeNotes(c *control.Change) []Fact {
	var all facts
	if c.Drift {
		all.tone(Warn, "", Capital(ChangeWords(c, Console))+".")
	}
	if c.Via != "" {
		all.add("", "First renamed to "+c.Via+", because two people swap names.")
	}
	if c.Missing {
		all.tone(Dim, "", "It counts towards the delete threshold.")
	}
	if slices.ContainsFunc(c.Fields, func(f control.Field) bool { return Housekeeping(f.Name) }) {
		all.tone(Dim, "", "First link: the account stores the objectGUID of its AD object.")
	}
	return all
}

// ChangeIDs returns what identifies the object of a change on both sides.
func ChangeIDs(c *control.Change) []Fact {
	var all facts
	all.add("DN", c.DN)
	all.add("AD id", string(c.Anchor))
	all.add("Cloud id", string(c.ID))
	all.add("Member", string(c.Member))
	return all
}

// Because returns why an object is matched, deactivated, reactivated or deleted, in a few words.
func Because(c *control.Change) string {
	reason, _, _ := strings.Cut(c.Reason, ": it is at ")
	switch {
	case reason == "":
		return c.Cause
	case c.Cause == "" || reason == unmatched:
		return reason
	}
	return reason + ": " + c.Cause
}

// unmatched is the reason for accounts that all have the same cause, which says less.
const unmatched = "no match in any directory"

// Why returns the reason for a change as a sentence. Fields are named, but for those that only link.
func Why(c *control.Change) string {
	parts := strings.Split(c.Reason, "; ")
	for i, part := range parts {
		var told []string
		head, tail := part, ""
		for _, end := range []string{" differ from the directory", " differs from the directory", " changed"} {
			if before, ok := strings.CutSuffix(part, end); ok {
				head, tail = before, end
			}
		}
		if tail == "" {
			continue
		}
		for _, name := range strings.Split(head, ", ") {
			if !Housekeeping(name) {
				told = append(told, name)
			}
		}
		switch parts[i] = strings.Join(told, ", ") + tail; {
		case len(told) == 0:
			parts[i] = ""
		case len(told) == 1 && tail == " differ from the directory":
			parts[i] = told[0] + " differs from the directory"
		}
	}
	var all []string
	for _, part := range parts {
		if part != "" {
			all = append(all, part)
		}
	}
	text := sentence(strings.Join(all, "; "))
	if c.Cause != "" && c.Reason != unmatched {
		text = strings.TrimSpace(text + " " + sentence(c.Cause))
	}
	return text
}

// sentence begins a text with an upper-case letter, unless it begins with a name as written in the
// cloud, and ends it with a full stop.
func sentence(s string) string {
	if s == "" {
		return ""
	}
	first, n := utf8.DecodeRuneInString(s)
	if word, _, _ := strings.Cut(s, " "); strings.ToLower(word) == word {
		s = string(unicode.ToUpper(first)) + s[n:]
	}
	return strings.TrimSuffix(s, ".") + "."
}

// Housekeeping reports whether a field only links an account to its entry.
func Housekeeping(field string) bool {
	return field == "onPremObjectGUID" || strings.EqualFold(field, "externalId")
}
