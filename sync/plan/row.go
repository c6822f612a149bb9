package plan

import "dirbridge/sync/identity"

// Row is the JSON form of a change. The names are part of the format.
type Row struct {
	Seq    int64           `json:"seq"`
	Action Action          `json:"action"`
	Kind   identity.Kind   `json:"kind"`
	Key    string          `json:"key"`
	DN     string          `json:"dn"`
	Anchor identity.Anchor `json:"anchor"`
	ID     string          `json:"id"`
	Fields []RowField      `json:"fields"`
	Reason string          `json:"reason"`
	Cause  string          `json:"cause"`
	Member string          `json:"member,omitempty"`
	Via    string          `json:"via,omitempty"`
	// Drift: the account was removed, or the membership was edited, in the cloud.
	Drift bool `json:"drift"`
	// LeftOut: the operator excluded it from the plan.
	LeftOut bool `json:"left_out,omitempty"`
}

// RowField is a field of a Row.
type RowField struct {
	Name  string `json:"name"`
	Old   any    `json:"old"` // one value as itself, several as a list, none as null
	New   any    `json:"new"`
	Drift bool   `json:"drift"` // edited in the cloud, and not changed in the directory
	From  string `json:"from"`  // see FieldDiff.Side
}

// RowOf is the JSON form of a change.
func RowOf(c Change) Row {
	r := Row{Seq: c.Seq, Action: c.Action, Kind: c.Kind, Key: c.Key, DN: c.DN, Anchor: c.Anchor, ID: string(c.ID),
		Reason: c.Reason, Cause: c.Cause, Member: c.MemberKey, Via: c.Via, Drift: c.Drift, Fields: []RowField{}}
	for _, f := range c.Fields {
		r.Fields = append(r.Fields, RowField{f.Name, plainly(f.Old), plainly(f.New), f.Drift, f.Side()})
	}
	return r
}

func plainly(v []string) any {
	switch len(v) {
	case 0:
		return nil
	case 1:
		return v[0]
	}
	return v
}

// Side says where a field was changed: directory, mapping, cloud or both.
func (f FieldDiff) Side() string {
	switch {
	case f.Drift:
		return "cloud"
	case f.Both:
		return "both"
	case f.Mapping:
		return "mapping"
	}
	return "directory"
}
