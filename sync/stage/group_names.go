package stage

import (
	"context"
)

// ValueGroupNames says since when it is known that the cloud refuses a second group of one
// name, where its profile does not say so.
const ValueGroupNames = "group-names-unique"

// UniqueGroupNames says whether two groups cannot have one name: by the provider's profile,
// or because it refused one for another that has its name.
func (e *Env) UniqueGroupNames(ctx context.Context) (bool, error) {
	if e.Target.Limits().UniqueGroupNames {
		return true, nil
	}
	since, err := e.Store.Value(ctx, ValueGroupNames)
	return since != "", err
}
