package scope

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Tick is the state of a container's box.
type Tick int

const (
	Off  Tick = iota // neither it nor anything below is in scope
	On               // it and everything below is in scope
	Part             // partly in scope: something below was ticked or unticked
)

// Scope is a selection of containers. A DN is in scope if it is at or below a base DN, or if there
// is none, and if it is not at or below an excluded DN. An exclusion always wins, so nothing below
// one can be selected again.
type Scope struct {
	bases    map[string]string // by key, as written
	whole    bool              // there is no base DN: the whole directory
	excludes map[string]string
	roots    []string
}

// New reads the two lists of the configuration. No base DN means the whole directory.
func New(baseDNs, excludeDNs []string) *Scope {
	s := &Scope{bases: map[string]string{}, excludes: map[string]string{}, whole: len(baseDNs) == 0}
	for _, dn := range baseDNs {
		s.bases[key(dn)] = dn
	}
	for _, dn := range excludeDNs {
		s.excludes[key(dn)] = dn
	}
	return s
}

// Roots sets the containers without a parent. They represent the whole directory once one of them
// is unticked.
func (s *Scope) Roots(dns []string) {
	s.roots = slices.Clone(dns)
	excluded := len(dns) > 0
	for _, dn := range dns {
		excluded = excluded && s.Excluded(dn)
	}
	if excluded { // nothing is selected, so every box can be ticked
		s.whole = false
		clear(s.bases)
		clear(s.excludes)
	}
}

// Clone returns an independent copy.
func (s *Scope) Clone() *Scope {
	return &Scope{bases: maps.Clone(s.bases), excludes: maps.Clone(s.excludes), whole: s.whole, roots: s.roots}
}

// Includes reports whether people directly in the container are in scope.
func (s *Scope) Includes(dn string) bool { return s.includes(key(dn)) }

func (s *Scope) includes(k string) bool {
	return above(s.excludes, k) == "" && (s.whole || above(s.bases, k) != "")
}

// above returns the nearest DN of the set at or above k; "" if none.
func above(set map[string]string, k string) string {
	for ; k != ""; k = parent(k) {
		if dn, ok := set[k]; ok {
			return dn
		}
	}
	return ""
}

// Excluded reports whether the container itself was unticked below one in scope.
func (s *Scope) Excluded(dn string) bool {
	_, ok := s.excludes[key(dn)]
	return ok
}

// Tick returns the state of a container's box.
func (s *Scope) Tick(dn string) Tick {
	k := key(dn)
	switch {
	case above(s.excludes, k) != "":
		return Off
	case s.includes(k):
		if below(s.excludes, k) {
			return Part
		}
		return On
	}
	for b := range s.bases {
		if strings.HasPrefix(b, k) && s.includes(b) {
			return Part
		}
	}
	return Off
}

func below(set map[string]string, k string) bool {
	for x := range set {
		if x != k && strings.HasPrefix(x, k) {
			return true
		}
	}
	return false
}

// BlockedError says that a container cannot be ticked, because a container above it is excluded.
type BlockedError struct{ Exclusion string }

func (e *BlockedError) Error() string {
	return fmt.Sprintf("it is below %s, which is excluded: tick that first, then untick what should stay out", e.Exclusion)
}

// Toggle ticks a container that is not fully ticked, and unticks one that is, with everything below
// it.
func (s *Scope) Toggle(dn string) error { return s.Set(dn, s.Tick(dn) != On) }

// Set ticks or unticks a container and everything below it. The error is a *BlockedError.
func (s *Scope) Set(dn string, on bool) error {
	k := key(dn)
	if on {
		if x := above(s.excludes, parent(k)); x != "" {
			return &BlockedError{Exclusion: x}
		}
	}
	drop(s.excludes, k)
	if !on {
		s.spell(k)
	}
	drop(s.bases, k)
	switch included := s.includes(k); {
	case on && !included:
		s.bases[k] = dn
	case !on && included:
		s.excludes[k] = dn
	}
	return nil
}

// Only ticks a container, and nothing outside it.
func (s *Scope) Only(dn string) {
	s.whole = false
	clear(s.bases)
	clear(s.excludes)
	s.bases[key(dn)] = dn
}

func drop(set map[string]string, k string) {
	for x := range set {
		if strings.HasPrefix(x, k) {
			delete(set, x)
		}
	}
}

// spell replaces "the whole directory" with its roots when one of them is about to be unticked.
func (s *Scope) spell(unticked string) {
	isRoot := slices.ContainsFunc(s.roots, func(dn string) bool { return key(dn) == unticked })
	if !s.whole || !isRoot {
		return
	}
	s.whole = false
	for _, dn := range s.roots {
		s.bases[key(dn)] = dn
	}
}

// None reports that nothing is in scope. Such a scope must not be saved: it looks like a mistake.
func (s *Scope) None() bool {
	for b := range s.bases {
		if s.includes(b) {
			return false
		}
	}
	return !s.whole
}

// Lists returns the base DNs and the excluded DNs, each from the root down, without redundant ones.
// If all roots are ticked, the base DNs are empty: the whole directory. If nothing is ticked, every
// root is excluded, because two empty lists would mean the opposite
// (TestTogglingAtRandomRoundTrips).
func (s *Scope) Lists() (baseDNs, excludeDNs []string) {
	if s.None() && len(s.roots) > 0 {
		return nil, slices.Clone(s.roots)
	}
	whole := len(s.roots) > 0
	for _, dn := range s.roots {
		whole = whole && s.bases[key(dn)] != ""
	}
	for _, k := range slices.Sorted(maps.Keys(s.bases)) {
		if !whole && above(s.bases, parent(k)) == "" {
			baseDNs = append(baseDNs, s.bases[k])
		}
	}
	for _, k := range slices.Sorted(maps.Keys(s.excludes)) {
		inBase := s.whole || above(s.bases, k) != ""
		if inBase && above(s.excludes, parent(k)) == "" {
			excludeDNs = append(excludeDNs, s.excludes[k])
		}
	}
	return baseDNs, excludeDNs
}

// Same reports whether two lists name the same DNs, in any order and spelling.
func Same(a, b []string) bool {
	return maps.Equal(keys(a), keys(b))
}

func keys(dns []string) map[string]bool {
	set := map[string]bool{}
	for _, dn := range dns {
		set[key(dn)] = true
	}
	return set
}
