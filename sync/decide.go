package sync

import (
	"fmt"
	"strings"
	"time"

	"dirbridge/sync/identity"
	"dirbridge/sync/stage"
)

// candidate is a resource that may belong to a person, with the anchor that has a
// right to it: the one linked, else the one that its externalId names.
type candidate struct {
	id         identity.ResourceID
	owner      identity.Anchor
	ownerInSrc bool
	ownerSick  bool // the owner is in the directory, but has a problem
	// ownerUnread: the owner may well be in a directory that could not be read.
	ownerUnread bool
	ownerDN     string // where the owner is in the directory
}

// subject is one person or group with all resources that may be its own.
type subject struct {
	anchor     identity.Anchor
	kind       identity.Kind
	dn, key    string
	active     bool // as the directory has it
	sick       bool // has a problem: nothing is decided, its accounts are protected
	linked     bool // a link is remembered
	linkedAt   time.Time
	linkedID   identity.ResourceID
	byLink     []candidate // at most one: what the link points at, if it is listed
	byExternal []candidate
	byKey      []candidate
	bySID      []candidate // accounts of those whom the SID history names; id is "" where there is none
}

// verdict is what matching decided for one subject.
type verdict struct {
	id         identity.ResourceID // "" with how == byAdd
	how        string
	problem    string // set: nothing is claimed
	field      string // that the problem is about
	remedy     string
	relinks    identity.Anchor // the missing owner from whom the account is taken over
	sidMatches []candidate     // owners that the subject is, too, and that have not gone
	waits      bool            // just created, not yet listed: nothing to do this time
}

// decide is the whole matching rule. Identity is the GUID (P5): the link, then
// externalId, then the key. Where they disagree it is a problem, never a choice.
//
//	link      externalId    key                     verdict
//	A         A or none     any                     A
//	A         B             any                     problem: two accounts claim the person
//	gone      -             -                       as without link; young links wait
//	none      A             any                     A, unless A is linked to someone else
//
// none      A             any                     A, linked anew, if linked to the same GUID in
// another directory that it left
//
//	none      A and B       any                     problem
//
// none      none          any                     A, linked anew, if A is of one who is gone and
// whom the SID history names
//
//	none      none          any                     problem, if the SID history names one who is here, or was not read
//	none      none          other or none           problem, if the SID history names several with accounts who are gone
//	none      none          A, nobody's             A
//	none      none          A, of one who is gone   A, linked anew
//	none      none          A, of one with problem  problem: naming conflict
//	none      none          A, of one not read      problem: naming conflict
//	none      none          A, of one who is here   add (orderKeys frees the key, or reports it)
//	none      none          A and B (groups)        problem
//	none      none          none                    add
func decide(s subject, settling time.Duration, now time.Time) verdict {
	external := distinct(s.byExternal)
	if len(s.byLink) > 0 {
		for _, c := range external {
			if c.id != s.byLink[0].id {
				return verdict{problem: fmt.Sprintf("It is linked to the %[1]s %[2]s, but the %[1]s %[3]s carries its "+
					"objectGUID.", stage.Called(s.kind), s.byLink[0].id, c.id), field: fieldExternalID,
					remedy: "Remove the externalId from the " + stage.Called(s.kind) +
						" that is not this one's, then synchronize again."}
			}
		}
		return verdict{id: s.byLink[0].id, how: byLink}
	}
	if s.linked && s.linkedID != "" && stage.Young(s.linkedAt, now, settling) {
		return verdict{waits: true}
	}
	switch len(external) {
	case 0:
	case 1:
		if c := external[0]; c.owner != "" && c.owner != s.anchor {
			// A move between two domains of one forest keeps the GUID.
			if c.owner.GUID() == s.anchor.GUID() && !c.ownerInSrc && !c.ownerUnread {
				return verdict{id: c.id, how: byRelink, relinks: c.owner}
			}
			return verdict{problem: fmt.Sprintf("The %s %s carries its objectGUID, but is linked to %s.", stage.Called(s.kind),
				c.id, c.owner), field: fieldExternalID,
				remedy: "Correct the externalId of that " + stage.Called(s.kind) + ", then synchronize again."}
		}
		return verdict{id: external[0].id, how: byExternal}
	default:
		return verdict{problem: fmt.Sprintf("%d %ss carry its objectGUID as externalId: %s.", len(external),
			stage.Called(s.kind), joinIDs(external)), field: fieldExternalID,
			remedy: "Remove the externalId from all but the right one, then synchronize again."}
	}
	byK := distinct(s.byKey)
	if v, settled := matchBySIDHistory(s, byK); settled {
		return v
	}
	switch len(byK) {
	case 0:
		return verdict{how: byAdd}
	case 1:
	default:
		return verdict{problem: fmt.Sprintf("%d cloud %ss have the name %s: %s.", len(byK), s.kind, s.key, joinIDs(byK)),
			remedy: "Rename all but one of them in the cloud, or set the externalId of the right one."}
	}
	switch c := byK[0]; {
	case c.ownerUnread:
		return verdict{problem: stage.NamingConflict(s.dn, s.key, string(s.kind)),
			remedy: "That " + stage.Called(s.kind) + " may belong to a directory that could not be read: see to that first."}
	case c.owner == "" || c.owner == s.anchor:
		return verdict{id: c.id, how: byKey}
	case !c.ownerInSrc:
		return verdict{id: c.id, how: byRelink, relinks: c.owner}
	case c.ownerSick:
		return verdict{problem: stage.NamingConflict(s.dn, s.key, string(s.kind)),
			remedy: "That " + stage.Called(s.kind) + " belongs to " + string(c.owner) +
				", which has a problem of its own: resolve that first."}
	default:
		return verdict{how: byAdd}
	}
}

func distinct(cs []candidate) []candidate {
	var out []candidate
	for _, c := range cs {
		seen := false
		for _, o := range out {
			seen = seen || o.id == c.id
		}
		if !seen {
			out = append(out, c)
		}
	}
	return out
}

func joinIDs(cs []candidate) string {
	ids := make([]string, len(cs))
	for i, c := range cs {
		ids[i] = string(c.id)
	}
	return strings.Join(ids, ", ")
}
