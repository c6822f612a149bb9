package scratch

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
)

// TestLock: one holder at a time, and a wait ends with its context.
func TestLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.lock")
	unlock, err := Lock(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Lock(ctx, path); !errors.Is(err, context.Canceled) {
		t.Errorf("a second holder: %v", err)
	}
	got := make(chan error)
	go func() {
		unlock, err := Lock(t.Context(), path)
		if err == nil {
			err = unlock()
		}
		got <- err
	}()
	if err := errors.Join(unlock(), <-got); err != nil {
		t.Error(err)
	}
}
