// Package cli is the verbs: what the console does, without a terminal, with a plain
// and a JSON view of the same facts.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"dirbridge/config"
	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/sync/record"
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
	Close     func() error
}

// Demo is both embedded servers, running.
type Demo struct {
	DirectoryURL, CloudURL string
	Config                 string // path of a ready configuration file
	Stop                   func() error
}

// DemoOptions say how large the demo's company is.
type DemoOptions struct{ People int }

// ConsoleOptions are the console's.
type ConsoleOptions struct {
	Opened          func() (control.Connector, error) // called after the first frame
	ReadOnly, ASCII bool
	Theme           string
}

// Program is what whoever wires the program gives the verbs.
type Program struct {
	Version string
	Open    func(ctx context.Context, path string) (*Session, error)
	Demo    func(ctx context.Context, o DemoOptions) (*Demo, error)
	Console func(ctx context.Context, o ConsoleOptions) error
	Check   config.Check // what only the wiring can check of a configuration

	Stdout, Stderr io.Writer // nil: the process's own
}

// app is one invocation.
type app struct {
	Program
	config  string
	json    bool
	noInput bool
	out     io.Writer
	err     io.Writer
}

// usageError is a command line that cannot be understood.
type usageError struct{ error }

// errChanges is how plan says that there is something to do.
var errChanges = errors.New("there are changes")

// partialError is a run that was done, but for some writes.
type partialError struct{ run record.Run }

func (e *partialError) Error() string {
	return fmt.Sprintf("%d writes failed, %d were skipped, %d were not done: see dirbridge events", e.run.Failed, e.run.Skipped, e.run.NotDone)
}

// Main runs one command line and gives the exit code.
func Main(ctx context.Context, args []string, p Program) int {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	a := &app{Program: p, out: p.Stdout, err: p.Stderr}
	if a.out == nil {
		a.out = os.Stdout
	}
	if a.err == nil {
		a.err = os.Stderr
	}
	root := a.root()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	return a.report(err)
}

// report prints an error with its remedy and turns it into an exit code.
func (a *app) report(err error) int {
	code := exitCode(err)
	if err == nil || errors.Is(err, errChanges) {
		return code
	}
	fmt.Fprintln(a.err, "dirbridge:", err)
	if r := identity.Remedy(err); r != "" {
		fmt.Fprintln(a.err, "  "+r)
	}
	var held *control.HeldError
	if errors.As(err, &held) {
		for _, h := range held.Holds {
			fmt.Fprintln(a.err, "  "+h.Remedy)
		}
	}
	return code
}

func exitCode(err error) int {
	var held *control.HeldError
	var partial *partialError
	var invalid *config.Invalid
	var usage usageError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &usage):
		return exitUsage
	case errors.As(err, &invalid):
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

// root is the command tree.
func (a *app) root() *cobra.Command {
	var console ConsoleOptions
	root := &cobra.Command{
		Use:   "dirbridge",
		Short: "The open directory connector",
		Long: "Dirbridge keeps a cloud user directory (Webex, or any SCIM 2.0 provider) in step with Active\n" +
			"Directory, AD LDS or any LDAP server: it shows every field that will change, and applies exactly that.\n\n" +
			"Without a verb it opens the console.\n\n" +
			"Exit codes: 0 done (plan: no changes), 1 error, 2 plan found changes, 3 held by a guard, 4 done but\n" +
			"writes failed, 5 another connector leads, 64 wrong usage, 78 bad configuration.",
		SilenceUsage: true, SilenceErrors: true, Version: a.Version,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.console(cmd.Context(), console, a.configPath()) },
	}
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.SetVersionTemplate("dirbridge {{.Version}}\n")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.CompletionOptions.DisableDescriptions = false
	f := root.PersistentFlags()
	f.StringVar(&a.config, "config", "", "configuration `FILE` (default "+config.DefaultPath()+")")
	f.BoolVar(&a.json, "json", false, "print JSON on standard output")
	f.BoolVar(&a.noInput, "no-input", false, "ask nothing")
	c := root.Flags()
	consoleFlags(c, &console)
	root.AddCommand(a.demoCommand(), a.planCommand(), a.showCommand(), a.applyCommand(), a.syncCommand(), a.purgeCommand(),
		a.statusCommand(), a.historyCommand(), a.eventsCommand(), a.treeCommand(), a.configCommand(), a.versionCommand(), a.manCommand())
	return root
}

// noArgs and oneArg are cobra's, with the exit code of wrong usage.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError{fmt.Errorf("unknown argument %q: see %s --help", args[0], cmd.CommandPath())}
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

// with opens the session of the configuration for fn.
func (a *app) with(ctx context.Context, fn func(*Session) error) error {
	s, err := a.Open(ctx, a.configPath())
	if err != nil {
		return err
	}
	return errors.Join(fn(s), s.Close())
}
