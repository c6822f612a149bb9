//go:build unix

package terminal

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	stdsync "sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// Verb runs the program, and parses its output if into is not nil.
func Verb(t *testing.T, into any, program string, args ...string) {
	t.Helper()
	c := exec.Command(program, args...)
	var said bytes.Buffer
	c.Stderr = &said
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%q: %v: %s%s", args, err, said.String(), out)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal(out, into); err != nil {
		t.Fatalf("%q: %v: %s", args, err, out)
	}
}

// Terminal is a real terminal with a program in it.
type Terminal struct {
	t      *testing.T
	Master *os.File
	exited chan error
	more   chan struct{}
	late   <-chan time.Time // the time limit of the test, whatever is still being drawn
	mu     stdsync.Mutex
	got    bytes.Buffer
	seen   *display
}

// In starts the program in a terminal of 100 columns and 30 lines.
func In(t *testing.T, program string, args ...string) *Terminal {
	t.Helper()
	return InSize(t, 100, 30, program, args...)
}

func InSize(t *testing.T, width, height int, program string, args ...string) *Terminal {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		t.Skipf("there are no pseudo-terminals here: %v", err)
	}
	defer slave.Close()
	if err := pty.Setsize(master, &pty.Winsize{Cols: uint16(width), Rows: uint16(height)}); err != nil {
		t.Fatal(err)
	}
	x := &Terminal{t: t, exited: make(chan error, 1), more: make(chan struct{}, 1), late: time.After(4 * time.Minute),
		seen: newDisplay(width, height)}
	// A file that can be closed during a read; otherwise nothing hangs up.
	fd, err := unix.FcntlInt(master.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		t.Fatal(err)
	}
	master.Close()
	x.Master = os.NewFile(uintptr(fd), "terminal")
	c := exec.Command(program, args...)
	c.Env = append(os.Environ(), "TERM=xterm-256color", "LC_ALL=C.UTF-8")
	c.Stdin, c.Stdout, c.Stderr = slave, slave, slave
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill(); x.Master.Close() })
	go func() { x.exited <- c.Wait() }()
	go x.read()
	return x
}

func (x *Terminal) read() {
	buf := make([]byte, 4096)
	for {
		n, err := x.Master.Read(buf)
		x.mu.Lock()
		x.got.Write(buf[:n])
		x.seen.write(buf[:n])
		x.mu.Unlock()
		select {
		case x.more <- struct{}{}:
		default:
		}
		if err != nil {
			return
		}
	}
}

var sequence = regexp.MustCompile(`\x1b\[[0-9;?<>=]*[A-Za-z]`)

// Screen returns all output so far, without cursor movements and colors.
func (x *Terminal) Screen() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return sequence.ReplaceAllString(x.got.String(), "")
}

// Await waits until a text was sent, or is on the screen: a frame is sent as its differences from the last, so
// a text may come in pieces.
func (x *Terminal) Await(word string) {
	x.t.Helper()
	for !strings.Contains(x.Screen(), word) && !strings.Contains(x.display(), word) {
		x.Wait(word)
	}
}

// display returns the current screen, one line each.
func (x *Terminal) display() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.seen.text()
}

// Shows waits until all of the texts are on the screen, each within a line.
func (x *Terminal) Shows(texts ...string) {
	x.t.Helper()
	for _, text := range texts {
		x.until("the text "+strconv.Quote(text), func(screen string) bool { return strings.Contains(screen, text) })
	}
}

// Clears waits until a text is no longer on the screen.
func (x *Terminal) Clears(text string) {
	x.t.Helper()
	x.until("the end of "+strconv.Quote(text), func(screen string) bool { return !strings.Contains(screen, text) })
}

// cursor says whether a line of the screen is the selected one, in a panel or not.
func cursor(line string) bool { return strings.HasPrefix(line, ">") || strings.HasPrefix(line, "|>") }

// Onto moves the cursor of a list to the row that contains a text.
func (x *Terminal) Onto(text string) {
	x.t.Helper()
	x.until("the cursor and "+strconv.Quote(text), func(screen string) bool {
		return slices.ContainsFunc(strings.Split(screen, "\n"), cursor) && strings.Contains(screen, text)
	})
	lines := strings.Split(x.display(), "\n")
	from := slices.IndexFunc(lines, cursor)
	to := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, text) })
	x.Types(strings.Repeat("\x1b[B", max(to-from, 0)) + strings.Repeat("\x1b[A", max(from-to, 0)))
	x.until("the cursor on "+strconv.Quote(text), func(screen string) bool {
		return slices.ContainsFunc(strings.Split(screen, "\n"), func(l string) bool {
			return cursor(l) && strings.Contains(l, text)
		})
	})
}

func (x *Terminal) until(what string, ok func(screen string) bool) {
	x.t.Helper()
	for !ok(x.display()) {
		x.Wait(what)
	}
}

// Wait waits until the program sends something.
func (x *Terminal) Wait(what string) {
	x.t.Helper()
	select {
	case <-x.more:
	case err := <-x.exited:
		x.t.Fatalf("it ended (%v), and %s did not come. The screen:\n%s", err, what, x.display())
	case <-x.late:
		x.t.Fatalf("%s did not come in time. The screen:\n%s", what, x.display())
	case <-time.After(60 * time.Second):
		x.t.Fatalf("%s does not come. The screen:\n%s", what, x.display())
	}
}

func (x *Terminal) Types(keys string) {
	x.t.Helper()
	if _, err := x.Master.WriteString(keys); err != nil {
		x.t.Fatal(err)
	}
}

func (x *Terminal) Exit() error {
	x.t.Helper()
	select {
	case err := <-x.exited:
		return err
	case <-time.After(60 * time.Second):
		x.t.Fatal("it does not end")
		return nil
	}
}
