package synctest

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/schema"
)

// TargetFixture is a target and the cloud behind it.
//
// The cloud has no users, or only administrators. The target manages at least the attributes
// displayName, title, givenName, sn and manager, and does not wait for new resources to appear: its
// cloud shows them at once.
type TargetFixture struct {
	Target port.Target
	// Cut closes all connections of the target and prevents new ones; nil if the fixture cannot.
	Cut func()
	// Throttle makes the cloud answer the next n writes with "too many requests"; nil if the
	// fixture cannot.
	Throttle func(n int)

	// NoQuotes: the cloud's own filters do not accept names with quotation marks, so a look-up of
	// one may fail, but must not report "none".
	NoQuotes bool
	// NoNested: the cloud has no groups in groups.
	NoNested bool

	existing map[identity.ResourceID]bool // users before the test
	seq      int64
}

// Target runs the suite of targets. newTarget gives each test a fixture of its own.
func Target(t *testing.T, newTarget func(t *testing.T) TargetFixture) {
	for _, c := range []struct {
		name string
		run  func(*testing.T, *TargetFixture)
	}{
		{"describes the organization", targetDescribes},
		{"normalizes idempotently", targetNormalizes},
		{"lists nothing in an empty cloud", targetEmpty},
		{"creates a person", targetCreates},
		{"creates many and lists all of them", targetCreatesMany},
		{"changes only planned fields", targetPatches},
		{"clears fields", targetClears},
		{"renames", targetRenames},
		{"renames letter case", targetCaseRename},
		{"deactivates and reactivates", targetDeactivates},
		{"deletes, and repeats it", targetDeletes},
		{"links an existing account on create", targetLinks},
		{"reports a naming conflict", targetConflict},
		{"sets a reference", targetReference},
		{"links without a write", targetMatch},
		{"does not let one bad change stop others", targetOneBad},
		{"creates, renames and deletes groups", targetGroups},
		{"adds and removes members", targetMembers},
		{"adds and removes many members", targetManyMembers},
		{"lists the members of one group", targetGroupMembers},
		{"finds by externalId", targetFindsExternal},
		{"finds no account by an externalId that is not returned", targetAnchorless},
		{"ends listings when the callback fails", targetCallback},
		{"ends listings with the context", targetListCancelled},
		{"sends nothing after the context ended", targetApplyCancelled},
		{"stops between two writes", targetApplyCancelledMidway},
		{"waits when the cloud asks for it", targetThrottled},
		{"distinguishes an unreachable cloud from an empty one", targetDisconnected},
		{"supports concurrent calls", targetConcurrent},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newTarget(t)
			t.Cleanup(func() {
				if err := f.Target.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
			})
			if _, err := f.Target.Describe(t.Context()); err != nil {
				t.Fatalf("describe: %v", err)
			}
			f.existing = map[identity.ResourceID]bool{}
			for id := range f.users(t) {
				f.existing[id] = true
			}
			c.run(t, &f)
		})
	}
}

// users lists the users that the test created, and checks that each comes once.
func (f *TargetFixture) users(t *testing.T) map[identity.ResourceID]identity.Resource {
	t.Helper()
	return f.list(t, identity.User)
}

func (f *TargetFixture) list(t *testing.T, kind identity.Kind) map[identity.ResourceID]identity.Resource {
	t.Helper()
	found := map[identity.ResourceID]identity.Resource{}
	err := f.Target.Resources(t.Context(), kind, func(r identity.Resource) error {
		if _, twice := found[r.ID]; twice || r.ID == "" {
			t.Errorf("%s %q came twice, or has no id", r.Key, r.ID)
		}
		if r.Kind != kind {
			t.Errorf("%s is of kind %q", r.Key, r.Kind)
		}
		if !f.existing[r.ID] {
			found[r.ID] = r
		}
		return nil
	})
	if err != nil {
		t.Fatalf("listing: %v", err)
	}
	return found
}

// resource reads a resource that must exist, by itself and in the listing.
func (f *TargetFixture) resource(t *testing.T, kind identity.Kind, id identity.ResourceID) identity.Resource {
	t.Helper()
	r, ok, err := f.Target.Get(t.Context(), kind, id)
	if err != nil || !ok {
		t.Fatalf("get %s %s: %v, %v", kind, id, ok, err)
	}
	listed, ok := f.list(t, kind)[id]
	if !ok {
		t.Fatalf("%s %s is not listed", kind, r.Key)
	}
	for _, name := range slices.Concat(r.Attrs.Names(), listed.Attrs.Names()) {
		if !slices.Equal(r.Attrs[name], listed.Attrs[name]) {
			t.Errorf("%s: %s is %q alone and %q in the listing", r.Key, name, r.Attrs[name], listed.Attrs[name])
		}
	}
	if r.Key != listed.Key || r.Active != listed.Active || r.ExternalID != listed.ExternalID {
		t.Errorf("alone it is %+v, in the listing %+v", r, listed)
	}
	return r
}

