package plan

import (
	"fmt"
	"strings"

	"dirbridge/sync/identity"
)

// AddProblem appends a problem of a record of the kind.
func (w *Writer) AddProblem(kind identity.Kind, p identity.Problem) error {
	return w.put(tblProblem, string(kind), string(p.Anchor), p.DN, p.Attribute, string(p.Side), p.Message, p.Remedy,
		fold(p.DN, p.Attribute, p.Message))
}

// AddUnmatched appends an account to list.
func (w *Writer) AddUnmatched(u Unmatched) error {
	return w.put(tblUnmatched, string(u.ID), string(u.Kind), u.Key, u.Name, flag(u.Active), flag(u.Admin), u.Kept,
		fold(u.Key, u.Name, string(u.ID), u.Kept))
}

// AddShadow appends a shadow to store when the plan is applied, without a write to the cloud.
func (w *Writer) AddShadow(s identity.Shadow) error { return w.AddEncodedShadow(w.enc.Shadow(s)) }

// AddEncodedShadow appends a shadow that Encoder encoded.
func (w *Writer) AddEncodedShadow(payload []byte) error { return w.put(tblShadow, payload) }

// Forget appends a shadow to drop when the plan is applied.
func (w *Writer) Forget(a identity.Anchor) error { return w.put(tblForget, string(a)) }

// AddEdge appends a present edge of the directory. All edges of a directory together replace the
// stored ones.
func (w *Writer) AddEdge(directory string, e identity.Edge) error {
	return w.put(tblEdge, directory, string(e.Kind), string(e.From), string(e.To.Anchor), e.To.DN, e.To.SID)
}

// ChangeEdge appends one added or removed edge of a directory. These are applied in order, after
// all edges from AddEdge.
func (w *Writer) ChangeEdge(directory string, e identity.Edge, removed bool) error {
	return w.put(tblEdgeChange, directory, string(e.Kind), string(e.From), string(e.To.Anchor), e.To.DN, e.To.SID,
		flag(removed))
}

// AddDeferred appends a deferred object to store.
func (w *Writer) AddDeferred(t identity.Deferred) error {
	return w.put(tblDeferred, string(t.Anchor), string(t.Kind), t.Key, flag(t.Again))
}

// Settle appends an object that is no longer deferred.
func (w *Writer) Settle(a identity.Anchor) error { return w.put(tblSettled, string(a)) }

// ReplaceDeferred makes the deferred objects of this plan replace all stored ones. Without it they
// replace only those of the same objects.
func (w *Writer) ReplaceDeferred() error {
	if w.rows[tblReplaced].rows > 0 {
		return nil
	}
	return w.put(tblReplaced, tables()[tblDeferred].name)
}

// AddContainer appends a present container of the directory.
func (w *Writer) AddContainer(directory string, c identity.Container) error {
	return w.put(tblContainer, directory, string(c.Anchor), c.DN, c.Parent)
}

// SetValue sets a value of the state to store when the plan is applied. The last value for a name
// counts.
func (w *Writer) SetValue(name, value string) error {
	if name == "" {
		return fmt.Errorf("a value of the state has no name")
	}
	w.values[name] = value
	return nil
}

func fold(parts ...string) string { return identity.Fold(strings.Join(parts, "\n")) }
