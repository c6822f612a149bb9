package scratch

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// TestMain lets a test run this program as a process that makes a directory, or a file, and waits
// to be killed.
func TestMain(m *testing.M) {
	if path := os.Getenv("SCRATCH_FILE"); path != "" {
		makeUnfinished(path)
	}
	if parent := os.Getenv("SCRATCH_PARENT"); parent != "" {
		d, err := New(parent, "x-")
		if err != nil {
			panic(err)
		}
		os.Stdout.WriteString(d.Path() + "\n")
		os.Stdin.Read(make([]byte, 1))
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// TestSweepByLock: the next start removes what a killed process left, however young, and keeps what
// a running one uses, however old.
func TestSweepByLock(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	living, err := New(parent, "x-")
	if err != nil {
		t.Fatal(err)
	}
	other := exec.Command(os.Args[0])
	other.Env = append(os.Environ(), "SCRATCH_PARENT="+parent)
	hold, err := other.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer hold.Close()
	out, err := other.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	path, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	path = path[:len(path)-1]
	long := time.Now().Add(-1000 * time.Hour)
	for _, p := range []string{living.Path(), path} {
		if err := os.Chtimes(p, long, long); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(when string, paths ...string) {
		t.Helper()
		sweep(parent, "x-")
		left, _ := filepath.Glob(filepath.Join(parent, "*"))
		if len(left) != 2*len(paths) {
			t.Errorf("%s: left %v, want %v with their locks", when, left, paths)
		}
		for _, p := range paths {
			if _, err := os.Stat(p); err != nil {
				t.Errorf("%s: %v", when, err)
			}
		}
	}
	expect("both live", living.Path(), path)
	if err := other.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	other.Wait()
	expect("one was killed", living.Path())
	if err := living.Remove(); err != nil {
		t.Fatal(err)
	}
	expect("both ended")
}

// TestSweepOfEarlierVersions: a directory without a lock is removed by age, and foreign directories
// stay.
func TestSweepOfEarlierVersions(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	long := time.Now().Add(-25 * time.Hour)
	for _, name := range []string{"x-old", "x-young", "y-old"} {
		if err := os.Mkdir(filepath.Join(parent, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"x-old", "y-old"} {
		if err := os.Chtimes(filepath.Join(parent, name), long, long); err != nil {
			t.Fatal(err)
		}
	}
	sweep(parent, "x-")
	for name, stays := range map[string]bool{"x-old": false, "x-young": true, "y-old": true} {
		if _, err := os.Stat(filepath.Join(parent, name)); (err == nil) != stays {
			t.Errorf("%s: %v", name, err)
		}
	}
}
