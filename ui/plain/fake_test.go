package plain

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	stdsync "sync"
	"testing"
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
	"dirbridge/ui/view"
)

// noon is the time of every test.
var noon = uitest.Noon()

// fake is an engine that completes each request at once or, if goesOn is set, when a test says so.
type fake struct {
	signedIn *control.SignedIn
	signing  *uitest.Signing // nil: there is none
	uitest.Withholding
	elsewhere *record.Run
	theirs    *config.Draft // contents of the file after another user's edit
	mu        stdsync.Mutex
	progress  control.Progress
	result    control.Result
	number    int64
	plan      *control.Plan
	makes     *control.Plan // result of a dry run
	goesOn    bool
	started   []control.Request
	saved     []config.Draft
	cancels   int
	settings  config.Draft
	mode      control.ModeStatus
	enabled   []control.EnableOptions
	runs      []record.Run
	events    []record.Event
	journal   []port.Intent
	queue     []control.Queued
	checks    int64
	wrong     map[string]error // by method
	failures  []control.Failure
	kept      control.Edits
	panics    string // the method that panics
}

func (f *fake) Rescue(_ context.Context, failure control.Failure, e control.Edits) (string, error) {
	f.failures, f.kept = append(f.failures, failure), e
	return "/var/lib/dirbridge/console-failure.txt", nil
}

func (f *fake) Rescued(context.Context) (control.Edits, error) { return f.kept, nil }

func (f *fake) ForgetRescued(context.Context) error { f.kept = control.Edits{}; return nil }

func newFake(t testing.TB) *fake {
	f := &fake{wrong: map[string]error{}, makes: uitest.HeldPlan(t)}
	f.progress.Phase = port.Idle
	f.mode = control.ModeStatus{MayEnable: true, DryRun: &control.DryRun{At: noon}}
	f.settings = config.Draft{
		Directories: []config.Directory{{Name: "corp", Domain: "corp.example.com", SyncUsers: true, SyncGroups: true}},
		Mapping:     map[string]string{},
		Values: map[string]string{"policy.delete_threshold": "20", "policy.on_missing": "deactivate",
			"policy.on_unmatched": "remove", "policy.purge_after": "168h", "schedule.incremental_every": "10m",
			"schedule.full": "", "cloud.token": "env:DIRBRIDGE_TOKEN"},
		Policy: config.Policy{DeleteThreshold: config.Threshold{Count: 20}, OnMissing: "deactivate",
			OnUnmatched: "report", PurgeAfter: 168 * time.Hour},
	}
	for _, a := range schema.Webex().Users {
		f.settings.Mapping[a.Name] = a.Default
	}
	done := record.Run{ID: 412, Mode: record.Incremental, Started: noon.Add(-10 * time.Minute),
		Ended: noon.Add(-9 * time.Minute), Outcome: record.Done, By: "ana",
		Counts: record.Counts{Users: record.ObjectCounts{Add: 2, Update: 31}}}
	bad := record.Run{ID: 410, Mode: record.Full, Started: noon.Add(-36 * time.Hour), Ended: noon.Add(-35 * time.Hour),
		Outcome: record.Partial, Failed: 1, Skipped: 1,
		Counts: record.Counts{Users: record.ObjectCounts{Add: 118}}}
	f.runs = []record.Run{done, bad}
	f.events = []record.Event{
		{Seq: 1, Time: noon.Add(-time.Hour), Level: record.Info, Code: "run-started", Message: "The run began.", Run: 412},
		{Seq: 2, Time: noon.Add(-50 * time.Minute), Level: record.Warn, Code: "write-skipped",
			Message: "The account changed since the plan was made.", Run: 410, Record: "bo.li@example.com", Field: "title",
			Side: identity.InCloud, Remedy: "Make a new dry run."},
		{Seq: 3, Time: noon.Add(-40 * time.Minute), Level: record.Error, Code: "write-failed",
			Message: "409: the name is taken", Run: 410, Record: "ana.silva@example.com", Field: "uid", Side: identity.InCloud,
			Remedy: "Rename one of the two accounts.", Runs: 3, Anchor: uitest.Anchor(1)},
	}
	failed := record.Outcome{State: record.WriteFailed, Message: "409: the name is taken",
		Remedy: "Rename one of the two."}
	f.journal = []port.Intent{
		{Run: 412, Seq: 1, Change: uitest.Person(1, plan.Update),
			Answer: &port.Answer{Outcome: record.Outcome{State: record.WriteDone}}},
		{Run: 412, Seq: 2, Change: uitest.Person(2, plan.Add), Answer: &port.Answer{Outcome: failed}},
		{Run: 412, Seq: 3, Change: uitest.Person(3, plan.Update)},
	}
	for i := range 12 {
		q := control.Queued{Anchor: uitest.Anchor(300 + i), Kind: identity.User, Key: fmt.Sprintf("gone%02d@example.com", i),
			DN:    fmt.Sprintf("CN=Gone %d,OU=Staff,DC=corp,DC=example,DC=com", i),
			Since: noon.Add(time.Duration(i-200) * time.Hour), Run: 400, Reason: "no longer in the directory"}
		q.Due = q.Since.Add(168 * time.Hour)
		q.Overdue = q.Due.Before(noon)
		f.queue = append(f.queue, q)
	}
	return f
}

