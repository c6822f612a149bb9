package control

import (
	"context"

	"dirbridge/sync/port"
	"dirbridge/sync/record"
)

// Leveled wraps the store so that its event log keeps only events of min and above.
func Leveled(s port.Store, min record.Level) port.Store {
	if rank(min) == 0 {
		return s
	}
	return &leveled{s, rank(min)}
}

type leveled struct {
	port.Store
	min int
}

func rank(l record.Level) int {
	switch l {
	case record.Info:
		return 1
	case record.Warn:
		return 2
	case record.Error:
		return 3
	}
	return 0
}

func (l *leveled) keep(events []record.Event) []record.Event {
	var out []record.Event
	for _, e := range events {
		if rank(e.Level) >= l.min {
			out = append(out, e)
		}
	}
	return out
}

func (l *leveled) Append(ctx context.Context, events ...record.Event) error {
	if events = l.keep(events); len(events) == 0 {
		return nil
	}
	return l.Store.Append(ctx, events...)
}

func (l *leveled) Commit(ctx context.Context, b port.Batch) error {
	b.Events = l.keep(b.Events)
	return l.Store.Commit(ctx, b)
}