// apply writes the changes and returns the outcomes in their order. Every change must be answered
// once.
func (f *TargetFixture) apply(t *testing.T, changes ...plan.Change) []record.Outcome {
	t.Helper()
	out, err := f.applyUnder(t, t.Context(), nil, changes...)
	if err != nil {
		t.Fatalf("apply: %v", err)
	}
	for i, o := range out {
		if o.Seq == 0 {
			t.Fatalf("%s of %s was not answered", changes[i].Action, changes[i].Key)
		}
	}
	return out
}

// applyUnder is apply with a context; watch receives each answer. Changes without an answer have no
// Seq.
func (f *TargetFixture) applyUnder(t *testing.T, ctx context.Context, watch func(record.Outcome),
	changes ...plan.Change) ([]record.Outcome, error) {
	t.Helper()
	place := map[int64]int{}
	for i := range changes {
		f.seq++
		changes[i].Seq = f.seq
		place[f.seq] = i
	}
	out := make([]record.Outcome, len(changes))
	busy := make(chan struct{}, 1)
	err := f.Target.Apply(ctx, changes, func(o record.Outcome) {
		select {
		case busy <- struct{}{}:
			defer func() { <-busy }()
		default:
			t.Error("answered while another answer was under way")
			return
		}
		i, ok := place[o.Seq]
		if !ok || out[i].Seq != 0 {
			t.Errorf("change %d was answered twice, or is none of ours: %+v", o.Seq, o)
			return
		}
		out[i] = o
		if watch != nil {
			watch(o)
		}
	})
	return out, err
}

// done applies the changes, all of which must succeed, and returns their ids.
func (f *TargetFixture) done(t *testing.T, changes ...plan.Change) []identity.ResourceID {
	t.Helper()
	var ids []identity.ResourceID
	for i, o := range f.apply(t, changes...) {
		if o.State != record.WriteDone {
			t.Fatalf("%s of %s: %+v", changes[i].Action, changes[i].Key, o)
		}
		if o.ID == "" && changes[i].Action == plan.Add && changes[i].Kind != identity.Member {
			t.Fatalf("%s was made and has no id", changes[i].Key)
		}
		ids = append(ids, o.ID)
	}
	return ids
}

func external(n int) string { return fmt.Sprintf("6f1c2e0a-95d2-4a53-8c4e-%012x", n) }

// set is a field that was empty before, unless old values are given.
func set(name, value string, old ...string) plan.FieldDiff {
	return plan.FieldDiff{Name: name, Old: old, New: []string{value}}
}

// addPerson creates person number n.
func addPerson(n int, key string, fields ...plan.FieldDiff) plan.Change {
	return plan.Change{
		Action: plan.Add, Kind: identity.User, Phase: plan.UserWrites, Anchor: identity.NewAnchor("corp", external(n)),
		Key: key, DN: "CN=" + key,
		Fields: append([]plan.FieldDiff{
			set(schema.UID, key), set(schema.ExternalID, external(n)), set(schema.Active, "true"),
			set("displayName", "Person "+key),
		}, fields...),
	}
}

// person creates one person and returns the id.
func (f *TargetFixture) person(t *testing.T, n int, fields ...plan.FieldDiff) identity.ResourceID {
	t.Helper()
	return f.done(t, addPerson(n, mail(n), fields...))[0]
}

func mail(n int) string { return fmt.Sprintf("p%03d@example.com", n) }

// people creates n people, numbered from 1.
func (f *TargetFixture) people(t *testing.T, n int) []identity.ResourceID {
	t.Helper()
	var changes []plan.Change
	for i := range n {
		changes = append(changes, addPerson(i+1, mail(i+1), set("title", fmt.Sprintf("Title %d", i+1))))
	}
	return f.done(t, changes...)
}

// change is a change to person number n.
func change(action plan.Action, n int, id identity.ResourceID, fields ...plan.FieldDiff) plan.Change {
	phase := map[plan.Action]plan.Phase{plan.Match: plan.Links, plan.Deactivate: plan.Deactivations,
		plan.Delete: plan.Deletions}[action]
	if phase == 0 {
		phase = plan.UserWrites
	}
	return plan.Change{
		Action: action, Kind: identity.User, Phase: phase, Anchor: identity.NewAnchor("corp", external(n)), ID: id,
		Key: mail(n), DN: "CN=" + mail(n), Fields: fields,
	}
}
