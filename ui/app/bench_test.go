package app

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	uv "github.com/charmbracelet/ultraviolet"

	"dirbridge/sync/control"
	"dirbridge/ui/page"
	"dirbridge/ui/uitest"
)

// many is how many changes a long plan has.
const many = 20_000

// openMany opens the Dry Run page with a long plan.
func openMany(t testing.TB, width, height int) *console {
	changes := make([]control.Change, many)
	for i := range changes {
		changes[i] = uitest.Person(i, "update")
	}
	f := newFake()
	f.plan = uitest.PlanOf(t, nil, changes...)
	c := open(t, f, width, height)
	c.press("4")
	return c
}

func TestManyChangesScroll(t *testing.T) {
	t.Parallel()
	c := openMany(t, 80, 24)
	c.shows("1 of 20,000")
	c.press("end")
	c.shows("20,000 of 20,000", "User 19999")
	c.press("home", "pgdown", "pgdown")
	c.shows("User 18 ")
	for i := range 2000 {
		c.press([]string{"down", "pgdown", "up", "pgup", "end", "home"}[i%5])
	}
	c.shows(fmt.Sprintf("User %d ", c.place()-1))
}

// place returns the number of the row under the cursor, as the screen has it.
func (c *console) place() int {
	c.t.Helper()
	found := regexp.MustCompile(`([\d,]+) of 20,000`).FindStringSubmatch(c.screen())
	if found == nil {
		c.t.Fatalf("the screen has no place:\n%s", c.screen())
	}
	n, err := strconv.Atoi(strings.ReplaceAll(found[1], ",", ""))
	if err != nil {
		c.t.Fatal(err)
	}
	return n
}

// TestScrollingDoesNotWaitForRows checks that the cursor moves and the frame is drawn while rows
// are being fetched.
func TestScrollingDoesNotWaitForRows(t *testing.T) {
	c := openMany(t, 80, 24)
	var held []tea.Cmd
	for range 50 {
		_, cmd := c.root.Update(keyPress("pgdown"))
		if cmd != nil {
			held = append(held, cmd)
		}
		checkFrame(t, c, nil)
	}
	at := c.place()
	if at < 200 {
		t.Errorf("the cursor waits at %d", at)
	}
	if len(held) != 1 {
		t.Errorf("%d requests at once, want one", len(held))
	}
	for _, cmd := range held {
		c.do(cmd)
	}
	c.shows(fmt.Sprintf("User %d ", at-1))
}

// wire draws a console's frames as the program does, and counts the bytes sent.
type wire struct {
	buf  bytes.Buffer
	scr  *uv.TerminalRenderer
	area uv.ScreenBuffer
	last string
}

func newWire(c *console) *wire {
	w := &wire{area: uv.NewScreenBuffer(c.root.width, c.root.height)}
	w.scr = uv.NewTerminalRenderer(&w.buf, []string{"TERM=xterm-256color"})
	w.scr.SetColorProfile(colorprofile.ANSI)
	w.scr.SetFullscreen(true)
	w.scr.SetScrollOptim(true)
	w.send(c)
	return w
}

// send updates the terminal, and returns the bytes that this takes.
func (w *wire) send(c *console) int {
	content := c.root.View().Content
	if content == w.last { // as the program does
		return 0
	}
	w.last = content
	w.buf.Reset()
	w.area.Clear()
	uv.NewStyledString(content).Draw(w.area, w.area.Bounds())
	w.scr.Render(w.area.RenderBuffer)
	if err := w.scr.Flush(); err != nil {
		c.t.Fatal(err)
	}
	return w.buf.Len()
}

// aMinute simulates a minute with a tick every step, and returns the bytes sent per second.
func (c *console) aMinute(step time.Duration, each func(n int64)) int {
	w := newWire(c)
	sent := 0
	for n := int64(1); c.now.Before(noon.Add(time.Minute)); n++ {
		c.now = c.now.Add(step)
		each(n)
		c.beat()
		sent += w.send(c)
	}
	return sent / 60
}

// running sets the progress of a synchronization at its nth fifth of a second: 5,000 people a
// second.
func (f *fake) running(n int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.progress = control.Progress{Mode: "full", Phase: "reading the directory", Started: noon, PhaseStarted: noon,
		Done: n * 1000, Total: 1_000_000, People: n * 1000}
}

