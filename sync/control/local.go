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

// Factory makes the engine and its sources for given settings. Only the code that wires the program
// knows the adapters.
type Factory interface {
	// Engine returns an engine for the settings; done closes its connections.
	Engine(s config.Draft) (e *sync.Engine, done func(), err error)
	// Source returns one directory as the settings would read it.
	Source(d config.Directory) (port.Source, error)
	// Save writes the settings to the configuration file and returns them as they are in the file
	// then. A *config.Changed error means that another process changed the file meanwhile.
	Save(ctx context.Context, s config.Draft) (config.Draft, error)
	// Reload reads the file again.
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
	Policy    policy.Policy // as far as it concerns the purge queue: see package queue
	WorkDir   string        // for temporary files; "" is the system's directory
	ReportDir string        // for the report of a console failure
	Operator  string        // operating system account of the operator, for the record
	SignIn    SigningIn     // nil: how the cloud is signed in to is not known
	// Schedule returns that of the saved configuration; nil means none.
	Schedule func() Schedule
	// Fingerprint returns the digest of those parts of the saved configuration that decide what a
	// run does; without it synchronization cannot be enabled.
	Fingerprint func() string
	// AccountID reads the id of an account as an operator may type it; nil takes it as it is.
	AccountID func(text string) string
	// DraftFingerprint returns the digest that the configuration has once the draft is saved; "" if the
	// draft cannot be saved. nil means that dry runs of drafts are not remembered.
	DraftFingerprint func(config.Draft) string
}

// Local serves a Connector in this process. One request runs at a time, on a goroutine that Close
// waits for.
type Local struct {
	opt Options

	mu       stdsync.Mutex
	settings config.Draft
	engine   *sync.Engine // of the current request, or of the last one
	cancel   context.CancelCauseFunc
	running  bool
	request  Request // the current one, or the last one
	result   Result
	number   int64
	plan     *plan.Plan
	old      []*plan.Plan // replaced, but perhaps still on screen; closed by Close
	group    stdsync.WaitGroup
	checking checking
	dead     record.Run // see crashed
}

var _ Connector = (*Local)(nil)

// NewLocal does no I/O.
func NewLocal(opt Options) *Local { return &Local{opt: opt, settings: opt.Settings} }

// Close cancels the current request, waits for it, and closes the plan. The store stays open: it
// belongs to the caller.
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

// Do runs a request and waits for it. When ctx ends, the request stops between two writes. A
// failure before the request became a run is not logged: a schedule retries again and again, and
// logs it once. A schedule's plans are not shown on a screen, so all but the last are removed at
// once.
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

// begin starts a request. The channel gets its result and need not be read. first is called when
// the request begins, and note for a failure that left no run.
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
	digest := l.fingerprint()
	if r.Draft != nil {
		digest = ""
		if of := l.opt.DraftFingerprint; of != nil {
			digest = of(settings)
		}
	}
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
		if e := l.noteDryRun(engine, r, p, run, digest); e != nil {
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

// note logs a request that failed before it became a run, as a dry run does: what is shown on
// screen is also in the log (P13).
func (l *Local) note(r Request, err error) {
	ev := record.Event{Time: time.Now().UTC(), Level: record.Error, Code: string(r.Mode) + "-failed",
		Message: fmt.Sprintf("%s: %v", r.Mode, err), Remedy: identity.Remedy(err)}
	if errors.Is(err, context.Canceled) {
		ev.Level, ev.Code = record.Warn, string(r.Mode)+"-cancelled"
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_ = l.opt.Store.Append(ctx, ev) // the operator sees the error either way
}

// execute runs the request. by is the operator for the record, and p is the plan that it made, if
// any.
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

// Limits for replaced plans on disk: their number, and their total size in bytes.
const (
	keptPlans = 4
	keptBytes = 256 << 20
)

// replace makes p the current plan, which stays until there is another: it may wait for
// confirmation. The previous plan may be on screen just now, so it is closed later; of the plans
// before it, the oldest are closed first.
func (l *Local) replace(p *plan.Plan) {
	if l.plan != nil {
		l.old = append(l.old, l.plan)
	}
	for len(l.old) > keptPlans || len(l.old) > 1 && bytesOf(l.old) > keptBytes {
		l.letGo(1)
	}
	l.plan = p
}

// letGo closes the oldest n replaced plans; a temporary one is removed.
func (l *Local) letGo(n int) {
	for _, p := range l.old[:n] {
		p.Close() // the next process removes what is left of it
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

// stoppedBy says what stopped a request, or "".
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
	case record.DryRun, PurgePlan, UndoPlan: // the engine only has modes of runs
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

func (l *Local) SaveSettings(ctx context.Context, draft config.Draft) error {
	s, err := l.opt.Factory.Save(ctx, draft)
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

// directory returns the settings of one directory by name.
func (l *Local) directory(name string) (config.Directory, error) {
	for _, d := range l.Settings().Directories {
		if d.Name == name {
			return d, nil
		}
	}
	return config.Directory{}, fmt.Errorf("no directory is named %s", name)
}

// with opens a source for one request.
func (l *Local) with(d config.Directory, fn func(port.Source) error) error {
	src, err := l.opt.Factory.Source(d)
	if err != nil {
		return err
	}
	return errors.Join(fn(src), src.Close())
}

// Tree lists the containers below one, whatever is selected.
func (l *Local) Tree(ctx context.Context, directory, dn string) (nodes []identity.Node, err error) {
	err = l.whole(directory, func(src port.Source) (err error) {
		nodes, err = src.Tree(ctx, dn)
		return err
	})
	return nodes, err
}

// Containers lists the DNs of all containers, whatever is selected.
func (l *Local) Containers(ctx context.Context, directory string) (dns []string, err error) {
	err = l.whole(directory, func(src port.Source) error {
		return src.Containers(ctx, func(c identity.Container) error { dns = append(dns, c.DN); return nil })
	})
	return dns, err
}

// whole opens a source without its selection.
func (l *Local) whole(directory string, fn func(port.Source) error) error {
	d, err := l.directory(directory)
	if err != nil {
		return err
	}
	d.BaseDNs, d.ExcludeDNs = nil, nil
	return l.with(d, fn)
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
