package sync

import (
	"strings"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/schema"
	"dirbridge/sync/stage"
)

// reasonOf returns the reason of a change, for one record.
func reasonOf(d *stage.Draft, p pair, c plan.Change) string {
	var why []string
	switch p.how {
	case byExternal:
		why = append(why, "linked to the account that carries its objectGUID")
	case byKey:
		why = append(why, "linked to the account of the same name")
	case byRelink:
		why = append(why, p.movedHere()+"the same name under a new objectGUID")
	case byHistory:
		why = append(why, p.movedHere()+"its SID history names "+p.was.DN)
	}
	switch c.Action {
	case plan.Add:
		if c.Drift {
			return "its account was removed in the cloud"
		}
		if p.goneInCloud {
			return "its account is not in the cloud any more"
		}
		return "new in the directory"
	case plan.Deactivate:
		why = append(why, byHand(c, "reactivated in the cloud since the last run, and ")+"disabled "+by(c, schema.Active,
			"in the directory", byMapping))
		if p.res != nil && p.res.Admin == identity.Yes {
			why = append(why, stage.FullAdministrator)
		}
		if stage.StayedOpen(c) {
			why = append(why, notKept)
		}
	case plan.Reactivate:
		if last := p.last(); last != nil && last.State == identity.Grace {
			why = append(why, "back in the directory")
		} else {
			why = append(why, byHand(c, "deactivated in the cloud since the last run, and ")+"enabled "+by(c, schema.Active,
				"in the directory", byMapping))
		}
	case plan.Rename:
		if f, _ := c.Field(stage.KeyField(c.Kind)); f.Drift {
			why = append(why, "renamed in the cloud since the last run")
		} else if f, ok := c.Field(schema.UID); ok && len(f.Old) == 1 && len(f.New) == 1 &&
			strings.EqualFold(f.Old[0], f.New[0]) {
			why = append(why, "letter case of the name differs")
		} else {
			why = append(why, "the name "+by(c, stage.KeyField(c.Kind), "changed", mapped))
		}
	}
	if rest := plainFields(c.Fields); len(rest) > 0 && (c.Action == plan.Update || len(rest) < len(c.Fields)) {
		why = append(why, p.fieldReasons(c.Fields)...)
	}
	if c.Via != "" {
		why = append(why, "by way of the temporary name "+c.Via+", because two swap theirs")
	}
	return strings.Join(why, "; ")
}
