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
)

// Options say on what the mode works, and how it speaks.
type Options struct {
	// Opened opens the engine. Whoever gave it closes it. It may be called again when it
	// failed and the operator asks for it.
	Opened func() (control.Connector, error)

	// Setup leads through a first start where one is needed; nil never does. Opened is
	// called once there is a configuration, and again where the set-up changed it.
	Setup control.Setup

	ReadOnly bool // nothing can be started or saved
	// ASCII replaces all that is not ASCII, names of people among it. It is so by itself
	// where the locale's character set is known not to be UTF-8.
	ASCII   bool
	Version string

	// Input and Output are the process's own where they are nil. Where Input is no
	// terminal its lines answer prompts alone, and wait while a run is under way; they
	// are written to Output, so that it reads like a session.
	Input  io.Reader
	Output io.Writer
}

// Run speaks until the operator leaves, the input ends, ctx ends, or the terminal hangs
// up: nil in all four cases. A request may be under way then, which whoever owns the
// connector cancels or waits for. Ctrl+C cancels what is under way; where nothing is, or
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
	defer cancel() // lets go of whoever reads lines
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

// begin leads through a first start where one is needed, and opens the engine.
func (s *session) begin() error {
	if s.opts.Setup == nil || s.opts.ReadOnly {
		return s.open()
	}
	state, err := s.opts.Setup.Resume(s.ctx)
	if err != nil || !state.Needed {
		s.fail("The set-up could not be read", err)
		return s.open()
	}
	return s.firstStart(state)
}

// open opens the engine, again and again where it fails and somebody is there who may
// mend it.
func (s *session) open() error {
	for {
		conn, err := s.opts.Opened()
		if err == nil {
			s.take(conn)
			return nil
		}
		if !s.interactive {
			return err // whoever started it shows it
		}
		s.fail("The connector could not be opened", err)
		if _, err := s.ask(question{label: "Enter tries again, q leaves:", again: func() {}}); err != nil {
			return err
		}
	}
}

// terminal is the file behind a reader or writer, if it is a terminal.
func terminal(rw any) (*os.File, bool) {
	f, ok := rw.(*os.File)
	return f, ok && term.IsTerminal(f.Fd())
}

// usualWidth is how wide lines are where nothing is known of a terminal.
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
