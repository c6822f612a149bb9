package port

import (
	"context"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
)

// Target is one cloud directory. Every listing is complete or returns an error (P1).
type Target interface {
	// Describe signs in and discovers the provider. It must be called first.
	Describe(ctx context.Context) (identity.Organization, error)
	// Supports says whether the provider has a place for the cloud attribute. It is valid after
	// Describe.
	Supports(attribute string) bool
	// Follow makes reads return further cloud attributes, in addition to the mapped ones. It
	// ignores names without a place. It must not run at the same time as another method, and must
	// follow Describe.
	Follow(attributes []string)
	// Normalize returns values of a cloud attribute in the form in which the target compares them.
	// It has no side effects.
	Normalize(attribute string, values []string) []string
	Resources(ctx context.Context, kind identity.Kind, fn func(identity.Resource) error) error
	// Members lists the memberships of all groups.
	Members(ctx context.Context, fn func(group, member identity.ResourceID) error) error
	// Get reads one resource. ok is false if the cloud says that it does not exist.
	Get(ctx context.Context, kind identity.Kind, id identity.ResourceID) (r identity.Resource, ok bool, err error)
	// Find looks resources up by key, without regard to letter case.
	Find(ctx context.Context, kind identity.Kind, key string) ([]identity.Resource, error)
	// FindExternal looks resources up by externalId, without regard to letter case. It finds none
	// if the provider does not return externalId.
	FindExternal(ctx context.Context, kind identity.Kind, externalID string) ([]identity.Resource, error)
	// GroupMembers lists the members of one group, and none if the group does not exist.
	GroupMembers(ctx context.Context, group identity.ResourceID, fn func(member identity.ResourceID) error) error
	// HasMember says whether the group holds the member now.
	HasMember(ctx context.Context, group, member identity.ResourceID) (bool, error)
	// Apply writes the changes, all of one phase and wave, in any order, with references resolved
	// to ids. answered is called once for each change, never concurrently. When ctx ends, Apply
	// sends nothing more, waits a bounded time for what is in flight, and answers the rest with
	// WriteNotSent; the error is then the context's. Any other error means that nothing more may be
	// written (class Hold), and changes without an answer were not sent.
	Apply(ctx context.Context, changes []plan.Change, answered func(record.Outcome)) error
	Limits() Limits
	// Waiting says what the target is waiting for ("429: resuming in 12 s"), or "".
	Waiting() string
	Close() error
}

// Limits are what the engine must know about a provider.
type Limits = record.Limits
