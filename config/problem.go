package config

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Problem is one thing that is wrong with the file. It never quotes a value, which
// might be a secret in the wrong place, except in Place.
type Problem struct {
	Line    int    `json:"line"` // from 1; 0 where it is about the file as a whole
	Key     string `json:"key,omitempty"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
	// Place is a value that is no secret, such as a filter, with its mistake marked in
	// the line below.
	Place string `json:"place,omitempty"`
}

// Error is the message with its hint.
func (p Problem) Error() string {
	if p.Hint == "" {
		return p.Message
	}
	return p.Message + " (" + p.Hint + ")"
}

// Invalid is everything that is wrong with a file, in order of lines.
type Invalid struct {
	Path     string    `json:"path"`
	Problems []Problem `json:"problems"`
}

// Error has one line a problem, file:line: key: message (hint), and below it the
// lines of its place.
func (e *Invalid) Error() string { return strings.Join(e.Lines(), "\n") }

// Lines are those of Error. A message that holds a line end, as a value of the file may, is
// one of them all the same.
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

// Check looks at a configuration that is well-formed, for what this package cannot
// know, such as the names of cloud attributes. A problem with a key and no line is
// given its line.
type Check func(Config) []Problem

// report collects problems.
type report struct {
	problems []Problem
	lines    map[string]int
	spoiled  map[string]bool // keys whose value could not be read: nothing further is said of them
	syntax   bool            // part of the text could not be read: what seems to be missing may be there
}

func newReport() *report {
	return &report{lines: map[string]int{}, spoiled: map[string]bool{}}
}

func (r *report) at(line int, key, hint, format string, args ...any) {
	r.problems = append(r.problems, Problem{Line: line, Key: shownKey(key), Hint: hint,
		Message: fmt.Sprintf(format, args...)})
	r.spoiled[key] = true
}

// shownKey keeps a key in one line and of sensible length.
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

// of reports a problem with a key at the key's line.
func (r *report) of(key, hint, format string, args ...any) {
	if !r.spoiled[key] {
		r.at(lookUpLine(r.lines, key), key, hint, format, args...)
	}
}

// err is nil, or an *Invalid.
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
