package site

import (
	"bytes"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"dirbridge/cloud/scimtest"
)

// Killed runs a synchronization and kills it once the cloud has done this many writes. It reports
// whether the run was still under way.
func (s *Site) Killed(t *testing.T, program string, writes int, random *rand.Rand) bool {
	t.Helper()
	cloud := s.Cloud.Sandbox
	cloud.Heal()
	effect := []scimtest.Effect{scimtest.Delay, scimtest.DropAfter, scimtest.OmitAnswers}[random.IntN(3)]
	cloud.Inject(scimtest.Fault{Effect: scimtest.Delay, Writes: true, For: 20 * time.Millisecond},
		scimtest.Fault{Effect: effect, Writes: true, For: time.Millisecond, Probability: 0.1, Seed: random.Uint64()})
	var said bytes.Buffer
	c := exec.Command(program, "sync", "--config", s.Config, "--no-input")
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

// Build builds the program as released.
func Build(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "dirbridge")
	if out, err := exec.Command("go", "build", "-o", path, "dirbridge").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}
