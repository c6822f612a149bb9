package control

import (
	"context"
	"errors"
	"fmt"
	"os"
	stdsync "sync"
	"time"

	"dirbridge/config"
	"dirbridge/sync"
	"dirbridge/sync/apply"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/policy"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/schema"
)

// Factory makes the engine and its sources for given settings. Only whoever wires
// the program knows the adapters.
type Factory interface {
	// Engine gives an engine for the settings; done lets go of its connections.
	Engine(s config.Draft) (e *sync.Engine, done func(), err error)
	// Source gives one directory as the settings would read it.
	Source(d config.Directory) (port.Source, error)
	// Save writes the settings to the configuration file and gives them as they stand
	// there then. An error that is a *config.Changed: somebody else wrote to it meanwhile.
	Save(ctx context.Context, s config.Draft) (config.Draft, error)
	// Reload reads the file anew.
	Reload(ctx context.Context) (config.Draft, error)
	// Settings and Check: see Drafts.
	Settings() []config.Setting
	Check(s config.Draft) []config.Problem
	// Describe signs in to the cloud of the settings.
	Describe(ctx context.Context, s config.Draft) (identity.Organization, error)
}

// Options are what a Local is made of.
type Options struct {
	Factory   Factory
	Store     port.Store
	Catalogue schema.Catalogue
	Settings  config.Draft
	Path      string // of the configuration file
	Connector string // its name
	Version   string
	Directory string        // for people
	Cloud     string        // for people
	Policy    policy.Policy // what of it concerns the queue of the purge: see sync.Queue
	WorkDir   string        // for temporary files; "" is the system's place
	ReportDir string        // for the report of a console that failed
	Operator  string        // who asks, for the record: an account of the operating system
	// Schedule is that of the saved configuration; nil is none.
	Schedule func() Schedule
	// Fingerprint is the digest of all in the saved configuration that decides what is
	// done; without it nothing can be enabled.
	Fingerprint func() string
}

// Local serves a Connector in this process. One request runs at a time, on a
// goroutine that Close waits for.
type Local struct {
	opt Options

	mu       stdsync.Mutex
	settings config.Draft
	engine   *sync.Engine // of the running request, or the last
	cancel   context.CancelCauseFunc
	running  bool
	request  Request // under way, or the last
	result   Result
	number   int64
	plan     *plan.Plan
	old      []*plan.Plan // replaced, but perhaps still being drawn; closed by Close
	group    stdsync.WaitGroup
	checking checking
}

var _ Connector = (*Local)(nil)

// NewLocal does no I/O.
func NewLocal(opt Options) *Local { return &Local{opt: opt, settings: opt.Settings} }

// Close cancels what runs, waits for it, and lets go of the plan. The store stays
// open: it belongs to whoever opened it.
func (l *Local) Close() error {
	l.stop(errStopped)
	l.CancelCheck()
	l.group.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	errs := []error{l.checking.closeReports()}
	for _, p := range append(l.old, l.plan) {
		if p != nil {
			errs = append(errs, p.Close())
		}
	}
	l.old, l.plan = nil, nil
	return errors.Join(errs...)
}

func (l *Local) Start(r Request) error {
	_, err := l.begin(r, l.asked, l.note)
	return err
}

// Do does a request and waits for it. When ctx ends the request stops between two
// writes. What fails before it became a run is not put into the event log: a schedule
// tries again and again, and tells it once. Nothing draws the plans of a schedule: those
// before the last one go at once.
func (l *Local) Do(ctx context.Context, r Request) (Result, error) {
	ended, err := l.begin(r, func(Request) {}, func(Request, error) {})
	if err != nil {
		return Result{}, err
	}
	defer context.AfterFunc(ctx, func() { l.stop(errStopped) })()
	res := <-ended
	l.mu.Lock()
	defer l.mu.Unlock()
	l.letGo(len(l.old))
	return res, res.Err
}

