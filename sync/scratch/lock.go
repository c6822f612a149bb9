package scratch

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"
)

// lockInterval is how often a lock that another process holds is tried.
const lockInterval = 20 * time.Millisecond

// Lock waits until it holds the lock file path, which it creates if necessary and which stays. The
// operating system releases the lock when the process ends, however it ends. Two openings in one
// process exclude each other as well.
func Lock(ctx context.Context, path string) (unlock func() error, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	tick := time.NewTicker(lockInterval)
	defer tick.Stop()
	for {
		err := tryLock(f)
		if err == nil {
			return f.Close, nil
		}
		if !isHeld(err) {
			return nil, errors.Join(lockless(filepath.Dir(path), err), f.Close())
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), f.Close())
		}
	}
}
