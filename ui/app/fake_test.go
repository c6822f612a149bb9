package app

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	stdsync "sync"
	"time"

	"dirbridge/config"
	"dirbridge/sync/control"
	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/schema"
	"dirbridge/ui/uitest"
)

// noon is the time of every test.
var noon = uitest.Noon()

// fake is an engine whose behavior a test sets.
type fake struct {
	signing *uitest.Signing // nil: there is none
	uitest.Withholding
	unplaced []string              // attributes that the cloud has no place for
	enabled  control.EnableOptions // the last request
	mu       stdsync.Mutex
	progress control.Progress
	result   control.Result
	number   int64
	plan     *control.Plan
	settings config.Draft
	started  []control.Request
	saved    []config.Draft
	paths    []string
	cancels  int
	status   control.Status
	runs     []record.Run
	events   []record.Event
	journal  []port.Intent
	tree     map[string][]identity.Node
	people   []identity.Entry
	failing  map[string]error // by method
	calls    map[string]int
	checks   checks
	queue    []control.Queued // accounts in the purge queue

	drafts
	rescue
	explanation control.Explanation
	explained   string // the last query
	converting  []string
}

func newFake() *fake {
	f := &fake{failing: map[string]error{}, calls: map[string]int{}}
	f.progress.Phase = port.Idle
	f.settings = config.Draft{
		Directories: []config.Directory{{Name: "corp", Domain: "corp.example.com", SyncUsers: true, SyncGroups: true}},
		Mapping:     map[string]string{},
		Values:      fakeValues(),
		Policy: config.Policy{DeleteThreshold: config.Threshold{Count: 20}, OnMissing: "deactivate",
			OnUnmatched: "report", PurgeAfter: 168 * time.Hour},
	}
	for _, a := range schema.Webex().Users {
		f.settings.Mapping[a.Name] = a.Default
	}
	f.status = control.Status{
		Connector: "sync01", Version: "1.0.0", Cloud: "Acme (Webex)", Directory: "corp.example.com", Leading: true,
		Served: true,
		Last: []record.Run{
			run(412, record.Incremental, noon.Add(-10*time.Minute), 12*time.Second, record.Done, 2, 31, 0),
			run(410, record.Full, noon.Add(-36*time.Hour), 4*time.Minute, record.Partial, 118, 2301, 12),
			run(409, record.Incremental, noon.Add(-37*time.Hour), 3*time.Second, record.Done, 0, 4, 0),
		},
		LastGood: noon.Add(-10 * time.Minute),
		LastFull: noon.Add(-36 * time.Hour),
		Statistics: &facts.CloudStatistics{At: noon, Active: 48112, Deactivated: 210, Groups: 512, Admins: 4,
			Unmatched: 38, Unmanaged: 2, Matched: 48074},
		Summary: []string{"All objects will be synchronized", "All users will be synchronized",
			"Delete threshold is 20", "Deactivate, purge in 7 d", "displayName: givenName sn"},
		Incremental: "14:12, in 8 min", Full: "Not Scheduled", Schedule: control.Schedule{Incremental: "every 10m"},
		PurgeQueue: 12,
		Mode:       control.ModeStatus{Enabled: true, MayEnable: true, By: "ana", At: noon.Add(-40 * time.Hour)},
	}
	f.status.Last[1].Failed, f.status.Last[1].Skipped, f.status.Last[1].By = 1, 1, "ana"
	f.runs = f.status.Last
	f.events = []record.Event{
		{Seq: 1, Time: noon.Add(-time.Hour), Level: record.Info, Code: "started",
			Message: "incremental synchronization started", Run: 412},
		{Seq: 2, Time: noon.Add(-50 * time.Minute), Level: record.Warn, Code: "write-skipped", Run: 410,
			Message: "the account changed since the plan was made", Record: "bo.li@example.com", Field: "title",
			Side: identity.InCloud, Remedy: "Make a new dry run."},
		{Seq: 3, Time: noon.Add(-40 * time.Minute), Level: record.Error, Code: "write-failed", Run: 410,
			Message: "409: the name is taken", Record: "ana.silva@example.com", Field: "uid", Side: identity.InCloud,
			Remedy: "Rename one of the two accounts."},
	}
	f.journal = []port.Intent{
		{Run: 412, Seq: 1, Change: uitest.Person(1, plan.Update),
			Answer: &port.Answer{Outcome: record.Outcome{State: record.WriteDone}}},
		{Run: 412, Seq: 2, Change: uitest.Person(2, plan.Add),
			Answer: &port.Answer{Outcome: record.Outcome{State: record.WriteFailed, Message: "409: the name is taken",
				Remedy: "Rename one of the two."}}},
	}
	root, staff := "DC=corp,DC=example,DC=com", "OU=Staff,DC=corp,DC=example,DC=com"
	f.tree = map[string][]identity.Node{
		"": {{DN: root, Name: "corp.example.com", People: 51311, HasChildren: true}},
		root: {
			{DN: staff, Name: "Staff", People: 48120, HasChildren: true},
			{DN: "OU=Service Accounts," + root, Name: "Service Accounts", People: 911},
			{DN: "CN=Computers," + root, Name: "Computers", People: 0},
		},
		staff: {
			{DN: "OU=Engineering," + staff, Name: "Engineering", People: 12400},
			{DN: "OU=Sales EMEA," + staff, Name: "Sales EMEA", People: 8921},
			{DN: "OU=Contractors," + staff, Name: "Contractors", People: 318},
		},
	}
	f.people = []identity.Entry{
		entry("Ana Silva", "ana.silva@example.com"), entry("Anders Berg", "anders.berg@example.com"),
		entry("Bo Li", "bo.li@example.com"),
	}
	return f
}

