package ui

import (
	"context"
	"fmt"
	"testing"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
)

// million is a plan of 1,000,000 changes that takes no disk.
type million struct{}

func (m *million) Header() control.Header {
	var h control.Header
	h.ID, h.Mode, h.Made, h.Complete = "7f3a91c0ffee", "full", noon, true
	h.Counts.Users.Update = 1_000_000
	return h
}

func (m *million) Count(context.Context, slice) (int64, error) { return 1_000_000, nil }

func (m *million) Window(_ context.Context, _ slice, from int64, n int) ([]planRow, error) {
	rows := make([]planRow, 0, n)
	for i := from; i < min(from+int64(n), 1_000_000); i++ {
		c := person(int(i), "update")
		rows = append(rows, planRow{change: &c})
	}
	return rows, nil
}

func (m *million) Causes(context.Context, slice, bool) ([]control.Group, error) { return nil, nil }

func openMillion(t testing.TB, width, height int) *console {
	f := newFake()
	c := open(t, f, width, height)
	page := c.root.pages[pageDryRun-1].(*dryRunPage)
	page.reads = func(*control.Plan) planSource { return &million{} }
	f.plan = new(control.Plan)
	c.beat()
	c.press("4")
	return c
}

func TestAMillionChangesScroll(t *testing.T) {
	c := openMillion(t, 80, 24)
	c.shows("1 of 1,000,000")
	c.press("end")
	c.shows("1,000,000 of 1,000,000", "user999999@example.com")
	c.press("home", "pgdown", "pgdown")
	c.shows("user00018@example.com")
	page := c.root.pages[pageDryRun-1].(*dryRunPage)
	for i := range 2000 {
		c.press([]string{"down", "pgdown", "up", "pgup", "end", "home"}[i%5])
	}
	from, to := page.list.Visible()
	for i := from; i < to; i++ {
		if _, ok := page.list.Row(i); !ok {
			t.Fatalf("row %d is on the screen and not there", i)
		}
	}
}

// While rows are fetched the cursor moves and the frame is drawn all the same.
func TestScrollingDoesNotWaitForRows(t *testing.T) {
	c := openMillion(t, 80, 24)
	var held []tea.Cmd
	for range 50 {
		_, cmd := c.root.Update(key("pgdown"))
		if cmd != nil {
			held = append(held, cmd)
		}
		checkFrame(t, c, nil)
	}
	page := c.root.pages[pageDryRun-1].(*dryRunPage)
	if page.list.Cursor() < 200 {
		t.Errorf("the cursor waits at %d", page.list.Cursor())
	}
	if len(held) != 1 {
		t.Errorf("%d requests at once, want one", len(held))
	}
	for _, cmd := range held {
		c.do(cmd)
	}
	c.shows(fmt.Sprintf("user%05d@example.com", page.list.Cursor()))
}

func BenchmarkKeyToFrame(b *testing.B) {
	for _, size := range [][2]int{{80, 24}, {200, 50}} {
		b.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(b *testing.B) {
			c := openMillion(b, size[0], size[1])
			keys := []string{"pgdown", "down", "down", "right", "up"}
			b.ResetTimer()
			for i := range b.N {
				_, cmd := c.root.Update(key(keys[i%len(keys)]))
				c.root.View()
				b.StopTimer()
				c.do(cmd)
				b.StartTimer()
			}
		})
	}
}
