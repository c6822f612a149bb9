package store_test

import (
	"path/filepath"
	"testing"

	"dirbridge/sync/port"
	"dirbridge/sync/synctest"
)

func TestConformance(t *testing.T) {
	synctest.Store(t, func(t *testing.T, name string) port.Store {
		return open(t, filepath.Join(name, "state.db"))
	})
}
