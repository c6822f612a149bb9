package synctest_test

import (
	"testing"

	"dirbridge/sync/port"
	"dirbridge/sync/synctest"
)

var (
	_ port.Source = (*synctest.Directory)(nil)
	_ port.Target = (*synctest.Cloud)(nil)
)

// The fake cloud, which the engine's own tests use, keeps the contract of targets.
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
