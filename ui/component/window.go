package component

import "dirbridge/ui/page"

// Window is the part of a long list that is on or near the screen. The cursor moves at once,
// whether its rows are loaded or not; Want says what to fetch, Put stores the answer. The zero
// Window is an empty list.
type Window[T any] struct {
	total  int64
	cursor int64
	top    int64
	height int

	from    int64 // index of rows[0]
	rows    []T
	version int  // of the list: answers to requests of an earlier version are dropped
	waiting bool // a request is under way
}

// Request is a range of rows to fetch.
type Request struct {
	Version int
	From    int64
	N       int
}

// Reset replaces the list with another one of total rows: the loaded rows are dropped, and the
// cursor keeps its position if it still exists.
func (w *Window[T]) Reset(total int64) {
	w.version++
	w.total, w.from, w.rows, w.waiting = max(total, 0), 0, nil, false
	w.settle()
}

func (w *Window[T]) Total() int64    { return w.total }
func (w *Window[T]) Cursor() int64   { return w.cursor }
func (w *Window[T]) Top() int64      { return w.top }
func (w *Window[T]) Height() int     { return w.height }
func (w *Window[T]) Version() int    { return w.version }
func (w *Window[T]) SetHeight(n int) { w.height = max(n, 0); w.settle() }
func (w *Window[T]) Go(to int64)     { w.cursor = to; w.settle() }
func (w *Window[T]) Move(by int64)   { w.Go(w.cursor + by) }

// ScrollTo makes a row the first one on the screen; the cursor stays on the screen.
func (w *Window[T]) ScrollTo(top int64) {
	w.top = max(min(top, w.total-int64(w.height)), 0)
	w.Go(min(max(w.cursor, w.top), w.top+int64(max(w.height-1, 0))))
}

// AtEnd reports whether the cursor is on the last row, or the list is empty.
func (w *Window[T]) AtEnd() bool { return w.cursor >= w.total-1 }

// Row returns the row at i, if it is loaded.
func (w *Window[T]) Row(i int64) (row T, ok bool) {
	if i < w.from || i >= w.from+int64(len(w.rows)) {
		return row, false
	}
	return w.rows[i-w.from], true
}

// Current returns the row under the cursor, if it is loaded.
func (w *Window[T]) Current() (T, bool) {
	if w.total == 0 {
		var none T
		return none, false
	}
	return w.Row(w.cursor)
}

// Visible returns the range on the screen: from (inclusive) to (exclusive).
func (w *Window[T]) Visible() (from, to int64) {
	return w.top, min(w.top+int64(w.height), w.total)
}

// Want returns the next range to fetch: the screen, and one screen on either side. ok is false if
// all of it is loaded, or if a request is under way: its answer must go through Put or Fail before
// the next request.
func (w *Window[T]) Want() (r Request, ok bool) {
	from, to := w.Visible()
	if w.waiting || from >= to || (w.has(from) && w.has(to-1)) {
		return Request{}, false
	}
	ahead := int64(max(w.height, 20))
	from, to = max(from-ahead, 0), min(to+ahead, w.total)
	w.waiting = true
	return Request{Version: w.version, From: from, N: int(to - from)}, true
}

func (w *Window[T]) has(i int64) bool {
	return i >= w.from && i < w.from+int64(len(w.rows))
}

// Put stores the answer to a request. It returns false if the answer came too late, for an earlier
// version of the list. Fewer rows than requested end the list there. TestWindowDropsLateAnswers and
// TestAShorterListThanCountedEnds pin this.
func (w *Window[T]) Put(r Request, rows []T) bool {
	if r.Version != w.version {
		return false
	}
	w.waiting = false
	w.from, w.rows = r.From, rows
	if len(rows) < r.N && w.total > r.From+int64(len(rows)) {
		w.total = r.From + int64(len(rows))
		w.settle()
	}
	return true
}

// Fail records that a request failed. Want asks for nothing until the list is reset, or a row on
// the screen changes.
func (w *Window[T]) Fail(r Request) {
	if r.Version == w.version {
		w.waiting, w.total, w.rows = false, 0, nil
		w.settle()
	}
}

func (w *Window[T]) settle() {
	w.cursor = max(min(w.cursor, w.total-1), 0)
	h := int64(max(w.height, 1))
	w.top = min(w.top, w.cursor)
	if w.cursor >= w.top+h {
		w.top = w.cursor - h + 1
	}
	w.top = max(min(w.top, w.total-h), 0)
}

// Click moves the cursor to a line on the screen, 0 being the first. It returns false if that line
// has no row.
func (w *Window[T]) Click(line int) bool {
	from, to := w.Visible()
	if line < 0 || from+int64(line) >= to {
		return false
	}
	w.Go(from + int64(line))
	return true
}

// Key moves the cursor by the keys that every list has. It returns false for any other key.
func (w *Window[T]) Key(key string) bool {
	to, ok := page.Moved(page.ListKeys(), key, w.cursor, int64(max(w.height-1, 1)), w.total)
	if ok {
		w.Go(to)
	}
	return ok
}

// Load is Reset with the rows around the cursor already loaded, so that no empty rows are drawn in
// between.
func (w *Window[T]) Load(total, from int64, rows []T) {
	w.version++
	w.total, w.from, w.rows, w.waiting = max(total, 0), from, rows, false
	w.settle()
}
