//go:build unix

package disasters

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"dirbridge/cloud/scimtest"
	"dirbridge/sync/record"
	"dirbridge/ui/e2e/site"
)

// TestReadOnlyState makes the state read-only, by rights or by a mount, after a clean end and after
// kill -9: verbs that only read still answer, and verbs that write say why they cannot.
func TestReadOnlyState(t *testing.T) {
	for name, killed := range map[string]bool{"closed": false, "killed": true} {
		for way, lock := range map[string]func(*testing.T, *drill) (*syscall.Credential, func()){"rights": withoutRights,
			"mount": mountedReadOnly} {
			t.Run(name+", "+way, func(t *testing.T) { readOnlyState(t, killed, lock) })
		}
	}
}

func readOnlyState(t *testing.T, killed bool, lock func(*testing.T, *drill) (*syscall.Credential, func())) {
	s := newDrill(t, drillOptions{people: 3})
	_, file := s.Plan(t, 0)
	s.set(t, "p1", "title", "Chief")
	runs := 1
	if killed {
		s.sky.Inject(scimtest.Fault{Effect: scimtest.Stall, Writes: true, Nth: 1})
		p := s.starts(t, "sync")
		if !s.fired(t, p) {
			t.Fatal("it did not write")
		}
		s.must1(t, p.Process.Kill())
		<-p.ended
		s.sky.Heal()
		runs = 2
	}
	as, unlock := lock(t, s)
	verb := func(args ...string) site.Answer {
		t.Helper()
		return s.runAs(t, as, args...)
	}
	s.Unwritten(t, func() {
		for _, args := range [][]string{{"status"}, {"history"}, {"history", "1"}, {"events"},
			{"explain", "p1@example.com"}, {"purge", "--list"}, {"tree"}, {"check"}, {"show", file}} {
			if got := verb(args...); got.Code != 0 && got.Code != 2 {
				t.Errorf("%s: %d %s", strings.Join(args, " "), got.Code, got.Err)
			}
		}
		var history []record.Run
		if err := json.Unmarshal([]byte(verb("history").Out), &history); err != nil || len(history) != runs {
			t.Errorf("history tells of %d runs of %d: %v", len(history), runs, err)
		}
		if got := verb("explain", "p1@example.com"); !strings.Contains(got.Out, "Chief") {
			t.Errorf("explain does not say what will change: %s%s", got.Out, got.Err)
		}
		for _, args := range [][]string{{"plan"}, {"sync"}, {"run"}, {"enable"}, {"disable"}, {"confirm", "p1@example.com"},
			{"undo", "1"}, {"purge"}, {"apply", file}} {
			got := verb(args...)
			if got.Code != 1 || !strings.Contains(got.Err, "the state directory "+s.state("")+" is read-only") ||
				!strings.Contains(got.Err, "right to write there") {
				t.Errorf("%s: %d %s", strings.Join(args, " "), got.Code, got.Err)
			}
		}
	})
	unlock()
	if killed {
		s.later(time.Hour)
	}
	s.recovers(t)
}

// runAs runs a verb in its own process, under another account if one is named.
func (s *drill) runAs(t *testing.T, as *syscall.Credential, args ...string) site.Answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	p := exec.CommandContext(ctx, filepath.Join(s.Home, "dirbridge"), append(args, "--json", "--no-input", "--config",
		s.Config)...)
	p.Env = append(os.Environ(), "XDG_CACHE_HOME="+filepath.Join(s.Home, "cache"))
	p.SysProcAttr = &syscall.SysProcAttr{Credential: as}
	var out, errs bytes.Buffer
	p.Stdout, p.Stderr = &out, &errs
	var ended *exec.ExitError
	if err := p.Run(); err != nil && !errors.As(err, &ended) {
		t.Fatal(err)
	}
	return site.Answer{Code: p.ProcessState.ExitCode(), Out: out.String(), Err: errs.String()}
}

// TestWorkDirectoryRefused checks that if only the directory for temporary files is unusable, the
// verbs that need it name it, with the remedy.
func TestWorkDirectoryRefused(t *testing.T) {
	s := newDrill(t, drillOptions{people: 2})
	s.set(t, "p1", "title", "Chief")
	as, unlock := withoutRights(t, s)
	s.must1(t, os.Chmod(s.state(""), 0o700))
	s.must1(t, os.Chmod(s.state("state.db"), 0o600))
	s.must1(t, os.Chmod(s.state("work"), 0o500))
	refused := func(words string) {
		t.Helper()
		for _, args := range [][]string{{"plan"}, {"sync", "--full"}, {"explain", "p1@example.com"}, {"check"}} {
			got := s.runAs(t, as, args...)
			if got.Code != 1 || !strings.Contains(got.Err, s.state("work")) || !strings.Contains(got.Err, words) {
				t.Errorf("%s: %d %s", strings.Join(args, " "), got.Code, got.Err)
			}
		}
	}
	s.Unwritten(t, func() {
		refused("right to write there")
		s.must1(t, os.Remove(s.state("work")))
		s.must1(t, os.WriteFile(s.state("work"), nil, 0o600))
		refused("Move away the file")
	})
	s.must1(t, os.Remove(s.state("work")))
	unlock()
	s.recovers(t)
}

// withoutRights removes an account's right to write to the state. Since root has every right, it
// runs the reader under another account.
func withoutRights(t *testing.T, s *drill) (*syscall.Credential, func()) {
	s.putProgram(t)
	modes := func(dir, file os.FileMode) {
		s.must1(t, os.Chmod(s.state(""), 0o700))
		s.must1(t, filepath.WalkDir(s.state(""), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			return os.Chmod(path, file)
		}))
		s.must1(t, os.Chmod(s.state(""), dir))
	}
	modes(0o500, 0o400)
	if os.Geteuid() != 0 {
		return nil, func() { modes(0o700, 0o600) }
	}
	const nobody = 65534
	own := func(uid int) {
		s.must1(t, filepath.WalkDir(s.Home, func(path string, _ fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			return os.Lchown(path, uid, uid)
		}))
	}
	own(nobody)
	s.must1(t, os.Chmod(filepath.Dir(s.Home), 0o711))
	return &syscall.Credential{Uid: nobody, Gid: nobody}, func() {
		own(0)
		modes(0o700, 0o600)
	}
}

func mountedReadOnly(t *testing.T, s *drill) (*syscall.Credential, func()) {
	s.putProgram(t)
	remount := s.mounted(t, 16<<10)
	s.must1(t, remount("ro"))
	return nil, func() { s.must1(t, remount("rw")) }
}

// putProgram copies the program to a place where another account may run it.
func (s *drill) putProgram(t *testing.T) {
	t.Helper()
	self, err := os.Executable()
	s.must1(t, err)
	text, err := os.ReadFile(self)
	s.must1(t, err)
	s.must1(t, os.WriteFile(filepath.Join(s.Home, "dirbridge"), text, 0o755))
}
