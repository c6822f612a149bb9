package plain

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/charmbracelet/x/term"

	"dirbridge/sync/control"
	"dirbridge/ui/view"
)

// Options configure the mode.
type Options struct {
	// Opened opens the engine. The caller of Run closes it. If Opened fails, it may be called again
	// on the operator's request.
	Opened func() (control.Connector, error)

	// Setup guides through a first start if one is needed; nil skips it. Opened is called once a
	// configuration exists, and again after setup has changed it.
	Setup control.Setup

	ReadOnly bool // nothing can be started or saved
	// ASCII replaces all non-ASCII text, including people's names. It is automatic if the locale's
	// character set is known not to be UTF-8.
	ASCII   bool
	Version string

	// Input and Output are the process's own if they are nil. If Input is not a terminal, its lines
	// only answer prompts, and wait while a run is under way; they are copied to Output, so that it
	// reads like a session.
	Input  io.Reader
	Output io.Writer
}

// Run talks to the operator until the operator leaves, the input ends, ctx ends, or the terminal
// hangs up; it returns nil in all four cases. A request may still be under way then; the owner of
// the connector cancels it or waits for it. Ctrl+C cancels the current work; if there is none, or
// at the second time, it leaves.
func Run(ctx context.Context, o Options) error {
	if !signal.Ignored(syscall.SIGHUP) {
		var stop func()
		ctx, stop = signal.NotifyContext(ctx, syscall.SIGHUP)
		defer stop()
	}
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	defer signal.Stop(interrupts)
	if o.Input == nil {
		o.Input = os.Stdin
	}
	if o.Output == nil {
		o.Output = os.Stdout
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // releases the goroutine that reads lines
	s := newSession(ctx, o, os.Getenv, time.Now)
	s.interrupts = interrupts
	return s.run()
}

// run opens the engine and shows the main menu.
func (s *session) run() error {
	s.say("Dirbridge %s, accessible mode.", s.opts.Version)
	err := s.begin()
	if err == nil {
		err = s.takeRescued()
	}
	if err == nil {
		err = s.mainMenu()
	}
	if errors.Is(err, errLeave) || errors.Is(err, errBack) {
		err = nil
	}
	if s.ctx.Err() == nil && s.outErr == nil {
		if s.rescued && s.conn != nil {
			s.forgetRescued()
		}
		s.say("Goodbye.")
	}
	return errors.Join(err, s.outErr)
}

// begin guides through a first start if one is needed, and opens the engine.
func (s *session) begin() error {
	if s.opts.Setup == nil || s.opts.ReadOnly {
		return s.open()
	}
	state, err := s.opts.Setup.Resume(s.ctx)
	if err != nil || !state.Needed {
		s.fail(view.SetupUnread, err)
		return s.open()
	}
	return s.firstStart(state)
}

// open opens the engine. It retries after failures if an operator is there who may fix the cause.
func (s *session) open() error {
	for {
		conn, err := s.opts.Opened()
		if err == nil {
			s.take(conn)
			return nil
		}
		if !s.interactive {
			return err // the caller shows it
		}
		s.fail("The connector could not be opened", err)
		if _, err := s.ask(question{label: "Enter tries again, q leaves:", again: func() {}}); err != nil {
			return err
		}
	}
}

// terminal returns the file behind a reader or writer, if it is a terminal.
func terminal(rw any) (*os.File, bool) {
	f, ok := rw.(*os.File)
	return f, ok && term.IsTerminal(f.Fd())
}

// usualWidth is the line width if the terminal's is unknown.
const usualWidth = 80

func widthOf(w io.Writer) func() int {
	f, ok := terminal(w)
	return func() int {
		if ok {
			if width, _, err := term.GetSize(f.Fd()); err == nil && width > 0 {
				return width
			}
		}
		return usualWidth
	}
}
