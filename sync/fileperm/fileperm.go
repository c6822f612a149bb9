package fileperm

import (
	"fmt"

	"dirbridge/sync/identity"
	"dirbridge/sync/record"
)

// Check returns nil where nobody but root and the account of this process (under sudo, the
// account that called it too) can have made or changed path, a file or a directory: its
// owner and mode, those of the directory that holds it, and each symbolic link on the way.
// What does not exist, or cannot be looked at, is no error here: opening it says why. Any
// other error is an *identity.Failure with its remedy. Windows keeps access lists instead,
// which the directory's own defaults decide; nothing is checked there.
func Check(path string) error { return check(path) }

func refuse(path, what, remedy string) error {
	return &identity.Failure{Class: string(record.Hold), Remedy: remedy, Err: fmt.Errorf("%s is not used: %s", path, what)}
}
