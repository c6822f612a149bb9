package synctest_test

import (
	"testing"

	"dirbridge/sync"
	"dirbridge/sync/synctest"
)

var (
	_ sync.Source = (*synctest.Directory)(nil)
	_ sync.Target = (*synctest.Cloud)(nil)
)

// The fake cloud, on which the engine's own tests run, keeps the contract of targets.
func TestTargetConformanceOnTheFake(t *testing.T) {
	synctest.Target(t, func(t *testing.T) synctest.TargetFixture {
		return synctest.TargetFixture{Target: synctest.NewCloud()}
	})
}
