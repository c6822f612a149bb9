package disasters

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"dirbridge/cloud/scimtest"
	"dirbridge/ui/e2e/site"
)

// stateDisasters returns the disasters of the connector's files.
func stateDisasters() []disaster {
	return []disaster{
		{"state lost", stateLost, false},
		{"state lost, and names alone to go by", stateLostAnchorless, false},
		{"state restored from an old backup", stateRestored, false},
		{"state damaged", stateDamaged, false},
		{"bytes of the state flipped", stateFlipped, true},
		{"plan file cut short", planCut, false},
		{"disk full", diskFull, true},
		{"file size limited", fileLimited, false},
		{"disk read-only", diskReadOnly, false},
	}
}

func (s *drill) state(name string) string { return filepath.Join(s.Home, "state", name) }

// loses removes the state, as the remedy says.
func (s *drill) loses(t *testing.T) {
	t.Helper()
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(s.state("state.db" + suffix)); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	s.since = 0
}

// stateLost rebuilds the state from directory and cloud alone.
func stateLost(t *testing.T) {
	for _, policy := range []string{"", `on_unmatched = "deactivate"`} {
		s := newDrill(t, drillOptions{people: 6, settings: site.Settings{Policy: policy}})
		s.must1(t, s.ldap.Delete(s.dn("p1"))) // in grace, deactivated by us
		s.rests(t, "p1@example.com")
		s.set(t, "p2", "userAccountControl", "514")
		s.rests(t, "p2@example.com")
		s.tells(t, 0, []string{"sync", "--full"})
		s.loses(t)
		s.Unwritten(t, func() {
			p := s.Settled(t) // everything agrees
			if p.Counts.Users.Match != 5 || p.Counts.Groups.Match != 1 || p.Counts.Users.Unmatched != 1 {
				t.Errorf("%+v", p.Counts)
			}
			if len(p.Unmatched) != 1 || p.Unmatched[0].Key != "p1@example.com" {
				t.Errorf("it is not told who is left alone: %+v", p.Unmatched)
			}
			s.tells(t, 0, []string{"sync"})
			// the leaver was deactivated by a connector that is no longer known, so it is not ours
			// to purge
			s.later(30 * 24 * time.Hour)
			s.tells(t, 0, []string{"sync", "--full"})
			s.tells(t, 0, []string{"purge"})
		})
		s.hire(t, "p1") // back, as a new object with the same address
		s.set(t, "p2", "userAccountControl", "512")
		s.tells(t, 0, []string{"sync"})
		s.resting = map[string]bool{}
		s.recovers(t)
		if !s.account(t, "p1@example.com").Active {
			t.Error("who came back is not active")
		}
	}
}

func stateLostAnchorless(t *testing.T) {
	s := newDrill(t, drillOptions{people: 5, kind: "scim", cloud: scimtest.Options{AnchorlessExternalID: true}})
	s.loses(t)
	p, file := s.Plan(t, 2)
	if p.Counts.Users.Add != 0 {
		t.Errorf("%+v", p.Counts)
	}
	for _, c := range s.Changes(t, file) {
		if c.Kind == "user" && !strings.Contains(c.Reason, "matched by name") {
			t.Errorf("it is not told how %s is found: %s", c.Key, c.Reason)
		}
	}
	s.tells(t, 0, []string{"sync"})
	if n := len(s.sky.Users()); n != 5 {
		t.Errorf("%d accounts of 5 people", n)
	}
	s.Settled(t)
}

// stateRestored restores a backup: later changes are in the cloud, but not in the state.
func stateRestored(t *testing.T) {
	s := newDrill(t, drillOptions{people: 8})
	old, err := os.ReadFile(s.state("state.db"))
	s.must1(t, err)
	s.hire(t, "new")
	s.set(t, "p1", "mail", "married@example.com")
	s.must1(t, s.ldap.Delete(s.dn("p2")))
	s.rests(t, "p2@example.com")
	s.must1(t, s.ldap.Delete(s.dn("p3")))
	s.hire(t, "p3")
	s.must1(t, s.ldap.Rename("CN=team,"+s.crew, "CN=crew", ""))
	s.tells(t, 0, []string{"sync", "--full"})
	s.set(t, "p4", "mail", "p4b@example.com")
	s.hire(t, "p4b", "mail", "p4@example.com")
	s.tells(t, 0, []string{"sync", "--full"})
	s.remember(t)
	s.loses(t)
	s.must1(t, os.WriteFile(s.state("state.db"), old, 0o600))
	s.later(time.Hour)
	if p, _ := s.Plan(t, 0); p.Counts.Users.Match != 8 {
		t.Errorf("%+v", p.Counts)
	}
	s.tells(t, 0, []string{"sync"})
	s.Unwritten(t, func() { s.tells(t, 0, []string{"sync", "--full"}) })
	s.recovers(t)
}

