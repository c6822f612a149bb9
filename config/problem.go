package config

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Problem is one mistake in the file. Only Place quotes a value; any other value might be a
// misplaced secret.
type Problem struct {
	Line    int    `json:"line"` // from 1; 0 if it concerns the whole file
	Key     string `json:"key,omitempty"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
	// Place is a value that cannot be a secret, such as a filter, with its mistake marked in the
	// line below.
	Place string `json:"place,omitempty"`
}

// Error returns the message with its hint.
func (p Problem) Error() string {
	if p.Hint == "" {
		return p.Message
	}
	return p.Message + " (" + p.Hint + ")"
}

// Invalid has all problems of a file, in order of lines.
type Invalid struct {
	Path     string    `json:"path"`
	Problems []Problem `json:"problems"`
}

// Error has one line for each problem, file:line: key: message (hint), followed by the lines of its
// place.
func (e *Invalid) Error() string { return strings.Join(e.Lines(), "\n") }

// Lines returns the lines of Error. A message with a line end in it, which may come from a value of
// the file, is still one element.
func (e *Invalid) Lines() (lines []string) {
	for _, p := range e.Problems {
		var b strings.Builder
		b.WriteString(cmp.Or(e.Path, "configuration"))
		if p.Line > 0 {
			fmt.Fprintf(&b, ":%d", p.Line)
		}
		b.WriteString(": ")
		if p.Key != "" {
			b.WriteString(p.Key + ": ")
		}
		b.WriteString(p.Error())
		lines = append(lines, b.String())
		for line := range strings.Lines(p.Place) {
			lines = append(lines, "    "+strings.TrimSuffix(line, "\n"))
		}
	}
	return lines
}

// Check looks for problems in a well-formed configuration that this package cannot detect, such as
// unknown cloud attributes. A problem with a key and no line gets the line of its key.
type Check func(Config) []Problem

// report collects problems.
type report struct {
	problems []Problem
	lines    map[string]int
	spoiled  map[string]bool // keys whose value could not be read: no other problem of them is reported
	syntax   bool            // part of the text could not be read, so a missing key may be there
}

func newReport() *report {
	return &report{lines: map[string]int{}, spoiled: map[string]bool{}}
}

func (r *report) at(line int, key, hint, format string, args ...any) {
	r.problems = append(r.problems, Problem{Line: line, Key: shownKey(key), Hint: hint,
		Message: fmt.Sprintf(format, args...)})
	r.spoiled[key] = true
}

// shownKey shortens a key and keeps it on one line.
func shownKey(key string) string {
	const limit = 120
	plain := []rune(strings.Map(func(c rune) rune {
		if !strconv.IsPrint(c) {
			return '?'
		}
		return c
	}, key))
	if len(plain) > limit {
		return string(plain[:limit]) + "..."
	}
	return string(plain)
}

// of reports a problem of a key at the key's line.
func (r *report) of(key, hint, format string, args ...any) {
	if !r.spoiled[key] {
		r.at(lookUpLine(r.lines, key), key, hint, format, args...)
	}
}

// err returns nil or an *Invalid.
func (r *report) err(path string) error {
	if len(r.problems) == 0 {
		return nil
	}
	slices.SortStableFunc(r.problems, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
	return &Invalid{Path: path, Problems: r.problems}
}

func lookUpLine(lines map[string]int, key string) int {
	for key != "" {
		if n := lines[key]; n > 0 {
			return n
		}
		cut := strings.LastIndexAny(key, ".[")
		if cut < 0 {
			return 0
		}
		key = key[:cut]
	}
	return 0
}
