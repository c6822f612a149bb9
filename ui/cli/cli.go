package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"dirbridge/config"
	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/sync/record"
	"dirbridge/ui/look"
	"dirbridge/ui/view"
)

// Exit codes (see the manual). Precedence: 1, 5, 3, 4, 2, 0.
const (
	exitDone    = 0
	exitError   = 1
	exitChanges = 2
	exitHeld    = 3
	exitFailed  = 4
	exitLed     = 5
	exitUsage   = 64
	exitConfig  = 78
)

// Session is a connector opened from one configuration.
type Session struct {
	Connector control.Connector
	Config    config.Config
	// Serve runs the schedule until ctx ends, waits for the current work, and returns nil. tell
	// receives each change of state, one at a time.
	Serve func(ctx context.Context, tell func(record.Event)) error
	// Provider finds out, by reading, what the cloud's provider can do; nil where its profile is fixed.
	Provider func(ctx context.Context) (ProviderReport, error)
	// Assumptions tests, by reading alone, what is taken for granted about the provider; nil where
	// nothing is.
	Assumptions func(ctx context.Context) ([]AssumptionReport, error)
	// TryWrite makes a test account with that name, tries writes on it, and removes it.
	TryWrite func(ctx context.Context, name string) (TrialReport, error)
	// ReadOnly says why the state cannot be written; nil if it can.
	ReadOnly error
	Close    func() error
}

// Demo is the two running embedded servers.
type Demo struct {
	DirectoryURL, CloudURL string
	Config                 string // path of a ready configuration file
	Stop                   func() error
}

// DemoOptions set the size of the demo's company and the type of its cloud.
type DemoOptions struct {
	People int
	SCIM   bool // a generic SCIM provider instead of one like Webex
}

// ConsoleOptions configure the console.
type ConsoleOptions struct {
	Opened          func() (control.Connector, error) // called after the first frame
	ReadOnly, ASCII bool
	Theme           string
	NoQueries       bool // sends no queries to the terminal
	NoMouse         bool
	// Accessible uses plain lines instead: it needs no terminal. It writes to Output and reads from
	// Input; a nil Input is the process's own.
	Accessible bool
	Input      io.Reader
	Output     io.Writer
	// Setup guides through the first start; nil skips it. Opened is called once a configuration
	// exists, and again after setup has changed it.
	Setup control.Setup
}

// Program is what package program provides to the verbs.
type Program struct {
	Version string
	Open    func(ctx context.Context, path string) (*Session, error)
	Demo    func(ctx context.Context, o DemoOptions) (*Demo, error)
	Console func(ctx context.Context, o ConsoleOptions) error
	Setup   func(path string) control.Setup // of the configuration file
	Check   config.Check                    // checks of a configuration that package config cannot do
	// Proxy says how an address is reached by the settings of the cloud, and tries it.
	Proxy func(ctx context.Context, c config.Cloud, u *url.URL) (ProxyReport, error)

	Stdout, Stderr io.Writer // nil: the process's own
}

// app is one invocation.
type app struct {
	Program
	config  string
	json    bool
	noInput bool
	out     io.Writer // clean the text that is written there
	err     io.Writer
	// rawOut and rawErr are their destinations, which may be terminals.
	rawOut, rawErr io.Writer
	// untilTerminated returns a context that Ctrl+C does not end.
	untilTerminated func() (context.Context, context.CancelFunc)
}

// usageError is an invalid command line.
type usageError struct{ error }

// configError is a configuration file that cannot be read at all.
type configError struct{ error }

func (e configError) Unwrap() error { return e.error }

// errChanges is how plan and check report that there are changes.
var errChanges = errors.New("there are changes")

// partialError is a run in which some writes failed.
type partialError struct{ run record.Run }

func (e *partialError) Error() string {
	return view.RunResult(fmt.Sprintf("run %d", e.run.ID), e.run)
}

// stoppedError is a run that was interrupted.
type stoppedError struct {
	run record.Run
	err error
}

