package view

import (
	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/ui/look"
)

// change says what the next run will write.
func change(x control.Explanation) (out facts) {
	if x.Change == nil && len(x.Members) == 0 {
		return facts{{Label: "change", Text: "none"}}
	}
	out = append(oneChange(x.Change), oneChange(x.Then)...)
	for _, m := range x.Members {
		if m.Action == "remove" {
			out.add("", "will be removed from "+m.Group)
		} else {
			out.add("", "will become a member of "+m.Group)
		}
	}
	out[0].Label = "change"
	return out
}

func oneChange(c *control.ExplainedChange) (out facts) {
	if c == nil {
		return nil
	}
	out.add("", string(c.Action)+": "+c.Reason)
	if c.Cause != "" {
		out.add("", "cause: "+c.Cause)
	}
	if c.Action == "add" {
		return out // every mapped attribute
	}
	for _, f := range c.Fields {
		out.add("", f.Name+": "+look.Values(f.Old)+" -> "+look.Values(f.New))
	}
	return out
}

// state says what runs have written of the subject, and what the purge will do.
func state(x control.Explanation) (out facts) {
	s := x.State
	switch {
	case s == nil && x.Failing != nil:
		return facts{{Label: "written", Text: "never: every attempt failed"}}
	case s == nil:
		return facts{{Label: "written", Text: "never"}}
	case s.Run == 0:
		out.add("written", "never by Dirbridge")
	case s.Written.IsZero():
		out.add("written", "last by run "+number(s.Run))
	default:
		out.add("written", "last "+moment(s.Written)+", by run "+number(s.Run))
	}
	switch {
	case !s.Inactive || s.State != identity.Live:
	case s.ByUs:
		out.add("inactive", "deactivated by Dirbridge"+deactivated(s)+
			"; it is deleted when the person has been missing for the whole grace period")
	default:
		out.add("inactive", "not deactivated by Dirbridge, which will not delete it")
	}
	if s.State == identity.Grace {
		out = append(out, grace(s)...)
	}
	if s.Leftover != "" {
		out.add("retried", "an earlier run left it for the next one: "+s.Leftover)
	}
	return out
}

// grace says since when the account is in its grace period, and when it ends.
func grace(s *control.Remembered) (out facts) {
	text := "since " + moment(s.Since)
	if s.ByUs {
		text += ", deactivated by Dirbridge" + deactivated(s)
	} else {
		text += ", not deactivated by Dirbridge, which will not delete it"
	}
	if !s.PurgeDue.IsZero() {
		text += "; due to be deleted " + moment(s.PurgeDue)
	}
	out.add("grace", text)
	if s.Kept != nil {
		out.add("", "kept from the purge "+s.Kept.Text())
	}
	if s.Unmanaged != "" {
		out.add("", "unmanaged, by a rule: "+s.Unmanaged)
	}
	return out
}

// deactivated says which run deactivated the account, and why.
func deactivated(s *control.Remembered) string {
	if s.Deactivated == nil {
		return ""
	}
	return " (run " + number(s.Deactivated.Run) + ": " + s.Deactivated.Reason + ")"
}