// begin starts a request. The channel gets its result, which nobody need take. first
// is told that it begins, and note of a failure that left no run.
func (l *Local) begin(r Request, first func(Request), note func(Request, error)) (<-chan Result, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.running {
		return nil, ErrBusy
	}
	settings := l.settings
	if r.Draft != nil {
		if r.Mode != record.DryRun {
			return nil, errors.New("settings that are not saved can only be tried in a dry run")
		}
		settings = *r.Draft
	}
	if r.Mode == record.ApplyPlan && l.plan == nil {
		return nil, errors.New("there is no plan: make a dry run first")
	}
	config := l.fingerprint()
	engine, done, err := l.opt.Factory.Engine(settings)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	l.engine, l.cancel, l.running, l.request = engine, cancel, true, r
	current := l.plan
	ended := make(chan Result, 1)
	l.group.Add(1)
	go func() {
		defer l.group.Done()
		defer cancel(nil)
		first(r)
		p, run, err := execute(ctx, engine, r, l.opt.Operator, current)
		if e := l.noteDryRun(engine, r, p, run, config); e != nil {
			err = errors.Join(err, e)
		}
		done()
		err = asCancelled(err, run, stoppedBy(ctx))
		if err != nil && run.ID == 0 {
			note(r, err)
		}
		res := Result{Request: r, Ended: time.Now(), Run: run, Err: err}
		l.ended(res, p)
		ended <- res
	}()
	return ended, nil
}

// note puts a request that failed before it became a run, as a dry run does, into
// the event log: what is told on screen is told there (P13).
func (l *Local) note(r Request, err error) {
	ev := record.Event{Time: time.Now().UTC(), Level: record.Error, Code: string(r.Mode) + "-failed",
		Message: fmt.Sprintf("%s: %v", r.Mode, err), Remedy: identity.Remedy(err)}
	if errors.Is(err, context.Canceled) {
		ev.Level, ev.Code = record.Warn, string(r.Mode)+"-cancelled"
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_ = l.opt.Store.Append(ctx, ev) // the error itself reaches the operator either way
}

// execute does the request, for whom the record names by. p is the plan that it made, if it made one.
func execute(ctx context.Context, e *sync.Engine, r Request, by string, current *plan.Plan) (p *plan.Plan,
	run record.Run, err error) {
	opt := apply.Options{Override: r.Override, By: by, Part: plan.Part{Only: r.Take, Except: r.Leave, Left: r.Exclude,
		Without: r.Without}}
	switch r.Mode {
	case record.DryRun:
		mode := record.Full
		if r.Changes {
			mode = record.Incremental
		}
		p, err = e.Plan(ctx, sync.Request{Mode: mode, OrFull: r.OrFull})
	case PurgePlan:
		p, err = e.Plan(ctx, sync.Request{Mode: record.Purge, Only: r.Only})
	case UndoPlan:
		p, err = e.Plan(ctx, sync.Request{Mode: record.Undo, Undo: r.Undo})
	case record.ApplyPlan:
		run, err = e.Apply(ctx, current, opt)
	case record.Full, record.Incremental, record.Purge:
		p, run, err = e.Sync(ctx, sync.Request{Mode: r.Mode, OrFull: r.OrFull, Only: r.Only}, opt)
	default:
		err = fmt.Errorf("a %s run cannot be started here", r.Mode)
	}
	return p, run, err
}

func (l *Local) ended(r Result, p *plan.Plan) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.running = false
	l.result = r
	l.number++
	if p != nil {
		l.replace(p)
	}
}

// Plans that were replaced, which stand on disk: so many, and of so many bytes together.
const (
	keptPlans = 4
	keptBytes = 256 << 20
)

// replace makes p the current plan, which stays until there is another: it may wait to be
// confirmed. The one before may be drawn just now, so it is closed later; of those before
// it the oldest go first.
func (l *Local) replace(p *plan.Plan) {
	if l.plan != nil {
		l.old = append(l.old, l.plan)
	}
	for len(l.old) > keptPlans || len(l.old) > 1 && bytesOf(l.old) > keptBytes {
		l.letGo(1)
	}
	l.plan = p
}

