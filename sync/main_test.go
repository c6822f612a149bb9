package sync_test

import (
	"flag"
	"os"
	"runtime"
	"strconv"
	"testing"
)

// long says whether the long form of a test was asked for.
func long() bool { return os.Getenv("DIRBRIDGE_LONG") == "on" }

// TestMain takes 12 random worlds a property, which find a broken rule within a few runs, 3 with
// -short, or 400 with DIRBRIDGE_LONG=on; and more tests at a time than there are processors, as they wait for
// the disk. -rapid.checks and -test.parallel say otherwise.
func TestMain(m *testing.M) {
	flag.Parse()
	checks := 12
	switch {
	case long():
		checks = 400
	case testing.Short():
		checks = 3
	}
	values := map[string]int{"rapid.checks": checks, "test.parallel": 4 * runtime.GOMAXPROCS(0)}
	flag.Visit(func(f *flag.Flag) { delete(values, f.Name) })
	for name, value := range values {
		if err := flag.Set(name, strconv.Itoa(value)); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}
