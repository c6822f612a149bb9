package app

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
	"dirbridge/ui/page"
)

// Options configure the console.
type Options struct {
	// Connector is the engine. If it is nil, Opened opens it, on its own goroutine and only after
	// the first frame (P10). If Opened fails, it may be called again on the operator's request. The
	// caller of Run closes the connector.
	Connector control.Connector
	Opened    func() (control.Connector, error)

	// Setup guides through the first start, before Opened is called; nil skips it. Opened is called
	// after setup has written the configuration, and again after setup has changed it.
	Setup control.Setup

	ReadOnly bool // nothing can be started or saved
	ASCII    bool // ASCII marks; automatic if the terminal needs them
	Theme    string
	NoMouse  bool // the terminal keeps the mouse
	// NoQueries sends no queries to the terminal. It is automatic for a terminal that is not known
	// to answer.
	NoQueries bool
	Version   string
	Title     string // describes the connection, until the connector provides it

	// Input and Output are for tests; nil is the terminal.
	Input  io.Reader
	Output io.Writer
}

// Run shows the console until the operator leaves, ctx ends, or the terminal hangs up. It returns
// nil in all three cases. A request may still be under way then; the owner of the connector cancels
// it or waits for it.
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
	r, err := newRoot(ctx, opts, os.Getenv, time.Now)
	if err != nil {
		return err
	}
	program := []tea.ProgramOption{tea.WithContext(ctx)}
	if opts.Input != nil {
		program = append(program, tea.WithInput(opts.Input))
	}
	asksNothing := opts.NoQueries || look.Quiet(os.Getenv) || serial(os.Stdout)
	if out := output(opts.Output, asksNothing); out != nil {
		program = append(program, tea.WithOutput(out))
	}
	r.asks, r.taskbar = !asksNothing, !asksNothing && look.Taskbar(os.Getenv)
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

// watch calls gone when the terminal hangs up. Some processes get no signal for that: nohup and
// some supervisors block it (TestATerminalThatIsGoneEndsTheConsole).
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

// output returns the writer for the program: nil for the terminal itself.
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

// serial reports whether a terminal is known to be on a serial line.
func serial(terminal *os.File) bool {
	name, err := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", terminal.Fd()))
	if err != nil {
		return false
	}
	line, ok := strings.CutPrefix(name, "/dev/tty")
	return ok && strings.ContainsAny(line, "ASU") // ttyS0, ttyUSB0, ttyAMA0, ttyACM0
}

func newRoot(ctx context.Context, opts Options, env func(string) string, now func() time.Time) (*root, error) {
	sevenBit, ascii := look.Terminal(env)
	theme := opts.Theme
	if (theme == "" || theme == "auto") && env("NO_COLOR") != "" { // no-color.org
		theme = "mono"
	}
	l, err := look.New(theme, opts.ASCII || ascii)
	if err != nil {
		return nil, err
	}
	l.SevenBit, l.Links = sevenBit, !look.Plain(env("TERM"))
	r := &root{ctx: ctx, look: l, now: now, after: timer, readOnly: opts.ReadOnly, basic: look.Plain(env("TERM")),
		suspendable: suspendable, opts: opts, active: page.Dashboard, width: 80, height: 24, opening: true}
	r.mouse = !opts.NoMouse && !r.basic
	r.setup = newSetup(r)
	return r, nil
}

func timer(d time.Duration, msg tea.Msg) tea.Cmd {
	return tea.Tick(d, func(time.Time) tea.Msg { return msg })
}
