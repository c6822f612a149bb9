package record

import (
	"time"

	"dirbridge/sync/identity"
)

// Problem is one finding of a record that could not be used as it is, from the run that
// first met it to the one that found it gone.
type Problem struct {
	Kind identity.Kind `json:"kind"`
	identity.Problem
	Since time.Time `json:"since"`
	Run   int64     `json:"run"`            // that first met it
	Gone  int64     `json:"gone,omitempty"` // that found it gone; 0 while it is open
	// Of is what met it: "" is a synchronization; see ProblemScope.
	Of ProblemScope `json:"of,omitempty"`
}

// ProblemScope is what problems are judged by: what one kind of run finds says nothing of
// what another does.
type ProblemScope string

const (
	OfSync  ProblemScope = ""
	OfPurge ProblemScope = "purge"
	OfUndo  ProblemScope = "undo" // they end with their run
)

// Scope is what the problems of a plan of this mode are judged by.
func (m Mode) Scope() ProblemScope {
	switch m {
	case Purge:
		return OfPurge
	case Undo:
		return OfUndo
	}
	return OfSync
}

// ProblemCounts count records with problems: one with three findings is one.
type ProblemCounts struct {
	Users  int64 `json:"users"`
	Groups int64 `json:"groups"`
	// Since is the oldest of them; zero where there are none.
	Since time.Time `json:"since,omitzero"`
}

// Total counts both kinds.
func (c ProblemCounts) Total() int64 { return c.Users + c.Groups }
