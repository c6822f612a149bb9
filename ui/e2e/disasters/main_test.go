// Package disasters replays incidents of other products with the complete program; see
// docs/disasters.md.
package disasters

import (
	"os"
	"testing"

	"dirbridge/ui/e2e/site"
)

// TestMain lets tests run the program, and one that sorts more than memory holds.
func TestMain(m *testing.M) { site.Main(m, map[string]func(){"spills": spills}) }

// long reports whether the long form of a test was requested.
func long() bool { return os.Getenv("DIRBRIDGE_LONG") == "on" }
