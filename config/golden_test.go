package config

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write what is seen as expected")

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s: %s", path, d)
	}
}

// TestGoodFiles checks that a good file shows the expected text, and that this text loads and shows
// the same.
func TestGoodFiles(t *testing.T) {
	for _, path := range files(t, "*.good.toml") {
		c, err := Load(path)
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		c.Connector.Name, c.Connector.StateDir = "host", "/state"
		got := c.Effective()
		golden(t, strings.TrimSuffix(path, ".toml")+".golden", got)
		again, err := Parse("", []byte(got))
		if err != nil {
			t.Errorf("%s: what is shown does not load: %v", path, err)
			continue
		}
		if strip(again.Effective()) != strip(got) {
			t.Errorf("%s: what is shown means something else:\n%s", path, cmp.Diff(strip(got), strip(again.Effective())))
		}
	}
}

// strip removes the remarks about defaults.
func strip(s string) string {
	var lines []string
	for line := range strings.Lines(s) {
		lines = append(lines, strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(line), "# default")))
	}
	return strings.Join(lines, "\n")
}

// TestBadFiles checks that every problem of a bad file is reported at once, with its line, and that
// no value of the file is quoted.
func TestBadFiles(t *testing.T) {
	for _, path := range files(t, "*.bad.toml") {
		_, err := Load(path)
		var bad *Invalid
		if !errors.As(err, &bad) || bad.Path != path || len(bad.Problems) == 0 {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the error shows a secret: %v", path, err)
		}
		golden(t, strings.TrimSuffix(path, ".toml")+".golden", err.Error()+"\n")
	}
}

func files(t *testing.T, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", pattern))
	if err != nil || len(paths) == 0 {
		t.Fatalf("%s: %v, %v", pattern, paths, err)
	}
	return paths
}
