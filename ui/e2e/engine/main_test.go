// Package engine tests the engine with both adapters, on embedded and on real servers.
package engine

import (
	"os"
	"testing"

	"dirbridge/ui/e2e/site"
)

// TestMain runs more tests at a time than there are processors: they wait for servers.
func TestMain(m *testing.M) { site.Main(m, nil) }

// long says whether the long form of a test was asked for.
func long() bool { return os.Getenv("DIRBRIDGE_LONG") == "on" }
