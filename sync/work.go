package sync

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite"

	"dirbridge/sync/identity"
	"dirbridge/sync/record"
	"dirbridge/sync/scratch"
)

// work is the temporary database in which one plan is computed: what was read of
// both sides, joined on disk, so that memory does not grow with the directory (P9).
// It is private to the goroutine that plans, and thrown away.
type work struct {
	db   *sql.DB
	tx   *sql.Tx
	dir  *scratch.Dir
	prep map[string]*sql.Stmt
	// Memberships wait in files: of the directories, and of the cloud.
	edges, held *spool
}

const workSchema = `
CREATE TABLE src(anchor TEXT, kind TEXT, dir TEXT, guid TEXT, dn TEXT, dnf TEXT, parent TEXT, rdn TEXT,
	key TEXT, keyf TEXT, active INT, attrs TEXT, inputs TEXT, base TEXT, mgr TEXT, problem INT, fingerprint INT, sid TEXT);
CREATE TABLE res(id TEXT, kind TEXT, extf TEXT, key TEXT, keyf TEXT, name TEXT, active INT, admin INT,
	type TEXT, version TEXT, attrs TEXT, base TEXT, owner TEXT);
CREATE TABLE sh(anchor TEXT, kind TEXT, id TEXT, state TEXT, linked INT, json TEXT, sid TEXT);
CREATE TABLE unanswered(anchor TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE cont(anchor TEXT, dir TEXT, dn TEXT, dnf TEXT, parent TEXT);
CREATE TABLE edge(dir TEXT, src TEXT, kind TEXT, to_anchor TEXT, to_dnf TEXT);
CREATE TABLE cm(gid TEXT, mid TEXT);
CREATE TABLE matched(anchor TEXT PRIMARY KEY, kind TEXT, id TEXT, how TEXT, wave INT DEFAULT 0, via TEXT DEFAULT '', was TEXT DEFAULT '');
CREATE TABLE sid_history(anchor TEXT, sid TEXT);
CREATE TABLE sid_match(old TEXT, successor TEXT, unread INT);
CREATE TABLE deferred_key(anchor TEXT PRIMARY KEY, keyf TEXT);
CREATE TABLE nameless(kind TEXT, dnf TEXT, keyf TEXT);
CREATE TABLE lacks(dir TEXT, kind TEXT, anchor TEXT, dnf TEXT, attr TEXT);
CREATE TABLE guarded(kind TEXT, id TEXT, PRIMARY KEY(kind, id)) WITHOUT ROWID;
CREATE TABLE shut(anchor TEXT PRIMARY KEY, id TEXT);
CREATE TABLE withheld(anchor TEXT PRIMARY KEY, id TEXT, rule TEXT, json TEXT);
CREATE TABLE ended(anchor TEXT PRIMARY KEY);
CREATE TABLE spoiled(anchor TEXT PRIMARY KEY);
CREATE TABLE wants(kind TEXT, id TEXT, PRIMARY KEY(kind, id)) WITHOUT ROWID;
CREATE TABLE protect(kind TEXT, id TEXT, PRIMARY KEY(kind, id)) WITHOUT ROWID;
CREATE TABLE prob(kind TEXT, subject TEXT, json TEXT);
CREATE TABLE change(phase INT, wave INT, kind TEXT, keyf TEXT, sub TEXT, json TEXT);
CREATE TABLE unmatched(keyf TEXT, json TEXT);
CREATE TABLE keep(anchor TEXT PRIMARY KEY, json TEXT);
CREATE TABLE forget(anchor TEXT PRIMARY KEY);
CREATE TABLE again(anchor TEXT PRIMARY KEY, kind TEXT);
CREATE TABLE known(anchor TEXT PRIMARY KEY, dir TEXT, dnf TEXT, id TEXT, state TEXT);
CREATE TABLE present(anchor TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE fresh(src TEXT, kind TEXT, a TEXT, dnf TEXT);
CREATE TABLE stored(src TEXT, kind TEXT, a TEXT, dnf TEXT);
CREATE TABLE whole(anchor TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE scopewas(ref TEXT PRIMARY KEY, a TEXT, dn TEXT, sid TEXT) WITHOUT ROWID;
CREATE TABLE scopenow(ref TEXT PRIMARY KEY, a TEXT, dn TEXT, sid TEXT) WITHOUT ROWID;
CREATE TABLE pair(src TEXT, kind TEXT, a TEXT, dnf TEXT, removed INT, PRIMARY KEY(src, kind, a, dnf, removed)) WITHOUT ROWID;
-- What guards count of the changes, a row each: counting and grouping by cause is the database's work.
CREATE TABLE guard_count(rule TEXT, dir TEXT, kind TEXT, subject TEXT, name TEXT, anchor TEXT, id TEXT, cause TEXT);
`

// workIndexes are made once the tables are full: an index that is kept while rows
// arrive in random order costs several times as much. A page that shifts while it is
// read gives a record twice: it counts once.
const workIndexes = `
CREATE INDEX src_anchor ON src(anchor);
DELETE FROM src WHERE EXISTS(SELECT 1 FROM src o WHERE o.anchor=src.anchor AND o.rowid<src.rowid);
CREATE INDEX src_key ON src(kind, keyf);
CREATE INDEX src_guid ON src(kind, guid);
CREATE INDEX src_dn ON src(dnf);
CREATE INDEX res_id ON res(kind, id);
DELETE FROM res WHERE EXISTS(SELECT 1 FROM res o WHERE o.kind=res.kind AND o.id=res.id AND o.rowid<res.rowid);
CREATE INDEX res_ext ON res(kind, extf);
CREATE INDEX res_key ON res(kind, keyf);
CREATE UNIQUE INDEX sh_anchor ON sh(anchor);
CREATE INDEX sh_id ON sh(kind, id);
CREATE INDEX cont_dn ON cont(dnf);
CREATE INDEX nameless_dn ON nameless(kind, dnf);
CREATE INDEX lacks_dn ON lacks(kind, dnf) WHERE anchor='';
`

