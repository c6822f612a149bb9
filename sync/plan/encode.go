package plan

import (
	"dirbridge/sync/identity"
	"dirbridge/sync/plan/wire"
)

// All encodings from firstVersion on can be read: journals keep changes as long as their runs are
// remembered. A change is written in changeVersion, or in mappingVersion if it has a field that the
// mapping changed.
const (
	firstVersion   = 1 // without drift
	changeVersion  = 2
	mappingVersion = 3
)

// MarshalBinary encodes a change for plan files and journals. The encoding is complete:
// UnmarshalBinary needs nothing else.
func (c Change) MarshalBinary() ([]byte, error) {
	var e wire.Encoder
	encodeChange(&e, &c)
	return e.Bytes(), nil
}

// UnmarshalBinary decodes the output of MarshalBinary, with times in UTC. It returns
// wire.ErrDamaged for anything else.
func (c *Change) UnmarshalBinary(b []byte) error {
	d := wire.NewDecoder(b)
	got := decodeChange(d)
	if err := d.Done(); err != nil {
		return err
	}
	*c = got
	return nil
}

func encodeChange(e *wire.Encoder, c *Change) {
	version := uint64(changeVersion)
	for _, f := range c.Fields {
		if f.Mapping {
			version = mappingVersion
		}
	}
	e.Uint(version)
	e.Int(c.Seq)
	e.String(string(c.Action))
	e.String(string(c.Kind))
	e.Int(int64(c.Phase))
	e.Int(int64(c.Wave))
	e.String(string(c.Anchor))
	e.String(string(c.Member))
	e.String(string(c.ID))
	e.String(string(c.MemberID))
	e.String(string(c.MemberKind))
	e.String(c.Key)
	e.String(c.MemberKey)
	e.String(c.DN)
	e.String(c.SourceBase)
	e.String(c.CloudBase)
	e.String(c.CloudVersion)
	encodeFields(e, c.Fields, version)
	e.String(c.Via)
	e.String(c.Reason)
	e.String(c.Cause)
	e.Bool(c.Missing)
	e.Bool(c.Drift)
	e.Bool(c.After != nil)
	if c.After != nil {
		e.Shadow(c.After)
	}
}

func encodeFields(e *wire.Encoder, fields []FieldDiff, version uint64) {
	if fields == nil {
		e.Uint(0)
		return
	}
	e.Uint(uint64(len(fields)) + 1)
	for _, f := range fields {
		e.String(f.Name)
		e.Strings(f.Old)
		e.Strings(f.New)
		e.Bool(f.Ref)
		e.Bool(f.Drift)
		e.Bool(f.Both)
		if version >= mappingVersion {
			e.Bool(f.Mapping)
		}
	}
}

func decodeChange(d *wire.Decoder) Change {
	version := d.Uint()
	if version < firstVersion || version > mappingVersion {
		d.Fail()
		return Change{}
	}
	c := Change{
		Seq:          d.Int(),
		Action:       Action(d.String()),
		Kind:         identity.Kind(d.String()),
		Phase:        Phase(d.Int()),
		Wave:         int(d.Int()),
		Anchor:       identity.Anchor(d.String()),
		Member:       identity.Anchor(d.String()),
		ID:           identity.ResourceID(d.String()),
		MemberID:     identity.ResourceID(d.String()),
		MemberKind:   identity.Kind(d.String()),
		Key:          d.String(),
		MemberKey:    d.String(),
		DN:           d.String(),
		SourceBase:   d.String(),
		CloudBase:    d.String(),
		CloudVersion: d.String(),
		Fields:       decodeFields(d, version),
		Via:          d.String(),
		Reason:       d.String(),
		Cause:        d.String(),
		Missing:      d.Bool(),
	}
	if version > 1 {
		c.Drift = d.Bool()
	}
	if d.Bool() {
		after := d.Shadow()
		c.After = &after
	}
	return c
}

func decodeFields(d *wire.Decoder, version uint64) []FieldDiff {
	n, ok := d.Len()
	if !ok {
		return nil
	}
	fields := make([]FieldDiff, 0, min(n, 64))
	for range n {
		f := FieldDiff{Name: d.String(), Old: d.Strings(), New: d.Strings(), Ref: d.Bool()}
		if version > 1 {
			f.Drift, f.Both = d.Bool(), d.Bool()
		}
		if version >= mappingVersion {
			f.Mapping = d.Bool()
		}
		fields = append(fields, f)
	}
	return fields
}
