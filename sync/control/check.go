package control

import (
	"context"
	"errors"
	"fmt"
	"time"

	"dirbridge/config"
	"dirbridge/sync"
	"dirbridge/sync/check"
	"dirbridge/sync/identity"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
)

// The results of a check, for the user interfaces.
type (
	CheckReport   = check.Report
	CheckProgress = check.Progress
	CheckRead     = check.Read
	CheckCounts   = check.Counts
	ClassCount    = check.Count
	Class         = check.Class
	ClassID       = check.ClassID
	Finding       = check.Finding
)

// The severities of a finding.
const (
	SeverityProblem = check.Problem
	SeverityWarning = check.Warning
)

// CheckIdle is the phase while no check runs.
const CheckIdle = check.Idle

// ClassOf finds a class of findings by its id.
func ClassOf(id ClassID) (Class, bool) { return check.ClassOf(id) }

// CheckClasses are all classes of findings, in the order of a report.
func CheckClasses() []Class { return check.Classes() }

// Checks examine the directories' data. A check only reads directories, so it may run at the same
// time as a synchronization; one check at a time.
type Checks interface {
	// StartCheck begins a check and returns at once; ErrChecking while another runs.
	// draft, if set, replaces the saved settings.
	StartCheck(draft *config.Draft) error
	// CancelCheck asks the running check to stop; it ends soon after.
	CancelCheck()
	// CheckProgress never blocks.
	CheckProgress() CheckProgress
	// Checked returns the result of the last check. It never blocks. number rises by one with each
	// check that ends; it is 0 before the first.
	Checked() (c Checked, number int64)
}

// Checked is the result of a check. The report stays open until the check after the next one has
// ended, or the connector is closed.
type Checked struct {
	Report *CheckReport // nil unless Err is nil
	Err    error        // with its remedy, see identity.Remedy
}

// ErrChecking is returned by StartCheck while another check runs.
var ErrChecking = errors.New("a check is running: wait for it or cancel it")

// checking is the part of a Local that checks; guarded by its mu.
type checking struct {
	check   *check.Check
	cancel  context.CancelFunc
	running bool
	last    Checked
	number  int64
	before  *CheckReport // may still be on screen
}

var _ Checks = (*Local)(nil)

func (l *Local) StartCheck(draft *config.Draft) error {
	settings := l.Settings()
	if draft != nil {
		settings = *draft
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.checking.running {
		return ErrChecking
	}
	directories, done, err := l.checkable(settings)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	run := check.New(check.Options{Directories: directories, Dir: l.opt.WorkDir})
	l.checking.check, l.checking.cancel, l.checking.running = run, cancel, true
	l.group.Add(1)
	go func() {
		defer l.group.Done()
		defer cancel()
		report, err := run.Run(ctx)
		done()
		l.noteCheck(report, err)
		l.checked(Checked{report, err})
	}()
	return nil
}

// checkable returns the directories as a check needs them. done closes their connections.
func (l *Local) checkable(s config.Draft) (out []check.Directory, done func(), err error) {
	var sources []port.Source
	done = func() {
		for _, src := range sources {
			_ = src.Close() // it was only read
		}
	}
	for _, d := range s.Directories {
		d.Mapping = d.Rules(s.Mapping) // so that the source reads the attributes that the draft maps
		m, err := sync.NewMapper(l.opt.Catalogue, d.Mapping)
		if err != nil {
			done()
			return nil, nil, fmt.Errorf("directory %s: %w", d.Name, err)
		}
		src, err := l.opt.Factory.Source(d)
		if err != nil {
			done()
			return nil, nil, fmt.Errorf("directory %s: %w", d.Name, err)
		}
		sources = append(sources, src)
		out = append(out, check.Directory{Name: d.Name, Source: src, Mapper: m})
	}
	return out, done, nil
}

// noteCheck logs what could not be read: what is shown on screen is also in the log (P13). Nothing
// else of a check is kept.
func (l *Local) noteCheck(report *CheckReport, err error) {
	var events []record.Event
	note := func(message, remedy string) {
		events = append(events, record.Event{Time: time.Now().UTC(), Level: record.Error, Code: "check-failed",
			Message: message,
			Side:    identity.InDirectory, Remedy: remedy})
	}
	switch {
	case errors.Is(err, context.Canceled):
		return // as requested
	case err != nil:
		note(fmt.Sprintf("check: %v", err), identity.Remedy(err))
	default:
		for _, d := range report.Directories {
			if d.Error != "" {
				note("check: directory "+d.Name+" could not be read: "+d.Error, d.Remedy)
			}
		}
	}
	if len(events) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_ = l.opt.Store.Append(ctx, events...) // the operator sees the result either way
}

func (l *Local) checked(c Checked) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.checking.running = false
	l.checking.number++
	if old := l.checking.before; old != nil {
		_ = old.Close() // a temporary file
	}
	l.checking.before, l.checking.last = l.checking.last.Report, c
}

func (l *Local) CancelCheck() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.checking.running {
		l.checking.cancel()
	}
}

func (l *Local) CheckProgress() CheckProgress {
	l.mu.Lock()
	check, running := l.checking.check, l.checking.running
	l.mu.Unlock()
	if !running {
		return CheckProgress{Phase: CheckIdle}
	}
	return check.Progress()
}

func (l *Local) Checked() (Checked, int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.checking.last, l.checking.number
}

// closeReports closes the reports of the checks. No check is running.
func (c *checking) closeReports() error {
	var errs []error
	for _, r := range []*CheckReport{c.before, c.last.Report} {
		if r != nil {
			errs = append(errs, r.Close())
		}
	}
	c.before, c.last.Report = nil, nil
	return errors.Join(errs...)
}
