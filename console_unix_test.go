//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	stdsync "sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	cloudsandbox "dirbridge/cloud/sandbox"
	ldapsandbox "dirbridge/ldap/sandbox"
	"dirbridge/sync/record"
	"dirbridge/sync/sample"
)

// The line drops while a synchronization that was started in the console writes: it
// stops between two writes, and says so in its state; the next run does the rest.
func TestAHangUpStopsARunBetweenTwoWrites(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "dirbridge")
	if err := os.Symlink(os.Args[0], program); err != nil {
		t.Fatal(err)
	}
	company := sample.New(sample.Options{People: 300})
	ad, err := ldapsandbox.Start(t.Context(), ldapsandbox.Options{Rights: ldapsandbox.Rights{Replicate: true, ReadDeleted: true}})
	if err != nil {
		t.Fatal(err)
	}
	defer ad.Close()
	sky, err := cloudsandbox.Start(t.Context(), cloudsandbox.Options{OrgName: "Acme", UniqueGroupNames: true})
	if err != nil {
		t.Fatal(err)
	}
	defer sky.Close()
	if err := ad.Load(company); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "dirbridge.toml")
	if err := writeDemo(config, dir, ad, sky, company.Options().Domain); err != nil {
		t.Fatal(err)
	}
	sky.Inject(cloudsandbox.Fault{Effect: cloudsandbox.Delay, Writes: true, For: 30 * time.Millisecond})

	x := inTerminal(t, program, "--config", config, "--no-term-queries")
	x.await("SYNCHRONIZATION")
	x.types("f")
	x.await("recommended")
	x.types("f")
	x.await("yes")
	x.types("yes\r")
	for sky.Stats().Writes < 20 {
		x.wait("a write")
	}
	x.master.Close()
	if err := x.exit(); err != nil {
		t.Errorf("it ended with %v", err)
	}

	var status struct {
		Unfinished int64
		Last       []record.Run
	}
	verb(t, &status, program, "status", "--json", "--config", config)
	if status.Unfinished != 0 || len(status.Last) != 1 || status.Last[0].Outcome != record.Cancelled {
		t.Fatalf("%d writes without an answer, runs %+v", status.Unfinished, status.Last)
	}
	done := status.Last[0].Counts.Writes()
	if done < 20 || status.Last[0].NotDone == 0 {
		t.Errorf("%d writes done, %d not: it was not stopped in the middle", done, status.Last[0].NotDone)
	}
	sky.Heal()
	verb(t, nil, program, "sync", "--full", "--config", config)
	var plan struct{ Counts record.Counts }
	verb(t, &plan, program, "plan", "--full", "--json", "--config", config)
	if n := plan.Counts.Writes(); n != 0 {
		t.Errorf("%d changes are left", n)
	}
}

// verb runs the program and reads what it prints, where into is not nil.
func verb(t *testing.T, into any, program string, args ...string) {
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

// terminal is a real one with a program in it.
type terminal struct {
	t      *testing.T
	master *os.File
	exited chan error
	more   chan struct{}
	mu     stdsync.Mutex
	got    bytes.Buffer
}

func inTerminal(t *testing.T, program string, args ...string) *terminal {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		t.Skipf("there are no pseudo-terminals here: %v", err)
	}
	defer slave.Close()
	if err := pty.Setsize(master, &pty.Winsize{Cols: 100, Rows: 30}); err != nil {
		t.Fatal(err)
	}
	x := &terminal{t: t, exited: make(chan error, 1), more: make(chan struct{}, 1)}
	// A file that can be closed while it is read from, or nothing hangs up.
	fd, err := unix.FcntlInt(master.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		t.Fatal(err)
	}
	master.Close()
	x.master = os.NewFile(uintptr(fd), "terminal")
	c := exec.Command(program, args...)
	c.Env = append(os.Environ(), "TERM=xterm-256color", "LC_ALL=C.UTF-8")
	c.Stdin, c.Stdout, c.Stderr = slave, slave, slave
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill(); x.master.Close() })
	go func() { x.exited <- c.Wait() }()
	go x.read()
	return x
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

var sequence = regexp.MustCompile(`\x1b\[[0-9;?<>=]*[A-Za-z]`)

func (x *terminal) screen() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return sequence.ReplaceAllString(x.got.String(), "")
}

func (x *terminal) await(word string) {
	x.t.Helper()
	for !strings.Contains(x.screen(), word) {
		x.wait(word)
	}
}

// wait waits until the program sends something.
func (x *terminal) wait(what string) {
	x.t.Helper()
	select {
	case <-x.more:
	case err := <-x.exited:
		x.t.Fatalf("it ended (%v), and %s did not come: %q", err, what, x.screen())
	case <-time.After(60 * time.Second):
		x.t.Fatalf("%s does not come: %q", what, x.screen())
	}
}

func (x *terminal) types(keys string) {
	x.t.Helper()
	if _, err := x.master.WriteString(keys); err != nil {
		x.t.Fatal(err)
	}
}

func (x *terminal) exit() error {
	x.t.Helper()
	select {
	case err := <-x.exited:
		return err
	case <-time.After(60 * time.Second):
		x.t.Fatal("it does not end")
		return nil
	}
}