func (f *fake) Start(r control.Request) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.wrong["Start"]; err != nil {
		return err
	}
	if f.progress.Phase != port.Idle {
		return control.ErrBusy
	}
	f.started = append(f.started, r)
	f.progress = control.Progress{Mode: r.Mode, Phase: port.ReadingDirectory, Started: noon,
		PhaseStarted: noon.Add(-5 * time.Second), Done: 29300, Total: 48120}
	if !f.goesOn {
		f.end(r)
	}
	return nil
}

// end ends a request successfully; mu is held.
func (f *fake) end(r control.Request) {
	res := control.Result{Request: r, Ended: noon}
	switch r.Mode {
	case record.DryRun, control.PurgePlan, control.UndoPlan:
		f.plan = f.makes
	case record.ApplyPlan:
		h := f.plan.Header()
		if len(h.Holds) > len(r.Override) {
			res.Err = &control.HeldError{Holds: h.Holds}
			break
		}
		res.Run = record.Run{ID: 413, Mode: r.Mode, Outcome: record.Done, Counts: h.Counts}
	default:
		res.Run = record.Run{ID: 413, Mode: r.Mode, Outcome: record.Partial, Failed: 1,
			Counts: record.Counts{Users: record.ObjectCounts{Update: 3}}}
	}
	f.ended(res)
}

func (f *fake) ended(res control.Result) {
	f.progress, f.result, f.number = control.Progress{Phase: port.Idle}, res, f.number+1
}

// later ends the unfinished request.
func (f *fake) later(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	r := f.started[len(f.started)-1]
	if err == nil {
		f.end(r)
		return
	}
	f.ended(control.Result{Request: r, Err: err})
}

// finish ends the unfinished request, if any.
func (f *fake) finish() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.progress.Phase != port.Idle {
		f.end(f.started[len(f.started)-1])
	}
}

