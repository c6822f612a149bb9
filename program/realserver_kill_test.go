package program

import (
	"bytes"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"dirbridge/cloud/scimtest"
	"dirbridge/sync/record"
	"dirbridge/sync/synctest/lab"
)

// P7: killed at any point, and run again, it converges with no duplicate and nothing
// lost. The process that is killed is the program itself.
func TestKilledWhileApplying(t *testing.T) {
	d := lab.Slapd(t, lab.Company(600, 20))
	t.Cleanup(d.Close)
	s := newSite(t, d, embedded(t), siteSettings{})
	w := &world{site: s, left: map[string]account{}}
	program := build(t)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))

	const kills = 6
	killed := 0
	for range kills {
		// Some die with their first writes, some later. What is under way is done besides,
		// four bulks of a hundred at most, so that enough is left for the next.
		target := s.cloud.sandbox.Stats().Writes + 1 + random.IntN(100)
		if s.killed(t, program, target, random) {
			killed++
		}
	}
	if killed < 2 {
		t.Errorf("of %d runs only %d were under way when they were killed", kills, killed)
	}
	s.cloud.sandbox.Heal()
	s.sync(t)
	s.settled(t)
	w.equal(t)
	neverTwice(t, s.cloud.sandbox)
	for _, r := range s.history(t) {
		if r.Outcome == record.Running {
			t.Errorf("run %d is said to be running", r.ID)
		}
	}
	var unfinished struct{ Unfinished, Dirty int64 }
	parse(t, s.must(t, 0, "status").out, &unfinished)
	if unfinished.Unfinished != 0 || unfinished.Dirty != 0 {
		t.Errorf("%+v", unfinished)
	}
}

func (s *site) history(t *testing.T) (runs []record.Run) {
	t.Helper()
	parse(t, s.must(t, 0, "history").out, &runs)
	return runs
}

// killed runs a synchronization and kills it once the cloud has carried out so many
// writes. It says whether the run was under way still.
func (s *site) killed(t *testing.T, program string, writes int, random *rand.Rand) bool {
	t.Helper()
	cloud := s.cloud.sandbox
	cloud.Heal()
	effect := []scimtest.Effect{scimtest.Delay, scimtest.DropAfter, scimtest.OmitAnswers}[random.IntN(3)]
	cloud.Inject(scimtest.Fault{Effect: scimtest.Delay, Writes: true, For: 20 * time.Millisecond},
		scimtest.Fault{Effect: effect, Writes: true, For: time.Millisecond, Probability: 0.1, Seed: random.Uint64()})
	var said bytes.Buffer
	c := exec.Command(program, "sync", "--config", s.config, "--no-input")
	c.Stdout, c.Stderr = &said, &said
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-ended:
			if c.ProcessState.ExitCode() != 0 && c.ProcessState.ExitCode() != 4 { // 4: answers were lost
				t.Fatalf("it ended by itself: %v\n%s", err, said.String())
			}
			return false
		case <-tick.C:
			if cloud.Stats().Writes < writes {
				continue
			}
			if err := c.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			<-ended
			return true
		}
	}
}

// build makes the program as it is delivered.
func build(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "dirbridge")
	if out, err := exec.Command("go", "build", "-o", path, "dirbridge").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}

// The same into a server that nobody here wrote, which takes about 250 writes a second.
func TestKilledWhileApplyingToSCIMMY(t *testing.T) {
	d := lab.Slapd(t, lab.Company(600, 20))
	t.Cleanup(d.Close)
	s := newSite(t, d, scimmy(t), siteSettings{})
	w := &world{site: s, left: map[string]account{}}
	killed := 0
	for _, writes := range []int{1, 10, 60} {
		begun := s.cloud.writes(t)
		var said bytes.Buffer
		c := exec.Command("dirbridge", "sync", "--config", s.config, "--no-input")
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
				if s.cloud.writes(t)-begun < writes {
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
	s.sync(t)
	s.settled(t)
	w.equal(t)
}
