package sync_test

import (
	"flag"
	"os"
	"testing"
)

// TestMain takes fewer random worlds than rapid would, unless somebody says how many:
// go test ./sync -rapid.checks=1000.
func TestMain(m *testing.M) {
	flag.Parse()
	said := false
	flag.Visit(func(f *flag.Flag) { said = said || f.Name == "rapid.checks" })
	if !said {
		if err := flag.Set("rapid.checks", "40"); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}
