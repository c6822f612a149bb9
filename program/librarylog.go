package program

import (
	"context"
	"strings"
	stdsync "sync"
	"time"

	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/redact"
	"dirbridge/ui/look"
)

// LibraryLog takes what libraries write to the standard logger, and turns it into events of the
// open session. net/http logs unsolicited server output there word for word; that must neither
// reach the terminal nor reveal a secret.
type LibraryLog struct {
	secrets redact.Secrets // of all clients of the program

	mu    stdsync.Mutex
	lines []record.Event // not stored yet
	wake  chan struct{}  // of the session that stores them; nil if none
	hour  time.Time
	count int // lines in this hour
}

// Limits on how much a misbehaving server may add to the event log through the libraries.
const (
	LinesAnHour = 20
	longestLine = 300 // characters
)

func (l *LibraryLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now().UTC()
	if hour := now.Truncate(time.Hour); !hour.Equal(l.hour) {
		l.hour, l.count = hour, 0
	}
	if l.count++; l.count > LinesAnHour {
		return len(p), nil
	}
	e := record.Event{Time: now, Level: record.Info, Code: "library", Message: "A library of the program reports: " +
		l.safe(string(p))}
	if l.count == LinesAnHour {
		e.Message = "Libraries report more; it is left out until the hour is over."
	}
	l.lines = append(l.lines, e)
	select {
	case l.wake <- struct{}{}:
	default:
	}
	return len(p), nil
}

// safe returns the line without secrets and without quoted text, which may be part of a secret.
func (l *LibraryLog) safe(line string) string {
	if from, to := strings.IndexByte(line, '"'), strings.LastIndexByte(line, '"'); from < to {
		line = line[:from] + "..." + line[to+1:]
	}
	words := []rune(look.Clean(strings.TrimSpace(l.secrets.Said(line))))
	return string(words[:min(len(words), longestLine)])
}

// keep writes the lines to the event log until it is stopped. It ignores a line that cannot be
// written.
func (l *LibraryLog) keep(events port.Store, clock func() time.Time) (stop func()) {
	wake, end, ended := make(chan struct{}, 1), make(chan struct{}), make(chan struct{})
	l.mu.Lock()
	l.wake = wake
	l.mu.Unlock()
	write := func() {
		l.mu.Lock()
		lines := l.lines
		l.lines = nil
		l.mu.Unlock()
		for i := range lines {
			lines[i].Time = clock().UTC()
		}
		if len(lines) > 0 {
			_ = events.Append(context.Background(), lines...)
		}
	}
	go func() {
		defer close(ended)
		for {
			write()
			select {
			case <-wake:
			case <-end:
				write()
				return
			}
		}
	}()
	return func() {
		l.mu.Lock()
		if l.wake == wake {
			l.wake = nil
		}
		l.mu.Unlock()
		close(end)
		<-ended
	}
}
