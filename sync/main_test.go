package sync_test

import (
	"flag"
	"os"
	"testing"
)

// TestMain takes 20 random worlds a property, which find a broken rule within a few runs;
// 400 with DIRBRIDGE_LONG=on; or as many as -rapid.checks says.
func TestMain(m *testing.M) {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "rapid.checks" })
	if !given {
		checks := "20"
		if os.Getenv("DIRBRIDGE_LONG") == "on" {
			checks = "400"
		}
		if err := flag.Set("rapid.checks", checks); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}