func (e *stoppedError) Error() string {
	if e.run.ID == 0 {
		return "stopped; nothing was written"
	}
	if e.run.Plan == "" {
		return fmt.Sprintf("stopped: run %d ended before its plan was applied; nothing was written", e.run.ID)
	}
	return "stopped: " + view.RunResult(fmt.Sprintf("run %d", e.run.ID), e.run)
}

func (e *stoppedError) Unwrap() error { return e.err }

// Main runs one command line and returns the exit code.
func Main(ctx context.Context, args []string, p Program) int {
	parent := ctx
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	a := &app{Program: p, out: p.Stdout, err: p.Stderr, untilTerminated: func() (context.Context, context.CancelFunc) {
		return signal.NotifyContext(parent, syscall.SIGTERM)
	}}
	if a.out == nil {
		a.out = os.Stdout
	}
	if a.err == nil {
		a.err = os.Stderr
	}
	a.rawOut, a.rawErr = a.out, a.err
	a.out, a.err = &look.Writer{To: a.out, JSON: func() bool { return a.json }}, &look.Writer{To: a.err}
	root := a.root()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	return a.report(err)
}

// report prints an error with its remedy and returns its exit code.
func (a *app) report(err error) int {
	code := exitCode(err)
	if err == nil || errors.Is(err, errChanges) {
		return code
	}
	var stopped *stoppedError
	if errors.Is(err, context.Canceled) && !errors.As(err, &stopped) {
		err = &stoppedError{err: err} // verbs that only read
	}
	var invalid *config.Invalid
	var held *control.HeldError
	switch {
	case errors.As(err, &invalid):
		for _, line := range invalid.Lines() {
			a.warnf("%s\n", line)
		}
		if a.json {
			// If standard output is closed, there is nowhere to report it.
			_ = a.document(invalid)
		}
	case errors.As(err, &held):
		for _, h := range held.Holds {
			a.warnf("dirbridge: held (%s): %s\n%s  %s\n", h.Rule, h.Detail, causeLines(h), h.Remedy)
		}
		if written := held.Written(); written != "" {
			a.warnf("dirbridge: %s\n", written)
		}
	default:
		for i, line := range look.ErrorLines(err) {
			lead := "dirbridge:"
			if i > 0 {
				lead = "          "
			}
			a.warnf("%s %s\n", lead, line)
		}
		if r := remedy(err); r != "" {
			a.warnf("  %s\n", r)
		}
	}
	return code
}

// remedy returns what to do about an error, if known.
func remedy(err error) string {
	var stopped *stoppedError
	var partial *partialError
	switch {
	case errors.Is(err, control.ErrNotLeader):
		return "Nothing was written. Wait until the other run has ended, then try again."
	case errors.As(err, &partial) && partial.run.Withheld > 0 && partial.run.Outcome != record.Partial:
		return fmt.Sprintf("dirbridge history %d lists them with the reasons. dirbridge confirm NAME allows one of them.",
			partial.run.ID)
	case errors.As(err, &partial):
		return fmt.Sprintf("dirbridge history %d lists them with the reasons. The next run tries them again.", partial.run.ID)
	case errors.As(err, &stopped) && stopped.run.ID != 0:
		return "The next run writes the rest."
	case errors.Is(err, fs.ErrNotExist) && exitCode(err) == exitConfig:
		return "Start dirbridge in a terminal, or with --accessible, for the set-up. Or create the file: dirbridge " +
			"config default > FILE. Or name another file: --config FILE."
	}
	return identity.Remedy(err)
}

func exitCode(err error) int {
	var held *control.HeldError
	var partial *partialError
	var invalid *config.Invalid
	var usage usageError
	var file configError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &usage):
		return exitUsage
	case errors.As(err, &invalid), errors.As(err, &file):
		return exitConfig
	case errors.Is(err, control.ErrNotLeader):
		return exitLed
	case errors.As(err, &held):
		return exitHeld
	case errors.As(err, &partial):
		return exitFailed
	case errors.Is(err, errChanges):
		return exitChanges
	default:
		return exitError
	}
}

