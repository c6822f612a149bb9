package plan

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"math"
	"strings"
)

// Format is the newest version of plan files that this program writes and reads. A plan without
// withheld records has no table for them, and has the version formatNoWithheld, for earlier
// programs. Older versions have no drift and are refused: a new plan takes minutes.
const (
	Format           = 3
	formatNoWithheld = 2
)

// applicationID marks a SQLite file as a plan ("DBpl", at offset 68 of the file).
const applicationID = 0x4442706c

// The tables, each for one way of reading: change has the complete change, by seq; facet has what
// views count and choose by; search has the text for filters. Separate tables are small enough to
// be scanned for a million changes, so there is no index: a damaged index could show other rows
// than those that Verify digests.
const (
	tblChange = iota
	tblFacet
	tblSearch
	tblLabel
	tblProblem
	tblUnmatched
	tblShadow
	tblForget
	tblEdge
	tblContainer
	tblValue
	tblEdgeChange
	tblDeferred
	tblSettled
	tblReplaced
	tblWithheld
	tableCount
)

// table describes one table: its key (which counts 1, 2, 3, ...) and its columns.
type table struct {
	name    string
	columns []string // with type, without the key
}

func tables() [tableCount]table {
	return [tableCount]table{
		tblChange: {"change", []string{"payload BLOB"}},
		tblFacet: {"facet", []string{"action TEXT", "kind TEXT", "missing INTEGER", "cause INTEGER", "reason INTEGER",
			"fields INTEGER", "drift INTEGER"}},
		tblSearch: {"search", []string{"text TEXT"}},
		tblLabel:  {"label", []string{"text TEXT"}},
		tblProblem: {"problem",
			[]string{"kind TEXT", "anchor TEXT", "dn TEXT", "attribute TEXT", "side TEXT", "message TEXT", "remedy TEXT",
				"search TEXT"}},
		tblUnmatched: {"unmatched",
			[]string{"id TEXT", "kind TEXT", "key TEXT", "name TEXT", "active INTEGER", "admin INTEGER", "kept TEXT",
				"search TEXT"}},
		tblShadow:    {"shadow", []string{"payload BLOB"}},
		tblForget:    {"forget", []string{"anchor TEXT"}},
		tblEdge:      {"edge", []string{"directory TEXT", "kind TEXT", "origin TEXT", "anchor TEXT", "dn TEXT", "sid TEXT"}},
		tblContainer: {"container", []string{"directory TEXT", "anchor TEXT", "dn TEXT", "parent TEXT"}},
		tblValue:     {"value", []string{"name TEXT", "value TEXT"}},

		tblEdgeChange: {"edge_change",
			[]string{"directory TEXT", "kind TEXT", "origin TEXT", "anchor TEXT", "dn TEXT", "sid TEXT", "removed INTEGER"}},
		tblDeferred: {"trouble", []string{"anchor TEXT", "kind TEXT", "key TEXT", "again INTEGER"}},
		tblSettled:  {"settled", []string{"anchor TEXT"}},
		tblReplaced: {"replaced", []string{"name TEXT"}}, // what replaces all that is stored
		tblWithheld: {"withheld", []string{"payload TEXT", "search TEXT"}},
	}
}

// tablesOf lists the tables of a format, by number.
func tablesOf(format int) []table {
	all := tables()
	if format == formatNoWithheld {
		return all[:tblWithheld]
	}
	return all[:]
}

// columnNames are the names only, key first.
func (t table) columnNames() []string {
	names := []string{"seq"}
	for _, c := range t.columns {
		name, _, _ := strings.Cut(c, " ")
		names = append(names, name)
	}
	return names
}

func (t table) create() string {
	return fmt.Sprintf("CREATE TABLE %s (seq INTEGER PRIMARY KEY, %s) STRICT", t.name,
		strings.Join(notNull(t.columns), ", "))
}

func notNull(columns []string) []string {
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = c + " NOT NULL"
	}
	return out
}

const createHeader = "CREATE TABLE plan (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID"

// statements create an empty plan file. A file with any other schema is not a plan of this format,
// whatever it claims.
func statements(format int) []string {
	out := []string{createHeader}
	for _, t := range tablesOf(format) {
		out = append(out, t.create())
	}
	return out
}

// rowHash is the running digest of one table: its rows in order, each value with its type and
// length.
type rowHash struct {
	sum  hash.Hash
	rows int64
	buf  []byte
}

func newRowHash() *rowHash { return &rowHash{sum: sha256.New()} }

// add adds the columns of the next row, without the key: keys count from 1.
func (h *rowHash) add(values ...any) error {
	h.rows++
	h.buf = binary.AppendVarint(h.buf[:0], h.rows)
	for _, v := range values {
		switch v := v.(type) {
		case int64:
			h.buf = binary.AppendVarint(append(h.buf, 'i'), v)
		case *int64:
			h.buf = binary.AppendVarint(append(h.buf, 'i'), *v)
		case *rawColumn:
			tag := byte('b')
			if v.text {
				tag = 's'
			}
			h.buf = binary.AppendUvarint(append(h.buf, tag), uint64(len(v.bytes)))
			h.buf = append(h.buf, v.bytes...)
		case string:
			h.buf = binary.AppendUvarint(append(h.buf, 's'), uint64(len(v)))
			h.buf = append(h.buf, v...)
		case []byte:
			h.buf = binary.AppendUvarint(append(h.buf, 'b'), uint64(len(v)))
			h.buf = append(h.buf, v...)
		default:
			return fmt.Errorf("a column holds a %T", v)
		}
	}
	h.sum.Write(h.buf)
	return nil
}

// digest seals a plan: the header without its id and digest, and the rows of every table in order.
func digest(format int, header []byte, rows *[tableCount]*rowHash) string {
	sum := sha256.New()
	var n [8]byte
	number := func(v int64) {
		binary.BigEndian.PutUint64(n[:], uint64(v))
		sum.Write(n[:])
	}
	fmt.Fprintf(sum, "dirbridge plan %d\n", format)
	number(int64(len(header)))
	sum.Write(header)
	for i, t := range tablesOf(format) {
		fmt.Fprintf(sum, "%s\n", t.name)
		number(rows[i].rows)
		sum.Write(rows[i].sum.Sum(nil))
	}
	return fmt.Sprintf("%x", sum.Sum(nil))
}

// maxRows bounds the keys that a reader accepts: what a file can contain.
const maxRows = math.MaxInt32