// stateDamaged checks that each kind of damage is reported with the path and the remedy, and that
// the remedy works.
func stateDamaged(t *testing.T) {
	s := newDrill(t, drillOptions{people: 300}) // so that there are enough pages
	data, err := os.ReadFile(s.state("state.db"))
	s.must1(t, err)
	whole := func(data []byte) []byte { return data }
	for name, damage := range map[string]func([]byte) []byte{
		"first half alone": func(data []byte) []byte { return data[:len(data)/2] },
		"header zeroed":    func(data []byte) []byte { return append(make([]byte, 100), data[100:]...) },
		"zeroed":           func(data []byte) []byte { return make([]byte, len(data)) },
		"garbage":          func([]byte) []byte { return []byte(strings.Repeat("no state at all\n", 1000)) },
		"all but the header": func(data []byte) []byte {
			return append(whole(data)[:100:100],
				make([]byte, len(data)-100)...)
		},
		"last pages cut off": func(data []byte) []byte { return data[:len(data)-9000] },
	} {
		t.Run(name, func(t *testing.T) {
			s.loses(t)
			s.must1(t, os.WriteFile(s.state("state.db"), damage(data), 0o600))
			s.Unwritten(t, func() {
				for _, verb := range [][]string{{"sync", "--full"}, {"plan"}, {"status"}, {"run"}} { // it does not retry forever
					ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
					got := s.RunContext(ctx, verb...)
					cancel()
					if got.Code != 1 || !strings.Contains(got.Err, s.state("state.db")) ||
						!strings.Contains(got.Err, "move "+s.state("state.db")) {
						t.Errorf("%s: exit code %d: %s", strings.Join(verb, " "), got.Code, got.Err)
					}
				}
			})
		})
	}
	s.loses(t)
	s.Unwritten(t, func() { s.Settled(t) })
	s.recovers(t)
}

// stateFlipped flips single bits that no header covers: each is either detected or harmless.
func stateFlipped(t *testing.T) {
	random := rand.New(rand.NewPCG(20, 3))
	s := newDrill(t, drillOptions{people: 40})
	s.later(time.Hour)
	data, err := os.ReadFile(s.state("state.db"))
	s.must1(t, err)
	noticed, rounds := 0, 8
	if long() {
		rounds = 120
	}
	for range rounds {
		spoiled := append([]byte(nil), data...)
		for range 1 + random.IntN(40) {
			spoiled[100+random.IntN(len(data)-100)] ^= 1 << random.IntN(8)
		}
		s.loses(t)
		s.must1(t, os.WriteFile(s.state("state.db"), spoiled, 0o600))
		for _, verb := range [][]string{{"sync"}, {"sync", "--full"}} {
			switch got := s.Run(t, verb...); got.Code {
			case 0, 3, 4:
			case 1:
				noticed++
				if !strings.Contains(got.Err, "state") || len(strings.Split(strings.TrimSpace(got.Err), "\n")) < 2 {
					t.Errorf("it says %s", got.Err)
				}
			default:
				t.Errorf("%d: %s", got.Code, got.Err)
			}
		}
		s.intact(t)
		if t.Failed() {
			s.must1(t, os.WriteFile(filepath.Join(os.TempDir(), "spoiled.db"), spoiled, 0o600))
			t.FailNow()
		}
	}
	t.Logf("%d of %d runs noticed it", noticed, 2*rounds)
	s.loses(t)
	s.recovers(t)
}

func planCut(t *testing.T) {
	random := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 4))
	s := newDrill(t, drillOptions{people: 40})
	for i := range 40 {
		s.set(t, fmt.Sprintf("p%d", i+1), "title", "Chief")
	}
	_, file := s.Plan(t, 2)
	data, err := os.ReadFile(file)
	s.must1(t, err)
	for range 20 {
		spoiled := data[:random.IntN(len(data))]
		if random.IntN(2) == 0 {
			spoiled = append([]byte(nil), data...)
			spoiled[random.IntN(len(data))] ^= 1 << random.IntN(8)
		}
		s.must1(t, os.WriteFile(file, spoiled, 0o600))
		if len(spoiled) == len(data) && s.Must(t, s.Run(t, "show", file).Code, "show", file).Code == 0 {
			continue // an unused byte
		}
		s.Unwritten(t, func() {
			got := s.Run(t, "apply", file)
			if got.Code != 1 || !strings.Contains(got.Err, file) || !strings.Contains(got.Err, "plan --out") {
				t.Errorf("%d of %d bytes: exit code %d: %s", len(spoiled), len(data), got.Code, got.Err)
			}
		})
	}
	s.must1(t, os.WriteFile(file, data, 0o600))
	s.Must(t, 0, "apply", file)
	s.recovers(t)
}

// mounted mounts a small file system for the state; the test is skipped if this process may not
// mount.
func (s *drill) mounted(t *testing.T, kilobytes int) (remount func(options string) error) {
	t.Helper()
	dir := filepath.Join(s.Home, "state")
	keep := filepath.Join(s.Home, "kept")
	s.must1(t, os.Rename(dir, keep))
	s.must1(t, os.Mkdir(dir, 0o700))
	mount := func(options string) error {
		out, err := exec.Command("mount", "-t", "tmpfs", "-o", options+",mode=0700", "none", dir).CombinedOutput()
		if err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		return nil
	}
	if runtime.GOOS != "linux" || os.Getuid() != 0 {
		t.Skip("only root on Linux may mount a small disk")
	}
	if err := mount(fmt.Sprintf("size=%dk", kilobytes)); err != nil {
		t.Skipf("no small disk can be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", "-l", dir).CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
	})
	s.must1(t, os.CopyFS(dir, os.DirFS(keep)))
	return func(options string) error { return mount("remount," + options) }
}

