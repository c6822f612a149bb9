package stage

import (
	"context"
)

// ValueGroupNames stores since when the cloud is known to refuse a second group of one name, where
// its profile does not say so.
const ValueGroupNames = "group-names-unique"

// UniqueGroupNames says whether two groups cannot have one name: because the provider's profile
// says so, or because the cloud refused a group whose name another one has.
func (e *Env) UniqueGroupNames(ctx context.Context) (bool, error) {
	if e.Target.Limits().UniqueGroupNames {
		return true, nil
	}
	since, err := e.Store.Value(ctx, ValueGroupNames)
	return since != "", err
}
