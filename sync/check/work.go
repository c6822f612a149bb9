package check

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/maphash"
	"os"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite"

	"dirbridge/sync/identity"
	"dirbridge/sync/scratch"
)

// work is the temporary database of one check: a row for each object and each membership, joined on
// disk, so that memory does not grow with the directory (P9). Anchors, DNs, keys and domains are
// looked up by 64-bit hashes with a seed of this check; if a finding depends on one, the text
// itself decides.
//
// The findings go to a separate file, which remains as the report.
type work struct {
	*scratch.Database
	dir   *scratch.Dir
	path  string
	seed  maphash.Seed
	found int64
	edges []any // of the next row of edges
}

const tables = `
CREATE TABLE object(dir INT, kind INT, dn TEXT, anchor TEXT, key TEXT, keyh INT,
	domain TEXT, domh INT, ah INT, dh INT, mh INT);
CREATE TABLE edge(dir INT, f INT, t INT);
CREATE TABLE raw(dir INT, class INT, ord TEXT, json TEXT);
ATTACH '%s' AS report;
CREATE TABLE report.finding(json TEXT);
PRAGMA report.journal_mode=OFF;
PRAGMA report.synchronous=OFF;
PRAGMA report.cache_size=-1000;
`

// cacheSize is the memory for the pages of a database, in KiB.
const cacheSize = 8000

// Kinds of object, as numbers.
const (
	aPerson = 1
	aGroup  = 2
)

func newWork(dir string) (*work, error) {
	own, err := scratch.New(dir, "dirbridge-check-")
	if err != nil {
		return nil, fmt.Errorf("work directory: %w", err)
	}
	w := &work{dir: own, path: own.Path(), seed: maphash.MakeSeed()}
	setup := fmt.Sprintf(tables, strings.ReplaceAll(w.reportFile(), "'", "''"))
	if w.Database, err = scratch.OpenDatabase(w.file(), cacheSize, setup, w.fault); err != nil {
		w.discard()
		return nil, err
	}
	return w, nil
}

func (w *work) file() string       { return filepath.Join(w.path, "work.db") }
func (w *work) reportFile() string { return filepath.Join(w.path, "report.db") }

// fault is the error of the database, nil for nil.
func (w *work) fault(err error) error {
	if err == nil {
		return nil
	}
	return w.dir.Fault(fmt.Errorf("work database: %w", err))
}

// discard removes everything.
func (w *work) discard() {
	if w.Database != nil {
		w.Close()
	}
	w.dir.Remove()
}

func (w *work) hash(kind, text string) int64 {
	var h maphash.Hash
	h.SetSeed(w.seed)
	h.WriteString(kind)
	h.WriteString(text)
	return int64(h.Sum64())
}

// anchorHash and dnHash return the hashes by which an object is referred to; 0 is none.
func (w *work) anchorHash(a identity.Anchor) int64 {
	if a.GUID() == "" {
		return 0
	}
	return w.hash("a:", string(a))
}

func (w *work) dnHash(dn string) int64 {
	if dn == "" {
		return 0
	}
	return w.hash("d:", identity.Fold(dn))
}

// row is one object as stored.
type row struct {
	dir, kind   int
	dn          string
	anchor      identity.Anchor
	key, domain string
	manager     string // DN
}

func (w *work) object(ctx context.Context, o row) error {
	var keyh, domh int64
	if o.key != "" {
		keyh = w.hash("k:", identity.Fold(o.key))
	}
	if o.domain != "" {
		domh = w.hash("m:", o.domain)
	}
	return w.Exec(ctx, `INSERT INTO object VALUES(?,?,?,?,?,?,?,?,?,?,?)`, o.dir, o.kind, o.dn, string(o.anchor),
		o.key, keyh, o.domain, domh,
		w.anchorHash(o.anchor), w.dnHash(o.dn), w.dnHash(o.manager))
}

// edgesAtOnce is the number of memberships in one statement.
const edgesAtOnce = 100

func (w *work) edge(ctx context.Context, dir int, e identity.Edge) error {
	to := w.anchorHash(e.To.Anchor)
	if to == 0 {
		to = w.dnHash(e.To.DN)
	}
	w.edges = append(w.edges, dir, w.anchorHash(e.From), to)
	if len(w.edges) < 3*edgesAtOnce {
		return nil
	}
	return w.flush(ctx)
}

func (w *work) flush(ctx context.Context) error {
	n := len(w.edges) / 3
	if n == 0 {
		return nil
	}
	err := w.Exec(ctx, `INSERT INTO edge VALUES(?,?,?)`+strings.Repeat(`,(?,?,?)`, n-1), w.edges...)
	w.edges = w.edges[:0]
	return err
}

// add stores a finding. order is its sort key within its class; "" sorts by DN.
func (w *work) add(ctx context.Context, dir int, f Finding, order string) error {
	class, _ := ClassOf(f.Class)
	f.Severity = class.Severity
	if f.Remedy == "" {
		f.Remedy = class.Remedy
	}
	if order == "" {
		order = identity.Fold(f.DN)
	}
	text, err := json.Marshal(f)
	if err != nil {
		return fmt.Errorf("finding: %w", err)
	}
	w.found++
	return w.Exec(ctx, `INSERT INTO raw VALUES(?,?,?,?)`, dir, number(f.Class), order, string(text))
}

// forget removes everything that was read of a directory that could not be read completely.
func (w *work) forget(ctx context.Context, dir int) error {
	w.edges = w.edges[:0]
	for _, table := range []string{"object", "edge", "raw"} {
		if err := w.Exec(ctx, `DELETE FROM `+table+` WHERE dir=?`, dir); err != nil {
			return err
		}
	}
	return nil
}

// finish moves the findings to the report, in order, and removes the rest.
func (w *work) finish(ctx context.Context, r *Report) error {
	if err := w.Exec(ctx, `INSERT INTO report.finding SELECT json FROM raw ORDER BY class, ord, rowid`); err != nil {
		return err
	}
	counts := map[int]int64{}
	err := w.Each(ctx, `SELECT class, COUNT(*) FROM raw GROUP BY class`, func(scan func(...any) error) error {
		var class int
		var n int64
		err := scan(&class, &n)
		counts[class] = n
		return err
	})
	if err != nil {
		return err
	}
	r.before = map[ClassID]int64{}
	var before int64
	for i, c := range Classes() {
		if n := counts[i]; n > 0 {
			r.Classes = append(r.Classes, Count{c, n})
			r.before[c.ID] = before
			before += n
		}
	}
	if err := w.Commit(); err != nil {
		return err
	}
	w.Close()
	w.Database = nil
	if err := os.Remove(w.file()); err != nil {
		return w.fault(err)
	}
	if r.db, err = scratch.OpenSQLite(w.reportFile(), cacheSize); err != nil {
		return fmt.Errorf("findings: %w", err)
	}
	r.path, r.dir = w.path, w.dir
	return nil
}
