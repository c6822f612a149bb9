package wire

import (
	"sort"

	"dirbridge/sync/identity"
)

const shadowVersion = 1

// Shadow appends a shadow, with the version of its encoding.
func (e *Encoder) Shadow(s *identity.Shadow) {
	e.Uint(shadowVersion)
	e.String(string(s.Anchor))
	e.String(string(s.Kind))
	e.String(s.DN)
	e.String(string(s.Parent))
	e.String(s.RDN)
	e.Attrs(s.Inputs)
	e.String(s.Base)
	e.Attrs(s.Applied)
	e.Bool(s.Active)
	e.String(string(s.ID))
	e.Time(s.Linked)
	e.String(string(s.State))
	e.Time(s.Since)
	e.Bool(s.ByUs)
	e.ignored(s.Ignored)
	e.Int(s.Run)
	e.fingerprint(s.Fingerprint)
}

func (e *Encoder) fingerprint(p identity.Fingerprint) {
	e.Uint(p.Source)
	e.Uint(p.Cloud)
	e.Uint(uint64(p.Key))
	e.Uint(uint64(p.Manager))
	e.Uint(uint64(p.DN))
}

func (e *Encoder) ignored(m map[string]identity.Ignored) {
	if m == nil {
		e.Uint(0)
		return
	}
	e.Uint(uint64(len(m)) + 1)
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		e.String(name)
		e.Strings(m[name].Wanted)
		e.Strings(m[name].Got)
		e.Bool(m[name].Sure)
	}
}

// Shadow reads a shadow.
func (d *Decoder) Shadow() identity.Shadow {
	if d.Uint() != shadowVersion {
		d.Fail()
		return identity.Shadow{}
	}
	return identity.Shadow{
		Anchor:      identity.Anchor(d.String()),
		Kind:        identity.Kind(d.String()),
		DN:          d.String(),
		Parent:      identity.Anchor(d.String()),
		RDN:         d.String(),
		Inputs:      d.Attrs(),
		Base:        d.String(),
		Applied:     d.Attrs(),
		Active:      d.Bool(),
		ID:          identity.ResourceID(d.String()),
		Linked:      d.Time(),
		State:       identity.State(d.String()),
		Since:       d.Time(),
		ByUs:        d.Bool(),
		Ignored:     d.ignored(),
		Run:         d.Int(),
		Fingerprint: d.fingerprint(),
	}
}

func (d *Decoder) ignored() map[string]identity.Ignored {
	n, ok := d.Len()
	if !ok {
		return nil
	}
	m := make(map[string]identity.Ignored, n)
	for range n {
		name := d.String()
		m[name] = identity.Ignored{Wanted: d.Strings(), Got: d.Strings(), Sure: d.Bool()}
	}
	return m
}

func (d *Decoder) fingerprint() identity.Fingerprint {
	return identity.Fingerprint{Source: d.Uint(), Cloud: d.Uint(), Key: uint32(d.Uint()), Manager: uint32(d.Uint()),
		DN: uint32(d.Uint())}
}
