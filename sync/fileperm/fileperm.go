package fileperm

import (
	"fmt"

	"dirbridge/sync/identity"
)

// Check returns nil if only root and the account of this process (under sudo, also the account that
// called it) can have created or changed path, a file or a directory. It checks the owner and mode
// of path, of its directory, and of each symbolic link on the way. A missing or inaccessible path
// is no error here: opening it fails with the reason. Any other error is an *identity.Failure with
// its remedy. Nothing is checked on Windows, where access lists follow the directory's defaults.
func Check(path string) error { return check(path) }

func refuse(path, what, remedy string) error {
	return &identity.Failure{Class: identity.Hold, Remedy: remedy, Err: fmt.Errorf("%s is not used: %s", path, what)}
}
