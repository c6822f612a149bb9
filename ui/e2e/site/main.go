package site

import (
	"flag"
	"maps"
	"os"
	"runtime"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"dirbridge/program"
)

// Main is what TestMain of a package calls: it lets the tests run the program, and others
// of their own, as processes.
func Main(m *testing.M, programs map[string]func()) {
	all := map[string]func(){"dirbridge": func() { os.Exit(program.Main(os.Args[1:])) }}
	maps.Copy(all, programs)
	testscript.Main(crowded{m}, all)
}

// crowded runs the tests with more of them at a time than there are processors, unless told
// otherwise: they wait for servers more than they compute. Real servers compute, too.
type crowded struct{ m *testing.M }

func (c crowded) Run() int {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if !given {
		times := 4
		if os.Getenv("DIRBRIDGE_LAB") != "" {
			times = 2
		}
		if err := flag.Set("test.parallel", strconv.Itoa(times*runtime.GOMAXPROCS(0))); err != nil {
			panic(err)
		}
	}
	return c.m.Run()
}
