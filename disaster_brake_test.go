package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	cloudsandbox "dirbridge/cloud/sandbox"
	"dirbridge/sync/record"
)

// brakeDisasters are those of a cloud that fails whatever it is asked.
func brakeDisasters() []disaster {
	return []disaster{{"cloud fails every write", everyWriteFails, true}}
}

// everyWriteFails: 500 to all writes, or to everything. The run ends within seconds,
// whatever waits, says so, and the next one goes on.
func everyWriteFails(t *testing.T) {
	for name, f := range map[string]cloudsandbox.Fault{
		"every write": {Effect: cloudsandbox.Refuse, Status: 500, Writes: true},
		"everything":  {Effect: cloudsandbox.Refuse, Status: 500},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newDrill(t, drillOptions{people: 3, cloud: cloudsandbox.Options{WithoutBulk: true}})
			for i := range 150 {
				s.hire(t, fmt.Sprintf("new%d", i))
			}
			s.sky.Inject(f)
			began := time.Now()
			got := s.run(t, "sync")
			took := time.Since(began)
			if got.code != 1 || f.Writes && !strings.Contains(got.err, "the cloud fails all") {
				t.Errorf("%d %s", got.code, got.err)
			}
			t.Logf("%s, %d requests failed", took.Round(time.Second), s.sky.Stats().Fired)
			if took > 90*time.Second || s.sky.Stats().Fired > 150 {
				t.Errorf("%s, %d requests", took, s.sky.Stats().Fired)
			}
			told := false
			for _, e := range s.events(t, 0) {
				told = told || e.Code == "cloud-failing" && e.Level == record.Warn && e.Remedy != ""
			}
			if f.Writes && !told {
				t.Error("no event tells of the pauses")
			}
			s.sky.Heal()
			s.must(t, 0, "sync")
			s.recovers(t)
		})
	}
}
