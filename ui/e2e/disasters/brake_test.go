package disasters

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"dirbridge/cloud/scimtest"
	"dirbridge/sync/record"
	"dirbridge/ui/e2e/site"
)

// brakeDisasters returns the disasters of a cloud that fails on every request.
func brakeDisasters() []disaster {
	return []disaster{{"cloud fails every write", everyWriteFails, true},
		{"cloud fails a row of records", rowOfRecordsFails, true}}
}

// rowOfRecordsFails returns 500 for each of 15 adjacent records, and for no other. The same run
// writes the others, with and without bulk requests.
func rowOfRecordsFails(t *testing.T) {
	for _, bulk := range []bool{false, true} {
		t.Run(fmt.Sprintf("bulk %v", bulk), func(t *testing.T) {
			t.Parallel()
			s := newDrill(t, drillOptions{people: 3, cloud: scimtest.Options{WithoutBulk: !bulk}})
			for i := range 60 {
				name := fmt.Sprintf("new%03d", i)
				s.hire(t, name)
				if i >= 5 && i < 20 {
					s.sky.Inject(scimtest.Fault{Effect: scimtest.RefuseKey, Key: name + "@example.com", Status: 500})
				}
			}
			var run record.Run
			site.Parse(t, s.Must(t, 4, "sync").Out, &run)
			if run.Counts.Users.Add != 45 || run.Failed != 15 || run.NotDone != 0 {
				t.Errorf("%+v", run)
			}
			s.sky.Heal()
			s.Must(t, 0, "sync")
			s.recovers(t)
		})
	}
}

// everyWriteFails returns 500 for all writes, or for everything. The run ends within seconds,
// however much is pending, reports it, and the next run continues.
func everyWriteFails(t *testing.T) {
	for name, f := range map[string]scimtest.Fault{
		"every write": {Effect: scimtest.Refuse, Status: 500, Writes: true},
		"everything":  {Effect: scimtest.Refuse, Status: 500},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newDrill(t, drillOptions{people: 3, cloud: scimtest.Options{WithoutBulk: true}})
			for i := range 150 {
				s.hire(t, fmt.Sprintf("new%d", i))
			}
			s.sky.Inject(f)
			began := time.Now()
			got := s.Run(t, "sync")
			took := time.Since(began)
			if got.Code != 1 || f.Writes && !strings.Contains(got.Err, "the cloud fails all") {
				t.Errorf("%d %s", got.Code, got.Err)
			}
			t.Logf("%s, %d requests failed", took.Round(time.Second), s.sky.Stats().Fired)
			if took > 90*time.Second || s.sky.Stats().Fired > 150 {
				t.Errorf("%s, %d requests", took, s.sky.Stats().Fired)
			}
			told := false
			for _, e := range s.Events(t, 0) {
				told = told || e.Code == "cloud-failing" && e.Level == record.Warn && e.Remedy != ""
			}
			if f.Writes && !told {
				t.Error("no event tells of the pauses")
			}
			s.sky.Heal()
			s.Must(t, 0, "sync")
			s.recovers(t)
		})
	}
}
