package plan

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"dirbridge/sync/scratch"
)

// Writer makes a plan file. Rows are added in the order of the plan and are final. A Writer is used
// by one goroutine. It ends with Seal or Discard; after a failed Add only Discard is useful.
//
// Until it is sealed the plan has a temporary name, so no crash leaves half a plan at its path.
type Writer struct {
	path   string        // of the sealed plan
	temp   string        // temporary path; "" at the end
	file   *scratch.File // of a permanent plan
	own    *scratch.Dir  // of a temporary plan, which Close removes
	db     *sql.DB
	conn   *sql.Conn
	into   [tableCount]*inserter
	rows   [tableCount]*rowHash
	labels map[string]int64
	enc    Encoder
	values map[string]string
	format int
}

// maxLabels bounds the labels that the writer remembers. Beyond it a text may get several labels,
// which readers add up.
const maxLabels = 1 << 14

// Create starts a plan file, which only its owner may read. Sealing replaces an existing file at
// path, provided that it is a plan. With path "" the plan is temporary, in the system's temporary
// directory.
func Create(path string) (*Writer, error) {
	if path == "" {
		return CreateTemporary("")
	}
	if err := replaceable(path); err != nil {
		return nil, err
	}
	file, err := scratch.Create(path)
	if err != nil {
		return nil, fault(path, err)
	}
	return begin(&Writer{path: path, temp: file.Temp(), file: file})
}

// CreateTemporary starts a plan in a directory of its own below dir. Plan.Close removes the
// directory; if the process is killed, the next call does.
func CreateTemporary(dir string) (*Writer, error) {
	own, err := scratch.New(dir, "dirbridge-temporary-")
	if err != nil {
		if dir == "" {
			dir = os.TempDir()
		}
		return nil, fault("in "+dir, err)
	}
	path := filepath.Join(own.Path(), "temporary.plan")
	// SQLite would use the mode of the umask.
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		return nil, fault(path, err)
	}
	return begin(&Writer{path: path, temp: path, own: own})
}

func begin(w *Writer) (*Writer, error) {
	w.format, w.labels, w.values = formatNoWithheld, map[string]int64{"": 0}, map[string]string{}
	if err := w.prepare(context.Background()); err != nil {
		return nil, errors.Join(fault(w.path, err), w.Discard())
	}
	return w, nil
}

func (w *Writer) prepare(ctx context.Context) error {
	db, err := sql.Open("sqlite", dsn(w.temp, false))
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	w.db = db
	if w.conn, err = db.Conn(ctx); err != nil {
		return err
	}
	setup := []string{
		"PRAGMA page_size=8192", "PRAGMA journal_mode=OFF", "PRAGMA synchronous=OFF",
		"PRAGMA locking_mode=EXCLUSIVE", "PRAGMA cache_size=-4096",
		fmt.Sprintf("PRAGMA application_id=%d", applicationID),
		fmt.Sprintf("PRAGMA user_version=%d", w.format), "BEGIN",
	}
	for _, s := range append(setup, statements(w.format)...) {
		if _, err := w.conn.ExecContext(ctx, s); err != nil {
			return err
		}
	}
	for i, t := range tables() {
		w.into[i] = newInserter(w.conn, t)
		w.rows[i] = newRowHash()
	}
	return nil
}

func (w *Writer) put(table int, values ...any) error {
	if w.conn == nil {
		return errors.New("the plan is sealed or discarded")
	}
	if err := w.rows[table].add(values...); err != nil {
		return err
	}
	return fault(w.path, w.into[table].add(w.rows[table].rows, values))
}

// Add appends a change. Its Seq is 0, to be assigned, or the next number.
func (w *Writer) Add(c Change) error {
	if next := w.rows[tblChange].rows + 1; c.Seq != 0 && c.Seq != next {
		return fmt.Errorf("change %d of a plan where %d is due", c.Seq, next)
	}
	return w.AddEncoded(w.enc.Encode(c))
}

// AddEncoded appends a change that is encoded already, and gives it the next number.
func (w *Writer) AddEncoded(c Encoded) error {
	cause, err := w.label(c.Cause)
	if err != nil {
		return err
	}
	reason, err := w.label(c.Reason)
	if err != nil {
		return err
	}
	fields, err := w.label(c.Fields)
	if err != nil {
		return err
	}
	payload, err := c.numbered(w.rows[tblChange].rows + 1)
	if err != nil {
		return err
	}
	if err := w.put(tblChange, payload); err != nil {
		return err
	}
	if err := w.put(tblFacet, string(c.Action), string(c.Kind), flag(c.Missing), cause, reason, fields,
		int64(c.Extent)); err != nil {
		return err
	}
	return w.put(tblSearch, c.Search)
}

// label is the number of a text.
func (w *Writer) label(text string) (int64, error) {
	if n, ok := w.labels[text]; ok {
		return n, nil
	}
	if err := w.put(tblLabel, text); err != nil {
		return 0, err
	}
	n := w.rows[tblLabel].rows
	if len(w.labels) < maxLabels {
		w.labels[text] = n
	}
	return n, nil
}

// Discard abandons the plan and removes the file. After Seal it does nothing.
func (w *Writer) Discard() error {
	if w.temp == "" {
		return nil
	}
	w.temp = ""
	err := w.closeDatabase()
	if w.file != nil {
		return errors.Join(err, w.file.Discard())
	}
	return errors.Join(err, w.own.Remove())
}

func (w *Writer) closeDatabase() error {
	var err error
	if w.conn != nil {
		for _, in := range w.into {
			if in != nil {
				in.close()
			}
		}
		err = w.conn.Close()
	}
	if w.db != nil {
		err = errors.Join(err, w.db.Close())
	}
	w.conn, w.db = nil, nil
	return err
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// fieldSeparator separates the names in a label of fields.
const fieldSeparator = "\x1f"

func fieldNames(fields []FieldDiff) string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	return strings.Join(names, fieldSeparator)
}
