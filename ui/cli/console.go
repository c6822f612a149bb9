package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"strconv"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/ui/look"
)

func consoleFlags(f *pflag.FlagSet, o *ConsoleOptions) {
	f.BoolVar(&o.ReadOnly, "read-only", false, "start no run and save nothing")
	f.BoolVar(&o.ASCII, "ascii", false, "use only ASCII characters")
	f.StringVar(&o.Theme, "theme", "auto", "colour theme `NAME`: auto, mono, light, dark or high-contrast")
	f.BoolVar(&o.NoQueries, "no-term-queries", false,
		"send the terminal no queries, if it prints them or answers too late")
	f.BoolVar(&o.NoMouse, "no-mouse", false, "leave the mouse to the terminal, to select and copy text")
	f.BoolVar(&o.Accessible, "accessible", accessible(os.Getenv),
		"plain lines and numbered choices, for screen readers; or set DIRBRIDGE_ACCESSIBLE=1 or ACCESSIBLE=1")
}

// accessible reports whether the environment asks for the accessible mode. The program's own
// variable takes precedence.
func accessible(env func(string) string) bool {
	for _, name := range []string{"DIRBRIDGE_ACCESSIBLE", "ACCESSIBLE"} {
		if v := env(name); v != "" {
			on, err := strconv.ParseBool(v)
			return on || err != nil // any other text means yes, as in other programs
		}
	}
	return false
}

// answering calls fn with a context that ends when the program is to end. In the accessible mode,
// Ctrl+C is an answer, as it is a key in the console.
func (a *app) answering(ctx context.Context, o ConsoleOptions, fn func(context.Context) error) error {
	if !o.Accessible {
		return fn(ctx)
	}
	ctx, stop := a.untilTerminated()
	defer stop()
	return fn(ctx)
}

// console opens the console on a configuration. The session opens behind the first frame. When the
// console ends, the session is closed, which waits for running work.
func (a *app) console(ctx context.Context, o ConsoleOptions, path string) (err error) {
	if a.json || a.noInput {
		return usageError{errors.New("the console cannot be used with --json or --no-input: see dirbridge --help")}
	}
	o.Output = a.out
	if f, ok := a.rawOut.(*os.File); !o.Accessible && (!ok || !term.IsTerminal(int(f.Fd()))) {
		return errors.New("the console needs a terminal; start it in one, or name a verb: see dirbridge --help")
	}
	// Both the kernel and shells may send a hang-up signal, so there can be more than one. Until
	// the session is closed, none of them may end the process in the middle of a write.
	if !signal.Ignored(syscall.SIGHUP) {
		hangups := make(chan os.Signal, 1)
		signal.Notify(hangups, syscall.SIGHUP)
		defer signal.Stop(hangups)
	}
	var open *Session
	if a.Setup != nil {
		o.Setup = a.Setup(path)
	}
	o.Opened = func() (control.Connector, error) {
		if open != nil { // under a configuration that has changed since
			before := open
			open = nil
			if err := before.Close(); err != nil {
				return nil, err
			}
		}
		s, err := a.Open(ctx, path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil, configError{&identity.Failure{Class: identity.GiveUp, Err: err,
				Remedy: "Start dirbridge without --read-only for the set-up, or write the file yourself: dirbridge " +
					"config default > FILE."}}
		case err != nil:
			return nil, err
		}
		open = s
		return s.Connector, nil
	}
	err = a.Console(ctx, o)
	if open != nil {
		err = errors.Join(err, open.Close())
	}
	return err
}

func (a *app) demoCommand() *cobra.Command {
	var d DemoOptions
	var listen bool
	var o ConsoleOptions
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Try it: a built-in directory and cloud with sample data, in the console",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if d.People < 1 || d.People > 1_000_000 {
				return usageError{fmt.Errorf("--people takes a number from 1 to 1000000, not %d", d.People)}
			}
			return a.answering(cmd.Context(), o, func(ctx context.Context) error { return a.demo(ctx, d, listen, o) })
		},
	}
	cmd.Flags().IntVar(&d.People, "people", 500, "the number of people")
	cmd.Flags().BoolVar(&d.SCIM, "scim", false,
		"use a SCIM 2.0 provider, with user names of any form, instead of Webex")
	cmd.Flags().BoolVar(&listen, "listen", false,
		"serve both on loopback, print their URLs and a configuration file, and wait")
	consoleFlags(cmd.Flags(), &o)
	return cmd
}

func (a *app) demo(ctx context.Context, d DemoOptions, listen bool, o ConsoleOptions) (err error) {
	demo, err := a.Demo(ctx, d)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, demo.Stop()) }()
	if !listen {
		return a.console(ctx, o, demo.Config)
	}
	if a.json {
		err = a.line(map[string]string{"directory_url": demo.DirectoryURL, "cloud_url": demo.CloudURL, "config": demo.Config})
	} else {
		err = look.Printf(a.out,
			"directory  %s\ncloud      %s\nconfig     %s\n\nTry:  dirbridge plan --config %s\nCtrl+C ends the demo and "+
				"removes its state.\n",
			demo.DirectoryURL, demo.CloudURL, demo.Config, demo.Config)
	}
	if err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}
