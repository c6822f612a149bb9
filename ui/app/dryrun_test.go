package app

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
	"dirbridge/ui/uitest"
)

// edited returns a plan with changes made in the cloud by hand.
func edited(t testing.TB) *plan.Plan {
	both := uitest.Person(1, plan.Update)
	both.Fields[0].Drift, both.Fields[1].Both = true, true
	again := uitest.Person(2, plan.Add)
	again.Drift = true
	member := plan.Change{Action: plan.Remove, Kind: identity.Member, Key: "All Staff", MemberKey: "eve@example.com",
		Drift: true}
	return uitest.PlanLike(t, plan.Header{Unmanaged: 2, UnmanagedRules: []plan.UnmanagedRule{{Rule: "bot*", Reason: "bots",
		Until: "2026-10-10", EndsSoon: true}}},
		both, uitest.Person(3, plan.Update), again, member)
}

func TestSeveralHoldsWantEachNumber(t *testing.T) {
	f := newFake()
	f.plan = uitest.PlanOf(t, []plan.Hold{
		{Rule: plan.RuleDeleteThreshold,
			Detail: "Delete threshold (1) exceeded. 2 objects would be deactivated or deleted.", Overridable: true, Count: 2,
			Causes: []plan.CauseCount{{Cause: "left scope: OU=Sales was renamed OU=Sales EMEA", Count: 1},
				{Cause: "are no longer in the directory", Count: 1}}},
		{Rule: plan.RuleKeyChanges, Detail: "40 of 50 people would get another userName.",
			Remedy: "Look at the mapping of uid.", Overridable: true, Count: 40}},
		uitest.Person(1, plan.Deactivate), uitest.Person(2, plan.Deactivate), uitest.Person(3, plan.Update))
	c := open(t, f, 80, 24)
	c.press("4")
	c.shows("HELD", "Delete threshold (1) exceeded.", "w all 2 guards")
	c.press("w")
	c.shows("are no longer in the directory", "40 of 50 people would get another userName.", "Look at the mapping of uid.")
	c.press("esc", "o")
	c.shows("Override 2 guards and apply plan", "deactivate 2, rename 40")
	c.text("deactivate 2")
	c.press("enter")
	c.shows("Doesn't match")
	c.text(", rename 40")
	c.press("enter")
	if got := c.lastStarted(); got.Mode != record.ApplyPlan || !slices.Equal(got.Override, []int64{2, 40}) {
		t.Errorf("started %+v", got)
	}
	f.end(control.Result{Run: record.Run{ID: 9, Outcome: record.Done,
		Counts: record.Counts{Users: record.ObjectCounts{Deactivate: 2}}}})
	c.beat()
	c.press("o") // it is valid once
	c.shows("this plan was applied")
}

// TestARefusedOverrideSpendsNothing checks that a plan that a guard held after all is still there,
// and can be tried again.
func TestARefusedOverrideSpendsNothing(t *testing.T) {
	f := newFake()
	f.plan = uitest.HeldPlan(t)
	c := open(t, f, 80, 24)
	c.press("4", "o")
	c.text("deactivate 40")
	c.press("enter")
	f.end(control.Result{Run: record.Run{ID: 9, Outcome: record.WasHeld}, Err: errRefused})
	c.beat()
	c.press("esc", "o")
	c.shows("deactivate 40")
}

func TestLeavingOutByGroupTabFilterAndConditions(t *testing.T) {
	f := newFake()
	f.plan = uitest.HeldPlan(t)
	c := open(t, f, 120, 40)
	c.press("4", "g", "space") // the group of the cause
	c.shows("40 more changes excluded, 40 in all.", "x       40  excluded: OU=Sales was renamed")
	c.press("space")
	c.shows("40 changes included again; 0 excluded.")
	c.press("esc", "right", "X") // everything on the tab Added
	c.shows("Shown: Added (40 changes)")
	c.press("o")
	c.shows("40 excluded", "excluded: user00000@")
	c.press("space") // except one
	c.shows("39 excluded")
	c.press("/")
	c.text("user0001")
	c.press("enter", "X", "i") // and the changes that a filter shows
	c.shows("10 changes included again; 29 excluded.")
	c.press("X", "c")
	c.text("kind=nobody")
	c.press("enter")
	c.shows("it is one of user, group, member")
	c.press("ctrl+u")
	c.text("action=deactivate,key=user002*")
	c.press("enter")
	c.shows("40 more changes excluded, 69 in all.")
	c.press("esc", "left", "/")
	c.text("user00103")
	c.press("enter", "X", "n") // keep only that one
	c.shows("119 excluded")
	c.press("o")
	c.shows("update 1 person", "119 changes are excluded (40 people added, 39 people updated, 40 people deactivated)")
	c.text("deactivate 40")
	c.press("enter")
	if got := c.lastStarted(); got.Without.Len() != 119 || got.Without.Has(3*3+2) {
		t.Errorf("started without %d", got.Without.Len())
	}
}

