// Package disasters plays what happened to others on the program as it is wired; see
// docs/disasters.md.
package disasters

import (
	"os"
	"testing"

	"dirbridge/ui/e2e/site"
)

// TestMain lets tests run the program, and one that sorts more than memory holds.
func TestMain(m *testing.M) { site.Main(m, map[string]func(){"spills": spills}) }

// long says whether the long form of a test was asked for.
func long() bool { return os.Getenv("DIRBRIDGE_LONG") == "on" }
