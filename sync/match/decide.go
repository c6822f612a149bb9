package match

import (
	"fmt"
	"strings"
	"time"

	"dirbridge/sync/identity"
	"dirbridge/sync/stage"
	"dirbridge/sync/workdb"
)

// candidate is a resource that may belong to a person, with the anchor that owns it: the linked
// one, or else the one that its externalId names.
type candidate struct {
	id         identity.ResourceID
	owner      identity.Anchor
	ownerInSrc bool
	ownerSick  bool // the owner is in the directory, but has a problem
	// ownerUnread says that the owner may be in a directory that could not be read.
	ownerUnread bool
	ownerDN     string // DN of the owner in the directory
}

// subject is one person or group with all resources that may belong to it.
type subject struct {
	Anchor     identity.Anchor
	Kind       identity.Kind
	dn, Key    string
	active     bool // as in the directory
	sick       bool // has a problem: nothing is decided, its accounts are protected
	linked     bool // a link is remembered
	linkedAt   time.Time
	linkedID   identity.ResourceID
	byLink     []candidate // at most one: the linked one, if it is listed
	byExternal []candidate
	byKey      []candidate
	bySID      []candidate // accounts of objects that the SID history names; id is "" where there is none
}

// verdict is what matching decided for one subject.
type verdict struct {
	id         identity.ResourceID // "" with how == workdb.ByAdd
	how        string
	problem    string // set: no match
	field      string // of the problem
	remedy     string
	relinks    identity.Anchor // the missing owner from whom the account is taken over
	sidMatches []candidate     // owners that are the same person and are not gone
	waits      bool            // just created, not yet listed: nothing to do this time
}

// decide is the whole matching rule. Identity is the GUID (P5): the link, then externalId, then the
// key. If they disagree, the result is a problem, never a choice. TestDecide has a case for each row.
//
//	link   externalId  key                     verdict
//	A      A or none   any                     A
//	A      B           any                     problem: two accounts claim the person
//	gone   -           -                       as without link; young links wait
//	none   A           any                     A, unless A is linked to another object
//	none   A           any                     A, linked again, if linked to the same GUID in
//	                                           another directory that it left
//	none   A and B     any                     problem
//	none   none        any                     A, linked again, if the SID history names the owner
//	                                           of A, who is gone
//	none   none        any                     problem, if the SID history names an object that is
//	                                           in the directory, or was not read
//	none   none        other or none           problem, if the SID history names several objects
//	                                           that are gone and have accounts
//	none   none        A, without owner        A
//	none   none        A, owner is gone        A, linked again
//	none   none        A, owner has a problem  problem: naming conflict
//	none   none        A, owner was not read   problem: naming conflict
//	none   none        A, owner is present     add (orderKeys frees the key, or reports it)
//	none   none        A and B (groups)        problem
//	none   none        none                    add
func decide(s subject, settling time.Duration, now time.Time) verdict {
	external := distinct(s.byExternal)
	if len(s.byLink) > 0 {
		for _, c := range external {
			if c.id != s.byLink[0].id {
				return verdict{problem: fmt.Sprintf("It is linked to the %[1]s %[2]s, but the %[1]s %[3]s carries its "+
					"objectGUID.", stage.Called(s.Kind), s.byLink[0].id, c.id), field: fieldExternalID,
					remedy: "Remove the externalId from the " + stage.Called(s.Kind) +
						" that is not this one's, then synchronize again."}
			}
		}
		return verdict{id: s.byLink[0].id, how: workdb.ByLink}
	}
	if s.linked && s.linkedID != "" && stage.Young(s.linkedAt, now, settling) {
		return verdict{waits: true}
	}
	switch len(external) {
	case 0:
	case 1:
		if c := external[0]; c.owner != "" && c.owner != s.Anchor {
			// A move between two domains of one forest keeps the GUID.
			if c.owner.GUID() == s.Anchor.GUID() && !c.ownerInSrc && !c.ownerUnread {
				return verdict{id: c.id, how: workdb.ByRelink, relinks: c.owner}
			}
			return verdict{problem: fmt.Sprintf("The %s %s carries its objectGUID, but is linked to %s.", stage.Called(s.Kind),
				c.id, c.owner), field: fieldExternalID,
				remedy: "Correct the externalId of that " + stage.Called(s.Kind) + ", then synchronize again."}
		}
		return verdict{id: external[0].id, how: workdb.ByExternal}
	default:
		return verdict{problem: fmt.Sprintf("%d %ss carry its objectGUID as externalId: %s.", len(external),
			stage.Called(s.Kind), joinIDs(external)), field: fieldExternalID,
			remedy: "Remove the externalId from all but the right one, then synchronize again."}
	}
	byK := distinct(s.byKey)
	if v, settled := matchBySIDHistory(s, byK); settled {
		return v
	}
	switch len(byK) {
	case 0:
		return verdict{how: workdb.ByAdd}
	case 1:
	default:
		return verdict{problem: fmt.Sprintf("%d cloud %ss have the name %s: %s.", len(byK), s.Kind, s.Key, joinIDs(byK)),
			remedy: "Rename all but one of them in the cloud, or set the externalId of the right one."}
	}
	switch c := byK[0]; {
	case c.ownerUnread:
		return verdict{problem: stage.NamingConflict(s.dn, s.Key, string(s.Kind)),
			remedy: "That " + stage.Called(s.Kind) + " may belong to a directory that could not be read: see to that first."}
	case c.owner == "" || c.owner == s.Anchor:
		return verdict{id: c.id, how: workdb.ByKey}
	case !c.ownerInSrc:
		return verdict{id: c.id, how: workdb.ByRelink, relinks: c.owner}
	case c.ownerSick:
		return verdict{problem: stage.NamingConflict(s.dn, s.Key, string(s.Kind)),
			remedy: "That " + stage.Called(s.Kind) + " belongs to " + string(c.owner) +
				", which has a problem of its own: resolve that first."}
	default:
		return verdict{how: workdb.ByAdd}
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
