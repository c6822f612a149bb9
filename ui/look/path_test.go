package look

import (
	"path/filepath"
	"testing"
)

func TestPathsOfPeople(t *testing.T) {
	home, folder := t.TempDir(), t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	t.Chdir(folder)
	for path, want := range map[string]string{
		"~/a.csv": filepath.Join(home, "a.csv"), " a.csv ": filepath.Join(folder, "a.csv"), "~": home,
		"~ana/a.csv": filepath.Join(folder, "~ana", "a.csv"), filepath.Join(home, "b"): filepath.Join(home, "b"),
	} {
		if got := FullPath(path); got != want {
			t.Errorf("%q is %s, want %s", path, got, want)
		}
	}
}
