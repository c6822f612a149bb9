//go:build unix

package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"reflect"
	"runtime/debug"
	"strings"
	stdsync "sync"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"dirbridge/sync/control"
)

// childOf is set in the process that runs the console of a test in a real terminal.
const childOf = "DIRBRIDGE_CONSOLE_TEST"

func TestMain(m *testing.M) {
	if what := os.Getenv(childOf); what != "" {
		os.Exit(child(what))
	}
	debug.SetGCPercent(400) // a quarter of the time was spent on collecting frames
	os.Exit(m.Run())
}

// broken is a connector that panics when a command or the update loop calls it.
type broken struct {
	*fake
	inLoop bool
	polled int
}

func (b *broken) Progress() control.Progress {
	if b.polled++; b.inLoop && b.polled == 3 {
		panic("broken in the loop")
	}
	return b.fake.Progress()
}

func (b *broken) Status(ctx context.Context) (control.Status, error) {
	if !b.inLoop {
		panic("broken in a command")
	}
	return b.fake.Status(ctx)
}

// child is the console of a test. It writes its result to a file, because the terminal may be gone.
func child(what string) int {
	var c control.Connector = newFake()
	switch what {
	case "panic in a command":
		c = &broken{fake: newFake()}
	case "panic in the loop":
		c = &broken{fake: newFake(), inLoop: true}
	}
	err := Run(context.Background(), Options{Connector: c, Version: "1.0.0", Title: "corp.example.com"})
	said := "ended"
	if err != nil {
		said = "failed: " + err.Error()
	}
	if err := os.WriteFile(os.Getenv(childOf+"_ENDED"), []byte(said), 0o600); err != nil {
		return 1
	}
	fmt.Println(said)
	return 0
}

// terminal is a real terminal of 80 x 24 with a program in it.
type terminal struct {
	t       *testing.T
	master  *os.File
	slave   *os.File
	before  *term.State
	command *exec.Cmd
	ended   string // file
	exited  chan error
	mu      stdsync.Mutex
	got     bytes.Buffer
	more    chan struct{}
}

func terminalWith(t *testing.T, what string, command []string, env ...string) *terminal {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		t.Skipf("there are no pseudo-terminals here: %v", err)
	}
	if master, err = pollable(master); err != nil {
		t.Fatal(err)
	}
	x := &terminal{t: t, master: master, slave: slave, ended: t.TempDir() + "/ended", exited: make(chan error, 1),
		more: make(chan struct{}, 1)}
	if x.before, err = term.GetState(slave.Fd()); err != nil {
		t.Fatal(err)
	}
	if err := pty.Setsize(master, &pty.Winsize{Cols: 80, Rows: 24}); err != nil {
		t.Fatal(err)
	}
	if command == nil {
		command = []string{os.Args[0]}
	}
	x.command = exec.Command(command[0], command[1:]...)
	x.command.Env = append(os.Environ(), append([]string{"TERM=xterm-256color", "LC_ALL=C.UTF-8", "SSH_TTY=",
		"TERM_PROGRAM=test",
		childOf + "=" + what, childOf + "_ENDED=" + x.ended}, env...)...)
	x.command.Stdin, x.command.Stdout, x.command.Stderr = slave, slave, slave
	x.command.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := x.command.Start(); err != nil {
		t.Fatal(err)
	}
	go x.read()
	go func() { x.exited <- x.command.Wait() }()
	t.Cleanup(func() {
		_ = x.command.Process.Kill()
		master.Close()
		slave.Close()
	})
	return x
}

// pollable makes a file of the descriptor that can be closed during a read.
func pollable(f *os.File) (*os.File, error) {
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(unix.SetNonblock(fd, true), f.Close()); err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), f.Name()), nil
}

