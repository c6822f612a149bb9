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
	for name, anchorless := range map[string]bool{"plain": false, "anchorless": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Target(t, func(t *testing.T) synctest.TargetFixture {
				c := synctest.NewCloud()
				c.Limit.Anchorless = anchorless
				return synctest.TargetFixture{Target: c}
			})
		})
	}
}
