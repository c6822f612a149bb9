package ui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/term"

	"dirbridge/sync/control"
	"dirbridge/ui/look"
)

// Options say what the console shows and how.
type Options struct {
	// Connector is the engine. Where it is nil, Opened opens it, on a goroutine of
	// its own and only after the first frame was drawn (P10). It may be called again
	// when it failed and the operator asks for it. Whoever gave it closes it.
	Connector control.Connector
	Opened    func() (control.Connector, error)

	// Setup leads through a first start, before Opened is called; nil never does. Once it
	// has written the configuration Opened is called, and again where it wrote it anew.
	Setup control.Setup

	ReadOnly bool // nothing can be started or saved
	ASCII    bool // ASCII marks; they are chosen by themselves where the terminal needs them
	Theme    string
	NoMouse  bool // the mouse is left to the terminal
	// NoQueries: the terminal is asked nothing. By itself it is so where the terminal is
	// not known to answer.
	NoQueries bool
	Version   string
	Title     string // what is connected to what, until the connector says it

	// Input and Output are for tests; nil is the terminal.
	Input  io.Reader
	Output io.Writer
}

// Run shows the console until the operator leaves, ctx ends, or the terminal hangs
// up. It returns nil in all three cases; a request may be under way then, which
// whoever owns the connector cancels or waits for.
func Run(ctx context.Context, opts Options) error {
	if !signal.Ignored(syscall.SIGHUP) {
		var stop func()
		ctx, stop = signal.NotifyContext(ctx, syscall.SIGHUP)
		defer stop()
	}
	ctx, leave := context.WithCancel(ctx)
	defer leave()
	if opts.Input == nil && term.IsTerminal(os.Stdin.Fd()) {
		go watch(ctx, os.Stdin, leave)
	}
	s, err := newShell(ctx, opts, os.Getenv, time.Now)
	if err != nil {
		return err
	}
	program := []tea.ProgramOption{tea.WithContext(ctx)}
	if opts.Input != nil {
		program = append(program, tea.WithInput(opts.Input))
	}
	if out := output(opts.Output, opts.NoQueries || look.Quiet(os.Getenv) || serial(os.Stdout)); out != nil {
		program = append(program, tea.WithOutput(out))
	}
	r := newRoot(s, opts)
	_, err = tea.NewProgram(r, program...).Run()
	if errors.Is(err, tea.ErrProgramPanic) {
		return fmt.Errorf("console: %w", err)
	}
	if errors.Is(err, tea.ErrInterrupted) || ctx.Err() != nil {
		return nil
	}
	if err == nil {
		err = r.endedWell()
	}
	if err != nil {
		return fmt.Errorf("console: %w", err)
	}
	return nil
}

// watch calls gone when the terminal hung up. Not everybody is told of that by a
// signal: nohup and some supervisors keep it away.
func watch(ctx context.Context, terminal *os.File, gone func()) {
	every := time.NewTicker(time.Second)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
			if hungUp(terminal) {
				gone()
				return
			}
		}
	}
}

// output is the writer for the program: nil for the terminal as it is.
func output(to io.Writer, asksNothing bool) io.Writer {
	file, ok := to.(term.File)
	if to == nil {
		file, ok = os.Stdout, true
	}
	if ok && asksNothing {
		return quiet{file}
	}
	return to
}

// serial says whether a terminal is known to be at the end of a serial line.
func serial(terminal *os.File) bool {
	name, err := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", terminal.Fd()))
	if err != nil {
		return false
	}
	line, ok := strings.CutPrefix(name, "/dev/tty")
	return ok && strings.ContainsAny(line, "ASU") // ttyS0, ttyUSB0, ttyAMA0, ttyACM0
}

func newShell(ctx context.Context, opts Options, env func(string) string, now func() time.Time) (*shell, error) {
	sevenBit, ascii := look.Terminal(env)
	theme := opts.Theme
	if (theme == "" || theme == "auto") && env("NO_COLOR") != "" { // no-color.org
		theme = "mono"
	}
	l, err := look.New(theme, opts.ASCII || ascii)
	if err != nil {
		return nil, err
	}
	l.SevenBit = sevenBit
	return &shell{ctx: ctx, look: l, now: now, after: timer, readOnly: opts.ReadOnly, basic: look.Plain(env("TERM")),
		suspendable: suspendable}, nil
}

func timer(d time.Duration, msg tea.Msg) tea.Cmd {
	return tea.Tick(d, func(time.Time) tea.Msg { return msg })
}