func (x *terminal) read() {
	buf := make([]byte, 4096)
	for {
		n, err := x.master.Read(buf)
		x.mu.Lock()
		x.got.Write(buf[:n])
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

func (x *terminal) sent() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.got.String()
}

// await waits until the program has sent text, after the first from bytes.
func (x *terminal) await(text string, from int) {
	x.t.Helper()
	timeout := time.After(20 * time.Second)
	for !strings.Contains(x.sent()[from:], text) {
		select {
		case <-x.more:
		case <-timeout:
			x.t.Fatalf("%q does not come; sent was %q", text, x.sent()[from:])
		}
	}
}

func (x *terminal) types(keys string) {
	x.t.Helper()
	if _, err := x.master.WriteString(keys); err != nil {
		x.t.Fatal(err)
	}
}

// exit waits for the end of the program, and returns the result of its console.
func (x *terminal) exit() string {
	x.t.Helper()
	select {
	case <-x.exited:
	case <-time.After(20 * time.Second):
		x.t.Fatalf("it does not end; sent was %q", x.sent())
	}
	said, err := os.ReadFile(x.ended)
	if err != nil {
		x.t.Fatal(err)
	}
	return string(said)
}

// restored checks that the terminal is as it was before, once last was printed.
func (x *terminal) restored(last string) {
	x.t.Helper()
	x.await(last+"\r\n", 0)
	after, err := term.GetState(x.slave.Fd())
	if err != nil {
		x.t.Fatal(err)
	}
	if !reflect.DeepEqual(x.before, after) {
		x.t.Errorf("the modes of the terminal were %+v and are %+v", x.before, after)
	}
	for on, off := range map[string]string{"\x1b[?1049h": "\x1b[?1049l", "\x1b[?25l": "\x1b[?25h",
		"\x1b[?2004h": "\x1b[?2004l", "\x1b[?1002h": "\x1b[?1002l"} {
		if i, j := strings.LastIndex(x.sent(), on), strings.LastIndex(x.sent(), off); i >= 0 && j < i {
			x.t.Errorf("%q was sent, and %q not after it", on, off)
		}
	}
}

func TestTheTerminalIsRestoredAtTheEnd(t *testing.T) {
	x := terminalWith(t, "plain", nil)
	x.await("Synchronization", 0)
	x.types("q")
	if said := x.exit(); said != "ended" {
		t.Error(said)
	}
	x.restored("ended")
}

func TestTheTerminalIsRestoredAfterAPanic(t *testing.T) {
	t.Parallel()
	for _, what := range []string{"panic in a command", "panic in the loop"} {
		t.Run(what, func(t *testing.T) {
			x := terminalWith(t, what, nil)
			x.await("failed: broken in", 0)
			x.types("q")
			if said := x.exit(); said != "ended" {
				t.Errorf("it ended with %q", said)
			}
			x.restored("ended")
		})
	}
}

func TestAHangUpEndsTheConsole(t *testing.T) {
	x := terminalWith(t, "plain", nil)
	x.await("Synchronization", 0)
	x.master.Close()
	if said := x.exit(); said != "ended" {
		t.Errorf("after a hang-up it ended with %q", said)
	}
}

// TestATerminalThatIsGoneEndsTheConsole checks that a terminal that disappears without a signal
// also ends the console.
func TestATerminalThatIsGoneEndsTheConsole(t *testing.T) {
	t.Parallel()
	x := terminalWith(t, "plain", []string{"sh", "-c", "trap '' HUP; exec " + os.Args[0]})
	x.await("Synchronization", 0)
	x.master.Close()
	if said := x.exit(); said != "ended" {
		t.Errorf("without its terminal it ended with %q", said)
	}
}

func TestTheConsoleIsSuspendedAndTakenUpAgain(t *testing.T) {
	x := terminalWith(t, "plain", []string{"sh", "-mc", os.Args[0] + "; echo in the shell; fg; echo back"})
	x.await("Synchronization", 0)
	x.types("\x1a")
	x.await("in the shell", 0)
	x.await("Synchronization", strings.Index(x.sent(), "in the shell"))
	x.types("q")
	if said := x.exit(); said != "ended" {
		t.Error(said)
	}
	x.restored("back")
}

// TestTheConsoleIsNotSuspendedWithoutAShell checks that the console does not suspend if no shell
// would resume it.
func TestTheConsoleIsNotSuspendedWithoutAShell(t *testing.T) {
	x := terminalWith(t, "plain", nil)
	x.await("Synchronization", 0)
	x.types("\x1a")
	x.await("shell", 0)
	x.types("q")
	if said := x.exit(); said != "ended" {
		t.Error(said)
	}
}

func TestAStormOfResizing(t *testing.T) {
	x := terminalWith(t, "plain", nil)
	x.await("Synchronization", 0)
	for i := range 300 {
		size := &pty.Winsize{Cols: uint16(1 + i*37%500), Rows: uint16(1 + i*11%200)}
		if err := pty.Setsize(x.master, size); err != nil {
			t.Fatal(err)
		}
	}
	if err := pty.Setsize(x.master, &pty.Winsize{Cols: 100, Rows: 30}); err != nil {
		t.Fatal(err)
	}
	x.types("5")
	x.await("all levels", 0)
	x.types("q")
	if said := x.exit(); said != "ended" {
		t.Error(said)
	}
	x.restored("ended")
}

// TestOnlyTerminalsThatAnswerAreAsked checks that queries go only to terminals that are known to
// answer.
func TestOnlyTerminalsThatAnswerAreAsked(t *testing.T) {
	for _, tt := range []struct {
		env  []string
		asks bool
	}{
		{nil, true},
		{[]string{"TERM=vt220"}, false},
		{[]string{"TERM=linux"}, false},
		{[]string{"TERM=screen-256color"}, false},
		{[]string{"DIRBRIDGE_NO_TERM_QUERIES=1"}, false},
	} {
		x := terminalWith(t, "plain", nil, tt.env...)
		x.await("Synchronization", 0)
		x.types("q")
		x.exit()
		if asks := questions.MatchString(x.sent()); asks != tt.asks {
			t.Errorf("%q: asked %v: %q", tt.env, asks, questions.FindAllString(x.sent(), -1))
		}
	}
}
