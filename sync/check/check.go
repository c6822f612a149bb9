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

// Source is what is read of a directory, a part of port.Source. One that also has
// the method of the interface contactLister is asked for its contacts and rooms.
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

// Directory is one directory with the mapping that holds for it.
type Directory struct {
	Name   string
	Source Source
	Mapper *mapping.Mapper
}

// Options are what a check is made of.
type Options struct {
	Directories []Directory
	// Dir is where temporary files are put; "" is the system's place. They hold what
	// the directory holds, and only their owner may read them.
	Dir string
	Now func() time.Time // default time.Now
	// Large is the number of members above which a group counts as very large;
	// default 10,000.
	Large int64
}

// What makes a domain unusual: fewer people than this, and less than a hundredth of
// all who have a mail.
const rarePeople, rareShare = 5, 100

// Phase is what a check is doing. The words are shown as they stand.
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
	Findings  int64     `json:"findings"` // so far, without what only comparing shows
}

// Check is one check. Progress may be asked for from any goroutine.
type Check struct {
	opt      Options
	mu       stdsync.Mutex
	progress Progress
}

// New makes a check. It does nothing yet.
func New(opt Options) *Check {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Large == 0 {
		opt.Large = 10_000
	}
	return &Check{opt: opt, progress: Progress{Phase: Connecting, Started: opt.Now()}}
}

// Progress never blocks for long.
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

// Run reads every directory and gives what was found; whoever gets the report
// closes it. A directory that cannot be read is told in the report and stops none of
// the others; the error is that of the directories where none could be read.
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
