package main

import (
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	cloudsandbox "dirbridge/cloud/sandbox"
)

// leftoversOfKilledRuns: a run is killed while it writes, another one lives, and the next
// removes what the dead one left alone.
func leftoversOfKilledRuns(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("kill -9")
	}
	s := newDrill(t, drillOptions{people: 3})
	s.set(t, "p1", "title", "Chief")
	s.sky.Inject(cloudsandbox.Fault{Effect: cloudsandbox.Stall, Writes: true, Nth: 1})
	p := s.starts(t, "sync")
	if !s.fired(t, p) {
		t.Fatal("it did not write")
	}
	left := func() []string {
		found, err := filepath.Glob(s.state("work/*"))
		s.must1(t, err)
		return found
	}
	living := left()
	if len(living) == 0 {
		t.Fatal("the temporary plan of a living run is not below the state directory")
	}
	s.must(t, 2, "plan")
	if got := left(); strings.Join(got, " ") != strings.Join(living, " ") {
		t.Errorf("a dry run beside it left %v of %v", got, living)
	}
	s.must1(t, p.Process.Kill())
	<-p.ended
	s.sky.Heal()
	if len(left()) == 0 {
		t.Error("a killed run left nothing: this shows nothing")
	}
	s.must(t, 0, "sync")
	if got := left(); len(got) > 0 {
		t.Errorf("left by the killed run: %v", got)
	}
}
