package diff

import (
	"strings"

	"dirbridge/sync/fingerprint"
	"dirbridge/sync/guard"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/schema"
	"dirbridge/sync/stage"
	"dirbridge/sync/workdb"
)

// reasonOf returns the reason of a change, for one record.
func reasonOf(d *stage.Draft, p Pair, c plan.Change) string {
	var why []string
	switch p.How {
	case workdb.ByExternal:
		why = append(why, "matched by objectGUID")
	case workdb.ByKey:
		why = append(why, "matched by name")
	case workdb.ByRelink:
		why = append(why, p.relinkReason()+"the same name under a new objectGUID")
	case workdb.ByHistory:
		why = append(why, p.relinkReason()+"its SID history names "+p.was.DN)
	}
	switch c.Action {
	case plan.Add:
		if c.Drift {
			return "its account was removed in the cloud"
		}
		if p.goneInCloud {
			return "its account no longer exists in the cloud"
		}
		return "new in the directory"
	case plan.Deactivate:
		why = append(why, byHand(c, "reactivated in the cloud since the last run, and ")+"disabled "+by(c, schema.Active,
			"in the directory", guard.ByMapping))
		if p.Res != nil && p.Res.Admin == identity.Yes {
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
				"in the directory", guard.ByMapping))
		}
	case plan.Rename:
		if f, _ := c.Field(stage.KeyField(c.Kind)); f.Drift {
			why = append(why, "renamed in the cloud since the last run")
		} else if f, ok := c.Field(schema.UID); ok && len(f.Old) == 1 && len(f.New) == 1 &&
			strings.EqualFold(f.Old[0], f.New[0]) {
			why = append(why, "letter case of the name differs")
		} else {
			why = append(why, "the name "+by(c, stage.KeyField(c.Kind), "changed", guard.Mapped))
		}
	}
	if rest := plainFields(c.Fields); len(rest) > 0 && (c.Action == plan.Update || len(rest) < len(c.Fields)) {
		why = append(why, p.fieldReasons(c.Fields)...)
	}
	if c.Via != "" {
		why = append(why, "through the temporary name "+c.Via+", because two accounts swap names")
	}
	return strings.Join(why, "; ")
}

// fingerprintOf returns the fingerprint to store for a person: from the account as it is, if there
// is nothing to do, otherwise as it should be listed once the change is done. If the cloud then
// shows something else, the person counts as changed again.
func fingerprintOf(d *stage.Draft, p Pair, after identity.Shadow, done bool) identity.Fingerprint {
	if p.Kind != identity.User || p.unsure {
		return identity.Fingerprint{}
	}
	admin := identity.No
	if p.Res != nil {
		admin = p.Res.Admin
	}
	follow := d.Env.Mappers.Follow(p.anchor.Directory())
	pr := identity.Fingerprint{Source: uint64(p.fingerprint), Cloud: d.Fingerprints.Account(fingerprint.AsListed(after,
		admin), follow), Key: fingerprint.KeyHash(identity.Fold(p.key)), DN: fingerprint.KeyHash(identity.Fold(p.dn))}
	if p.mgr != "" {
		pr.Manager = fingerprint.KeyHash(p.mgr)
	}
	if done && d.Fingerprints.Account(*p.Res, follow) != pr.Cloud {
		// The account has something that is not in the shadow: the person then counts as changed.
		pr.Cloud = 0
	}
	return pr
}

// byHand returns the text if the state of the account was changed in the cloud.
func byHand(c plan.Change, text string) string {
	if f, _ := c.Field(schema.Active); f.Drift {
		return text
	}
	return ""
}

// plainFields returns the fields that the action does not name already.
func plainFields(fields []plan.FieldDiff) []string {
	var names []string
	for _, f := range fields {
		if f.Name != schema.Active && f.Name != schema.UID {
			names = append(names, f.Name)
		}
	}
	return names
}
