package disasters

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"dirbridge/cloud/scimtest"
	"dirbridge/sync/record"
)

// crashDisasters returns the disasters of the process and of its machine.
func crashDisasters() []disaster {
	return []disaster{
		{"kill -9 at every write", killedAtEveryWrite, true},
		{"two connectors at once", twoAtOnce, false},
		{"lock file cleaned up", lockRemoved, false},
		{"clock jumps ahead", clockAhead, false},
		{"clock jumps back", clockBack, false},
	}
}

// process is the program in its own process.
type process struct {
	*exec.Cmd
	said  bytes.Buffer
	ended chan error
}

// starts runs a verb of this program in its own process.
func (s *drill) starts(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{Cmd: exec.Command("dirbridge", append(args, "--config", s.Config, "--no-input")...),
		ended: make(chan error, 1)}
	p.Stdout, p.Stderr = &p.said, &p.said
	s.must1(t, p.Start())
	go func() { p.ended <- p.Wait() }()
	return p
}

// fired waits until a fault of the cloud fired, and reports whether that was before the process
// ended.
func (s *drill) fired(t *testing.T, p *process) bool {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-p.ended:
			if err != nil {
				t.Errorf("it ended by itself: %v\n%s", err, p.said.String())
			}
			return false
		case <-tick.C:
			if s.sky.Stats().Fired > 0 {
				return true
			}
		}
	}
}

// killedAtEveryWrite kills the process before and after each write in the cloud: one after the
// other with DIRBRIDGE_LONG=on, otherwise every fourth one, starting at a random one.
func killedAtEveryWrite(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("kill -9")
	}
	for name, o := range map[string]scimtest.Options{"one by one": {WithoutBulk: true}, "by bulk": {MaxOps: 3}} {
		t.Run(name, func(t *testing.T) {
			kills, every := 0, 4
			if long() {
				every = 1
			}
			for _, effect := range []scimtest.Effect{scimtest.Stall, scimtest.StallAfter} {
				for n := 1 + rand.IntN(every); ; n += every {
					s := newDrill(t, drillOptions{people: 4, cloud: o})
					s.hire(t, "new")
					s.set(t, "p1", "mail", "tmp@example.com")
					s.set(t, "p2", "mail", "p1@example.com")
					s.set(t, "p1", "mail", "p2@example.com")
					s.set(t, "p3", "title", "Chief")
					s.must1(t, s.ldap.Delete(s.dn("p4")))
					s.rests(t, "p4@example.com")
					s.must1(t, s.ldap.AddValues("CN=team,"+s.crew, "member", s.dn("new")))
					s.sky.Inject(scimtest.Fault{Effect: effect, Writes: true, Nth: n})
					p := s.starts(t, "sync")
					if !s.fired(t, p) {
						break
					}
					kills++
					s.must1(t, p.Process.Kill())
					<-p.ended
					s.sky.Heal()
					s.later(time.Hour) // so that it need not wait until the cloud lists new accounts
					if got := s.Must(t, 0, "status"); !strings.Contains(got.Out, `"unfinished": `) || strings.Contains(got.Out, `"unfinished": 0`) {
						t.Errorf("status does not tell of an unfinished write: %s", got.Out)
					}
					s.crashCounted(t, false)
					s.tells(t, 0, []string{"sync"})
					s.crashTold(t)
					s.crashCounted(t, true)
					s.recovers(t)
					if t.Failed() {
						t.Fatalf("%s at write %d", effect, n)
					}
				}
			}
			if kills*every < 4 {
				t.Errorf("killed %d times", kills)
			}
		})
	}
}

// crashTold checks that the event log names the checked writes, and that the history says that a
// run crashed.
func (s *drill) crashTold(t *testing.T) {
	t.Helper()
	named := false
	for _, e := range s.Events(t, 0) {
		named = named || e.Code == "recovered" && e.Record != "" && e.Remedy != ""
	}
	if !named {
		t.Error("no event tells what became of the write")
	}
	if got := s.Must(t, 0, "history"); !strings.Contains(got.Out, `"crashed"`) {
		t.Errorf("no run is said to have crashed: %s", got.Out)
	}
}

// crashCounted checks that the killed run and those after it added what the cloud got: no more, while
// the last write of the killed one is not looked at, and then exactly that. Status, which the
// dashboard shows, says the same of the killed run.
func (s *drill) crashCounted(t *testing.T, looked bool) {
	t.Helper()
	var history []record.Run
	s.must1(t, json.Unmarshal([]byte(s.Must(t, 0, "history").Out), &history))
	crashed := slices.IndexFunc(history, func(r record.Run) bool { return r.Outcome == record.Crashed })
	if crashed < 0 {
		t.Fatalf("no run crashed: %+v", history)
	}
	var added, made int64
	for _, r := range history[:crashed+1] {
		added += r.Counts.Users.Add + r.Counts.Groups.Add
	}
	for _, n := range s.sky.Stats().Creates {
		made += int64(n)
	}
	if added > made || looked && added != made {
		t.Errorf("the runs added %d, and the cloud got %d", added, made)
	}
	var status struct{ Last []record.Run }
	s.must1(t, json.Unmarshal([]byte(s.Must(t, 0, "status").Out), &status))
	if !reflect.DeepEqual(status.Last[crashed], history[crashed]) {
		t.Errorf("status shows %+v, the history %+v", status.Last[crashed], history[crashed])
	}
}

