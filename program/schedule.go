package program

import (
	"context"
	"errors"
	"os"

	"dirbridge/config"
	"dirbridge/sync/control"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/service"
)

// serve returns a function that makes the connector follow the configured schedule. Nothing runs
// before that function is called.
func serve(local *control.Local, st port.Store, cfg config.Config) func(context.Context, func(record.Event)) error {
	return func(ctx context.Context, tell func(record.Event)) error {
		mode, err := local.Mode(ctx)
		if err != nil {
			return err
		}
		run := func(ctx context.Context, mode record.Mode) (record.Run, error) {
			res, err := local.Do(ctx, control.Request{Mode: mode})
			if errors.Is(err, control.ErrBusy) {
				err = service.ErrBusy
			}
			return res.Run, err
		}
		p := cfg.Policy
		return service.New(service.Options{Schedule: scheduleOf(cfg.Schedule), Store: st, Run: run, Report: tell,
			Clock: service.Wall{}, PID: os.Getpid(), Config: fingerprint(cfg), Listen: cfg.Metrics.Listen, Version: version(),
			Directories: namesOfDirectories(cfg), Warnings: control.ScheduleWarnings(mode),
			Purge: service.Purge{Never: p.OnMissing == "keep", Grace: purgeAfter(p), Unmanaged: queuePolicy(cfg).Unmanaged,
				AtOnce: p.OnMissing == "delete"}}).Serve(ctx)
	}
}

func namesOfDirectories(cfg config.Config) (names []string) {
	for _, d := range cfg.Directories {
		names = append(names, d.Name)
	}
	return names
}

func scheduleWords(c config.Schedule) (w control.Schedule) {
	w.Incremental, w.Full = scheduleOf(c).Text()
	return w
}

func scheduleOf(c config.Schedule) service.Schedule {
	s := service.Schedule{Every: c.IncrementalEvery}
	for _, t := range c.Times() {
		s.Full = append(s.Full, service.Weekly(t))
	}
	return s
}
