package sync_test

import (
	"fmt"
	"strings"
	"testing"

	"dirbridge/sync/explain"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
	"dirbridge/sync/synctest"
)

// TestAProblemKeepsNoAccessAlive is promise P2: whatever is wrong with the data of a person, or of
// another one, the account of a person who is disabled, gone or out of scope is inactive.
// Everything else waits until the problem is solved, including reactivation.
func TestAProblemKeepsNoAccessAlive(t *testing.T) {
	t.Parallel()
	problems := map[string]func(f *fixture, ana identity.Anchor){
		"mail cleared":      func(f *fixture, ana identity.Anchor) { f.edit(ana, "mail", "") },
		"phone +":           func(f *fixture, ana identity.Anchor) { f.edit(ana, "telephoneNumber", "+") },
		"control character": func(f *fixture, ana identity.Anchor) { f.edit(ana, "title", "Chief\x07") },
		"new person with the same mail": func(f *fixture, ana identity.Anchor) {
			o := person("Twin", "ANA@example.com")
			o.Attrs["telephoneNumber"] = []string{"+"} // otherwise a person who comes back
			f.dir.Add(o)
		},
		"linked person with the same mail": func(f *fixture, ana identity.Anchor) {
			for _, a := range f.dir.Anchors(identity.User) {
				if s, _ := f.shadow(a); strings.Contains(s.DN, "Bo,") {
					f.edit(a, "mail", "ana@example.com")
				}
			}
		},
	}
	ways := map[string]func(f *fixture, ana identity.Anchor){
		"disabled":     func(f *fixture, ana identity.Anchor) { f.edit(ana, "userAccountControl", "514") },
		"gone":         func(f *fixture, ana identity.Anchor) { f.dir.Delete(ana) },
		"out of scope": func(f *fixture, ana identity.Anchor) { f.dir.Edit(ana, func(o *synctest.Object) { o.Out = true }) },
	}
	for problem, breakData := range problems {
		for way, leave := range ways {
			for _, mode := range []record.Mode{record.Full, record.Incremental, record.ApplyPlan} {
				t.Run(fmt.Sprintf("%s, %s, %s", problem, way, mode), func(t *testing.T) {
					t.Parallel()
					f := newFixture(t, t.TempDir())
					ana := f.dir.Add(person("Ana", "ana@example.com"))
					bo := f.dir.Add(person("Bo", "bo@example.com"))
					f.mustSync()
					breakData(f, ana)
					// Found first as a problem alone, then as a leaver: neither may be forgotten.
					f.applyBy(t, mode)
					if r := f.account(ana); !r.Active {
						t.Errorf("a problem alone deactivates: %+v", r)
					}
					leave(f, ana)
					f.edit(bo, "title", "Boss")
					f.applyBy(t, mode)
					if r := f.account(ana); r.Active || r.Key != "ana@example.com" || r.Attrs.First("title") != "" {
						t.Errorf("%+v", r)
					}
					if r := f.account(bo); !r.Active {
						t.Errorf("the other one is out: %+v", r)
					}
					writes := f.cloud.Writes
					f.applyBy(t, record.Incremental)
					f.applyBy(t, record.Full)
					if f.cloud.Writes != writes {
						t.Errorf("again is not nothing")
					}
					if way != "disabled" {
						return
					}
					f.edit(ana, "userAccountControl", "512")
					f.applyBy(t, mode)
					if f.account(ana).Active && !strings.Contains(problem, "same mail") {
						t.Error("reactivated in spite of the problem")
					}
				})
			}
		}
		t.Run(problem+", disabled, and the state lost", func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, t.TempDir())
			ana := f.dir.Add(person("Ana", "ana@example.com"))
			bo := f.dir.Add(person("Bo", "bo@example.com"))
			f.mustSync()
			breakData(f, ana)
			f.edit(ana, "userAccountControl", "514")
			f.loseState()
			f.applyBy(t, record.Full)
			if r := f.account(ana); r.Active || r.Key != "ana@example.com" {
				t.Errorf("%+v", r)
			}
			if r := f.account(bo); !r.Active {
				t.Errorf("the other one is out: %+v", r)
			}
			writes := f.cloud.Writes
			f.applyBy(t, record.Incremental)
			f.applyBy(t, record.Full)
			if f.cloud.Writes != writes {
				t.Errorf("again is not nothing")
			}
		})
	}
}

