package check

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"dirbridge/sync/identity"
	"dirbridge/sync/scratch"
)

// Finding is one thing to fix.
type Finding struct {
	Class     ClassID       `json:"class"`
	Severity  Severity      `json:"severity"`
	Kind      identity.Kind `json:"kind,omitempty"`
	Directory string        `json:"directory"`
	DN        string        `json:"dn"`
	Attribute string        `json:"attribute,omitempty"` // of the directory
	// Value is shortened, with invisible characters as Go escape sequences, so that it cannot
	// disturb a terminal.
	Value  string `json:"value,omitempty"`
	Detail string `json:"detail,omitempty"`
	Remedy string `json:"remedy"`
}

// Count is a class with the number of its findings.
type Count struct {
	Class
	Count int64 `json:"count"`
}

// Counts is what was read.
type Counts struct {
	People      int64 `json:"people"`
	Disabled    int64 `json:"disabled"` // of the people
	Groups      int64 `json:"groups"`
	Memberships int64 `json:"memberships"`
	Contacts    int64 `json:"contacts"`
	Rooms       int64 `json:"rooms"`
	// References to objects out of scope.
	ManagersElsewhere int64 `json:"managers_elsewhere"` // people with such a manager
	MembersElsewhere  int64 `json:"members_elsewhere"`  // such memberships
	GroupsElsewhere   int64 `json:"groups_elsewhere"`   // groups with such a member
}

func (c *Counts) add(o Counts) {
	c.People += o.People
	c.Disabled += o.Disabled
	c.Groups += o.Groups
	c.Memberships += o.Memberships
	c.Contacts += o.Contacts
	c.Rooms += o.Rooms
	c.ManagersElsewhere += o.ManagersElsewhere
	c.MembersElsewhere += o.MembersElsewhere
	c.GroupsElsewhere += o.GroupsElsewhere
}

// Read is the result of reading one directory.
type Read struct {
	Name   string `json:"name"`
	Server string `json:"server,omitempty"`
	Counts Counts `json:"counts"`
	Error  string `json:"error,omitempty"` // why it could not be read; nothing of it counts then
	Remedy string `json:"remedy,omitempty"`
}

// Report is the result of a check. Its fields are read-only; its methods may be called from several
// goroutines.
type Report struct {
	Started     time.Time
	Ended       time.Time
	Directories []Read
	Counts      Counts
	Classes     []Count // those with findings, in order

	db     *sql.DB
	dir    *scratch.Dir
	path   string // of the folder with the findings
	before map[ClassID]int64
}

// Problems counts the findings of severity Problem.
func (r *Report) Problems() (n int64) {
	for _, c := range r.Classes {
		if c.Severity == Problem {
			n += c.Count
		}
	}
	return n
}

// Total counts the findings of one class.
func (r *Report) Total(class ClassID) int64 {
	for _, c := range r.Classes {
		if c.ID == class {
			return c.Count
		}
	}
	return 0
}

// Findings returns at most n findings of a class, from an offset on. They are sorted by DN; those
// that share a value are adjacent.
func (r *Report) Findings(ctx context.Context, class ClassID, from, n int64) ([]Finding, error) {
	var found []Finding
	if n = min(n, r.Total(class)-from); n <= 0 || from < 0 {
		return nil, nil
	}
	first := r.before[class] + from + 1
	err := r.each(ctx, first, first+n-1, func(f Finding) error { found = append(found, f); return nil })
	return found, err
}

// page is how many rows are read at a time: fn may be slow, such as a pipe.
const page = 500

// each calls fn for the findings with these row numbers, both ends included.
func (r *Report) each(ctx context.Context, from, to int64, fn func(Finding) error) error {
	for ; from <= to; from += page {
		found, err := r.rows(ctx, from, min(to, from+page-1))
		if err != nil {
			return err
		}
		for _, f := range found {
			if err := fn(f); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *Report) rows(ctx context.Context, from, to int64) (found []Finding, err error) {
	rows, err := r.db.QueryContext(ctx, `SELECT json FROM finding WHERE rowid BETWEEN ? AND ? ORDER BY rowid`, from, to)
	if err != nil {
		return nil, fmt.Errorf("findings: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, fmt.Errorf("findings: %w", err)
		}
		var f Finding
		if err := json.Unmarshal([]byte(text), &f); err != nil {
			return nil, fmt.Errorf("findings: %w", err)
		}
		found = append(found, f)
	}
	return found, rows.Err()
}

// Each calls fn for every finding of these classes (none: all), at most limit of each (0: all), in
// the order of the report.
func (r *Report) Each(ctx context.Context, classes []ClassID, limit int64, fn func(Finding) error) error {
	for _, c := range r.only(classes) {
		n := c.Count
		if limit > 0 {
			n = min(n, limit)
		}
		first := r.before[c.ID] + 1
		if err := r.each(ctx, first, first+n-1, fn); err != nil {
			return err
		}
	}
	return nil
}

// only returns the counts of these classes, or of all if none is given.
func (r *Report) only(classes []ClassID) []Count {
	out := []Count{}
	for _, c := range r.Classes {
		if len(classes) == 0 || has(classes, c.ID) {
			out = append(out, c)
		}
	}
	return out
}

func has(classes []ClassID, id ClassID) bool {
	for _, c := range classes {
		if c == id {
			return true
		}
	}
	return false
}

// Close removes the findings from disk.
func (r *Report) Close() error {
	return errors.Join(r.db.Close(), r.dir.Remove())
}
