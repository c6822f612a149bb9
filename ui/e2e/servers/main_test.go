// Package servers tests the verbs with real third-party servers.
package servers

import (
	"testing"

	"dirbridge/ui/e2e/site"
)

// TestMain lets tests run the program.
func TestMain(m *testing.M) { site.Main(m, nil) }
