package store_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"dirbridge/sync/identity"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/store"
	"dirbridge/sync/synctest"
)

// childRole makes the test binary another connector: the roles are the functions below.
const childRole, childPath = "DIRBRIDGE_TEST_ROLE", "DIRBRIDGE_TEST_PATH"

func TestMain(m *testing.M) {
	roles := map[string]func(string) error{"lead": leadForEver, "try": tryToLead, "commit": commitForEver}
	role, ok := roles[os.Getenv(childRole)]
	if !ok {
		synctest.UseMemoryDisk()
		os.Exit(m.Run())
	}
	if err := role(os.Getenv(childPath)); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

// child starts the role in a process of its own, and returns its output by lines.
func child(t *testing.T, role, path string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childRole+"="+role, childPath+"="+path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if cmd.ProcessState == nil {
			cmd.Process.Kill()
			cmd.Wait()
		}
	})
	return cmd, bufio.NewScanner(out)
}

func leadForEver(path string) error {
	s, err := store.Open(context.Background(), path)
	if err != nil {
		return err
	}
	if _, err := s.Lead(context.Background()); err != nil {
		return err
	}
	fmt.Println("leading")
	os.Stdin.Read(make([]byte, 1)) // blocks until stdin is closed
	select {}
}

func tryToLead(path string) error {
	s, err := store.Open(context.Background(), path)
	if err != nil {
		return err
	}
	defer s.Close()
	_, err = s.Lead(context.Background())
	return err
}

// othersMayLead asks another process.
func othersMayLead(t *testing.T, path string) bool {
	t.Helper()
	cmd, out := child(t, "try", path)
	said := ""
	for out.Scan() {
		said += out.Text()
	}
	err := cmd.Wait()
	if err != nil && said != port.ErrNotLeader.Error() {
		t.Fatalf("%v: %s", err, said)
	}
	return err == nil
}

