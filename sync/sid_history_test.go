package sync_test

import (
	"fmt"
	"strings"
	"testing"

	"dirbridge/sync"
	"dirbridge/sync/identity"
	"dirbridge/sync/record"
	"dirbridge/sync/synctest"
)

// known is a person with a security identifier, and earlier ones.
func known(cn, mail, sid string, history ...string) synctest.Object {
	o := person(cn, mail)
	o.Attrs["objectSid"] = []string{sid}
	if len(history) > 0 {
		o.Attrs["sIDHistory"] = history
	}
	return o
}

const (
	sidOld = "S-1-5-21-1-2-3-1104"
	sidNew = "S-1-5-21-7-8-9-2001"
)

// runner runs once, in one of the two ways, and fails the test if that is not done.
type runner func() string

func (f *fixture) runners(t *testing.T) map[string]runner {
	return map[string]runner{
		"full": func() string { f.mustSync(); p := f.plan(); return f.problems(p) },
		"incremental": func() string {
			f.now = f.now.Add(60_000_000_000)
			p, run, err := f.engine().Sync(t.Context(), sync.Request{Mode: record.Incremental}, noOverride)
			if err != nil || !wentWell(run) {
				t.Fatalf("%v %+v\n%s", err, run, f.events())
			}
			defer p.Close()
			if p.Header().Mode != record.Incremental {
				t.Fatalf("a full run instead: %s", p.Header().Instead)
			}
			return f.problems(p)
		},
	}
}

// TestMoveToAnotherDomain: a person who moves to another domain and gets a new GUID keeps the
// account, in whatever order the two domains report it, and whether the mail address stays or the
// SID history identifies the person. Nothing is deleted, and no person gets a second account.
func TestMoveToAnotherDomain(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"full", "incremental"} {
		for _, mail := range []string{"ana@example.com", "ana@new.example"} {
			for _, order := range []string{"at once", "leaver first", "newcomer first", "newcomer first, then disabled"} {
				t.Run(fmt.Sprintf("%s, %s, %s", way, mail, order), func(t *testing.T) {
					f, other := twoDirectories(t)
					before := f.dir.Add(known("Ana", "ana@example.com", sidOld))
					f.dir.Add(person("Bo", "bo@example.com"))
					other.Add(person("Cy", "cy@example.com"))
					f.mustSync()
					run := f.runners(t)[way]
					id := f.account(before).ID
					untouched := func() {
						t.Helper()
						if problems := run(); !strings.Contains(problems, "CN=Ana,OU=Staff,DC=other,DC=test") {
							t.Fatalf("nothing is said of the newcomer: %s", problems)
						}
						if r := f.account(before); r.ID != id || !r.Active || r.Key != "ana@example.com" ||
							len(f.cloud.All(identity.User)) != 3 {
							t.Fatalf("%+v", f.cloud.All(identity.User))
						}
					}
					var after identity.Anchor
					arrive := func() { after = other.Add(known("Ana", mail, sidNew, "S-1-5-21-0-0-0-1", sidOld)) }
					switch order {
					case "at once":
						f.dir.Delete(before)
						arrive()
					case "leaver first":
						f.dir.Delete(before)
						run()
						if r := f.account(before); r.Active {
							t.Fatalf("still active: %+v", r)
						}
						arrive()
					case "newcomer first":
						arrive()
						untouched()
						f.dir.Delete(before)
					case "newcomer first, then disabled":
						arrive()
						untouched()
						set(f.dir, before, "userAccountControl", "514")
						untouched()
						set(f.dir, before, "title", "gone soon")
						untouched()
						f.dir.Edit(before, func(o *synctest.Object) { o.Out = true })
					}
					problems := run()
					r := f.account(after)
					if r.ID != id || !r.Active || r.Key != mail || len(f.cloud.All(identity.User)) != 3 || f.cloud.Deleted != 0 {
						t.Fatalf("%+v\n%s", f.cloud.All(identity.User), problems)
					}
					if _, ok := f.shadow(before); ok {
						t.Error("the old object is still remembered")
					}
					if p := f.plan(); p.Len() != 0 || f.problems(p) != "" {
						t.Fatalf("not converged: %s%s", brief(changes(t, p)), f.problems(p))
					}
				})
			}
		}
	}
}

