package port

import (
	"context"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
)

// Target is one cloud directory. Every listing is whole or an error (P1).
type Target interface {
	// Describe signs in and discovers. It must be called first.
	Describe(ctx context.Context) (identity.Organization, error)
	// Supports says whether the provider has a place for the cloud attribute.
	// Valid after Describe.
	Supports(attribute string) bool
	// Follow has further cloud attributes read from now on, beside those that are
	// mapped. Names without a place are nothing to it. It must not run beside another
	// method, and comes after Describe.
	Follow(attributes []string)
	// Normalize brings values of a cloud attribute into the form in which the
	// target compares them. It is pure.
	Normalize(attribute string, values []string) []string
	Resources(ctx context.Context, kind identity.Kind, fn func(identity.Resource) error) error
	// Members lists the memberships of all groups.
	Members(ctx context.Context, fn func(group, member identity.ResourceID) error) error
	// Get reads one resource. ok is false where the cloud says that it does not exist.
	Get(ctx context.Context, kind identity.Kind, id identity.ResourceID) (r identity.Resource, ok bool, err error)
	// Find looks resources up by key, without regard to letter case.
	Find(ctx context.Context, kind identity.Kind, key string) ([]identity.Resource, error)
	// FindExternal looks resources up by externalId, without regard to letter case.
	// Where the provider does not give it back, there is none.
	FindExternal(ctx context.Context, kind identity.Kind, externalID string) ([]identity.Resource, error)
	// GroupMembers lists the members of one group; of one that does not exist, none.
	GroupMembers(ctx context.Context, group identity.ResourceID, fn func(member identity.ResourceID) error) error
	// HasMember says whether the group holds the member now.
	HasMember(ctx context.Context, group, member identity.ResourceID) (bool, error)
	// Apply writes the changes, all of one phase and wave, in any order, with
	// references resolved to ids. answered is called once for each change, never
	// concurrently. When ctx ends, nothing further is sent, what is under way is
	// waited for (bounded), and the rest is answered WriteNotSent; the error is then
	// the context's. Any other error means that nothing further may be written
	// (class Hold); changes not answered by then were not sent.
	Apply(ctx context.Context, changes []plan.Change, answered func(record.Outcome)) error
	Limits() Limits
	// Waiting says what the target is waiting for ("429: resuming in 12 s"), or "".
	Waiting() string
	Close() error
}

// Limits are what the engine must know of a provider.
type Limits = record.Limits
