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
	for n := range 16 {
		promise := fmt.Sprintf("| P%d ", n+1)
		_, row, found := strings.Cut(string(text), "\n"+promise)
		row, _, _ = strings.Cut(row, "\n")
		if _, tests, _ := strings.Cut(row, "|"); !found || !namesTests(t, promise, tests) {
			t.Errorf("%s has no tests", promise)
		}
	}
}

// TestBadInputHasTests checks the same for each row of the other tables: the last column of docs/ipsie.md names
// tests where a point is met.
func TestBadInputHasTests(t *testing.T) {
	for path, begin := range map[string]string{"docs/testing.md": "## Bad input", "docs/ipsie.md": ""} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(string(text), begin)
		rows := 0
		for line := range strings.Lines(rest) {
			cells := strings.Split(strings.Trim(line, "|\n "), "|")
			if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| point") || strings.HasPrefix(line, "| input") {
				continue
			}
			rows++
			last := cells[len(cells)-1]
			if !namesTests(t, cells[0], last) && !strings.Contains(line, "not met") {
				t.Errorf("%s: %s has no test", path, cells[0])
			}
		}
		if rows < 10 {
			t.Errorf("%s: %d rows", path, rows)
		}
	}
}

// namesTests checks the tests that a cell names, as "`folder` TestA, TestB; `folder` TestC", and reports whether
// there are any.
func namesTests(t *testing.T, of, cell string) (any bool) {
	t.Helper()
	folder, name := regexp.MustCompile("`([a-z0-9/]+)` "), regexp.MustCompile(`Test\w+`)
	for part := range strings.SplitSeq(cell, ";") {
		in := folder.FindStringSubmatch(part)
		for _, test := range name.FindAllString(part, -1) {
			if any = true; in == nil || !hasTest(t, in[1], test) {
				t.Errorf("%s: %s is not there", of, test)
			}
		}
	}
	return any
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