// TestMoveReason: the plan says from where a person moved, and how that is known.
func TestMoveReason(t *testing.T) {
	t.Parallel()
	for mail, want := range map[string]string{
		"ana@example.com": "its SID history names CN=Ana,OU=Staff,DC=corp,DC=test",
		"new@example.com": "its SID history names CN=Ana,OU=Staff,DC=corp,DC=test",
	} {
		f, other := twoDirectories(t)
		before := f.dir.Add(known("Ana", "ana@example.com", sidOld))
		f.dir.Add(person("Bo", "bo@example.com"))
		f.mustSync()
		f.dir.Delete(before)
		after := other.Add(known("Ana", mail, sidNew, sidOld))
		cs := changes(t, f.plan())
		if len(cs) != 1 || cs[0].Anchor != after || !strings.Contains(cs[0].Reason,
			"moved here from the directory corp: "+want) {
			t.Errorf("%s: %s", mail, brief(cs))
		}
		set(other, after, "sIDHistory", "")
		cs = changes(t, f.plan())
		if mail == "ana@example.com" && (len(cs) != 1 || !strings.Contains(cs[0].Reason,
			"moved here from the directory corp: the same name")) {
			t.Errorf("without a history: %s", brief(cs))
		}
	}
}

// TestCopiesInTwoDomains: an account that two copies of a person could take over goes to neither,
// until one of them is gone.
func TestCopiesInTwoDomains(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"full", "incremental"} {
		t.Run(way, func(t *testing.T) {
			f, other := twoDirectories(t)
			third := synctest.NewDirectory("third")
			for range 200 {
				third.Delete(third.Add(synctest.Object{}))
			}
			f.sources = append(f.sources, third)
			before := f.dir.Add(known("Ana", "ana@example.com", sidOld))
			f.dir.Add(person("Bo", "bo@example.com"))
			f.mustSync()
			run := f.runners(t)[way]
			id := f.account(before).ID
			one := other.Add(known("Ana", "ana@other.example", sidNew, sidOld))
			two := third.Add(known("Ana", "ana@third.example", "S-1-5-21-4-4-4-4", sidOld))
			run()
			f.dir.Delete(before)
			run()
			if all := f.cloud.All(identity.User); len(all) != 2 || !f.account(before).Active {
				t.Fatalf("%+v", all)
			}
			third.Delete(two)
			run()
			if r := f.account(one); r.ID != id || !r.Active || len(f.cloud.All(identity.User)) != 2 {
				t.Fatalf("%+v", f.cloud.All(identity.User))
			}
			if n := f.plan().Len(); n != 0 {
				t.Fatalf("not converged: %s", brief(changes(t, f.plan())))
			}
		})
	}
}

// TestMoveWhileUnreadable: while the old domain cannot be read, no person takes an account over
// from it; once it can, the move is completed.
func TestMoveWhileUnreadable(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"full", "incremental"} {
		for _, mail := range []string{"ana@example.com", "ana@new.example"} {
			t.Run(way+", "+mail, func(t *testing.T) {
				f, other := twoDirectories(t)
				before := f.dir.Add(known("Ana", "ana@example.com", sidOld))
				f.dir.Add(person("Bo", "bo@example.com"))
				cy := other.Add(person("Cy", "cy@example.com"))
				f.mustSync()
				run := f.runners(t)[way]
				id := f.account(before).ID
				f.dir.Fail = func(string) error { return fmt.Errorf("dial: connection refused") }
				f.dir.Delete(before)
				after := other.Add(known("Ana", mail, sidNew, sidOld))
				set(other, cy, "title", "changed")
				if problems := run(); !strings.Contains(problems, "CN=Ana,OU=Staff,DC=other") {
					t.Errorf("nothing is said of the newcomer: %s", problems)
				}
				if r := f.account(before); r.ID != id || !r.Active || len(f.cloud.All(identity.User)) != 3 {
					t.Fatalf("%+v", f.cloud.All(identity.User))
				}
				if f.account(cy).Attrs.First("title") != "changed" {
					t.Error("the change of the other directory did not arrive")
				}
				f.dir.Fail = nil
				run()
				if r := f.account(after); r.ID != id || !r.Active || r.Key != mail || len(f.cloud.All(identity.User)) != 3 {
					t.Fatalf("%+v", f.cloud.All(identity.User))
				}
			})
		}
	}
}
