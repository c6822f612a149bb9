package check

import (
	"context"
	"errors"
	"fmt"
	stdsync "sync"
	"time"

	"dirbridge/sync/identity"
	"dirbridge/sync/mapping"
)

// Source is the part of port.Source that a check uses. A source with the method of contactLister
// also lists its contacts and rooms.
type Source interface {
	Describe(ctx context.Context) (identity.Directory, error)
	People(ctx context.Context, fn func(identity.Entry) error) error
	Groups(ctx context.Context, fn func(identity.Entry) error) error
	Edges(ctx context.Context, fn func(identity.Edge) error) error
	Cookie(ctx context.Context) (identity.Cookie, error)
}

type contactLister interface {
	ListContacts(ctx context.Context, kind identity.Kind, fn func(identity.Entry) error) error
}

// Directory is one directory with its mapping.
type Directory struct {
	Name   string
	Source Source
	Mapper *mapping.Mapper
}

// Options configure a check.
type Options struct {
	Directories []Directory
	// Dir is the directory for temporary files; "" is the system's. They contain data of the
	// directory, and only their owner may read them.
	Dir string
	Now func() time.Time // default time.Now
	// Large is the number of members above which a group counts as very large; default 10,000.
	Large int64
}

// A domain is unusual if fewer people than rarePeople have it, and less than one in rareShare of
// all with a mail.
const rarePeople, rareShare = 5, 100

// Phase is what a check is doing. The texts are shown.
type Phase string

const (
	Idle        Phase = "idle"
	Connecting  Phase = "connecting"
	People      Phase = "reading people"
	Groups      Phase = "reading groups"
	Memberships Phase = "reading memberships"
	Others      Phase = "counting contacts and rooms"
	Comparing   Phase = "comparing"
)

// Progress is a snapshot of a check.
type Progress struct {
	Phase     Phase     `json:"phase"`
	Directory string    `json:"directory,omitempty"`
	Started   time.Time `json:"started,omitzero"`
	Done      int64     `json:"done"`     // within the phase
	Findings  int64     `json:"findings"` // so far, without those of the comparison
}

// Check is one check. Progress may be called from any goroutine.
type Check struct {
	opt      Options
	mu       stdsync.Mutex
	progress Progress
}

// New makes a check, which Run starts.
func New(opt Options) *Check {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Large == 0 {
		opt.Large = 10_000
	}
	return &Check{opt: opt, progress: Progress{Phase: Connecting, Started: opt.Now()}}
}

// Progress returns quickly.
func (c *Check) Progress() Progress {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.progress
}

func (c *Check) phase(p Phase, directory string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.progress.Phase, c.progress.Directory, c.progress.Done = p, directory, 0
}

func (c *Check) read(findings int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.progress.Done++
	c.progress.Findings = findings
}

// Run reads every directory and returns the findings; the caller closes the report. A directory
// that cannot be read is in the report and does not stop the others; the error is that of the
// directories if none could be read.
func (c *Check) Run(ctx context.Context) (*Report, error) {
	w, err := newWork(c.opt.Dir)
	if err != nil {
		return nil, err
	}
	r := &Report{Started: c.opt.Now(), Directories: []Read{}, Classes: []Count{}}
	report, err := c.run(ctx, w, r)
	if err != nil {
		w.discard()
		return nil, err
	}
	return report, nil
}

func (c *Check) run(ctx context.Context, w *work, r *Report) (*Report, error) {
	var failed []error
	for i := range c.opt.Directories {
		d := &directoryCheck{check: c, work: w, number: i, Directory: c.opt.Directories[i]}
		read, err := d.run(ctx)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("directory %s: %w", d.Name, err))
			read.Error, read.Remedy = err.Error(), identity.Remedy(err)
			if err := w.forget(ctx, i); err != nil {
				return nil, err
			}
			read.Counts = Counts{}
		}
		r.Directories = append(r.Directories, read)
	}
	if len(failed) > 0 && len(failed) == len(c.opt.Directories) {
		return nil, errors.Join(failed...)
	}
	c.phase(Comparing, "")
	j := &crossChecks{work: w, opt: c.opt, report: r}
	if err := j.run(ctx); err != nil {
		return nil, err
	}
	for _, d := range r.Directories {
		r.Counts.add(d.Counts)
	}
	r.Ended = c.opt.Now()
	return r, w.finish(ctx, r)
}