func twoAtOnce(t *testing.T) {
	s := newDrill(t, drillOptions{people: 3})
	s.set(t, "p1", "title", "Chief")
	s.sky.Inject(scimtest.Fault{Effect: scimtest.Stall, Writes: true, Nth: 1})
	p := s.starts(t, "sync")
	if !s.fired(t, p) {
		t.Fatal("it did not write")
	}
	for range 2 {
		s.Unwritten(t, func() {
			got := s.Must(t, 5, "sync")
			if !strings.Contains(got.Err, "another connector leads") || !strings.Contains(got.Err, "Wait until") {
				t.Error(got.Err)
			}
		})
	}
	s.Must(t, 0, "status")
	s.sky.Heal()
	if err := <-p.ended; err != nil {
		t.Errorf("%v: %s", err, p.said.String())
	}
	s.tells(t, 0, []string{"sync"})
	s.recovers(t)
}

// lockRemoved has an administrator remove the lock, or the state itself, in the middle of a run:
// then a second connector can lead, and the first one must stop writing.
func lockRemoved(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("what is open cannot be removed there")
	}
	for _, name := range []string{"state.db.leader", "state.db"} {
		s := newDrill(t, drillOptions{people: 12, cloud: scimtest.Options{WithoutBulk: true}})
		for i := range 12 {
			s.set(t, fmt.Sprintf("p%d", i+1), "title", "Chief")
			s.must1(t, s.ldap.AddValues("CN=team,"+s.crew, "member", s.hire(t, fmt.Sprintf("new%d", i)))) // one batch each
		}
		s.sky.Inject(scimtest.Fault{Effect: scimtest.Stall, Writes: true, Nth: 1})
		p := s.starts(t, "sync", "--full")
		if !s.fired(t, p) {
			t.Fatal("it did not write")
		}
		s.must1(t, os.Remove(filepath.Join(s.Home, "state", name)))
		s.sky.Heal()
		if err := <-p.ended; err == nil {
			t.Errorf("%s removed: it went on: %s", name, p.said.String())
		} else if said := p.said.String(); !strings.Contains(said, name) ||
			!strings.Contains(said, "removed or replaced") || !strings.Contains(said, "start again") {
			t.Errorf("%s removed: it says %s", name, said)
		}
		s.intact(t)
		s.later(time.Hour)
		s.tells(t, 0, []string{"sync", "--full"})
		s.recovers(t)
	}
}

// clockAhead sets the clock a year ahead, for one run or permanently.
func clockAhead(t *testing.T) {
	s := newDrill(t, drillOptions{people: 6})
	s.must1(t, s.ldap.Delete(s.dn("p1")))
	s.rests(t, "p1@example.com")
	s.tells(t, 0, []string{"sync", "--full"})
	if s.account(t, "p1@example.com").Active {
		t.Error("who left is active")
	}
	s.later(365 * 24 * time.Hour)
	s.set(t, "p2", "title", "Chief")
	s.tells(t, 0, []string{"sync"})
	s.tells(t, 3, []string{"purge"}, "The clock went from .* without a run between", "Check the clock")
	s.hire(t, "new")
	s.tells(t, 0, []string{"sync"})
	s.Clock = nil // the clock is corrected
	s.set(t, "p3", "title", "Chief")
	s.must1(t, s.ldap.Delete(s.dn("p4")))
	s.rests(t, "p4@example.com")
	s.tells(t, 0, []string{"sync", "--full"})
	s.tells(t, 0, []string{"purge"})
	if u := s.account(t, "p3@example.com"); u.Title != "Chief" {
		t.Error("nothing is done until the year has gone by")
	}
	s.recovers(t)
}

func clockBack(t *testing.T) {
	s := newDrill(t, drillOptions{people: 6})
	s.must1(t, s.ldap.Delete(s.dn("p1")))
	s.rests(t, "p1@example.com")
	s.tells(t, 0, []string{"sync", "--full"})
	if s.account(t, "p1@example.com").Active {
		t.Error("who left is active")
	}
	s.later(-365 * 24 * time.Hour)
	s.set(t, "p2", "title", "Chief")
	u := s.account(t, "p3@example.com")
	s.gone[u.ID] = true
	s.must1(t, s.sky.Delete(u.ID)) // by another tool
	s.must1(t, s.ldap.Delete(s.dn("p4")))
	s.rests(t, "p4@example.com")
	s.tells(t, 0, []string{"sync", "--full"})
	if s.account(t, "p2@example.com").Title != "Chief" || s.account(t, "p3@example.com").ID == u.ID {
		t.Error("something waits for the year to go by")
	}
	s.tells(t, 0, []string{"purge"})
	s.Clock = nil
	s.tells(t, 3, []string{"purge"}, "clock") // an account deactivated a year ago is not due
	s.recovers(t)
}
