package disasters

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"dirbridge/cloud/scimtest"
	"dirbridge/program"
	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/sync/scratch"
)

// leftoversOfKilledRuns kills one run while it writes, and lets another live; the next run removes
// only the files of the killed one.
func leftoversOfKilledRuns(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("kill -9")
	}
	s := newDrill(t, drillOptions{people: 3})
	s.set(t, "p1", "title", "Chief")
	s.sky.Inject(scimtest.Fault{Effect: scimtest.Stall, Writes: true, Nth: 1})
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
	s.Must(t, 2, "plan")
	if got := left(); strings.Join(got, " ") != strings.Join(living, " ") {
		t.Errorf("a dry run beside it left %v of %v", got, living)
	}
	s.must1(t, p.Process.Kill())
	<-p.ended
	s.sky.Heal()
	if len(left()) == 0 {
		t.Error("a killed run left nothing: this shows nothing")
	}
	s.Must(t, 0, "sync")
	if got := left(); len(got) > 0 {
		t.Errorf("left by the killed run: %v", got)
	}
}

// demoKilled checks that a killed demo leaves its files where the next one removes them, and none
// in the system's temporary directory. The files of a running demo stay.
func demoKilled(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("kill -9")
	}
	home, tmp := t.TempDir(), t.TempDir()
	left := func() []string {
		found, err := filepath.Glob(filepath.Join(home, "*", "dirbridge", "demo-*"))
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	begin := func() (config string, end func(os.Signal)) {
		p := exec.Command("dirbridge", "demo", "--people", "10", "--listen", "--json")
		p.Env = append(os.Environ(), "HOME="+home, "XDG_CACHE_HOME="+filepath.Join(home, "cache"), "TMPDIR="+tmp)
		out, err := p.StdoutPipe()
		if err == nil {
			err = p.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { p.Process.Kill() })
		var told struct{ Config string }
		if err := json.NewDecoder(out).Decode(&told); err != nil {
			t.Fatal(err)
		}
		return told.Config, func(how os.Signal) {
			p.Process.Signal(how)
			p.Wait()
		}
	}
	killed, kill := begin()
	kill(os.Kill)
	if _, err := os.Stat(killed); err != nil {
		t.Fatalf("a killed demo left nothing, which shows nothing: %v", err)
	}
	living, end := begin()
	_, again := begin()
	again(os.Interrupt)
	if _, err := os.Stat(killed); err == nil {
		t.Errorf("left by the killed demo: %v", left())
	}
	if _, err := os.Stat(living); err != nil {
		t.Errorf("a demo that runs lost its files: %v", err)
	}
	end(os.Interrupt)
	if got := left(); len(got) > 0 {
		t.Errorf("left: %v", got)
	}
	if entries, err := os.ReadDir(tmp); err != nil || len(entries) > 0 {
		t.Errorf("in the system's directory for temporary files: %v %v", entries, err)
	}
}

// unfinishedFiles checks that the next start removes what killed processes left beside the
// configuration and in the state directory, however recent, and nothing else.
func unfinishedFiles(t *testing.T) {
	s := newDrill(t, drillOptions{people: 1})
	secrets := s.state("secrets")
	s.must1(t, os.MkdirAll(secrets, 0o700))
	dead := []string{filepath.Join(filepath.Dir(s.Config), "."+filepath.Base(s.Config)+".17.unfinished"),
		s.state(".state.db.4.unfinished"), filepath.Join(secrets, ".token.5.unfinished")}
	others := []string{filepath.Join(filepath.Dir(s.Config), "."+filepath.Base(s.Config)+".swp"),
		filepath.Join(filepath.Dir(s.Config), ".another.toml.3.unfinished")}
	for _, path := range append(slices.Clone(dead), others...) {
		s.must1(t, os.WriteFile(path, nil, 0o600))
	}
	living, err := scratch.Create(filepath.Join(secrets, "token"))
	s.must1(t, err)
	defer living.Discard()
	s.must1(t, os.WriteFile(dead[2], nil, 0o600)) // which that start removed
	s.Must(t, 0, "status")
	for _, path := range dead {
		if _, err := os.Stat(path); err == nil {
			t.Errorf("%s is still there", path)
		}
	}
	for _, path := range append(others, living.Temp()) {
		if _, err := os.Stat(path); err != nil {
			t.Errorf("removed: %v", err)
		}
	}
}

// plansOfTheService checks that the service keeps only its last plan, below the state directory; a
// held plan stays, complete, until there is another.
func plansOfTheService(t *testing.T) {
	s := newDrill(t, drillOptions{people: 25})
	session, err := s.Open(t.Context(), s.Config)
	s.must1(t, err)
	local := session.Connector.(*control.Local)
	kept := func() []string {
		found, err := filepath.Glob(s.state("work/*/temporary.plan"))
		s.must1(t, err)
		return found
	}
	for i := range 7 {
		s.set(t, "p1", "title", fmt.Sprint("Chief ", i))
		_, err := local.Do(t.Context(), control.Request{Mode: record.Incremental})
		s.must1(t, err)
		if got := kept(); len(got) != 1 {
			t.Fatalf("after %d runs there are %v", i+1, got)
		}
	}
	for i := range 22 {
		s.must1(t, s.ldap.Delete(s.dn(fmt.Sprintf("p%d", i+2))))
	}
	var held *control.HeldError
	for range 2 {
		if _, err = local.Do(t.Context(), control.Request{Mode: record.Full}); !errors.As(err, &held) {
			t.Fatalf("it is not held: %v", err)
		}
	}
	if got := kept(); len(got) != 1 || got[0] != local.Current().Path() || len(local.Current().Header().Holds) == 0 {
		t.Errorf("the held plan is not what is kept: %v", got)
	}
	s.must1(t, local.Current().Verify(t.Context()))
	s.must1(t, session.Close())
	if got := kept(); len(got) > 0 {
		t.Errorf("left: %v", got)
	}
}

// spills is a program that opens a session, sorts more than memory holds, and prints the paths of
// its open files.
func spills() {
	err := func() error {
		s, err := program.Open(context.Background(), os.Args[1])
		if err != nil {
			return err
		}
		defer s.Close()
		work := filepath.Join(s.Config.Connector.StateDir, "work")
		db, err := sql.Open("sqlite", "file:"+filepath.Join(work, "sorted.db")+"?_pragma=cache_size(-100)")
		if err != nil {
			return err
		}
		rows, err := db.Query(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<30000) SELECT hex(randomblob(30)) x FROM n ORDER BY x`)
		if err != nil {
			return err
		}
		defer rows.Close()
		rows.Next()
		open, err := filepath.Glob("/proc/self/fd/*")
		for _, fd := range open {
			if to, err := os.Readlink(fd); err == nil {
				fmt.Println(to)
			}
		}
		return err
	}()
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

// TestSpillsBelowTheState checks that SQLite spills large sorts to the disk of the state, which is
// the disk that the remedies mention.
func TestSpillsBelowTheState(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("the files that a process has open are listed in /proc")
	}
	s := newDrill(t, drillOptions{people: 1})
	tmp := t.TempDir()
	p := exec.Command("spills", s.Config)
	p.Env = append(os.Environ(), "TMPDIR="+tmp, "SQLITE_TMPDIR=")
	out, err := p.CombinedOutput()
	if err != nil || !strings.Contains(string(out), s.state("work")+"/") ||
		!strings.Contains(string(out), "(deleted)") || strings.Contains(string(out), tmp) {
		t.Errorf("%v\n%s", err, out)
	}
}
