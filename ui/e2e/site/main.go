package site

import (
	"flag"
	"maps"
	"os"
	"runtime"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"

	"dirbridge/program"
	"dirbridge/sync/synctest"
)

// Main is what TestMain of a package calls: it lets the tests run the program, and other programs
// of theirs, as processes. m runs the tests.
func Main(m interface{ Run() int }, programs map[string]func()) {
	all := map[string]func(){"dirbridge": func() { os.Exit(program.Main(os.Args[1:])) }}
	maps.Copy(all, programs)
	testscript.Main(crowded{m}, all)
}

// crowded runs more tests in parallel than there are processors, unless the command line says
// otherwise: they mostly wait for servers. Real servers need processors, too.
type crowded struct{ m interface{ Run() int } }

func (c crowded) Run() int {
	synctest.UseMemoryDisk()
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
