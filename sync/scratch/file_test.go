package scratch

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"dirbridge/sync/identity"
)

// makeUnfinished is a process that starts a file and waits to be killed.
func makeUnfinished(path string) {
	f, err := Create(path)
	if err != nil {
		panic(err)
	}
	os.Stdout.WriteString(f.Temp() + "\n")
	os.Stdin.Read(make([]byte, 1))
	os.Exit(0)
}

// began starts such a process, and returns the path of its file.
func began(t *testing.T, path string) (temp string, kill func()) {
	t.Helper()
	p := exec.Command(os.Args[0])
	p.Env = append(os.Environ(), "SCRATCH_FILE="+path)
	hold, err := p.StdinPipe()
	must(t, err)
	out, err := p.StdoutPipe()
	must(t, err)
	must(t, p.Start())
	kill = func() {
		p.Process.Kill()
		p.Wait()
		hold.Close()
	}
	t.Cleanup(kill)
	temp, err = bufio.NewReader(out).ReadString('\n')
	must(t, err)
	return strings.TrimSuffix(temp, "\n"), kill
}

// TestUnfinishedFiles: the next file of that name removes what a killed process left; files of
// running processes and foreign files stay.
func TestUnfinishedFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "a.toml")
	others := []string{".a.toml.swp", ".a.toml.123", ".a.toml.x1.unfinished", ".a.toml..unfinished",
		".b.toml.1.unfinished", "a.toml.1.unfinished", ".a.toml.unfinished"}
	for _, name := range others {
		must(t, os.WriteFile(filepath.Join(dir, name), nil, 0o600))
	}
	living, _ := began(t, path)
	dead, kill := began(t, path)
	kill()
	if _, err := os.Stat(dead); err != nil {
		t.Fatalf("a killed process left nothing, which shows nothing: %v", err)
	}
	f, err := Create(path)
	must(t, err)
	if _, err := os.Stat(dead); err == nil {
		t.Error("what the killed process left is still there")
	}
	if _, err := os.Stat(living); err != nil {
		t.Errorf("what a living process writes was removed: %v", err)
	}
	f.WriteString("x")
	must(t, f.Replace())
	must(t, f.Discard())
	if text, err := os.ReadFile(path); err != nil || string(text) != "x" {
		t.Errorf("%q %v", text, err)
	}
	want := append(slices.Clone(others), "a.toml", filepath.Base(living))
	slices.Sort(want)
	if got := names(t, dir); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	// A directory of ours is swept completely.
	Sweep(filepath.Join(dir, "*"))
	if _, err := os.Stat(filepath.Join(dir, ".b.toml.1.unfinished")); err == nil {
		t.Error("what another file left is still there")
	}
}

// TestSweepOpensNoStateFile: a second name of the file itself, left by a process that was killed
// between linking and removing it, is removed without opening it.
func TestSweepOpensNoStateFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "state.db")
	must(t, os.WriteFile(path, []byte("x"), 0o600))
	temp := filepath.Join(dir, ".state.db.7.unfinished")
	if err := os.Link(path, temp); err != nil {
		t.Skip(err)
	}
	f, err := os.Open(path)
	must(t, err)
	defer f.Close()
	must(t, tryLock(f)) // so that opening it would leave it
	Sweep(filepath.Join(dir, "*"))
	if got := names(t, dir); !slices.Equal(got, []string{"state.db"}) {
		t.Error(got)
	}
}

func TestPlaceOverwritesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "a.csv")
	write := func(text string) func(io.Writer) error {
		return func(w io.Writer) error {
			_, err := io.WriteString(w, text)
			return err
		}
	}
	must(t, Save(path, write("one")))
	for _, err := range []error{Save(path, write("two")), Save(filepath.Join(dir, "none", "a"), write("x")),
		Save(filepath.Join(dir, "b"), func(io.Writer) error { return syscall.ENOSPC })} {
		if identity.Remedy(err) == "" {
			t.Errorf("no remedy: %v", err)
		}
	}
	f, err := Create(path)
	must(t, err)
	if err := f.Place(); !errors.Is(err, fs.ErrExist) {
		t.Errorf("placed over another file: %v", err)
	}
	if text, _ := os.ReadFile(path); string(text) != "one" || len(names(t, dir)) != 1 {
		t.Errorf("%q %v", text, names(t, dir))
	}
}

// TestWithoutLocks: a directory is refused with the reason, at once; a file gets a name that sweeps
// ignore.
func TestWithoutLocks(t *testing.T) {
	t.Parallel()
	none := func(*os.File) error { return syscall.ENOSYS }
	dir := t.TempDir()
	_, err := newDir(dir, "x-", none)
	if !errors.Is(err, syscall.ENOSYS) || !strings.Contains(err.Error(), "keeps no locks") ||
		!strings.Contains(identity.Remedy(err), "state_dir") {
		t.Errorf("%v: %s", err, identity.Remedy(err))
	}
	if left := names(t, dir); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	path := filepath.Join(dir, "a")
	f, err := create(path, none)
	must(t, err)
	Sweep(path)
	f.WriteString("x")
	must(t, f.Replace())
	if got := names(t, dir); !slices.Equal(got, []string{"a"}) {
		t.Error(got)
	}
}

func names(t *testing.T, dir string) (out []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	must(t, err)
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestManyAtOnce: no sweep removes the file of another concurrent Create.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 40 {
				f, err := Create(path)
				if err == nil {
					_, err = f.WriteString("x")
				}
				if err == nil {
					err = f.Replace()
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if got := names(t, dir); !slices.Equal(got, []string{"a"}) {
		t.Error(got)
	}
}
