package control

import (
	"os"
	"path/filepath"
	"testing"

	"dirbridge/sync/plan"
)

// TestPlansAreBounded: replaced plans take neither more files nor more bytes than allowed, the
// oldest are removed first, and the current one stays however large it is.
func TestPlansAreBounded(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := NewLocal(Options{})
	made := func(size int64) *plan.Plan {
		t.Helper()
		w, err := plan.CreateTemporary(dir)
		if err != nil {
			t.Fatal(err)
		}
		p, err := w.Seal(plan.Header{})
		if err == nil && size > 0 {
			err = os.Truncate(p.Path(), size) // sparse: it takes no space
		}
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	there := func() (n int) {
		found, err := filepath.Glob(filepath.Join(dir, "*", "temporary.plan"))
		if err != nil {
			t.Fatal(err)
		}
		return len(found)
	}
	var last *plan.Plan
	for range 3 * keptPlans {
		last = made(0)
		l.replace(last)
	}
	if n := there(); n != keptPlans+1 {
		t.Errorf("%d plans are kept", n)
	}
	for range 3 { // each as large as the limit for all together
		last = made(keptBytes)
		l.replace(last)
	}
	if n := there(); n != 2 { // the current one, and the one that may be on screen
		t.Errorf("%d plans are kept that are too large", n)
	}
	if _, err := os.Stat(last.Path()); err != nil || l.Current() != last {
		t.Errorf("the current plan is gone: %v", err)
	}
	if err := l.Close(); err != nil || there() != 0 {
		t.Errorf("%d are left: %v", there(), err)
	}
}
