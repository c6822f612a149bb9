package view

import (
	"dirbridge/config"
	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/look"
)

// Losses describes the effect of the counts c of a plan: how many accounts are deactivated, which
// of them the policy purges later, and which it does not (TestLossesNameThePurgedAccounts).
func Losses(p config.Policy, h control.Header, c record.Counts) []string {
	var lines []string
	if n := c.Users.Delete; n > 0 && h.Mode == record.Purge {
		return []string{look.Count(n, "person", "people") + " will be purged. " + control.PurgeWarning}
	}
	if n := c.Users.Deactivate; n > 0 {
		text := look.Count(n, "person", "people") + " will be deactivated"
		purged := purgedLater(p, h)
		switch {
		case purged == "":
			lines = append(lines, text+".")
		case h.Removals >= h.Counts.Users.Deactivate+h.Counts.Groups.Deactivate && staysUnmatched(p, h) == "":
			lines = append(lines, text+", and "+purged+".", control.PurgeWarning)
		default:
			lines = append(lines, text+". People removed from the directory or the scope are "+purged+".", control.PurgeWarning)
		}
		if h.UndoOf == 0 && h.Removals < h.Counts.Users.Deactivate+h.Counts.Groups.Deactivate {
			lines = append(lines,
				"People disabled in the directory stay deactivated; they are not purged while their entry exists.")
		}
		if text := staysUnmatched(p, h); text != "" {
			lines = append(lines, text)
		}
	}
	if n := c.Users.Delete; n > 0 {
		lines = append(lines, look.Count(n, "person",
			"people")+" will be deleted with all their spaces; that cannot be undone.")
	}
	return lines
}

// purgedLater says when the accounts that a plan deactivates are purged; "" if none is.
func purgedLater(p config.Policy, h control.Header) string {
	switch {
	case h.Removals == 0:
		return ""
	case p.OnMissing == "delete" && h.UndoOf == 0:
		return "deleted by the next purge"
	case p.PurgeAfter > 0:
		return "deleted after " + look.Length(p.PurgeAfter)
	}
	return ""
}

// staysUnmatched says that unmatched accounts are kept, if the plan may deactivate some of them.
func staysUnmatched(p config.Policy, h control.Header) string {
	if p.OnUnmatched != "deactivate" || h.UndoOf != 0 || h.Counts.Users.Unmatched == 0 {
		return ""
	}
	return "Unmatched accounts stay deactivated and are not purged."
}

// WhereQueued returns the place of the former entry of an account in the purge queue; an unmatched
// account never had one.
func WhereQueued(q control.Queued) string {
	if q.DN == "" {
		return "unmatched account " + string(q.ID)
	}
	return q.DN
}