func TestNothingIsAppliedWhereAllIsLeftOut(t *testing.T) {
	f := newFake()
	f.plan = uitest.PlanOf(t, nil, uitest.Person(1, plan.Update))
	c := open(t, f, 80, 24)
	c.press("4", "space", "a")
	c.shows("everything is excluded")
}

func TestSavingResults(t *testing.T) {
	f := newFake()
	f.plan = uitest.PlanOf(t, nil, uitest.Person(1, plan.Update), uitest.Person(2, plan.Update))
	c := open(t, f, 120, 24)
	dir := t.TempDir()
	c.press("4", "space", "s")
	c.shows("Save Results of plan", "1 change is excluded")
	c.press("ctrl+u", "enter")
	c.shows("Give the path of a file.")
	c.text("results.txt")
	c.press("enter")
	c.shows("End the name in .csv, .json or .plan.")
	c.press("esc")
	for name, want := range map[string]string{
		"r.csv": "change,1,update,user,user00001@example.com", "r.json": `"left_out":true`, "r.plan": "SQLite format 3",
	} {
		path := filepath.Join(dir, name)
		c.press("s", "ctrl+u")
		c.text(path)
		c.press("enter")
		c.shows(path)
		b, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(b), want) {
			t.Errorf("%s: %v\n%.400s", name, err, b)
		}
	}
	if p, err := plan.Open(filepath.Join(dir, "r.plan")); err != nil || p.Header().ID != f.plan.Header().ID {
		t.Errorf("the plan: %v", err)
	} else {
		p.Close()
	}
	c.press("s", "ctrl+u")
	c.text(filepath.Join(dir, "r.csv"))
	c.press("enter")
	c.shows("it is not overwritten", "Choose another name")
}

func TestGroupedByAttribute(t *testing.T) {
	f := newFake()
	one := uitest.Person(99, plan.Update)
	one.Fields = one.Fields[:1]
	group := plan.Change{Action: plan.Update, Kind: identity.Group, Key: "Staff",
		Fields: []plan.FieldDiff{{Name: "displayName", New: []string{"Staff"}}}}
	f.plan = uitest.PlanOf(t, nil, uitest.Person(1, plan.Update), uitest.Person(2, plan.Update), one,
		uitest.Person(3, plan.Add), group)
	c := open(t, f, 80, 24)
	c.press("4", "t")
	c.shows("by attribute, 1 of 3", "3  title changes for 3 people", "2  departmentNumber changes for 2 people",
		"1  displayName changes for 1 group")
	c.press("down", "enter")
	c.shows("[field: departmentNumber x]  2 of 5", "1 of 2")
	c.lacks("User 99 ")
	c.press("esc", "esc")
	c.shows("1 of 5")
}

func TestCloudEditsAreShownApart(t *testing.T) {
	f := newFake()
	f.plan = edited(t)
	c := open(t, f, 200, 40)
	c.press("4")
	c.shows("Cloud edits: 1 account (title 1), 1 account removed, 1 membership", "2 protected")
	c.until("right", "[Cloud edits]")
	c.shows("leaves group All Staff (added in")
	c.shows("1 of 3", "cloud edit: title: Engineer -> Sen", "[changed in the cloud by hand]",
		"[changed in the directory; also in the cloud by hand]", "removed in the cloud by hand; will be restored")
	c.lacks("User 3 ")
	c.until("left", "0 linked now, 45,689 matched in all")
	c.shows("0 linked now, 45,689 matched in all")
	c.until("right", "[Protected]")
	c.shows("[Protected]", "* bot0@example.com", "unmanaged: bots")
	c.until("left", "Summary of Dry run, full")
	c.shows("Summary of Dry run, full", "objects matched",
		"Changed in the cloud by hand since the last run: 1 account (title 1)")
	c.press("end")
	c.shows("The rule bot* (bots) ends on 2026-10-10.")
}

func TestSortAndJump(t *testing.T) {
	f := newFake()
	f.plan = uitest.HeldPlan(t)
	c := open(t, f, 80, 24)
	c.press("4")
	c.shows("by name, 1 of 120")
	c.press("down")
	c.shows("User 1  ")
	c.press("S")
	c.shows("Sorted by OU.", "by OU, 1 of 120")
	c.press("S", "#")
	c.text("100")
	c.press("enter")
	c.shows("100 of 120")
	c.press("#")
	c.text("50%")
	c.press("enter")
	c.shows("60 of 120")
	c.press("#")
	c.text("user00105")
	c.press("enter")
	c.shows("17 of 120", ">~  User 105 ")
	c.press("n")
	c.shows("17 of 120")
	c.press("#")
	c.text("nobody")
	c.press("enter")
	c.shows("No change that is shown has nobody in it.")
}

