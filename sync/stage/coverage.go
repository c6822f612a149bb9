package stage

import (
	"context"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
)

// Coverage is how much of both sides a plan examines. A full plan lists them; an incremental one,
// and an explanation, look up the objects that are concerned, each by its id. What a stage may
// conclude from the absence of an object depends on it, so the stages ask here and nowhere else.
type Coverage interface {
	// Listed says that both sides are listed, so that what is absent from a list may be missing.
	Listed() bool
	// Examined says whether the plan examines an object.
	Examined(identity.Anchor) bool
	// SameRules says that the plan uses the configuration of the last full run in any case.
	SameRules() bool
	// Entering calls fn for each object that enters scope, if the plan knows which do.
	Entering(fn func(identity.Anchor, identity.Kind) error) error
	// LinkedPeople is how many linked people the state knew; ok is false if the plan counts them
	// itself.
	LinkedPeople() (n int64, ok bool)
	// NoAccounts says that the plan met no account of a person, so that it could not see a role.
	NoAccounts() bool
	// Unreadable returns the error of a directory that failed. The error of a cancelled run is not
	// the directory's.
	Unreadable(ctx context.Context, directory string, err error) error
	// WriteDeferred begins the list of deferred objects, and Settle ends it: left has those that
	// were added to it.
	WriteDeferred(ctx context.Context, w *plan.Writer) error
	Settle(ctx context.Context, w *plan.Writer, left map[identity.Anchor]bool) error
	// WriteValues writes what the plan leaves for the next run.
	WriteValues(ctx context.Context, w *plan.Writer) error
}
