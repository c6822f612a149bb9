package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestPromisesHaveTests checks that docs/testing.md names, for each promise, tests that exist.
func TestPromisesHaveTests(t *testing.T) {
	text, err := os.ReadFile("docs/testing.md")
	if err != nil {
		t.Fatal(err)
	}
	folder, name := regexp.MustCompile("`([a-z/]+)` "), regexp.MustCompile(`Test\w+`)
	for n := range 16 {
		promise := fmt.Sprintf("| P%d ", n+1)
		_, row, found := strings.Cut(string(text), "\n"+promise)
		if row, _, _ = strings.Cut(row, "\n"); !found || !folder.MatchString(row) {
			t.Errorf("%s has no tests", promise)
		}
		_, tests, _ := strings.Cut(row, "|")
		for part := range strings.SplitSeq(tests, ";") {
			in := folder.FindStringSubmatch(part)
			for _, test := range name.FindAllString(part, -1) {
				if in == nil || !hasTest(t, in[1], test) {
					t.Errorf("%s: %s is not there", promise, test)
				}
			}
		}
	}
}

// hasTest reports whether a folder has a test of this name.
func hasTest(t *testing.T, folder, name string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "\nfunc "+name+"(") {
			return true
		}
	}
	return false
}
