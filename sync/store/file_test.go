package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dirbridge/sync/identity"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/store"
)

func execute(t testing.TB, path string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatal(s, err)
		}
	}
}

func integrity(t testing.TB, path string) (said string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&said); err != nil {
		t.Fatal(err)
	}
	return said
}

func TestOnlyTheOwnerMayRead(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "state")
	s := open(t, filepath.Join(dir, "state.db"))
	if _, err := s.Lead(t.Context()); err != nil {
		t.Fatal(err)
	}
	commit(t, s, port.Batch{Values: map[string]string{"a": "b"}})
	seen := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is %v", path, info.Mode())
		}
		seen++
		return err
	})
	if err != nil || seen < 4 { // the directory, database, log and leader
		t.Errorf("%d files, %v", seen, err)
	}
	s.Close()
	if err := os.Chmod(s.Path(), 0o644); err != nil {
		t.Fatal(err)
	}
	open(t, s.Path())
	if info, err := os.Stat(s.Path()); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("opened again it is %v, %v", info.Mode(), err)
	}
}

func TestForeignFilesAreRefusedUnchanged(t *testing.T) {
	foreign := func(statements ...string) func(*testing.T, string) {
		return func(t *testing.T, path string) { execute(t, path, statements...) }
	}
	content := func(b []byte) func(*testing.T, string) {
		return func(t *testing.T, path string) {
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	ours := func(statements ...string) func(*testing.T, string) {
		return func(t *testing.T, path string) {
			open(t, path).Close()
			execute(t, path, statements...)
		}
	}
	for name, c := range map[string]struct {
		prepare func(*testing.T, string)
		want    error
	}{
		"text":             {content([]byte(strings.Repeat("dear diary\n", 1000))), store.ErrForeign},
		"foreign database": {foreign("CREATE TABLE songs (x)"), store.ErrForeign},
		"foreign mark":     {foreign("PRAGMA application_id = 7"), store.ErrForeign},
		"newer version":    {ours("PRAGMA user_version = 99"), store.ErrNewer},
		"pages destroyed": {func(t *testing.T, path string) {
			open(t, path).Close()
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			content(append(b[:100:100], bytes.Repeat([]byte{0xab}, len(b)-100)...))(t, path)
		}, store.ErrDamaged},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "state.db")
			c.prepare(t, path)
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			_, err = store.Open(t.Context(), path)
			var f *identity.Failure
			if !errors.Is(err, c.want) || !errors.As(err, &f) {
				t.Fatalf("got %v; want %v", err, c.want)
			}
			if f.Remedy == "" || f.Class != identity.Hold || !strings.Contains(err.Error(), path) {
				t.Errorf("%q of class %s with remedy %q does not tell enough", err, f.Class, f.Remedy)
			}
			if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
				t.Errorf("the file was changed (%v)", err)
			}
		})
	}
}

func TestInvalidPaths(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{"below a file": filepath.Join(file, "state.db"), "a directory": dir} {
		_, err := store.Open(t.Context(), path)
		if identity.Remedy(err) == "" || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v (remedy %q)", name, err, identity.Remedy(err))
		}
	}
}

func TestEmptyFileBecomesADatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	fill(t, open(t, path))
}

func TestManyOpenAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	done := make(chan error)
	const stores = 8
	for i := range stores {
		go func() {
			done <- func() error {
				s, err := store.Open(context.Background(), path)
				if err != nil {
					return err
				}
				defer s.Close()
				for j := range 10 {
					sh := shadow(j)
					sh.DN = fmt.Sprint(i)
					if err := s.Commit(context.Background(),
						port.Batch{Shadows: []identity.Shadow{sh, shadow(100*i + j)}}); err != nil {
						return err
					}
					if err := s.Append(context.Background(), record.Event{Code: "x"}); err != nil {
						return err
					}
					if err := s.Shadows(context.Background(), func(identity.Shadow) error { return nil }); err != nil {
						return err
					}
				}
				return nil
			}()
		}()
	}
	for range stores {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	s := open(t, path)
	if events, err := s.EventsSince(t.Context(), 0, 1000); err != nil || len(events) != stores*10 {
		t.Errorf("%d events, %v", len(events), err)
	}
}

func TestReaderSeesASingleState(t *testing.T) {
	s := fresh(t)
	var first []identity.Shadow
	for i := range 500 {
		first = append(first, shadow(i))
	}
	commit(t, s, port.Batch{Shadows: first})
	reader := open(t, s.Path())
	seen := 0
	err := reader.Shadows(t.Context(), func(sh identity.Shadow) error {
		if seen == 0 {
			second := make([]identity.Shadow, len(first))
			copy(second, first)
			for i := range second {
				second[i].Run = 99
			}
			if err := s.Commit(t.Context(), port.Batch{Shadows: append(second, shadow(1000))}); err != nil {
				return err
			}
		}
		seen++
		if sh.Run == 99 {
			return fmt.Errorf("shadow %d is of a later batch", seen)
		}
		return nil
	})
	if err != nil || seen != 500 {
		t.Errorf("%d shadows, %v", seen, err)
	}
}
