package store_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/store"
)

func database(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// plain is a new database at a path that SQL tools accept.
func plain(t *testing.T) *store.SQLite { return open(t, filepath.Join(t.TempDir(), "state.db")) }

// flip inverts one bit of a blob.
func flip(t *testing.T, db *sql.DB, table, column, where string, bit int) {
	t.Helper()
	var b []byte
	if err := db.QueryRow("SELECT " + column + " FROM " + table + " WHERE " + where).Scan(&b); err != nil {
		t.Fatal(err)
	}
	bit %= len(b) * 8
	b[bit/8] ^= 1 << (bit % 8)
	if _, err := db.Exec("UPDATE "+table+" SET "+column+" = ? WHERE "+where, b); err != nil {
		t.Fatal(err)
	}
}

// seen is the result of every reading of the shadows.
func seen(t *testing.T, s *port.Store) map[identity.Anchor]int {
	t.Helper()
	st, n := *s, map[identity.Anchor]int{}
	count := func(sh identity.Shadow) error { n[sh.Anchor]++; return nil }
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	must(st.Fingerprints(t.Context(), func(a identity.Anchor, _ identity.ResourceID, _ identity.Fingerprint) error {
		n[a]++
		return nil
	}))
	must(st.Rest(t.Context(), count))
	must(st.Shadows(t.Context(), count))
	must(st.Seek(t.Context(), port.ByID, []string{"r1"}, count))
	must(st.Seek(t.Context(), port.ByGUID, []string{"000001", "000002"}, count))
	for i := range 3 {
		sh, ok, err := st.Shadow(t.Context(), shadow(i).Anchor)
		must(err)
		if ok {
			must(count(sh))
		}
	}
	return n
}

// Every bit of a row: its damage is reported, readings return the link that is left, and everything
// is back once the row is written.
func TestFlippedBitOfAShadowIsFound(t *testing.T) {
	t.Parallel()
	s := plain(t)
	commit(t, s, port.Batch{Shadows: []identity.Shadow{shadow(1), shadow(2)}})
	db := database(t, s.Path())
	one, other := shadow(1).Anchor, shadow(2).Anchor
	where := fmt.Sprintf("anchor = '%s'", one)
	var st port.Store = s
	whole := seen(t, &st)
	if whole[one] != whole[other] || whole[one] < 4 {
		t.Fatalf("before: %v", whole)
	}
	damages := map[string]func(){
		"id":     func() { execute(t, s.Path(), "UPDATE shadow SET id = 'r0' WHERE "+where) },
		"source": func() { execute(t, s.Path(), "UPDATE shadow SET source = source + 1024 WHERE "+where) },
		"cloud":  func() { execute(t, s.Path(), "UPDATE shadow SET cloud = cloud + 1 WHERE "+where) },
		"hashes": func() { execute(t, s.Path(), "UPDATE shadow SET hashes = 7 WHERE "+where) },
		"kind":   func() { execute(t, s.Path(), "UPDATE shadow SET kind = 'uses' WHERE "+where) },
		"state":  func() { execute(t, s.Path(), "UPDATE shadow SET state = 'livd' WHERE "+where) },
		"sums":   func() { execute(t, s.Path(), "UPDATE shadow SET sums = sums + 4294967297 WHERE "+where) },
	}
	for bit := range 80 {
		damages[fmt.Sprintf("payload %d", bit*13)] = func() { flip(t, db, "shadow", "payload", where, bit*13) }
	}
	for name, damage := range damages {
		damage()
		found, err := s.Damaged(t.Context(), true)
		if err != nil || len(found.Shadows) != 1 || found.Shadows[0].Anchor != one {
			t.Fatalf("%s: found %v, %v", name, found, err)
		}
		left, sh := found.Shadows[0].Left, shadow(1)
		switch {
		case name == "sums": // neither half can be trusted
			if got := seen(t, &st); left != nil || got[one] != 0 || got[other] != whole[other] {
				t.Fatalf("%s: left %v, readings give %v", name, left, got)
			}
		case left == nil || left.ID != sh.ID || left.Kind != sh.Kind || left.State != sh.State:
			t.Fatalf("%s: left %+v", name, left)
		case strings.HasPrefix(name, "payload") == (left.DN != ""):
			t.Fatalf("%s: left %+v", name, left)
		}
		commit(t, s, port.Batch{Shadows: []identity.Shadow{shadow(1)}})
		if found, err := s.Damaged(t.Context(), true); err != nil || len(found.Shadows) != 0 {
			t.Fatalf("%s, written again: %v, %v", name, found, err)
		}
		if got := seen(t, &st); !cmp.Equal(got, whole) {
			t.Fatalf("%s, written again: %v", name, got)
		}
	}
}

// Without a check of all rows, the first reading of the row finds the damage.
func TestEveryReadingFindsAFlippedBit(t *testing.T) {
	t.Parallel()
	readings := map[string]func(*testing.T, port.Store) error{
		"Shadow": func(t *testing.T, s port.Store) error {
			_, _, err := s.Shadow(t.Context(), shadow(1).Anchor)
			return err
		},
		"Shadows": func(t *testing.T, s port.Store) error {
			return s.Shadows(t.Context(), func(identity.Shadow) error { return nil })
		},
		"Seek": func(t *testing.T, s port.Store) error {
			return s.Seek(t.Context(), port.ByID, []string{"r1"}, func(identity.Shadow) error { return nil })
		},
	}
	for name, reading := range readings {
		t.Run(name, func(t *testing.T) {
			s := plain(t)
			commit(t, s, port.Batch{Shadows: []identity.Shadow{shadow(1), shadow(2)}})
			flip(t, database(t, s.Path()), "shadow", "payload", "anchor = 'corp:000001'", 99)
			if err := reading(t, s); err != nil {
				t.Fatal(err)
			}
			if found, err := s.Damaged(t.Context(), false); err != nil || len(found.Shadows) != 1 {
				t.Errorf("%v, %v", found, err)
			}
		})
	}
}

func TestFlippedBitOfAValueIsFound(t *testing.T) {
	t.Parallel()
	s := plain(t)
	commit(t, s, port.Batch{Values: map[string]string{"position:corp": "usn 4711", "other": "x"}})
	execute(t, s.Path(), "UPDATE value SET value = 'usn 5711' WHERE name = 'position:corp'")
	if v, err := s.Value(t.Context(), "position:corp"); v != "" || err != nil {
		t.Errorf("a damaged value reads as %q, %v", v, err)
	}
	if found, err := s.Damaged(t.Context(), false); err != nil || !slices.Equal(found.Values, []string{"position:corp"}) {
		t.Errorf("%v, %v", found, err)
	}
	if v, err := s.Value(t.Context(), "other"); v != "x" || err != nil {
		t.Errorf("%q, %v", v, err)
	}
	commit(t, s, port.Batch{Values: map[string]string{"position:corp": ""}})
	if found, err := s.Damaged(t.Context(), false); err != nil || len(found.Values) != 0 {
		t.Errorf("%v, %v", found, err)
	}
}

func TestFlippedBitOfTheJournalIsFound(t *testing.T) {
	t.Parallel()
	s := plain(t)
	run, err := s.Begin(t.Context(), record.Run{Mode: record.Full})
	if err != nil {
		t.Fatal(err)
	}
	intents := make([]port.Intent, 4)
	for i := range intents {
		intents[i] = port.Intent{Run: run.ID, Seq: int64(i + 1), At: when,
			Change: plan.Change{Action: plan.Update, Kind: identity.User, Key: "a@example.com", ID: "r1"}}
	}
	if err := s.Intend(t.Context(), run.ID, intents); err != nil {
		t.Fatal(err)
	}
	answer := func(seq int64) port.Answer {
		return port.Answer{Run: run.ID, At: when,
			Outcome: record.Outcome{Seq: seq, State: record.WriteDone, ID: "r1", Message: "fine"}}
	}
	commit(t, s, port.Batch{Answers: []port.Answer{answer(1), answer(2)}})
	db := database(t, s.Path())
	flip(t, db, "intent", "outcome", "seq = 2", 45)
	flip(t, db, "intent", "change", "seq = 3", 77)
	damaged := func(list func(func(port.Intent) error) error) (out []int64) {
		t.Helper()
		if err := list(func(in port.Intent) error {
			if in.Damaged {
				out = append(out, in.Seq)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return out
	}
	if got := damaged(func(fn func(port.Intent) error) error {
		return s.Journal(t.Context(), run.ID, fn)
	}); !slices.Equal(got, []int64{2, 3}) {
		t.Errorf("of the journal %v are damaged", got)
	}
	if got := damaged(func(fn func(port.Intent) error) error { return s.Unanswered(t.Context(), fn) }); !slices.Equal(got,
		[]int64{3}) {
		t.Errorf("of those without an answer %v are damaged", got)
	}
}

// A state of a version without sums gets them, and reads as before.
func TestStateWithoutSumsGetsThem(t *testing.T) {
	t.Parallel()
	s := plain(t)
	fill(t, s)
	many := make([]identity.Shadow, 4500) // more than one piece
	for i := range many {
		many[i] = shadow(100 + i)
	}
	commit(t, s, port.Batch{Shadows: many})
	want := read(t, s)
	s.Close()
	execute(t, s.Path(), "ALTER TABLE shadow DROP COLUMN sums", "ALTER TABLE value DROP COLUMN sum",
		"ALTER TABLE intent DROP COLUMN sums", "PRAGMA user_version = 4")
	s = open(t, s.Path())
	if found, err := s.Damaged(t.Context(), true); err != nil || len(found.Shadows) != 0 {
		t.Fatalf("after the migration %v is damaged, %v", found, err)
	}
	if diff := cmp.Diff(want, read(t, s)); diff != "" {
		t.Errorf("after the migration (-want +got):\n%s", diff)
	}
	if v, err := s.Value(t.Context(), "cookie"); v == "" || err != nil {
		t.Errorf("value %q, %v", v, err)
	}
	flip(t, database(t, s.Path()), "shadow", "payload", "anchor = 'corp:001234'", 99)
	if found, err := s.Damaged(t.Context(), true); err != nil || len(found.Shadows) != 1 {
		t.Errorf("%v, %v", found, err)
	}
}

// A damaged run does not prevent reading the others.
func TestDamagedRunIsListed(t *testing.T) {
	t.Parallel()
	s := plain(t)
	for range 2 {
		if _, err := s.Begin(t.Context(), record.Run{Mode: record.Full}); err != nil {
			t.Fatal(err)
		}
	}
	execute(t, s.Path(), `UPDATE run SET payload = replace(payload, '"', '#') WHERE id = 1`)
	runs, err := s.Runs(t.Context(), 10)
	if err != nil || len(runs) != 2 || runs[1].ID != 1 || runs[1].Detail == "" {
		t.Errorf("%+v, %v", runs, err)
	}
	if left, err := s.OpenRuns(t.Context()); err != nil || len(left) != 2 {
		t.Errorf("open: %+v, %v", left, err)
	}
}
