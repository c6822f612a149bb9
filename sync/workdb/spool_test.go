package workdb

import (
	"testing"

	"dirbridge/sync/scratch"
)

// TestSpool: a spool returns the rows that were written, and its sum does not depend on their
// order.
func TestSpool(t *testing.T) {
	t.Parallel()
	rows := [][]string{{"a", ""}, {"", "b"}, {"\x00,\n", "ü"}}
	sums := map[uint64]bool{}
	for _, order := range [][]int{{0, 1, 2}, {2, 0, 1}} {
		dir, err := scratch.New(t.TempDir(), "x-")
		if err != nil {
			t.Fatal(err)
		}
		defer dir.Remove()
		s, err := newSpool(dir, "x")
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