// TestNoDoubtfulLinkDeactivates: without a remembered link, an account that several objects claim
// stays as it is.
func TestNoDoubtfulLinkDeactivates(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	ana := f.dir.Add(person("Ana", "ana@example.com"))
	f.dir.Add(person("Bo", "bo@example.com"))
	f.mustSync()
	id := f.account(ana).ID
	f.edit(ana, "mail", "", "userAccountControl", "514")
	f.cloud.Put(identity.Resource{Kind: identity.User, Key: "other@example.com", Active: true, ExternalID: ana.GUID()})
	f.loseState()
	if err := f.run(record.Full); err != nil {
		t.Fatal(err)
	}
	if r, _, _ := f.cloud.Get(t.Context(), identity.User, id); !r.Active {
		t.Errorf("%+v", r)
	}
}

// TestUnreadableIsNotDisabled: a state that cannot be read deactivates no account, nor does a link
// that is not certain.
func TestUnreadableIsNotDisabled(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func(f *fixture, ana identity.Anchor){
		"state unreadable": func(f *fixture, ana identity.Anchor) { f.edit(ana, "userAccountControl", "many") },
		"state hidden":     func(f *fixture, ana identity.Anchor) { f.edit(ana, "userAccountControl", "") },
		"another account carries the objectGUID": func(f *fixture, ana identity.Anchor) {
			f.edit(ana, "userAccountControl", "514")
			f.cloud.Put(identity.Resource{Kind: identity.User, Key: "other@example.com", Active: true, ExternalID: ana.GUID()})
		},
		"the account carries another's objectGUID": func(f *fixture, ana identity.Anchor) {
			f.edit(ana, "userAccountControl", "514")
			bo := f.dir.Anchors(identity.User)[1]
			f.cloud.Edit(f.account(ana).ID, func(r *identity.Resource) {
				r.ExternalID, r.Attrs["onPremObjectGUID"] = bo.GUID(), []string{bo.GUID()}
			})
		},
	} {
		for _, mode := range []record.Mode{record.Full, record.Incremental} {
			t.Run(fmt.Sprint(name, ", ", mode), func(t *testing.T) {
				t.Parallel()
				f := newFixture(t, t.TempDir())
				ana := f.dir.Add(person("Ana", "ana@example.com"))
				f.dir.Add(person("Bo", "bo@example.com"))
				f.mustSync()
				id := f.account(ana).ID
				f.edit(ana, "mail", "")
				edit(f, ana)
				if err := f.run(mode); err != nil {
					t.Fatal(err)
				}
				r, _, _ := f.cloud.Get(t.Context(), identity.User, id)
				if !r.Active {
					t.Errorf("%+v", r)
				}
				if p := f.plan(); !strings.Contains(f.problems(p), "CN=Ana") {
					t.Errorf("not told: %s", f.problems(p))
				}
			})
		}
	}
}

