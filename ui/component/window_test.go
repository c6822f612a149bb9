package component

import (
	"math/rand/v2"
	"testing"
)

func rows(from int64, n int) []int64 {
	r := make([]int64, n)
	for i := range r {
		r[i] = from + int64(i)
	}
	return r
}

// answer answers all requests of the window.
func answer(t *testing.T, w *Window[int64], total int64) {
	t.Helper()
	for range 10 {
		r, ok := w.Want()
		if !ok {
			return
		}
		n := min(int64(r.N), max(total-r.From, 0))
		w.Put(r, rows(r.From, int(n)))
	}
	t.Fatal("the window asks for ever")
}

func TestWindowHoldsWhatIsOnTheScreen(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var w Window[int64]
	total := int64(100_000)
	w.Reset(total)
	w.SetHeight(20)
	keys := []string{"up", "down", "pgup", "pgdown", "home", "end", "j", "k", "G"}
	for range 5000 {
		switch r.IntN(20) {
		case 0:
			w.SetHeight(r.IntN(60))
		case 1:
			total = r.Int64N(200_000)
			w.Reset(total)
		case 2:
			w.Go(r.Int64N(200_000) - 10)
		default:
			w.Key(keys[r.IntN(len(keys))])
		}
		answer(t, &w, total)
		from, to := w.Visible()
		if total > 0 && w.Height() > 0 && (w.Cursor() < from || w.Cursor() >= to) {
			t.Fatalf("the cursor %d is not on the screen %d to %d", w.Cursor(), from, to)
		}
		for i := from; i < to; i++ {
			if row, ok := w.Row(i); !ok || row != i {
				t.Fatalf("row %d is %d, %v", i, row, ok)
			}
		}
		if n := len(w.rows); n > 60+2*60+60 {
			t.Fatalf("%d rows in memory", n)
		}
	}
}

func TestWindowDropsLateAnswers(t *testing.T) {
	var w Window[int64]
	w.SetHeight(5)
	w.Reset(100)
	r, _ := w.Want()
	w.Reset(50)
	if w.Put(r, rows(1000, 5)) {
		t.Error("the answer to an earlier list was taken")
	}
	if _, ok := w.Want(); !ok {
		t.Error("nothing is asked for any more")
	}
}

func TestAShorterListThanCountedEnds(t *testing.T) {
	var w Window[int64]
	w.SetHeight(5)
	w.Reset(100)
	w.Go(99)
	r, _ := w.Want()
	w.Put(r, rows(r.From, 3))
	if w.Total() != r.From+3 || w.Cursor() != w.Total()-1 {
		t.Errorf("total %d, cursor %d", w.Total(), w.Cursor())
	}
}
