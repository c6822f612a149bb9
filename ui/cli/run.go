package cli

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"dirbridge/sync/record"
)

func (a *app) runCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "run",
		Short: "The service: synchronize by the schedule until it is stopped",
		Long: `Runs in the foreground and needs no terminal. It starts the runs in [schedule] of the configuration: full runs,
incremental runs (after the first full run), and the purge of accounts whose grace period is over. It prints one
line for each change of state; the event log has the rest. The configuration is read once: restart the service
after a change.

Ctrl+C or SIGTERM stops a run after the current write, with exit code 0. A second one ends the program at once;
the next run then checks the writes that were not answered.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			err := a.with(cmd.Context(), func(s *Session) error { return a.serve(cmd.Context(), s) })
			if cmd.Context().Err() != nil && errors.Is(err, context.Canceled) {
				return nil // while the state was being opened
			}
			return err
		},
	}
}

// serve returns no error if it was asked to end.
func (a *app) serve(ctx context.Context, s *Session) error {
	// A session that hangs up is meant to stop the service that it started, unless nohup started
	// it.
	if !signal.Ignored(syscall.SIGHUP) {
		var stop context.CancelFunc
		ctx, stop = signal.NotifyContext(ctx, syscall.SIGHUP)
		defer stop()
	}
	// A second signal finds no handler and so ends the process. This applies from before the first
	// one is announced.
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	defer context.AfterFunc(ctx, func() {
		signal.Reset(os.Interrupt, syscall.SIGTERM)
		stop()
	})()
	return s.Serve(serving, a.told)
}

// notice is an event without its number in the event log.
type notice struct {
	record.Event
	Seq int64 `json:"seq,omitempty"`
}

// told prints a change of state. A failure to print stops nothing.
func (a *app) told(ev record.Event) {
	if a.json {
		_ = a.line(notice{Event: ev})
		return
	}
	w := &errWriter{w: a.out}
	w.printf("%s  %-5s  %s\n", ev.Time.Local().Format("2006-01-02 15:04:05"), ev.Level, ev.Message)
	if ev.Remedy != "" {
		w.printf("    %s\n", ev.Remedy)
	}
}