// root returns the command tree.
func (a *app) root() *cobra.Command {
	var console ConsoleOptions
	root := &cobra.Command{
		Use:   "dirbridge",
		Short: "The open directory connector",
		Long: "Dirbridge keeps a cloud user directory (Webex, or any SCIM 2.0 provider) in step with Active\n" +
			"Directory, AD LDS or any LDAP server. It shows every field that will change, and applies exactly that.\n\n" +
			"Without a verb it opens the console; with --accessible it uses plain lines, for screen readers.\n\n" +
			"Exit codes: 0 done (plan: no changes), 1 error, 2 plan found changes or check found problems, 3 held by\n" +
			"a guard, 4 done but writes failed, records were withheld or a directory was not read, 5 another connector\n" +
			"is active, 64 wrong usage, 70 a crash (or a signal), 78 invalid configuration.",
		SilenceUsage: true, SilenceErrors: true, Version: a.Version,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.answering(cmd.Context(), console, func(ctx context.Context) error {
				return a.console(ctx, console,
					a.configPath())
			})
		},
	}
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.SetVersionTemplate("dirbridge {{.Version}}\n")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%w: see %s --help", err, cmd.CommandPath())}
	})
	root.CompletionOptions.DisableDescriptions = false
	root.SuggestionsMinimumDistance = 2
	f := root.PersistentFlags()
	f.StringVar(&a.config, "config", "", "configuration `FILE` (default "+config.DefaultPath()+")")
	f.BoolVar(&a.json, "json", false, "print JSON")
	f.BoolVar(&a.noInput, "no-input", false, "ask no questions")
	c := root.Flags()
	consoleFlags(c, &console)
	root.AddCommand(a.demoCommand(), a.planCommand(), a.showCommand(), a.applyCommand(), a.syncCommand(), a.runCommand(),
		a.enableCommand(), a.disableCommand(), a.purgeCommand(), a.undoCommand(), a.checkCommand(), a.doctorCommand(),
		a.statusCommand(), a.historyCommand(), a.eventsCommand(), a.explainCommand(), a.confirmCommand(), a.treeCommand(),
		a.signInCommand(), a.signOutCommand(), a.resetSecretCommand(),
		a.configCommand(), a.versionCommand(), a.manCommand())
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		if cmd.Name() == "completion" { // for an unknown shell, cobra prints its help and returns success
			cmd.Args, cmd.RunE = noArgs, func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
			cmd.Short = "Print the completion script for a shell"
		}
	}
	return root
}

// noArgs and oneArg are cobra's, with the exit code of a usage error.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		text := fmt.Sprintf("unknown argument %q", args[0])
		if cmd.HasSubCommands() {
			text = fmt.Sprintf("unknown verb %q", args[0])
			if like := cmd.SuggestionsFor(args[0]); len(like) > 0 {
				text += " (did you mean " + strings.Join(like, " or ") + "?)"
			}
		}
		return usageError{fmt.Errorf("%s: see %s --help", text, cmd.CommandPath())}
	}
	return nil
}

func oneArg(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usageError{fmt.Errorf("%s takes one file: see %s --help", cmd.CommandPath(), cmd.CommandPath())}
	}
	return nil
}

func (a *app) configPath() string {
	if a.config != "" {
		return a.config
	}
	return config.DefaultPath()
}

// readable distinguishes a missing configuration from other failures.
func (a *app) readable() error {
	f, err := os.Open(a.configPath())
	if err != nil {
		return configError{fmt.Errorf("configuration: %w", err)}
	}
	return f.Close()
}

// with opens the session of the configuration for fn, which may write to the state.
func (a *app) with(ctx context.Context, fn func(*Session) error) error {
	return a.reading(ctx, func(s *Session) error {
		if s.ReadOnly != nil {
			return s.ReadOnly
		}
		return fn(s)
	})
}

// reading is with for an fn that only reads, so that it also works if the state is read-only.
func (a *app) reading(ctx context.Context, fn func(*Session) error) error {
	if err := a.readable(); err != nil {
		return err
	}
	s, err := a.Open(ctx, a.configPath())
	if err != nil {
		return err
	}
	return errors.Join(fn(s), s.Close())
}