func (f *fake) at(p control.Progress) { f.mu.Lock(); f.progress = p; f.mu.Unlock() }

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
	if path != "saved.plan" {
		return &identity.Failure{Err: fmt.Errorf("%s: there is no such file", path), Remedy: "Check the path."}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.plan = f.makes
	return nil
}
func (f *fake) SavePlan(context.Context, string) error { return f.wrong["SavePlan"] }
func (f *fake) Names(context.Context, *control.Plan, []string) (map[string]string, error) {
	return nil, nil
}
func (f *fake) Containers(context.Context, string) ([]string, error) { return nil, nil }
func (f *fake) Tree(_ context.Context, _, dn string) ([]identity.Node, error) {
	const root, staff = "DC=corp,DC=example,DC=com", "OU=Staff,DC=corp,DC=example,DC=com"
	return map[string][]identity.Node{
		"": {{DN: root, Name: "corp.example.com", People: 51311, HasChildren: true}},
		root: {{DN: staff, Name: "Staff", People: 48120, HasChildren: true},
			{DN: "OU=Service Accounts," + root, Name: "Service Accounts", People: 911}},
		staff: {{DN: "OU=Engineering," + staff, Name: "Engineering", People: 12400},
			{DN: "OU=Contractors," + staff, Name: "Contractors", People: 318}},
	}[dn], f.wrong["Tree"]
}
func (f *fake) Count(_ context.Context, d config.Directory) (int64, int64, error) {
	return 48120 - 318*int64(len(d.ExcludeDNs)), 512, f.wrong["Count"]
}
func (f *fake) Find(_ context.Context, _, text string, limit int) (found []identity.Entry, err error) {
	for i, name := range []string{"Ana Silva", "Anders Berg", "Bo Li", "Jürgen Groß"} {
		mail := strings.ReplaceAll(strings.ToLower(name), " ", ".") + "@example.com"
		if strings.HasPrefix(strings.ToLower(name), strings.ToLower(text)) && len(found) < limit {
			found = append(found, identity.Entry{Anchor: uitest.Anchor(i), Kind: identity.User, DN: "CN=" + name,
				Attrs: identity.Attrs{"displayName": {name}, "mail": {mail}, "telephoneNumber": {"+"}}})
		}
	}
	return found, f.wrong["Find"]
}
func (f *fake) Explain(_ context.Context, who string) (control.Explanation, error) {
	x := control.Explanation{Query: who}
	switch {
	case strings.HasPrefix(who, "an"):
		x.Ambiguous = true
		x.Candidates = []control.Candidate{{Kind: identity.User, Anchor: uitest.Anchor(0), Name: "Ana Silva",
			Mail: "ana.silva@example.com", DN: "CN=Ana Silva,OU=Staff"}, {Kind: identity.User, Anchor: uitest.Anchor(1),
			Name: "Anders Berg"}}
	case who == string(uitest.Anchor(0)), who == string(uitest.Anchor(1)), strings.HasPrefix(who, "id-"),
		strings.HasPrefix(who, "corp:"):
		x.Found, x.Kind, x.Key = true, identity.User, "ana.silva@example.com"
		x.Where = control.Where{Directory: "corp", DN: "CN=Ana Silva,OU=Staff", Exists: true}
		x.Problems = []identity.Problem{{Message: "409: the name is taken", Remedy: "Rename one of the two accounts."}}
		x.Next.Text = "nothing will change"
	default:
		x.Searched = []control.Searched{{Place: "corp"}, {Place: "cloud", Error: "no answer", Remedy: "Look at the line."}}
	}
	return x, f.wrong["Explain"]
}
func (f *fake) Catalogue() schema.Catalogue {
	if f.panics == "Catalogue" {
		panic("catalogue\x1b[31m")
	}
	return schema.Webex()
}
func (f *fake) Preview(rules map[string]string, e identity.Entry) ([]control.Mapped, error) {
	return uitest.Preview(rules, e)
}
func (f *fake) Coverage(context.Context, config.Draft) (map[string]control.Coverage, error) {
	return uitest.Coverage(), f.wrong["Coverage"]
}
func (f *fake) TryFilter(_ context.Context, _ config.Directory, _ identity.Kind, filter string) (control.Trial, error) {
	if strings.Contains(filter, "!!") {
		return control.Trial{}, errors.New("an attribute is missing, at character 2\n(!!)\n ^")
	}
	return control.Trial{Matches: 47110, Sample: []string{"CN=Ana Silva,OU=Staff", "CN=Bo Li,OU=Staff"}, Known: true,
		Unknown: []string{"titel"}}, nil
}
func (f *fake) Schema(context.Context, string) ([]control.Attribute, error) {
	return []control.Attribute{{Name: "mail", Syntax: "text", Single: true},
		{Name: "unicodePwd", Syntax: "binary", Secret: true}}, f.wrong["Schema"]
}
func (f *fake) Partitions(context.Context, config.Directory) ([]string, error) {
	return nil, nil
}
func (f *fake) Settings() config.Draft { f.mu.Lock(); defer f.mu.Unlock(); return f.settings }
func (f *fake) SaveSettings(_ context.Context, s config.Draft) error {
	if err := f.wrong["SaveSettings"]; err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.theirs != nil {
		return &config.Changed{Path: f.Path(), Differences: []config.Difference{{Key: "policy.delete_threshold", Was: "20",
			Is: "50"}}}
	}
	f.saved, f.settings = append(f.saved, s), s
	return nil
}
func (f *fake) SettingList() []config.Setting {
	return []config.Setting{
		{Section: "Policy", Key: "policy.delete_threshold", Label: "Delete threshold", Doc: "a number, a percentage, or off"},
		{Section: "Policy", Key: "policy.on_missing", Label: "Who left the directory",
			Choices: []string{"deactivate", "keep", "delete"}},
		{Section: "General", Key: "directory[corp].servers", Under: "corp", Label: "Preferred Domain Controllers",
			List: true, Unset: "domain controllers by DNS"},
		{Section: "Cloud", Key: "cloud.token", Label: "Token", Secret: true},
	}
}
func (f *fake) CheckSettings(s config.Draft) (out []config.Problem) {
	if v := s.Values["policy.delete_threshold"]; v == "many" {
		out = append(out, config.Problem{Key: "policy.delete_threshold", Message: "is no number", Hint: "20, 5% or off"})
	}
	if v := s.Values["cloud.token"]; view.Setting(config.Setting{Secret: true}, v) == "not shown" {
		out = append(out, config.Problem{Key: "cloud.token", Message: "must be a reference to a secret"})
	}
	return out
}
func (f *fake) ReloadSettings(context.Context) (config.Draft, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.theirs != nil {
		f.settings, f.theirs = *f.theirs, nil
	}
	return f.settings, f.wrong["ReloadSettings"]
}
func (f *fake) TestCloud(context.Context, config.Draft) (identity.Organization, error) {
	return identity.Organization{Name: "Acme", Kind: "webex"}, f.wrong["TestCloud"]
}
func (f *fake) ScopeDelta(_ context.Context, draft config.Draft, _ *control.ScopeProgress) (control.ScopeDelta, error) {
	if !draft.Directories[0].SyncUsers {
		return control.ScopeDelta{People: control.ScopeCount{Was: 48120, Leave: 48120},
			Groups: control.ScopeCount{Was: 512, Now: 512}, Kept: 48120,
			Containers: []control.ContainerDelta{{Directory: "corp", DN: "OU=Staff", PeopleLeave: 48120}}}, f.wrong["ScopeDelta"]
	}
	return control.ScopeDelta{People: control.ScopeCount{Was: 48120, Now: 48438, Enter: 636, Leave: 318},
		Groups: control.ScopeCount{Was: 512, Now: 512},
		Containers: []control.ContainerDelta{{Directory: "corp", DN: "OU=Sales EMEA,OU=Staff", PeopleEnter: 636},
			{Directory: "corp", DN: "OU=Contractors,OU=Staff", PeopleLeave: 318}}}, f.wrong["ScopeDelta"]
}
func (f *fake) Path() string { return "/etc/dirbridge/dirbridge.toml" }
func (f *fake) Status(context.Context) (control.Status, error) {
	return control.Status{SignIn: f.signedIn,
		Connector: "sync01", Version: "1.0.0", Cloud: "Acme (Webex)", Directory: "corp.example.com", Leading: true,
		Served: true, Elsewhere: f.elsewhere, Mode: f.mode, Progress: f.Progress(),
		Last: f.runs, LastGood: noon.Add(-10 * time.Minute), LastFull: noon.Add(-36 * time.Hour),
		Statistics: &facts.CloudStatistics{At: noon, Active: 48112, Deactivated: 210, Groups: 512, Admins: 4, Unmatched: 38,
			Matched: 48074},
		Summary: []string{"3 of 41 containers", "Delete threshold is 20"}, Incremental: "14:12, in 8 min",
		Full: "Not Scheduled",
		Failing: []record.Failing{{Record: "ana.silva@example.com", Runs: 3, Since: noon.Add(-time.Hour), LastRun: 410,
			Message: "409: the name is taken", Field: "uid", Remedy: "Rename one of the two accounts."}}, FailingCount: 1,
		Directories: []control.DirectoryHealth{{Name: "corp", Server: "ldaps://dc1.example.com",
			LastRead: noon.Add(-10 * time.Minute), Warnings: []string{"The bind account's password ends in 3 d"}}},
	}, f.wrong["Status"]
}
func (f *fake) Runs(context.Context, int) ([]record.Run, error) {
	if f.panics == "Runs" { // on the goroutine that waits
		panic("runs")
	}
	return f.runs, f.wrong["Runs"]
}
func (f *fake) Events(_ context.Context, since int64, limit int) ([]record.Event, error) {
	i := slices.IndexFunc(f.events, func(e record.Event) bool { return e.Seq > since })
	if i < 0 {
		return nil, f.wrong["Events"]
	}
	return f.events[i:min(i+limit, len(f.events))], f.wrong["Events"]
}
func (f *fake) Journal(_ context.Context, _ int64, fn func(port.Intent) error) error {
	return each(f.journal, fn)
}
func (f *fake) Failing(context.Context, int64, int) ([]record.Failing, error) {
	return []record.Failing{{Record: "ana.silva@example.com", Runs: 3, Since: noon.Add(-time.Hour), LastRun: 410,
		Message: "409: the name is taken", Field: "uid", Remedy: "Rename one of the two accounts."}}, f.wrong["Failing"]
}
func (f *fake) Problems(context.Context, int64, int, func(record.Problem) error) error {
	return f.wrong["Problems"]
}
func (f *fake) Report(_ context.Context, id int64) (control.Report, error) {
	for _, r := range f.runs {
		if r.ID == id {
			return control.Report{Run: r, WithheldRecords: f.InReport}, nil
		}
	}
	return control.Report{}, control.ErrNoRun
}
func (f *fake) ReportEvents(_ context.Context, run int64, fn func(record.Event) error) error {
	return each(f.events, func(e record.Event) error {
		if e.Run != run {
			return nil
		}
		return fn(e)
	})
}

