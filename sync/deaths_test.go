package sync_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"dirbridge/sync"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/synctest"
)

// TestDiesAtEachStep is promise P7 without chance: the process dies before and after each write of
// the state and of the cloud, one after the other, while a plan with every kind of change is
// applied and a purge follows. The next process reaches the same result as an undisturbed one, with
// nothing lost and nothing added twice. It covers all steps with DIRBRIDGE_LONG=on, otherwise every
// twentieth, from a random one.
func TestDiesAtEachStep(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"full", "incremental", "saved"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel() // most of the time is spent waiting for the disk
			first, every := someSteps(t, 21, 25)
			whole := newDoomed(t, way)
			if err := whole.work(&life{left: 1 << 30}); err != nil {
				t.Fatal(err)
			}
			want := whole.world()
			steps := 0
			for n := first; ; n += every {
				d := newDoomed(t, way)
				l := &life{left: n}
				err := d.work(l)
				if !l.dead {
					break
				}
				if err == nil && !l.late {
					t.Errorf("step %d (%s): the death was not noticed", n, l.at)
				}
				steps++
				d.after(n, l.at, want)
				if t.Failed() {
					t.Fatalf("step %d: %s", n, l.at)
				}
			}
			t.Logf("%d steps", steps)
			if steps*every < 100 {
				t.Errorf("only %d steps", steps)
			}
		})
	}
}

// TestPowerCut is TestDiesAtEachStep for a machine: the power fails while a commit is being
// written, and the log of the state ends anywhere in it.
func TestPowerCut(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 9))
	whole := newDoomed(t, "full")
	if err := whole.work(&life{left: 1 << 30}); err != nil {
		t.Fatal(err)
	}
	want, torn := whole.world(), 0
	first, every := someSteps(t, 9, 9) // an odd distance: steps are before and after a write by turns
	for n := first; ; n += every {
		d := newDoomed(t, "full")
		l := &life{left: n, cut: func(before int64) { d.tear(before, random) }, wal: d.dbPath + "-wal"}
		_ = d.work(l)
		if !l.dead {
			break
		}
		if !l.torn {
			continue // not during a write of the state: see TestDiesAtEachStep
		}
		torn++
		d.after(n, l.at, want)
		if t.Failed() {
			t.Fatalf("step %d: %s", n, l.at)
		}
	}
	t.Logf("%d torn logs", torn)
	if torn == 0 || long() && torn < 10 {
		t.Errorf("only %d torn logs", torn)
	}
}

// someSteps returns the first step and the distance from one to the next: all steps with
// DIRBRIDGE_LONG=on.
func someSteps(t *testing.T, every, short int) (first, distance int) {
	if long() {
		return 1, 1
	}
	if testing.Short() {
		every = short
	}
	first = 1 + rand.IntN(every)
	t.Logf("every %dth step from %d", every, first)
	return first, every
}

// life is how many more steps a process lives.
type life struct {
	left int
	ends string // the step at which it dies, if that comes first
	dead bool
	at   string // the step at which it died
	late bool   // its work was done by then
	// cut, if set, is called for a death after a write of the state, with the previous length of
	// its log (wal). torn says that it was called.
	cut  func(before int64)
	wal  string
	torn bool
}

// step says whether the process is dead.
func (l *life) step(at string) bool {
	if l.left--; (l.left <= 0 || at == l.ends) && !l.dead {
		l.dead, l.at = true, at
	}
	return l.dead
}

// around does one write, unless the process dies before it, and returns its result, unless the
// process dies after it.
func (l *life) around(what string, do func() error) error {
	if l.step("before " + what) {
		return synctest.ErrDead
	}
	before := size(l.wal)
	err := do()
	if l.dead {
		return synctest.ErrDead
	}
	if l.step("after " + what) {
		if l.cut != nil && size(l.wal) > before {
			l.cut(before)
			l.torn = true
		}
		return synctest.ErrDead
	}
	return err
}

