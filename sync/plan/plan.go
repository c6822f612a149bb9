package plan

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	stdsync "sync"

	_ "modernc.org/sqlite" // the driver

	"dirbridge/sync/fileperm"
	"dirbridge/sync/scratch"
)

// Plan is a sealed plan file, open for reading. It is immutable. Its methods may be called from
// several goroutines, and from within callbacks.
type Plan struct {
	path   string
	own    *scratch.Dir // of a temporary plan
	db     *sql.DB
	header Header
	raw    []byte // the header as stored
	length [tableCount]int64

	building chan struct{} // only one view is searched at a time
	mu       stdsync.Mutex
	indices  []*index  // of recent views, newest first
	orders   []*sorted // the same for sorted views
}

// Open opens a plan file and reads its header. It does not prove that the rows are those that were
// sealed: Verify does. The file may be read-only, and nothing is written beside it.
func Open(path string) (*Plan, error) {
	if err := checkFile(path); err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", dsn(path, true))
	if err != nil {
		return nil, fault(path, err)
	}
	// Streams read in pages and hold no connection meanwhile, so a few connections serve any number
	// of readers.
	db.SetMaxOpenConns(3)
	p := &Plan{path: path, db: db, building: make(chan struct{}, 1)}
	if err := p.load(context.Background()); err != nil {
		db.Close()
		return nil, fault(path, err)
	}
	return p, nil
}

// dsn is the driver's name of a file. A file opened for reading is immutable, which requires
// neither locks nor write access.
func dsn(path string, reading bool) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/... is /C:/... in a URI
	}
	// Only this process writes to an unsealed plan, because scratch.File locks it.
	u := url.URL{Scheme: "file", Path: path, RawQuery: "nolock=1"}
	if reading {
		u.RawQuery = "mode=ro&immutable=1&_pragma=query_only(1)&_pragma=trusted_schema(0)&_pragma=cell_size_check(1)" +
			"&_pragma=cache_size(-2048)"
	}
	return u.String()
}

// The first bytes of a SQLite file (https://www.sqlite.org/fileformat.html).
const (
	magic         = "SQLite format 3\x00"
	headerBytes   = 100
	offPageSize   = 16
	offPageCount  = 28
	offUserVers   = 60
	offApplicatID = 68
)

func readHead(path string) (head []byte, size int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, 0, err
	}
	if !info.Mode().IsRegular() {
		return nil, 0, nil
	}
	head = make([]byte, headerBytes)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, 0, err
	}
	return head[:n], info.Size(), nil
}

func looksLikePlan(path string) bool {
	head, _, err := readHead(path)
	return err == nil && isPlanHead(head)
}

func isPlanHead(head []byte) bool {
	return len(head) == headerBytes && bytes.HasPrefix(head, []byte(magic)) &&
		binary.BigEndian.Uint32(head[offApplicatID:]) == applicationID
}

// checkFile checks the first bytes of the file, before SQLite sees it.
func checkFile(path string) error {
	if err := fileperm.Check(path); err != nil {
		return fmt.Errorf("plan: %w", err)
	}
	head, size, err := readHead(path)
	if err != nil {
		return fault(path, err)
	}
	if !isPlanHead(head) {
		return notPlan(path)
	}
	if v := binary.BigEndian.Uint32(head[offUserVers:]); v > Format {
		return failure(path, fmt.Errorf("%w (format %d; this one reads up to %d)", ErrNewer, v, Format), remedyNewer)
	} else if v == 0 {
		return changed(path, "format 0")
	} else if v < formatNoWithheld {
		return failure(path, fmt.Errorf("%w (format %d; this one reads %d to %d)", ErrOlder, v, formatNoWithheld, Format),
			remedyOlder)
	}
	pageSize := int64(binary.BigEndian.Uint16(head[offPageSize:]))
	if pageSize == 1 {
		pageSize = 1 << 16
	}
	want := pageSize * int64(binary.BigEndian.Uint32(head[offPageCount:]))
	if size != want {
		return changed(path, fmt.Sprintf("it has %d bytes of %d", size, want))
	}
	return nil
}

func (p *Plan) load(ctx context.Context) error {
	var format int
	if err := p.db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&format); err != nil {
		return err
	}
	if err := p.checkSchema(ctx, format); err != nil {
		return err
	}
	sealed := map[string]string{}
	for _, name := range []string{"header", "digest"} {
		var value string
		err := p.db.QueryRowContext(ctx, "SELECT value FROM plan WHERE name = ?", name).Scan(&value)
		if errors.Is(err, sql.ErrNoRows) {
			return changed(p.path, "it has no "+name)
		} else if err != nil {
			return err
		}
		sealed[name] = value
	}
	p.raw = []byte(sealed["header"])
	if err := json.Unmarshal(p.raw, &p.header); err != nil {
		return changed(p.path, "its header cannot be read")
	}
	if len(sealed["digest"]) != 64 || p.header.Format != format {
		return changed(p.path, "its header is not one")
	}
	p.header.Digest, p.header.ID = sealed["digest"], sealed["digest"][:idLength]
	for i, t := range tablesOf(format) {
		var last sql.NullInt64
		if err := p.db.QueryRowContext(ctx, "SELECT max(seq) FROM "+t.name).Scan(&last); err != nil {
			return err
		}
		if last.Int64 < 0 || last.Int64 > maxRows {
			return changed(p.path, "a row of "+t.name+" was added")
		}
		p.length[i] = last.Int64
	}
	return nil
}

// checkSchema checks that the tables are tables and have the expected schema: a view or a trigger
// with one of their names could show other rows than Verify reads.
func (p *Plan) checkSchema(ctx context.Context, format int) error {
	rows, err := p.db.QueryContext(ctx,
		"SELECT sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_autoindex_%' ORDER BY rowid")
	if err != nil {
		return err
	}
	defer rows.Close()
	want := statements(format)
	for rows.Next() {
		var made sql.NullString
		if err := rows.Scan(&made); err != nil {
			return err
		}
		if len(want) == 0 || made.String != want[0] {
			return changed(p.path, "its tables are not those of a plan")
		}
		want = want[1:]
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if len(want) > 0 {
		return changed(p.path, "tables of it are missing")
	}
	return nil
}

// Header describes the plan as a whole.
func (p *Plan) Header() Header { return p.header }

// Path is the path of the file.
func (p *Plan) Path() string { return p.path }

// Close closes the file, and removes it if it is temporary.
func (p *Plan) Close() error {
	err := p.db.Close()
	if p.own != nil {
		err = errors.Join(err, p.own.Remove())
	}
	return err
}
