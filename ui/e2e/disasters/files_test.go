package disasters

import (
	"os"
	"runtime"
	"strings"
	"testing"
)

func fileDisasters() []disaster {
	if runtime.GOOS == "windows" { // it uses access lists instead
		return nil
	}
	return []disaster{{"files that others may write", filesOfOthers, false}}
}

// filesOfOthers checks that files that another account may write are refused, each with the command
// that fixes it, and that nothing is written to the cloud.
func filesOfOthers(t *testing.T) {
	s := newDrill(t, drillOptions{people: 3})
	s.set(t, "p1", "title", "Boss")
	_, file := s.Plan(t, 2)
	for what, c := range map[string]struct {
		path string
		mode os.FileMode
		verb []string
	}{
		"state directory": {s.state(""), 0o777, []string{"sync"}},
		"configuration":   {s.Config, 0o666, []string{"sync"}},
		"plan":            {file, 0o666, []string{"apply", file}},
	} {
		info, err := os.Stat(c.path)
		s.must1(t, err)
		s.must1(t, os.Chmod(c.path, c.mode))
		s.Unwritten(t, func() {
			if got := s.Run(t, c.verb...); got.Code == 0 || !strings.Contains(got.Err, "chmod go-w") {
				t.Errorf("%s: %d %s", what, got.Code, got.Err)
			}
		})
		s.must1(t, os.Chmod(c.path, info.Mode().Perm()))
	}
	// A link in place of the state is not followed, and its target stays unchanged.
	secret := s.Home + "/secret"
	s.must1(t, os.WriteFile(secret, []byte("x"), 0o644))
	s.must1(t, os.Rename(s.state("state.db"), s.Home+"/aside"))
	s.must1(t, os.Symlink(secret, s.state("state.db")))
	s.Unwritten(t, func() {
		if got := s.Run(t, "sync"); got.Code != 1 || !strings.Contains(got.Err, "Remove the link") {
			t.Errorf("a link in the place of the state: %d %s", got.Code, got.Err)
		}
	})
	if info, err := os.Stat(secret); err != nil || info.Mode().Perm() != 0o644 || info.Size() != 1 {
		t.Errorf("what the link leads to was changed: %v %v", info, err)
	}
	s.must1(t, os.Remove(s.state("state.db")))
	s.must1(t, os.Rename(s.Home+"/aside", s.state("state.db")))
	s.recovers(t)
}