func each[T any](all []T, fn func(T) error) error {
	for _, x := range all {
		if err := fn(x); err != nil {
			return err
		}
	}
	return nil
}

func (f *fake) Mode(context.Context) (control.ModeStatus, error) { return f.mode, nil }
func (f *fake) Enable(_ context.Context, opt control.EnableOptions) error {
	f.enabled = append(f.enabled, opt)
	f.mode.Enabled, f.mode.At, f.mode.By = true, noon, "ana"
	return nil
}
func (f *fake) Disable(_ context.Context, reason string) error {
	f.mode = control.ModeStatus{At: noon, By: "ana", Reason: reason}
	return nil
}
func (f *fake) Convert(_ context.Context, mails []string) error {
	f.mode = control.ModeStatus{At: noon, By: "ana", Reason: "accounts are being converted",
		Procedure: &control.Procedure{Name: "convert", Begun: noon, Steps: []control.Step{
			{Title: "Disable synchronization", Done: true}, {Title: "Convert the users", Detail: "not in the organization: " +
				strings.Join(mails, ", "), Remedy: "Convert them in Control Hub."}}}}
	return f.wrong["Convert"]
}
func (f *fake) Abandon(context.Context) error {
	f.mode.Procedure = nil
	return nil
}
func (f *fake) StartCheck(*config.Draft) error {
	f.checks++
	return f.wrong["StartCheck"]
}
func (f *fake) CancelCheck() {}
func (f *fake) CheckProgress() control.CheckProgress {
	return control.CheckProgress{Phase: control.CheckIdle}
}
func (f *fake) Checked() (control.Checked, int64) {
	if f.checks == 0 {
		return control.Checked{}, 0
	}
	return control.Checked{Report: &control.CheckReport{Ended: noon, Directories: []control.CheckRead{{Name: "corp",
		Counts: control.CheckCounts{People: 48120, Groups: 512}}}}}, f.checks
}

