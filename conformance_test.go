package main

import (
	"path/filepath"
	"testing"

	"dirbridge/sync"
	"dirbridge/sync/store"
	"dirbridge/sync/synctest"
)

func TestStoreConformance(t *testing.T) {
	synctest.Store(t, func(t *testing.T, name string) sync.Store {
		s, err := store.Open(t.Context(), filepath.Join(name, "state.db"))
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}
