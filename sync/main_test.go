package sync_test

import (
	"flag"
	"os"
	"runtime"
	"strconv"
	"testing"

	"dirbridge/sync/synctest"
)

// long says whether the long form of a test was requested.
func long() bool { return os.Getenv("DIRBRIDGE_LONG") == "on" }

// TestMain runs 3 random worlds per property, which find a broken rule within a few runs, or 400
// with DIRBRIDGE_LONG=on; and more tests at a time than there are processors, because they wait for
// the disk. -rapid.checks and -test.parallel override it.
func TestMain(m *testing.M) {
	flag.Parse()
	checks := 3
	if long() {
		checks = 400
	}
	values := map[string]int{"rapid.checks": checks, "test.parallel": 4 * runtime.GOMAXPROCS(0)}
	flag.Visit(func(f *flag.Flag) { delete(values, f.Name) })
	for name, value := range values {
		if err := flag.Set(name, strconv.Itoa(value)); err != nil {
			panic(err)
		}
	}
	synctest.UseMemoryDisk()
	os.Exit(m.Run())
}