// diskFull fills the disk during planning, during writing, and when a plan is saved.
func diskFull(t *testing.T) {
	s := newDrill(t, drillOptions{people: 400})
	remount := s.mounted(t, 64<<10)
	s.later(time.Hour)
	for i := range 120 {
		s.set(t, fmt.Sprintf("p%d", i+1), "title", "Chief")
	}
	ballast := filepath.Join(s.Home, "state", "ballast")
	full, step := 0, 1280
	if long() {
		step = 320
	}
	for left := 0; left < 5<<10; left += step { // kilobytes left
		s.fill(t, ballast, left)
		for _, verb := range [][]string{{"plan"}, {"sync", "--full"}} {
			switch got := s.Run(t, verb...); got.Code {
			case 0, 2, 4:
			case 1:
				full++
				if !strings.Contains(got.Err, filepath.Join(s.Home, "state")) || !strings.Contains(got.Err, "Free space") {
					t.Errorf("%d kB left: %s says %s", left, verb[0], got.Err)
				}
			default:
				t.Errorf("%d kB left: %s ended with %d: %s", left, verb[0], got.Code, got.Err)
			}
			s.intact(t)
		}
		for _, verb := range []string{"status", "events", "history"} {
			if got := s.Run(t, verb); got.Code != 0 && !strings.Contains(got.Err, "Free space") {
				t.Errorf("%d kB left: %s: %d %s", left, verb, got.Code, got.Err)
			}
		}
		if t.Failed() {
			t.FailNow()
		}
		for i := range 120 {
			s.set(t, fmt.Sprintf("p%d", i+1), "title", fmt.Sprint("Chief ", left))
		}
	}
	if full == 0 {
		t.Error("the disk was never full")
	}
	s.fill(t, ballast, 0)
	got := s.Run(t, "plan", "--out", filepath.Join(s.Home, "state", "saved.plan"))
	if got.Code != 1 || !strings.Contains(got.Err, "Free space") {
		t.Errorf("plan --out: %d %s", got.Code, got.Err)
	}
	s.must1(t, os.Remove(ballast))
	s.must1(t, remount("size=128m"))
	s.recovers(t)
}

// fill leaves so many kilobytes free on the small disk.
func (s *drill) fill(t *testing.T, ballast string, left int) {
	t.Helper()
	s.must1(t, os.RemoveAll(ballast))
	f, err := os.Create(ballast)
	s.must1(t, err)
	var size int64
	chunk := make([]byte, 4096)
	for err == nil {
		_, err = f.Write(chunk)
		size += int64(len(chunk))
	}
	s.must1(t, f.Truncate(max(0, size-int64(left+4)<<10)))
	s.must1(t, f.Close())
}

// fileLimited does the same without a full disk: no file may grow any more.
func fileLimited(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no such limit")
	}
	s := newDrill(t, drillOptions{people: 400})
	for i := range 120 {
		s.set(t, fmt.Sprintf("p%d", i+1), "title", "Chief")
	}
	failed := 0
	for _, blocks := range []int{8, 200, 1000, 2000} {
		out, err := exec.Command("sh", "-c", fmt.Sprintf("ulimit -f %d; exec dirbridge sync --full --no-input --config %s",
			blocks, s.Config)).CombinedOutput()
		if err != nil {
			failed++
			if !strings.Contains(string(out), s.Home) || !strings.Contains(string(out), "ulimit -f") {
				t.Errorf("%d blocks: %s", blocks, out)
			}
		}
		s.intact(t)
	}
	if failed == 0 {
		t.Error("no file was too large")
	}
	s.later(time.Hour)
	s.recovers(t)
}

// diskReadOnly makes the disk read-only, as failing disks do.
func diskReadOnly(t *testing.T) {
	s := newDrill(t, drillOptions{people: 5})
	remount := s.mounted(t, 16<<10)
	s.set(t, "p1", "title", "Chief")
	s.must1(t, remount("ro"))
	s.Unwritten(t, func() {
		for _, verb := range []string{"plan", "sync", "run"} {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			got := s.RunContext(ctx, verb)
			cancel()
			if got.Code != 1 || !strings.Contains(got.Err, filepath.Join(s.Home, "state")) ||
				!strings.Contains(got.Err, "read-only") {
				t.Errorf("%s: %d %s", verb, got.Code, got.Err)
			}
		}
	})
	for _, verb := range []string{"status", "history", "events"} {
		if got := s.Run(t, verb); got.Code != 0 {
			t.Errorf("%s: %d %s", verb, got.Code, got.Err)
		}
	}
	s.must1(t, remount("rw"))
	s.recovers(t)
}
