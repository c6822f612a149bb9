package servers

import (
	"bytes"
	"math/rand/v2"
	"os/exec"
	"testing"
	"time"

	"dirbridge/ldap/ldaptest/lab"
	"dirbridge/sync/record"
	"dirbridge/ui/e2e/site"
)

// TestKilledWhileApplying checks P7: killed at any point, and run again, the program converges
// without duplicates or losses. The killed process is the program itself. The directory, which only
// these tests read, has a whole company.
func TestKilledWhileApplying(t *testing.T) {
	t.Parallel()
	d := lab.Slapd(t, lab.Company(600, 20))
	t.Cleanup(d.Close)
	t.Run("to the embedded cloud", func(t *testing.T) { killedWhileApplying(t, d) })
	t.Run("to SCIMMY", func(t *testing.T) { killedWhileApplyingToSCIMMY(t, d) })
}

func killedWhileApplying(t *testing.T, d *lab.Directory) {
	s := site.New(t, d, site.EmbeddedCloud(t), site.Settings{})
	w := &world{Site: s, left: map[string]account{}}
	program := site.Build(t)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))

	const kills = 6
	killed := 0
	for range kills {
		// Some runs are killed at their first writes, some later. Requests in flight still
		// complete, at most four bulk requests of a hundred, so that enough is left for the next
		// run.
		target := s.Cloud.Sandbox.Stats().Writes + 1 + random.IntN(100)
		if s.Killed(t, program, target, random) {
			killed++
		}
	}
	if killed < 2 {
		t.Errorf("of %d runs only %d were under way when they were killed", kills, killed)
	}
	s.Cloud.Sandbox.Heal()
	s.Sync(t)
	s.Settled(t)
	w.equal(t)
	neverTwice(t, s.Cloud.Sandbox)
	for _, r := range s.History(t) {
		if r.Outcome == record.Running {
			t.Errorf("run %d is said to be running", r.ID)
		}
	}
	var unfinished struct{ Unfinished, Dirty int64 }
	site.Parse(t, s.Must(t, 0, "status").Out, &unfinished)
	if unfinished.Unfinished != 0 || unfinished.Dirty != 0 {
		t.Errorf("%+v", unfinished)
	}
}

// killedWhileApplyingToSCIMMY does the same with a third-party server, which handles about 250 writes
// a second.
func killedWhileApplyingToSCIMMY(t *testing.T, d *lab.Directory) {
	s := site.New(t, d, site.SCIMMY(servers.Scimmy(t)), site.Settings{})
	w := &world{Site: s, left: map[string]account{}}
	killed := 0
	for _, writes := range []int{1, 10, 60} {
		begun := s.Cloud.Writes(t)
		var said bytes.Buffer
		c := exec.Command("dirbridge", "sync", "--config", s.Config, "--no-input")
		c.Stdout, c.Stderr = &said, &said
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- c.Wait() }()
		for running := true; running; {
			select {
			case err := <-ended:
				if err != nil {
					t.Fatalf("it ended by itself: %v\n%s", err, said.String())
				}
				running = false
			default:
				if s.Cloud.Writes(t)-begun < writes {
					continue
				}
				if err := c.Process.Kill(); err != nil {
					t.Fatal(err)
				}
				<-ended
				killed, running = killed+1, false
			}
		}
	}
	if killed < 2 {
		t.Errorf("only %d runs were under way when they were killed", killed)
	}
	s.Sync(t)
	s.Settled(t)
	w.equal(t)
}