func newWork(dir string) (*work, error) {
	own, err := scratch.New(dir, "dirbridge-plan-")
	if err != nil {
		return nil, fmt.Errorf("work directory: %w", err)
	}
	tmp := own.Path()
	w := &work{dir: own, prep: map[string]*sql.Stmt{}}
	w.db, err = sql.Open("sqlite", "file:"+filepath.Join(tmp, "work.db")+
		"?_pragma=journal_mode(OFF)&_pragma=synchronous(OFF)&_pragma=cache_size(-24000)&_pragma=temp_store(FILE)&_pragma=locking_mode(EXCLUSIVE)")
	if err != nil {
		w.close()
		return nil, err
	}
	w.db.SetMaxOpenConns(1)
	// One transaction for all: with no journal a commit buys nothing but writes.
	if w.tx, err = w.db.Begin(); err == nil {
		_, err = w.tx.Exec(workSchema)
	}
	if err != nil {
		w.close()
		return nil, w.fault(err)
	}
	if w.edges, err = newSpool(own, "edges"); err == nil {
		w.held, err = newSpool(own, "members")
	}
	if err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

func (w *work) close() {
	for _, s := range w.prep {
		s.Close()
	}
	if w.tx != nil {
		w.tx.Rollback()
	}
	if w.db != nil {
		w.db.Close()
	}
	for _, s := range []*spool{w.edges, w.held} {
		if s != nil {
			s.close()
		}
	}
	w.dir.Remove()
}

// exec runs a statement, prepared once.
func (w *work) exec(ctx context.Context, query string, args ...any) error {
	s, ok := w.prep[query]
	if !ok {
		var err error
		if s, err = w.tx.Prepare(query); err != nil {
			return w.fault(err)
		}
		w.prep[query] = s
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if _, err := s.Exec(args...); err != nil {
		return w.fault(err)
	}
	return nil
}

// each runs a query and calls fn for each row. fn must not write to the tables
// that the query reads.
func (w *work) each(ctx context.Context, query string, fn func(scan func(...any) error) error, args ...any) error {
	rows, err := w.tx.QueryContext(ctx, query, args...)
	if err != nil {
		return w.fault(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows.Scan); err != nil {
			return err
		}
	}
	return w.fault(rows.Err())
}

// index makes the indexes, once the tables are full. With analyze the tables are measured too, which
// is worth it for large ones.
func (w *work) index(ctx context.Context, analyze bool) error {
	script := workIndexes
	if analyze {
		script += "ANALYZE;"
	}
	return w.script(ctx, script)
}

// script runs statements that have no arguments.
func (w *work) script(ctx context.Context, statements string) error {
	_, err := w.tx.ExecContext(ctx, statements)
	return w.fault(err)
}

// number runs a query of one number.
func (w *work) number(ctx context.Context, query string, args ...any) (n int64, err error) {
	err = w.tx.QueryRowContext(ctx, query, args...).Scan(&n)
	return n, w.fault(err)
}

func (w *work) problem(ctx context.Context, kind identity.Kind, p identity.Problem) error {
	return w.exec(ctx, insertProblem, problemRow(kind, p)...)
}

// protect keeps a resource from being written, or taken for unmatched.
func (w *work) protect(ctx context.Context, kind identity.Kind, id identity.ResourceID) error {
	return w.exec(ctx, `INSERT OR IGNORE INTO protect VALUES(?,?)`, string(kind), string(id))
}

// want keeps the account of one who is missing as it is: another object claims it.
func (w *work) want(ctx context.Context, kind identity.Kind, id identity.ResourceID) error {
	if id == "" {
		return nil
	}
	return w.exec(ctx, `INSERT OR IGNORE INTO wants VALUES(?,?)`, string(kind), string(id))
}

// insertProblem spools one finding.
const insertProblem = `INSERT INTO prob VALUES(?,?,?)`

func problemRow(kind identity.Kind, p identity.Problem) []any {
	return []any{string(kind), identity.SubjectOfProblem(p), encode(p)}
}

// encode is JSON of a value that always has a JSON form.
func encode(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("sync: encode %T: %v", v, err))
	}
	return string(b)
}

// fault is an error of the work database. What does not fit its constraints was not read
// from a directory or a cloud, whose objects are distinct: the state contradicts itself, as
// a damaged one may.
func (w *work) fault(err error) error {
	if err == nil {
		return nil
	}
	err = w.dir.Fault(fmt.Errorf("work database: %w", err))
	if !strings.Contains(err.Error(), "constraint failed") {
		return err
	}
	return &identity.Failure{Class: string(record.Hold), Err: fmt.Errorf("the state contradicts itself: %w", err), Remedy: remedyState}
}

// decode reads what encode wrote; anything else is a broken work database.
func decode(s string, v any) error {
	if err := json.Unmarshal([]byte(s), v); err != nil {
		return fmt.Errorf("work database: %w", err)
	}
	return nil
}
