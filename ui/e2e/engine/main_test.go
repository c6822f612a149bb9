// Package engine tests the engine with both adapters, on embedded and on real servers.
package engine

import (
	"testing"

	"dirbridge/ui/e2e/site"
)

// TestMain runs more tests at a time than there are processors: they wait for servers.
func TestMain(m *testing.M) { site.Main(m, nil) }
