package record

import (
	"time"

	"dirbridge/sync/identity"
)

// Problem is one finding about a record that could not be used, from the run that first found it to
// the run that no longer did.
type Problem struct {
	Kind identity.Kind `json:"kind"`
	identity.Problem
	Since time.Time `json:"since"`
	Run   int64     `json:"run"`            // the first run with it
	Gone  int64     `json:"gone,omitempty"` // the first run without it; 0 while it is open
	// Of is the kind of run that found it: "" is a synchronization; see ProblemScope.
	Of ProblemScope `json:"of,omitempty"`
}

// ProblemScope separates problems by kind of run: what one kind finds says nothing about another.
type ProblemScope string

const (
	OfSync  ProblemScope = ""
	OfPurge ProblemScope = "purge"
	OfUndo  ProblemScope = "undo" // they end with their run
)

// Scope is the scope of the problems of a plan with this mode.
func (m Mode) Scope() ProblemScope {
	switch m {
	case Purge:
		return OfPurge
	case Undo:
		return OfUndo
	}
	return OfSync
}

// ProblemCounts count records with problems: a record with three findings counts once.
type ProblemCounts struct {
	Users  int64 `json:"users"`
	Groups int64 `json:"groups"`
	// Since is the oldest problem; zero if there are none.
	Since time.Time `json:"since,omitzero"`
}

// Total counts both kinds.
func (c ProblemCounts) Total() int64 { return c.Users + c.Groups }
