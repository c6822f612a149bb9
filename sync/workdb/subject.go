package workdb

import (
	"context"

	"dirbridge/sync/identity"
)

// What ties a candidate to its subject: the values of Candidate.Tie.
const (
	TieLink = "link" // the state links the two
	TieGUID = "ext"  // the resource carries the GUID
	TieKey  = "key"  // the keys are the same
	TieSID  = "sid"  // the SID history names the owner; ID is "" if that one has no account
)

// Subject is an entry whose resource is to be found.
type Subject struct {
	Anchor   identity.Anchor
	Kind     identity.Kind
	DN, Key  string
	Active   bool
	Problem  bool
	LinkedID identity.ResourceID // as the state has it, or ""
	Linked   int64               // since when, in Unix seconds
}

// Candidate is a resource that may belong to a subject. Tie is "" in the row of a subject without
// candidates.
type Candidate struct {
	Tie          string
	ID           identity.ResourceID
	Owner        identity.Anchor // linked, or named by the externalId; or ""
	OwnerListed  bool
	OwnerProblem bool
	OwnerDN      string
	Foreign      bool // its externalId is another GUID
}

// SubjectRow is a subject with one of its candidates.
type SubjectRow struct {
	Subject
	Candidate Candidate
}

// sidCandidates selects the accounts of the objects in a SID history, and those objects that
// have no account yet, if they are in the directory. It is part of the query of subjects.
const sidCandidates = `UNION ALL SELECT p.anchor, 'sid', coalesce(r.id,''), o.anchor, ''
	FROM sid_history p CROSS JOIN shadow o ON o.sid=p.sid AND o.kind='user' AND o.anchor<>p.anchor
		LEFT JOIN resource r ON r.kind='user' AND o.id<>'' AND r.id=o.id
	UNION ALL SELECT p.anchor, 'sid', '', o.anchor, '' FROM sid_history p
		CROSS JOIN entry o ON o.sid=p.sid AND o.kind='user' AND o.anchor<>p.anchor AND o.problem=0`

const subjects = `
SELECT s.anchor, s.kind, s.dn, s.key, s.active, s.problem>0, coalesce(shadow.id,''), coalesce(shadow.linked,0),
	coalesce(c.how,''), coalesce(c.id,''), coalesce(c.owner,''), o.anchor IS NOT NULL, coalesce(o.problem>0,0),
		coalesce(o.dn,''), coalesce(c.extf NOT IN ('', s.guid),0)
FROM entry s LEFT JOIN shadow ON shadow.anchor=s.anchor
LEFT JOIN (
	SELECT shadow.anchor AS a, 'link' AS how, r.id, r.owner, r.extf
		FROM shadow JOIN resource r ON r.kind=shadow.kind AND r.id=shadow.id WHERE shadow.id<>''
	UNION ALL SELECT s.anchor, 'ext', r.id, r.owner, r.extf FROM entry s
		JOIN resource r ON r.kind=s.kind AND r.extf=s.guid WHERE s.guid<>''
	UNION ALL SELECT s.anchor, 'key', r.id, r.owner, r.extf FROM entry s
		JOIN resource r ON r.kind=s.kind AND r.keyf=s.keyf WHERE s.keyf<>''
	` + sidCandidates + `
) c ON c.a=s.anchor
LEFT JOIN entry o ON o.anchor=c.owner
ORDER BY s.anchor`

// EachSubject calls fn for every entry with each of its candidates, in order of anchor. fn must not
// write to the tables of entries, resources and shadows.
func (w *DB) EachSubject(ctx context.Context, fn func(SubjectRow) error) error {
	return each(ctx, w, subjects, func(s *SubjectRow) []any {
		c := &s.Candidate
		return []any{&s.Anchor, &s.Kind, &s.DN, &s.Key, &s.Active, &s.Problem, &s.LinkedID, &s.Linked, &c.Tie, &c.ID,
			&c.Owner, &c.OwnerListed, &c.OwnerProblem, &c.OwnerDN, &c.Foreign}
	}, fn)
}
