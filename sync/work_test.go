package sync

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestSweep: a killed process leaves nothing behind for ever, and a living one keeps
// what it works in.
func TestSweep(t *testing.T) {
	dir := t.TempDir()
	old, young := filepath.Join(dir, "dirbridge-plan-1"), filepath.Join(dir, "dirbridge-plan-2")
	for _, d := range []string{old, young} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	yesterday := time.Now().Add(-25 * time.Hour)
	if err := os.Chtimes(old, yesterday, yesterday); err != nil {
		t.Fatal(err)
	}
	w, err := newWork(dir)
	if err != nil {
		t.Fatal(err)
	}
	w.close()
	left, _ := filepath.Glob(filepath.Join(dir, "*"))
	if len(left) != 1 || left[0] != young {
		t.Fatalf("left: %v", left)
	}
}

// TestSpool reads back what was written, and sums it whatever the order.
func TestSpool(t *testing.T) {
	rows := [][]string{{"a", ""}, {"", "b"}, {"\x00,\n", "ü"}}
	sums := map[uint64]bool{}
	for _, order := range [][]int{{0, 1, 2}, {2, 0, 1}} {
		s, err := newSpool(t.TempDir(), "x")
		if err != nil {
			t.Fatal(err)
		}
		defer s.close()
		for _, i := range order {
			if err := s.add(rows[i]...); err != nil {
				t.Fatal(err)
			}
		}
		n := 0
		if err := s.each(t.Context(), 2, func(v []string) error {
			if want := rows[order[n]]; v[0] != want[0] || v[1] != want[1] {
				t.Errorf("row %d: %q, want %q", n, v, want)
			}
			n++
			return nil
		}); err != nil || n != 3 {
			t.Fatal(n, err)
		}
		sums[s.sum] = true
	}
	if len(sums) != 1 {
		t.Error("the sum depends on the order")
	}
}