// TestAConflictProtectsNoLeaver is promise P6: A leaves, and B, who has an account, gets A's
// address. A is deactivated. B keeps the old name and is reported until the cloud frees the
// address, by the purge or by hand, and then takes it; so do all people who wait for B.
func TestAConflictProtectsNoLeaver(t *testing.T) {
	t.Parallel()
	for way, leave := range map[string]func(f *fixture, a identity.Anchor){
		"gone":         func(f *fixture, a identity.Anchor) { f.dir.Delete(a) },
		"out of scope": func(f *fixture, a identity.Anchor) { f.dir.Edit(a, func(o *synctest.Object) { o.Out = true }) },
		"mail cleared": func(f *fixture, a identity.Anchor) { f.edit(a, "mail", "", "userAccountControl", "514") },
	} {
		for _, mode := range []record.Mode{record.Full, record.Incremental, record.ApplyPlan} {
			for _, freed := range []string{"purged", "renamed"} {
				if way == "mail cleared" && freed == "purged" {
					continue // it is in the directory
				}
				t.Run(fmt.Sprintf("%s, %s, %s", way, mode, freed), func(t *testing.T) {
					t.Parallel()
					f := newFixture(t, t.TempDir())
					var all []identity.Anchor
					for _, name := range []string{"a", "b", "c", "d"} {
						all = append(all, f.dir.Add(person(strings.ToUpper(name), name+"@example.com")))
					}
					f.mustSync()
					ids := map[identity.Anchor]identity.ResourceID{}
					for _, x := range all {
						ids[x] = f.account(x).ID
					}
					leave(f, all[0])
					f.edit(all[1], "mail", "a@example.com", "title", "Boss")
					f.edit(all[2], "mail", "b@example.com", "userAccountControl", "514")
					f.applyBy(t, mode)
					keys := func(want ...string) {
						t.Helper()
						for i, x := range all[1:] {
							if r := f.account(x); r.Key != want[i]+"@example.com" || r.ID != ids[x] {
								t.Errorf("%s has the account %+v", x, r)
							}
						}
					}
					if r := f.account(all[0]); r.Active {
						t.Errorf("the leaver is active: %+v", r)
					}
					if r := f.account(all[2]); r.Active {
						t.Errorf("who waits, and is disabled, is active: %+v", r)
					}
					keys("b", "c", "d")
					told := f.problems(f.plan())
					for _, dn := range []string{"CN=B", "CN=C"} {
						if !strings.Contains(told, dn) {
							t.Errorf("%s is not reported: %s", dn, told)
						}
					}
					if freed == "purged" {
						f.now = f.now.Add(200 * 3600e9)
						if _, run, err := f.purge(); err != nil || run.Counts.Users.Delete != 1 {
							t.Fatalf("purge: %v %+v", err, run.Counts)
						}
					} else {
						f.cloud.Edit(ids[all[0]], func(r *identity.Resource) {
							r.Key, r.Attrs["uid"] = "freed@example.com",
								[]string{"freed@example.com"}
						})
					}
					f.applyBy(t, mode)
					keys("a", "b", "d")
					if r := f.account(all[1]); r.Attrs.First("title") != "Boss" {
						t.Errorf("the rest was not written: %+v", r)
					}
					if p := f.plan(); p.Len() != 0 {
						t.Errorf("again is not nothing: %s", brief(changes(t, p)))
					}
				})
			}
		}
	}
}

// TestDisabledWithAProblemIsPurgedLater: an account that was deactivated despite a problem counts
// as deactivated by this program. Once the person is missing, it waits for its grace period to end,
// and is purged.
func TestDisabledWithAProblemIsPurgedLater(t *testing.T) {
	t.Parallel()
	for _, more := range []string{"mail", "title"} { // a problem, or a second change
		f := newFixture(t, t.TempDir())
		ana := f.dir.Add(person("Ana", "ana@example.com"))
		f.dir.Add(person("Bo", "bo@example.com"))
		f.mustSync()
		f.edit(ana, "userAccountControl", "514", more, map[string]string{"title": "Gone"}[more])
		f.mustSync()
		if s, _ := f.shadow(ana); s.Active || !s.ByUs {
			t.Errorf("%s: %+v", more, s)
		}
		f.dir.Delete(ana)
		f.mustSync()
		f.now = f.now.Add(200 * 3600e9)
		if _, run, err := f.purge(); err != nil || run.Counts.Users.Delete != 1 {
			t.Errorf("%s: %v %+v", more, err, run.Counts)
		}
	}
}

// loseState continues with an empty state.
func (f *fixture) loseState() {
	f.t.Helper()
	f.store.Close()
	f.dbPath += "2"
	f.open()
}

// TestUnlinkedLeaverWithAProblemIsFoundByIncrements: an incremental run, and explain, also find the
// account of a disabled person with a problem if it carries the objectGUID and no link was ever
// remembered.
func TestUnlinkedLeaverWithAProblemIsFoundByIncrements(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	f.dir.Add(person("Keeper", "keeper@example.com"))
	ana := f.dir.Add(person("Ana", ""))
	f.mustSync()
	f.cloud.Put(identity.Resource{Kind: identity.User, Key: "ana@example.com", Active: true, ExternalID: ana.GUID()})
	f.edit(ana, "userAccountControl", "514")
	x, err := f.engine().Explain(t.Context(), explain.Subject{Anchor: ana, Kind: identity.User})
	if err != nil || x.Change == nil || x.Change.Action != plan.Deactivate {
		t.Errorf("explained %+v, %v", x.Change, err)
	}
	f.applyBy(t, record.Incremental)
	if found, err := f.cloud.Find(t.Context(), identity.User, "ana@example.com"); err != nil || len(found) != 1 ||
		found[0].Active {
		t.Errorf("%+v, %v", found, err)
	}
}