func TestOnlyOneLeads(t *testing.T) {
	s := fresh(t)
	release, err := s.Lead(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	second := open(t, s.Path())
	for name, other := range map[string]*store.SQLite{"the same store": s, "a second store": second} {
		if _, err := other.Lead(t.Context()); !errors.Is(err, port.ErrNotLeader) {
			t.Errorf("%s leads as well: %v", name, err)
		}
	}
	// A process loses a POSIX lock when it closes the file anywhere: trying to lead, and closing a
	// store, must not do that.
	second.Close()
	if othersMayLead(t, s.Path()) {
		t.Fatal("another process leads as well")
	}
	if err := errors.Join(release(), release()); err != nil {
		t.Fatal(err)
	}
	if !othersMayLead(t, s.Path()) {
		t.Error("there is no leader, and another process may not")
	}
	if _, err := s.Lead(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if !othersMayLead(t, s.Path()) {
		t.Error("a closed store leads")
	}
}

func TestLeadershipEndsWithItsProcess(t *testing.T) {
	s := fresh(t)
	cmd, out := child(t, "lead", s.Path())
	if !out.Scan() || out.Text() != "leading" {
		t.Fatalf("the other process says %q", out.Text())
	}
	if _, err := s.Lead(t.Context()); !errors.Is(err, port.ErrNotLeader) {
		t.Fatalf("two processes lead: %v", err)
	}
	if _, err := s.Runs(t.Context(), 1); err != nil {
		t.Errorf("who does not lead cannot read: %v", err)
	}
	cmd.Process.Kill()
	cmd.Wait()
	if _, err := s.Lead(t.Context()); err != nil {
		t.Errorf("the leader was killed, and no other process may lead: %v", err)
	}
}

const batchSize = 300

// commitForEver commits batch after batch. Each leaves its number in every table, and is announced
// afterwards.
func commitForEver(path string) error {
	ctx := context.Background()
	s, err := store.Open(ctx, path)
	if err != nil {
		return err
	}
	done, err := s.Value(ctx, "batch")
	if err != nil {
		return err
	}
	n, _ := strconv.ParseInt(done, 10, 64)
	for {
		n++
		b := port.Batch{
			Values: map[string]string{"batch": fmt.Sprint(n)}, Dirty: map[identity.Anchor]string{"corp:1": fmt.Sprint(n)},
			Events: []record.Event{{Code: "batch", Run: n}}, Containers: map[string][]identity.Container{},
			Edges: map[string]port.EdgeSet{"corp": func(yield func(identity.Edge) error) error {
				for i := range batchSize {
					if err := yield(identity.Edge{Kind: identity.Membership, From: "corp:g",
						To: identity.Ref{DN: fmt.Sprint(i), SID: fmt.Sprint(n)}}); err != nil {
						return err
					}
				}
				return nil
			}},
		}
		for i := range batchSize {
			sh := shadow(i)
			sh.Run = n
			b.Shadows = append(b.Shadows, sh)
			b.Containers["corp"] = append(b.Containers["corp"], identity.Container{DN: fmt.Sprint(i), Parent: fmt.Sprint(n)})
		}
		if err := s.Commit(ctx, b); err != nil {
			return err
		}
		fmt.Println(n)
	}
}

// A connector that is killed at any point leaves every committed batch complete, and no part of
// another.
func TestKilledProcessLeavesCompleteBatches(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	rounds := 25
	if testing.Short() {
		rounds = 5
	}
	for round := range rounds {
		cmd, out := child(t, "commit", path)
		said := ""
		for range 1 + round%3 {
			if !out.Scan() {
				t.Fatalf("round %d: the child ended by itself: %q", round, said)
			}
			said = out.Text()
		}
		cmd.Process.Kill()
		for out.Scan() { // what it announced before it was killed
			if out.Text() != "" {
				said = out.Text()
			}
		}
		cmd.Wait()
		promised, err := strconv.ParseInt(said, 10, 64)
		if err != nil {
			t.Fatalf("round %d: the child failed: %s", round, said)
		}
		wholeBatch(t, path, promised)
	}
}

// wholeBatch checks that all tables have the same batch, promised or later.
func wholeBatch(t *testing.T, path string, promised int64) {
	t.Helper()
	s := open(t, path)
	defer s.Close()
	value, err := s.Value(t.Context(), "batch")
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil || n < promised {
		t.Fatalf("batch %q is there, %d was committed", value, promised)
	}
	c := read(t, s)
	if len(c.Shadows) != batchSize || len(c.Edges["corp"]) != batchSize || len(c.Containers["corp"]) != batchSize ||
		c.Dirty["corp:1"] != value ||
		int64(len(c.Events)) != n || c.Events[n-1].Run != n {
		t.Errorf("batch %d is not whole: %d shadows, %d edges, %d containers, dirty %v, %d events", n,
			len(c.Shadows), len(c.Edges["corp"]), len(c.Containers["corp"]), c.Dirty, len(c.Events))
	}
	for i := range batchSize {
		if c.Shadows[i].Run != n || c.Edges["corp"][i].To.SID != value || c.Containers["corp"][i].Parent != value {
			t.Fatalf("row %d is not of batch %d: %+v, %+v, %+v", i, n, c.Shadows[i], c.Edges["corp"][i], c.Containers["corp"][i])
		}
	}
	if said := integrity(t, path); said != "ok" {
		t.Errorf("integrity: %s", strings.TrimSpace(said))
	}
}

// Looking for a leader does not keep another process from becoming one.
func TestLookingForALeaderDoesNotPreventLeading(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	var all [2]*store.SQLite
	for i := range all {
		s, err := store.Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		all[i] = s
	}
	leads, looks := all[0], all[1]
	if here, elsewhere, err := looks.Led(t.Context()); here || elsewhere || err != nil {
		t.Errorf("before anybody led: %v %v %v", here, elsewhere, err)
	}
	release, err := leads.Lead(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	if here, elsewhere, err := looks.Led(t.Context()); here || !elsewhere || err != nil {
		t.Errorf("from outside: %v %v %v", here, elsewhere, err)
	}
	if took := time.Since(begun); took > 3*time.Second { // the timeout for other processes' locks is ten
		t.Errorf("a screen would wait %v", took)
	}
	if here, elsewhere, err := leads.Led(t.Context()); !here || elsewhere || err != nil {
		t.Errorf("from inside: %v %v %v", here, elsewhere, err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	if here, elsewhere, err := looks.Led(t.Context()); here || elsewhere || err != nil {
		t.Errorf("afterwards: %v %v %v", here, elsewhere, err)
	}
	done, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		for {
			select {
			case <-done:
				ended <- nil
				return
			default:
			}
			if _, _, err := looks.Led(context.Background()); err != nil {
				ended <- err
				return
			}
		}
	}()
	for i := range 100 {
		release, err := leads.Lead(t.Context())
		if err != nil {
			t.Fatalf("the %dth time: %v", i, err)
		}
		if err := release(); err != nil {
			t.Fatal(err)
		}
	}
	close(done)
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