func (f *fake) Queue(_ context.Context, after control.QueuePlace, n int) (out []control.Queued, err error) {
	for _, q := range f.queue {
		if q.Since.After(after.Since) && len(out) < n {
			out = append(out, q)
		}
	}
	return out, f.wrong["Queue"]
}
func (f *fake) QueueCount(context.Context) (control.QueueCount, error) {
	return uitest.QueueCount(f.queue), f.wrong["Queue"]
}
func (f *fake) find(who string) (*control.Queued, error) {
	for i := range f.queue {
		if q := &f.queue[i]; q.Key == who || string(q.Anchor) == who {
			return q, nil
		}
	}
	return nil, &identity.Failure{Err: fmt.Errorf("no account in the purge queue is called %q", who),
		Remedy: "See who waits."}
}
func (f *fake) Waiting(_ context.Context, who string) (control.Queued, error) {
	q, err := f.find(who)
	if err != nil {
		return control.Queued{}, err
	}
	return *q, nil
}
func (f *fake) Keep(_ context.Context, who identity.Anchor, reason string, until time.Time) error {
	q, err := f.find(string(who))
	if err == nil {
		q.Kept = &identity.Keep{Anchor: who, By: "ana", Reason: reason, Until: until}
	}
	return err
}
func (f *fake) Release(_ context.Context, who identity.Anchor) error {
	q, err := f.find(string(who))
	if err == nil {
		q.Kept = nil
	}
	return err
}

var (
	_ control.Connector = (*fake)(nil)
	_ control.Explorer  = (*fake)(nil)
)

func (f *fake) SignIn() control.SigningIn {
	if f.signing == nil {
		return nil
	}
	return f.signing
}