// letGo closes the oldest n of the plans that were replaced; a temporary one is removed.
func (l *Local) letGo(n int) {
	for _, p := range l.old[:n] {
		p.Close() // what is left of it the next process sweeps
	}
	l.old = append([]*plan.Plan(nil), l.old[n:]...)
}

func bytesOf(plans []*plan.Plan) (n int64) {
	for _, p := range plans {
		if info, err := os.Stat(p.Path()); err == nil {
			n += info.Size()
		}
	}
	return n
}

func (l *Local) Cancel() { l.stop(errOperator) }

func (l *Local) stop(cause error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.running {
		l.cancel(cause)
	}
}

// Why a request was stopped.
var (
	errOperator = errors.New("the operator")
	errStopped  = errors.New("the end of the program")
)

// stoppedBy says who or what stopped a request, or "".
func stoppedBy(ctx context.Context) string {
	if cause := context.Cause(ctx); errors.Is(cause, errOperator) || errors.Is(cause, errStopped) {
		return cause.Error()
	}
	return ""
}

func (l *Local) Progress() Progress {
	l.mu.Lock()
	e, running, r := l.engine, l.running, l.request
	l.mu.Unlock()
	if e == nil {
		return Progress{Phase: port.Idle}
	}
	p := e.Progress()
	if !running {
		p.Phase = port.Idle
	}
	switch r.Mode {
	case record.DryRun, PurgePlan, UndoPlan: // the engine knows only what it plans
		p.Mode = r.Mode
	}
	return p
}

func (l *Local) Result() (Result, int64, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.result, l.number, l.number > 0
}

func (l *Local) Current() *Plan {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.plan
}

func (l *Local) OpenPlan(ctx context.Context, path string) error {
	p, err := plan.Open(path)
	if err != nil {
		return err
	}
	if err := p.Verify(ctx); err != nil {
		p.Close()
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.replace(p)
	return nil
}

func (l *Local) SavePlan(_ context.Context, path string) error {
	p := l.Current()
	if p == nil {
		return errors.New("there is no plan to save: make a dry run first")
	}
	return p.SaveAs(path)
}

func (l *Local) Settings() config.Draft {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.settings
}

func (l *Local) SaveSettings(ctx context.Context, s config.Draft) error {
	s, err := l.opt.Factory.Save(ctx, s)
	if err != nil {
		return err
	}
	l.mu.Lock()
	l.settings = s
	l.mu.Unlock()
	l.tell("settings-saved", by(l.opt.Operator)+" changed the configuration in "+l.opt.Path+".")
	return nil
}

func (l *Local) Path() string { return l.opt.Path }

// directory gives the settings of one directory by name.
func (l *Local) directory(name string) (config.Directory, error) {
	for _, d := range l.Settings().Directories {
		if d.Name == name {
			return d, nil
		}
	}
	return config.Directory{}, fmt.Errorf("no directory is named %s", name)
}

// with opens a source for one question.
func (l *Local) with(d config.Directory, fn func(port.Source) error) error {
	src, err := l.opt.Factory.Source(d)
	if err != nil {
		return err
	}
	return errors.Join(fn(src), src.Close())
}

func (l *Local) Tree(ctx context.Context, directory, dn string) (nodes []identity.Node, err error) {
	d, err := l.directory(directory)
	if err != nil {
		return nil, err
	}
	// The whole tree is shown, whatever is selected of it.
	d.BaseDNs, d.ExcludeDNs = nil, nil
	err = l.with(d, func(src port.Source) (err error) {
		nodes, err = src.Tree(ctx, dn)
		return err
	})
	return nodes, err
}

func (l *Local) Count(ctx context.Context, d config.Directory) (people, groups int64, err error) {
	err = l.with(d, func(src port.Source) error {
		if err := src.People(ctx, func(identity.Entry) error { people++; return nil }); err != nil {
			return err
		}
		return src.Groups(ctx, func(identity.Entry) error { groups++; return nil })
	})
	return people, groups, err
}