const bytesASecond = 2000 // the design's budget for 80 x 24

func TestARunningSyncSendsLittle(t *testing.T) {
	t.Parallel()
	for shown := page.ID(1); shown <= page.Last; shown++ {
		f := newFake()
		f.plan = uitest.HeldPlan(t)
		c := open(t, f, 80, 24, func(o *Options) { o.ASCII = false })
		c.root.show(shown)
		sent := c.aMinute(200*time.Millisecond, f.running)
		t.Logf("page %d: %d bytes a second", shown, sent)
		if sent >= bytesASecond {
			t.Errorf("page %d: %d bytes a second", shown, sent)
		}
	}
}

func TestNothingIsSentWhileNothingHappens(t *testing.T) {
	for shown := page.ID(1); shown <= page.Last; shown++ {
		c := open(t, newFake(), 80, 24)
		c.do(c.root.show(shown))
		c.beat()
		if sent := c.aMinute(time.Second, func(int64) {}); sent != 0 {
			t.Errorf("page %d: %d bytes a second", shown, sent)
		}
	}
}

// bytesAKey is the budget of a key that moves the cursor, at 80 x 24.
const bytesAKey = 600

func TestADownKeySendsLittle(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.plan = uitest.HeldPlan(t)
	f.queue = waiters(40)
	c := open(t, f, 80, 24, func(o *Options) { o.ASCII = false })
	w := newWire(c)
	for id := page.Dashboard; id <= page.Last; id++ {
		c.press(strconv.Itoa(int(id)), "home")
		w.send(c)
		most := 0
		for range 4 { // in each panel
			for range 8 {
				c.press("down")
				most = max(most, w.send(c))
			}
			c.press("tab")
			w.send(c)
		}
		t.Logf("page %d: at most %d bytes", id, most)
		if most >= bytesAKey {
			t.Errorf("page %d: a Down key sends %d bytes", id, most)
		}
	}
}

func BenchmarkBytesOfARunningSync(b *testing.B) {
	for _, size := range [][2]int{{80, 24}, {200, 50}} {
		b.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(b *testing.B) {
			for range b.N {
				f := newFake()
				c := open(b, f, size[0], size[1])
				b.ReportMetric(float64(c.aMinute(200*time.Millisecond, f.running)), "bytes/s")
			}
		})
	}
}

func BenchmarkFirstFrame(b *testing.B) {
	for range b.N {
		r, err := newRoot(b.Context(), Options{Title: "corp"}, func(string) string { return "" }, time.Now)
		if err != nil {
			b.Fatal(err)
		}
		r.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
		r.View()
	}
}

// BenchmarkAMillionOnDisk measures a key press, the rows that it needs from a plan file of a
// million changes, and the frame with them.
func BenchmarkAMillionOnDisk(b *testing.B) {
	if testing.Short() {
		b.Skip("left out: a plan of a million changes takes some seconds to write")
	}
	changes := make([]control.Change, 1_000_000)
	for i := range changes {
		changes[i] = uitest.Person(i, "update")
	}
	f := newFake()
	f.plan = uitest.PlanOf(b, nil, changes...)
	c := open(b, f, 80, 24)
	c.press("4")
	for _, k := range []string{"down", "pgdown", "end"} {
		b.Run(k, func(b *testing.B) {
			c.press("home")
			for i := range b.N {
				if k == "end" && i%2 == 1 {
					c.press("home")
				} else {
					c.press(k)
				}
				c.root.View()
			}
		})
	}
}

func BenchmarkKeyToFrame(b *testing.B) {
	for _, size := range [][2]int{{80, 24}, {200, 50}} {
		b.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(b *testing.B) {
			c := openMany(b, size[0], size[1])
			keys := []string{"pgdown", "down", "down", "right", "up"}
			b.ResetTimer()
			for i := range b.N {
				_, cmd := c.root.Update(keyPress(keys[i%len(keys)]))
				c.root.View()
				b.StopTimer()
				c.do(cmd)
				b.StartTimer()
			}
		})
	}
}