// size is the length of a file; 0 if it does not exist.
func size(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// mortalStore dies at one of its writes.
type mortalStore struct {
	port.Store
	*life
}

func (m *mortalStore) Commit(ctx context.Context, b port.Batch) error {
	return m.around("commit", func() error { return m.Store.Commit(ctx, b) })
}

func (m *mortalStore) Intend(ctx context.Context, run int64, intents []port.Intent) error {
	return m.around("intend", func() error { return m.Store.Intend(ctx, run, intents) })
}

func (m *mortalStore) Append(ctx context.Context, events ...record.Event) error {
	return m.around("append", func() error { return m.Store.Append(ctx, events...) })
}

func (m *mortalStore) Begin(ctx context.Context, r record.Run) (out record.Run, err error) {
	err = m.around("begin", func() error { out, err = m.Store.Begin(ctx, r); return err })
	return out, err
}

func (m *mortalStore) End(ctx context.Context, r record.Run) error {
	return m.around("end", func() error { return m.Store.End(ctx, r) })
}

// mortalCloud is the connection to the cloud of a process that dies at one of its writes.
type mortalCloud struct {
	*synctest.Cloud
	*life
}

func (m *mortalCloud) Apply(ctx context.Context, changes []plan.Change, answered func(record.Outcome)) error {
	for _, c := range changes {
		var o record.Outcome
		err := m.around(fmt.Sprintf("%s %s %s", c.Action, c.Kind, c.Key), func() error {
			return m.Cloud.Apply(ctx, []plan.Change{c}, func(out record.Outcome) { o = out })
		})
		if err != nil {
			return err
		}
		answered(o)
	}
	return nil
}

// doomed is a connector with every kind of change to do.
type doomed struct {
	*fixture
	*testing.T
	way   string
	saved *plan.Plan
}

func newDoomed(t *testing.T, way string) *doomed {
	f := newFixture(t, t.TempDir())
	f.policy.PurgeAfter = time.Hour
	f.cloud.Limit.Batch = 3
	people := map[string]identity.Anchor{}
	for _, name := range []string{"ana", "bo", "cy", "di", "ed", "flo", "gus", "hal", "ida", "old"} {
		people[name] = f.dir.Add(person(name, name+"@example.com"))
	}
	f.edit(people["ida"], "userAccountControl", "514")
	team := f.group("Team", people["ana"], people["bo"], people["ed"])
	one, two := f.group("One", people["cy"]), f.group("Two")
	gone, older := f.group("Gone", people["ana"]), f.group("Older")
	f.mustSync()
	f.missing(people["old"], older)
	f.now = f.now.Add(2 * time.Hour) // past their grace period

	f.edit(people["ana"], "mail", "bo@example.com") // a swap
	f.edit(people["bo"], "mail", "ana@example.com")
	f.edit(people["cy"], "title", "Chief")
	f.edit(people["di"], "userAccountControl", "514")
	f.dir.Delete(people["ed"])
	f.edit(people["flo"], "mail", "gus@example.com") // a chain
	f.edit(people["gus"], "mail", "august@example.com")
	f.edit(people["hal"], "displayName", "")
	f.edit(people["ida"], "userAccountControl", "512")
	boss := f.dir.Add(person("boss", "boss@example.com"))
	f.edit(boss, "title", "Boss")
	successor := f.dir.Add(person("new", "new@example.com"))
	for _, a := range []identity.Anchor{people["cy"], successor} { // to an account that the plan adds
		f.dir.Edit(a, func(o *synctest.Object) { o.Manager = boss })
	}
	f.dir.Edit(one, func(o *synctest.Object) { o.CN, o.Members[successor] = "Two", true })
	f.dir.Edit(two, func(o *synctest.Object) { o.CN = "One" })
	f.dir.Edit(team, func(o *synctest.Object) {
		delete(o.Members, people["ana"])
		o.Members[people["gus"]] = true
	})
	f.dir.Delete(gone)
	f.group("Fresh", successor, boss, people["di"])
	return &doomed{fixture: f, T: t, way: way}
}

// missing puts objects into the state of missing ones, without a run.
func (f *fixture) missing(anchors ...identity.Anchor) {
	f.t.Helper()
	var b port.Batch
	for _, a := range anchors {
		f.dir.Delete(a)
		s, _ := f.shadow(a)
		s.State, s.Since, s.ByUs, s.Active = identity.Grace, f.now, true, false
		f.cloud.Edit(s.ID, func(r *identity.Resource) { r.Active = false })
		b.Shadows = append(b.Shadows, s)
	}
	if err := f.store.Commit(context.Background(), b); err != nil {
		f.t.Fatalf("%v", err)
	}
}

// work is what the process does in its life: it applies the changes, and purges.
func (d *doomed) work(l *life) error {
	if d.way == "saved" {
		d.saved = d.plan()
	}
	d.target = &mortalCloud{d.cloud, l}
	store := d.store
	d.store = &mortalStore{store, l}
	defer func() { d.store, d.target = store, nil }()
	if err := d.once(); err != nil {
		return err
	}
	_, _, err := d.purge()
	l.late = true
	return err
}

func (d *doomed) once() error {
	d.now = d.now.Add(time.Minute)
	if d.way == "saved" {
		_, err := d.engine().Apply(d.Context(), d.saved, noOverride)
		return err
	}
	p, _, err := d.engine().Sync(d.Context(), sync.Request{Mode: map[string]record.Mode{"full": record.Full,
		"incremental": record.Incremental}[d.way]}, noOverride)
	if p != nil {
		p.Close()
	}
	return err
}

// tear leaves the state as it is on disk when the power fails in the middle of the last commit:
// everything from before, and some of the rest.
func (d *doomed) tear(before int64, random *rand.Rand) {
	d.Helper()
	to := filepath.Join(d.tmp, "torn.db")
	for _, suffix := range []string{"", "-wal"} {
		data, err := os.ReadFile(d.dbPath + suffix)
		if err != nil {
			d.Fatal(err)
		}
		if suffix != "" {
			data = data[:before+random.Int64N(int64(len(data))-before)]
			if random.IntN(2) == 0 { // blocks need not be written in order
				data = append(data, make([]byte, random.IntN(9000))...)
			}
		}
		if err := os.WriteFile(to+suffix, data, 0o600); err != nil {
			d.Fatal(err)
		}
	}
	d.dbPath = to
}

// after is the next process.
func (d *doomed) after(n int, at string, want string) {
	d.Helper()
	d.store.Close()
	d.open()
	if err := d.once(); err != nil {
		d.Errorf("the next run: %v", err)
	}
	if _, _, err := d.purge(); err != nil {
		d.Errorf("the next purge: %v", err)
	}
	d.now = d.now.Add(time.Minute)
	p, run, err := d.engine().Sync(d.Context(), sync.Request{Mode: record.Incremental}, noOverride)
	if err != nil || run.Outcome != record.Done {
		d.Errorf("the run after it: %v %+v", err, run)
	}
	p.Close()
	if got := d.world(); got != want {
		d.Errorf("it became\n%s\nand not\n%s\n%s", got, want, d.events())
	}
	if p := d.plan(); p.Len() != 0 {
		d.Errorf("a full plan finds more:\n%s", brief(changes(d.T, p)))
	}
	for key, made := range d.cloud.Created {
		if made > 1 {
			d.Errorf("%s was made %d times", key, made)
		}
	}
	if left := d.dirty(); len(left) > 0 {
		d.Errorf("left over: %v", left)
	}
	if err := d.fixture.store.Unanswered(d.Context(), func(i port.Intent) error {
		return fmt.Errorf("%s %s",
			i.Change.Action, i.Change.Key)
	}); err != nil {
		d.Errorf("a write without an answer is left: %v", err)
	}
	runs, err := d.fixture.store.Runs(d.Context(), 100)
	if err != nil {
		d.Error(err)
	}
	added, made := int64(0), 0
	for _, r := range runs {
		if r.Outcome == record.Running {
			d.Errorf("run %d is said to be under way", r.ID)
		}
		added += r.Counts.Users.Add + r.Counts.Groups.Add
	}
	for _, n := range d.cloud.Created {
		made += n
	}
	// A saved plan counts what it finds done already.
	if int(added) != made && d.way != "saved" {
		d.Errorf("the runs say that they added %d objects, and the cloud got %d", added, made)
	}
}

// world describes everything in the cloud.
func (d *doomed) world() string {
	var lines []string
	names := map[identity.ResourceID]string{}
	users, groups := d.cloud.All(identity.User), d.cloud.All(identity.Group)
	for _, r := range append(slices.Clone(users), groups...) {
		names[r.ID] = r.Key
	}
	for _, r := range users {
		lines = append(lines, fmt.Sprintf("%s %v %s %s boss %s", r.Key, r.Active, r.Attrs.First("displayName"),
			r.Attrs.First("title"),
			names[identity.ResourceID(r.Attrs.First("manager"))]))
	}
	for _, r := range groups {
		var in []string
		for m := range d.cloud.MembersOf(r.ID) {
			in = append(in, names[m])
		}
		slices.Sort(in)
		lines = append(lines, "group "+r.Key+": "+strings.Join(in, ", "))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
