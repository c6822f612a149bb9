package view

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"dirbridge/sync/control"
)

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