func run(id int64, mode record.Mode, started time.Time, took time.Duration, outcome record.RunOutcome, add, update,
	deactivate int64) record.Run {
	return record.Run{ID: id, Mode: mode, Started: started, Ended: started.Add(took), Outcome: outcome,
		Counts: record.Counts{Users: record.ObjectCounts{Add: add, Update: update, Deactivate: deactivate}}}
}

func entry(name, mail string) identity.Entry {
	return identity.Entry{Anchor: identity.NewAnchor("corp", "6f1c2e0a-95d2-4a53-8c4e-2f4f8d0f7f11"), Kind: identity.User,
		DN: "CN=" + name + ",OU=Staff,DC=corp,DC=example,DC=com", Attrs: identity.Attrs{"displayName": {name},
			"mail": {mail}, "telephoneNumber": {"+"}}}
}

func (f *fake) call(name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls[name]++
	return f.failing[name]
}

func (f *fake) Start(r control.Request) error {
	if err := f.call("Start"); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.started = append(f.started, r)
	f.progress = control.Progress{Mode: r.Mode, Phase: port.ReadingDirectory, Started: noon.Add(-6 * time.Second),
		PhaseStarted: noon.Add(-5 * time.Second), Done: 29300, Total: 48120, People: 29300}
	return nil
}

// end ends the current request.
func (f *fake) end(r control.Result) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.progress = control.Progress{Phase: port.Idle}
	if len(f.started) > 0 {
		r.Request = f.started[len(f.started)-1]
	}
	f.result, f.number = r, f.number+1
}

func (f *fake) Cancel() { f.mu.Lock(); f.cancels++; f.mu.Unlock() }
func (f *fake) Progress() control.Progress {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.progress
}
func (f *fake) Result() (control.Result, int64, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.result, f.number, f.number > 0
}
func (f *fake) Current() *control.Plan { f.mu.Lock(); defer f.mu.Unlock(); return f.plan }
func (f *fake) OpenPlan(_ context.Context, path string) error {
	f.paths = append(f.paths, path)
	return f.call("OpenPlan")
}
func (f *fake) SavePlan(_ context.Context, path string) error {
	f.paths = append(f.paths, path)
	return errors.Join(f.call("SavePlan"), f.Current().SaveAs(path))
}
func (f *fake) Names(ctx context.Context, p *plan.Plan, refs []string) (map[string]string, error) {
	return p.Names(ctx, refs)
}
func (f *fake) Tree(_ context.Context, _, dn string) ([]identity.Node, error) {
	return f.tree[dn], f.call("Tree")
}

