package app

import (
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"dirbridge/config"
	"dirbridge/sync/control"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/ui/uitest"
)

func TestFirstFrameComesBeforeAnythingIsOpened(t *testing.T) { // P10
	f := newFake()
	opened := 0
	r, err := newRoot(t.Context(), Options{Title: "corp", Opened: func() (control.Connector, error) {
		opened++
		return f,
			nil
	}},
		func(string) string { return "" }, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	frame := strings.Join(r.frame(), "\n")
	cmd := r.Init()
	if opened != 0 || len(f.calls) != 0 {
		t.Errorf("opened %d times, called %v before the first frame", opened, f.calls)
	}
	if !strings.Contains(frame, "Opening") || !strings.Contains(frame, "Dirbridge") {
		t.Errorf("the first frame says nothing:\n%s", frame)
	}
	if cmd == nil {
		t.Error("nothing is opened after it either")
	}
}

func TestWhatCannotBeOpenedIsSaidAndTriedAgain(t *testing.T) { // P13
	f := newFake()
	tries := 0
	c := open(t, f, 80, 24, func(o *Options) {
		o.Connector = nil
		o.Opened = func() (control.Connector, error) {
			if tries++; tries == 1 {
				return nil, errRefused
			}
			return f, nil
		}
	})
	c.shows("refused the password", "Check the bind account and its password.", "r Try again")
	c.press("r")
	c.shows("Current Synchronization")
	c.lacks("refused")
}

func TestAnErrorStaysUntilItIsAcknowledged(t *testing.T) { // P13
	f := newFake()
	f.failing["Start"] = errRefused
	c := open(t, f, 80, 24)
	c.press("d", "2", "down", "1")
	c.beat()
	c.shows("refused the password", "Check the bind account", "logged")
	c.press("esc")
	c.lacks("refused")
}

func TestNothingChangesWhileNothingHappens(t *testing.T) {
	c := open(t, newFake(), 80, 24)
	before := c.root.frame()
	for range 20 {
		c.beat()
	}
	if !slices.Equal(before, c.root.frame()) {
		t.Errorf("the frame changed:\n%s", c.screen())
	}
}

func TestFullAsksForADryRunFirst(t *testing.T) {
	c := open(t, newFake(), 80, 24)
	c.press("F")
	c.shows("no dry run yet")
	if len(c.fake.started) != 0 {
		t.Fatal("it was started")
	}
	c.press("d")
	if got := c.lastStarted(); got.Mode != record.DryRun || got.Draft != nil {
		t.Errorf("started %+v", got)
	}
	c.shows("60%", "29,300/48,120")
}

func TestFullSaysWhatWouldHappenAndWantsAWord(t *testing.T) {
	f := newFake()
	f.plan = uitest.HeldPlan(t)
	c := open(t, f, 80, 24)
	c.press("F")
	c.shows("40 people added, 40 people updated, 40 people", "A guard held it")
	c.press("enter")
	if len(f.started) != 0 {
		t.Fatal("Enter alone started it")
	}
	c.text("yes")
	c.press("enter")
	if c.lastStarted().Mode != record.Full {
		t.Errorf("started %+v", c.lastStarted())
	}
}

func TestCancelAndQuit(t *testing.T) {
	c := open(t, newFake(), 80, 24)
	c.press("d", "q")
	c.shows("Quit? Dry run", "No change was written.")
	c.press("esc", "ctrl+c", "ctrl+c", "c")
	if c.fake.cancels != 1 || c.quit {
		t.Fatalf("cancelled %d times, quit %v", c.fake.cancels, c.quit)
	}
	c.fake.end(control.Result{Run: record.Run{Outcome: record.Cancelled}})
	c.beat()
	c.beat()
	if !c.quit {
		t.Error("it did not quit after the run had stopped")
	}
}

func TestQuitAsksOnlyWhereSomethingIsLost(t *testing.T) {
	c := open(t, newFake(), 80, 24)
	c.press("q")
	if !c.quit {
		t.Error("q did not quit")
	}
	c = open(t, newFake(), 80, 24)
	c.press("2", "down", "space", "q")
	if c.quit {
		t.Error("changes were lost without a word")
	}
	c.shows("not saved")
}

func TestReadOnlyStartsAndSavesNothing(t *testing.T) {
	f := newFake()
	f.plan = uitest.PlanOf(t, nil, uitest.Person(1, plan.Update))
	c := open(t, f, 80, 24, func(o *Options) { o.ReadOnly = true })
	for _, keys := range [][]string{{"1", "d"}, {"I"}, {"F"}, {"c"}, {"4", "d"}, {"a"}, {"o"},
		{"2", "down", "space", "d"}, {"a"}, {"3", "d"}, {"a"}} {
		c.press(keys...)
		c.shows("--read-only")
	}
	if len(f.started)+len(f.saved)+f.cancels != 0 {
		t.Errorf("started %v, saved %v, cancelled %d", f.started, f.saved, f.cancels)
	}
}

func TestAHeldPlanIsNotApplied(t *testing.T) { // P4
	f := newFake()
	f.plan = uitest.HeldPlan(t)
	c := open(t, f, 80, 24)
	c.press("4", "a")
	c.shows("[a] is off: it is held")
	if len(f.started) != 0 {
		t.Fatal("it was applied")
	}
}

func TestOverrideWantsTheExactNumber(t *testing.T) {
	f := newFake()
	f.plan = uitest.HeldPlan(t)
	c := open(t, f, 80, 24)
	c.press("4", "o")
	c.shows("40 people will be deactivated, and deleted after 7 days",
		"Purged people lose all their spaces", "deactivate 40")
	c.text("deactivate 4")
	c.press("enter")
	c.shows("Doesn't match")
	c.text("0")
	c.press("enter")
	got := c.lastStarted()
	if got.Mode != record.ApplyPlan || len(got.Override) != 1 || got.Override[0] != 40 {
		t.Errorf("started %+v", got)
	}
}

func TestWhatCannotBeOverriddenSaysSo(t *testing.T) {
	f := newFake()
	f.plan = uitest.PlanOf(t, []plan.Hold{
		{Rule: plan.RuleDeleteThreshold, Detail: "Delete threshold exceeded.", Overridable: true},
		{Rule: plan.RuleLastAdmins, Detail: "All full administrators would be removed."}}, uitest.Person(1, plan.Deactivate))
	c := open(t, f, 80, 24)
	c.press("4", "o")
	c.shows("cannot be overridden: All full administrators")
}

// TestADialogOnASmallScreenShowsWhatItAsks checks that a dialog's text never pushes its question
// off the screen.
func TestADialogOnASmallScreenShowsWhatItAsks(t *testing.T) {
	f := newFake()
	f.plan = uitest.HeldPlan(t)
	c := open(t, f, 40, 10)
	c.press("4", "o")
	c.shows("Type  deactivate 40", " > ", "PgDn more")
	c.text("deactivate 41")
	c.press("enter")
	c.shows("Doesn't match", "> deactivate 41")
	c.press("ctrl+u")
	for range 9 {
		c.press("pgdown")
	}
	c.shows("40 people", "deactivated.", "Type  deactivate 40")
	c.text("deactivate 40")
	c.press("enter")
	if c.lastStarted().Mode != record.ApplyPlan {
		t.Error("it was not applied")
	}
}

func TestApplyNamesCountsAndLeavesOut(t *testing.T) {
	f := newFake()
	f.plan = uitest.PlanOf(t, nil, uitest.Person(1, plan.Update), uitest.Person(2, plan.Update),
		uitest.Person(3, plan.Deactivate))
	c := open(t, f, 80, 24)
	c.press("4", "down", "space")
	c.shows("1 excluded", "excluded: title")
	c.press("a")
	c.shows("update 1 person and deactivate 1 person", "1 change is excluded (1 person updated)", "apply 2")
	c.text("apply 2")
	c.press("enter")
	got := c.lastStarted()
	if got.Mode != record.ApplyPlan || got.Override != nil || !got.Without.Has(2) || got.Without.Len() != 1 {
		t.Errorf("started %+v", got)
	}
	f.end(control.Result{Run: record.Run{ID: 9, Mode: record.ApplyPlan, Outcome: record.Partial, Failed: 1, LeftOut: 1,
		Counts: record.Counts{Users: record.ObjectCounts{Update: 1}}}, Ended: noon})
	c.beat()
	c.shows("finished incompletely: 1 change, 1 failed, 1 excluded", "5", "Events", "x  User 2 ",
		"excluded: title")
	c.press("a")
	c.shows("this plan was applied")
}

func TestViewsFilterAndCauses(t *testing.T) {
	f := newFake()
	f.plan = uitest.HeldPlan(t)
	c := open(t, f, 80, 40)
	c.press("4")
	c.shows("1 of 120", "+  User 0 ")
	c.press("right")
	c.shows("1 of 40")
	c.lacks("~  User 100 ")
	c.press("left", "left", "left")
	c.shows("The required attribute mail is missing.", "Fill in mail.")
	c.press("left")
	c.shows("old.admin@example.com", "full administrator")
	c.press("right", "right", "right", "/")
	c.text("USER00103")
	c.press("enter")
	c.shows("1 of 1", "~  User 103 ")
	c.press("esc")
	c.shows("1 of 120")
	c.press("g")
	c.shows("by cause, 1 of 3", "OU=Sales was renamed OU=Sales EMEA", "new in the directory", "title changed")
	c.press("enter")
	c.shows("1 of 40", "-  User 200 ")
	c.press("esc", "esc")
	c.shows("1 of 120")
}

func TestADryRunWithTheDraftShowsTheEffectBeforeAnythingIsSaved(t *testing.T) {
	c := open(t, newFake(), 80, 24)
	c.press("2", "down", "right", "down", "down", "down", "space")
	c.beat()
	c.shows("- leaves", "47,802 people", "(was 48,120)")
	c.press("p")
	got := c.lastStarted()
	contractors := "OU=Contractors,OU=Staff,DC=corp,DC=example,DC=com"
	if got.Mode != record.DryRun || got.Draft == nil || !slices.Equal(got.Draft.Directories[0].ExcludeDNs,
		[]string{contractors}) {
		t.Fatalf("started %+v", got)
	}
	c.fake.end(control.Result{})
	c.fake.plan = uitest.PlanOf(t, nil, uitest.Person(1, plan.Update))
	c.beat()
	c.shows("DRAFT: unsaved settings", "Save the settings?", "The dry run would update 1 person")
	c.press("k", "a")
	c.shows("Save the settings?")
	c.press("esc")
	if len(c.fake.saved) != 0 {
		t.Error("it was saved")
	}
	c.press("2", "a")
	c.shows("excluded: (none) -> OU=Contractors")
	c.press("a")
	if len(c.fake.saved) != 1 || !slices.Equal(c.fake.saved[0].Directories[0].ExcludeDNs, []string{contractors}) {
		t.Fatalf("saved %+v", c.fake.saved)
	}
	c.press("4")
	c.lacks("DRAFT")
}

func TestUndoGoesBackStepByStep(t *testing.T) {
	c := open(t, newFake(), 80, 24)
	c.press("2", "down", "space", "s", "u")
	c.shows("Users [x]", "[ ]   > Staff")
	c.press("u")
	c.shows("[x]   > Staff")
	c.lacks("not saved")
	c.press("u")
	c.shows("nothing was changed here")
	c.press("ctrl+r")
	c.shows("Done again: corp, excluded", "[ ]   > Staff", "Users [x]")
	c.press("U", "U")
	c.shows("Users [ ]", "nothing was undone")
	c.press("u", "space", "U")
	c.shows("nothing was undone")
}

func TestNothingInScopeIsNotSaved(t *testing.T) {
	c := open(t, newFake(), 80, 24)
	c.press("2", "space", "a")
	c.shows("nothing is in scope")
	c.press("d")
	if len(c.fake.started)+len(c.fake.saved) != 0 {
		t.Error("a scope of nothing was used")
	}
}

func TestATreeThatCannotBeReadIsAskedForAgain(t *testing.T) {
	f := newFake()
	f.failing["Tree"] = errRefused
	c := open(t, f, 80, 24)
	c.press("2")
	c.shows("dc1.corp.example.com refused the", "r tries again")
	delete(f.failing, "Tree")
	c.press("esc", "r")
	c.shows("Staff")
}

func TestARuleIsTriedBeforeItIsTaken(t *testing.T) {
	c := open(t, newFake(), 80, 24)
	c.press("3", "/")
	c.text("displayn")
	c.press("enter", "enter")
	c.shows("displayName (Display name) comes from")
	c.press("ctrl+u")
	c.text("??")
	c.press("enter")
	c.shows(`"??" is no attribute`)
	c.press("ctrl+u")
	c.text("mail")
	c.press("enter")
	c.shows("~  displayName", "ana.silva@example.com")
	c.press("u")
	c.lacks("~  displayName")
}

func TestARequiredAttributeStaysMapped(t *testing.T) {
	c := open(t, newFake(), 80, 24)
	c.press("3", "end")
	for range 16 { // what Webex has besides the guide's attributes comes after uid
		c.press("up")
	}
	c.press("enter", "ctrl+u")
	if drawn := strings.Join(c.root.top().View(c.root.look, 70, 20), "\n"); strings.Contains(drawn, "(not mapped)") {
		t.Errorf("it may be left unmapped:\n%s", c.screen())
	}
	c.press("enter")
	c.shows("uid                   mail")
	c.press("home", "enter")
	c.shows("(not mapped)")
}

func TestExampleAndCoverage(t *testing.T) {
	c := open(t, newFake(), 80, 24)
	c.press("3", "w")
	c.text("an")
	c.press("enter")
	c.shows("Pick a sample person", "Anders Berg")
	c.press("down", "enter")
	c.shows("Anders Berg")
	c.press("o", "n")
	c.shows("122 people have an invalid value", "47,998")
}

func TestEventsFilterAndLevel(t *testing.T) {
	c := open(t, newFake(), 80, 40)
	c.press("5")
	c.shows("3 events, all levels", "Rename one of the two accounts.")
	c.press("/")
	c.text("bo.li")
	c.press("enter")
	c.shows("1 event", "Make a new dry run.")
	c.lacks("ana.silva")
	c.press("esc", "v", "v", "v")
	c.shows("1 event, errors only", "ana.silva")
	c.fake.events = append(c.fake.events, record.Event{Seq: 4, Time: noon, Level: record.Error, Message: "the newest"})
	c.beat()
	c.shows("2 events", "the newest")
}

func TestTheCursorStaysWhereItIsWhenEventsArrive(t *testing.T) {
	c := open(t, newFake(), 80, 40)
	c.press("5", "home", "down")
	c.shows("remedy             Make a new dry run.")
	for i := int64(4); i < 40; i++ {
		c.fake.events = append(c.fake.events, record.Event{Seq: i, Time: noon, Level: record.Info, Message: "more"})
	}
	c.beat()
	c.shows("remedy             Make a new dry run.")
}

func TestProgressSaysWhatItWaitsFor(t *testing.T) {
	c := open(t, newFake(), 80, 24)
	c.fake.progress = control.Progress{Mode: record.Full, Phase: port.Applying, Started: noon, PhaseStarted: noon,
		Done: 3, Total: 9, Waiting: "429: resuming in 12 s"}
	c.beat()
	c.shows("Write 33%", "33%", "Cloud busy (429); resuming in 12 s")
}

func TestHelpListsTheKeysOfThePage(t *testing.T) {
	c := open(t, newFake(), 80, 60)
	c.press("3", "?")
	c.shows("User Attribute Mapping", "pick the sample person", "then everywhere", "redraw the screen")
	c.press("esc")
	c.lacks("everywhere")
}

func TestPaletteAndActions(t *testing.T) {
	c := open(t, newFake(), 80, 24)
	c.press(":")
	c.text("history")
	c.press("enter")
	c.shows("Result")
	c.press("1", "f9")
	c.shows("[Page]", "Full", "open run 412")
	c.press("d")
	if c.lastStarted().Mode != record.DryRun {
		t.Error("the action did nothing")
	}
}

func TestThemesAndMarksChangeAtRunTime(t *testing.T) {
	c := open(t, newFake(), 80, 24)
	c.press(":")
	c.text("marks")
	c.press("enter")
	c.shows("→")
	c.press(":")
	c.text("theme mono")
	c.press("enter")
	if c.root.look.Theme != "mono" {
		t.Error("the theme stayed")
	}
}

func TestASCIIFramesAreASCII(t *testing.T) {
	f := newFake()
	f.plan = uitest.HeldPlan(t)
	for _, width := range []int{80, 200} {
		c := open(t, f, width, 40)
		for _, keys := range [][]string{{"1"}, {"2", "down", "right"}, {"3"}, {"4"}, {"o"}, {"esc", "g"}, {"5"}, {"6"},
			{"7"}, {"8"}, {"r"}, {"9"}, {"?"}, {"esc", ":"}} {
			c.press(keys...)
			for _, r := range c.screen() {
				if r > 126 {
					t.Fatalf("%q on the screen after %q", r, keys)
				}
			}
		}
	}
}

func TestANewPlanKeepsTheCursor(t *testing.T) {
	f := newFake()
	f.plan = uitest.HeldPlan(t)
	c := open(t, f, 80, 24)
	c.press("4", "down", "down", "down")
	f.plan = uitest.HeldPlan(t)
	c.beat()
	c.shows("4 of 120")
}

func TestSeveralDirectories(t *testing.T) {
	f := newFake()
	f.settings.Directories = append(f.settings.Directories, config.Directory{Name: "lab", Domain: "lab.example.com",
		SyncUsers: true})
	c := open(t, f, 80, 24)
	c.press("2")
	c.shows("corp  corp.example.com", "lab  lab.example.com")
	c.press("end", "up", "space")
	got := c.root.draft.Edited.Directories
	if len(got[0].ExcludeDNs) != 0 || len(got[1].ExcludeDNs) != 1 {
		t.Errorf("the tick went to the other directory: %+v", got)
	}
}

func TestTheSearchFindsContainersThatWereNotOpened(t *testing.T) {
	c := open(t, newFake(), 80, 24)
	c.press("2", "/")
	c.text("sales")
	c.shows("1 of 7", "Sales EMEA", "Staff")
	c.lacks("Service Accounts")
	c.press("enter")
	c.shows("Engineering", "[x]   Sales EMEA")
	c.press("o")
	c.shows("[ ]   Engineering", "[x]   Sales EMEA", "8,921 of 48,120", "8,921 of 51,311")
	if got := c.root.draft.Edited.Directories[0].BaseDNs; len(got) != 1 || !strings.HasPrefix(got[0], "OU=Sales EMEA") {
		t.Errorf("base DNs %q", got)
	}
	c.press("/")
	c.text("nothing")
	c.shows(`No container named "nothing"`)
	c.press("esc", "home", "space", "space")
	c.shows("Scope: nothing selected")
}