func TestAnUndoSaysWhatWouldBeMadeAgain(t *testing.T) {
	f := newFake()
	note := "The next synchronization would make 2 of these changes again, because the directory still asks for them."
	f.plan = uitest.PlanLike(t, plan.Header{Mode: record.Undo, UndoOf: 412, Again: 2, Notes: []string{note}},
		uitest.Person(1, plan.Update), uitest.Person(2, plan.Update))
	c := open(t, f, 120, 40)
	c.press("4")
	c.shows("Undo of run 412, 14:02", note)
	c.press("a")
	c.shows("Undo run 412: apply plan", "undo 2")
	c.text("undo 2")
	c.press("enter")
	if c.lastStarted().Mode != record.ApplyPlan {
		t.Errorf("started %+v", c.lastStarted())
	}
}

func TestFiltersStayInSight(t *testing.T) {
	f := newFake()
	other := uitest.Person(2, plan.Update)
	other.DN = "CN=User 2,OU=Finance,OU=Staff,DC=corp,DC=example,DC=com"
	other.Fields = other.Fields[1:]
	f.plan = uitest.PlanOf(t, nil, uitest.Person(1, plan.Update), other, uitest.Person(3, plan.Add))
	c := open(t, f, 120, 40)
	c.press("4", "f")
	c.text("dep")
	c.press("enter")
	c.shows("[field: departmentNumber x]  2 of 3", "departmentNumber: old -> new", "R&D -> Research")
	c.lacks("title: Engineer")
	c.press("f")
	c.text("fin")
	c.shows("fin*", "OUs whose names begin so")
	c.press("enter")
	c.shows("[field: departmentNumber x] [OU: fin* x]  1 of 3", "User 2 ")
	c.lacks("User 1 ")
	c.press("backspace")
	c.shows("[field: departmentNumber x]  2 of 3")
	c.press("f")
	c.text("groups")
	c.press("enter")
	c.shows("[kind: groups x]  0 of 3", "Nothing matches the filters.")
	c.press("esc", "esc")
	c.shows("1 of 3")
}

func TestReferencesHaveNames(t *testing.T) {
	f := newFake()
	boss, staff := uitest.Person(1, plan.Add), uitest.Person(2, plan.Update)
	staff.Fields = []plan.FieldDiff{{Name: "onPremObjectGUID", New: []string{"6f1c"}},
		{Name: "manager", New: []string{string(boss.Anchor)}, Ref: true}}
	member := plan.Change{Action: plan.Add, Kind: identity.Member, Key: "All Staff", Member: boss.Anchor,
		MemberKey: "user00001@example.com"}
	f.plan = uitest.PlanOf(t, nil, boss, staff, member)
	c := open(t, f, 120, 40)
	c.press("4", "down")
	c.shows("manager: (empty) -> User 1", "+ User 1", "First link: the account stores", "Sales")
	c.lacks("6f1c", "id-2", "CN=User 2")
	c.press("i")
	c.shows("CN=User 2", "id-2")
	c.press("up")
	c.shows("joins group All Staff", "+  User 1 ")
}

func TestARowIsCopied(t *testing.T) {
	f := newFake()
	f.plan = uitest.PlanOf(t, nil, uitest.Person(1, plan.Update))
	c := open(t, f, 120, 40)
	c.press("4", "y")
	c.shows("Copy to the clipboard", "DN", "cloud id")
	c.press("d")
	c.shows("Copied DN: CN=User 1,OU=Sales")
}

// TestAPlanThatIsAppliedIsNotHeld: the head says what happens now, not what held the plan before.
func TestAPlanThatIsAppliedIsNotHeld(t *testing.T) {
	f := newFake()
	f.plan = uitest.HeldPlan(t)
	c := open(t, f, 100, 30)
	c.press("4")
	c.shows("HELD")
	c.press("o")
	phrase, _, _ := strings.Cut(strings.SplitN(c.screen(), "Type  ", 2)[1], "  ")
	c.text(phrase)
	c.press("enter")
	if got := c.lastStarted(); got.Mode != record.ApplyPlan {
		t.Fatalf("started %+v", got)
	}
	f.progress = control.Progress{Mode: record.ApplyPlan, Phase: control.Applying, Started: noon, Done: 3, Total: 120}
	c.beat()
	c.press("4")
	c.shows("3/120")
	c.lacks("HELD", "can be applied yet")
}