// Containers lists the DNs in the tree.
func (f *fake) Containers(context.Context, string) (dns []string, err error) {
	for _, nodes := range f.tree {
		for _, n := range nodes {
			dns = append(dns, n.DN)
		}
	}
	slices.Sort(dns)
	return dns, f.call("Containers")
}
func (f *fake) Count(_ context.Context, d config.Directory) (int64, int64, error) {
	return 48120 - 318*int64(len(d.ExcludeDNs)), 512, f.call("Count")
}
func (f *fake) Find(_ context.Context, _, text string, limit int) ([]identity.Entry, error) {
	var found []identity.Entry
	for _, e := range f.people {
		if strings.HasPrefix(strings.ToLower(e.Attrs.First("displayName")), strings.ToLower(text)) && len(found) < limit {
			found = append(found, e)
		}
	}
	return found, f.call("Find")
}
func (f *fake) Explain(_ context.Context, who string) (control.Explanation, error) {
	x := f.explanation
	x.Query, f.explained = who, who
	return x, f.call("Explain")
}
func (f *fake) Catalogue() schema.Catalogue {
	c := schema.Webex()
	for i := range c.Users {
		if slices.Contains(f.unplaced, c.Users[i].Name) {
			c.Users[i].Path = ""
		}
	}
	return c
}
func (f *fake) Preview(rules map[string]string, e identity.Entry) ([]control.Mapped, error) {
	rows, err := uitest.Preview(rules, e)
	return rows, cmp.Or(err, f.call("Preview"))
}
func (f *fake) Coverage(context.Context, config.Draft) (map[string]control.Coverage, error) {
	return uitest.Coverage(), f.call("Coverage")
}
func (f *fake) Settings() config.Draft { f.mu.Lock(); defer f.mu.Unlock(); return f.settings }
func (f *fake) SaveSettings(_ context.Context, s config.Draft) error {
	if err := f.call("SaveSettings"); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.changed != nil {
		return f.changed
	}
	f.saved = append(f.saved, s)
	f.settings = s
	return nil
}
func (f *fake) Path() string { return "/etc/dirbridge/dirbridge.toml" }
func (f *fake) Status(context.Context) (control.Status, error) {
	s := f.status
	s.Progress = f.Progress()
	return s, f.call("Status")
}
func (f *fake) Runs(context.Context, int) ([]record.Run, error) { return f.runs, f.call("Runs") }
func (f *fake) Events(_ context.Context, since int64, limit int) ([]record.Event, error) {
	err := f.call("Events")
	for i, e := range f.events {
		if e.Seq > since {
			return f.events[i:min(i+limit, len(f.events))], err
		}
	}
	return nil, err
}
func (f *fake) Journal(_ context.Context, id int64, fn func(port.Intent) error) error {
	for _, in := range f.journal {
		if in.Run != id {
			continue
		}
		if err := fn(in); err != nil {
			return err
		}
	}
	return f.call("Journal")
}

var _ control.Connector = (*fake)(nil)

func (f *fake) Mode(context.Context) (control.ModeStatus, error) {
	return f.status.Mode, f.call("Mode")
}

func (f *fake) Enable(_ context.Context, opt control.EnableOptions) error {
	f.enabled = opt
	return f.call("Enable")
}

func (f *fake) Disable(context.Context, string) error { return f.call("Disable") }

func (f *fake) Convert(_ context.Context, mails []string) error {
	f.converting = mails
	return f.call("Convert")
}

func (f *fake) Abandon(context.Context) error { return f.call("Abandon") }

func (f *fake) Failing(_ context.Context, runs int64, limit int) (list []record.Failing, err error) {
	for _, x := range f.status.Failing {
		if x.Runs >= runs && len(list) < limit {
			list = append(list, x)
		}
	}
	return list, f.call("Failing")
}

func (f *fake) Problems(_ context.Context, _ int64, _ int, fn func(record.Problem) error) error {
	for _, p := range f.status.Problems.List {
		if err := fn(p); err != nil {
			return err
		}
	}
	return f.call("Problems")
}

func (f *fake) Report(_ context.Context, id int64) (control.Report, error) {
	for _, r := range f.runs {
		if r.ID == id {
			return control.Report{Run: r, WithheldRecords: f.InReport}, f.call("Report")
		}
	}
	return control.Report{}, control.ErrNoRun
}

func (f *fake) ReportEvents(_ context.Context, id int64, fn func(record.Event) error) error {
	for _, e := range f.events {
		if e.Run != id {
			continue
		}
		if err := fn(e); err != nil {
			return err
		}
	}
	return f.call("ReportEvents")
}

func (f *fake) SignIn() control.SigningIn {
	if f.signing == nil {
		return nil
	}
	return f.signing
}
