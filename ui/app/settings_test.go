package app

import (
	"errors"
	"strings"
	"testing"

	"dirbridge/config"
	"dirbridge/sync/control"
	"dirbridge/sync/plan"
	"dirbridge/ui/uitest"
)

func (c *console) lastSaved() config.Draft {
	c.t.Helper()
	if len(c.fake.saved) == 0 {
		c.t.Fatalf("nothing was saved:\n%s", c.screen())
	}
	return c.fake.saved[len(c.fake.saved)-1]
}

func TestAValueIsCheckedAsItsFieldIsLeft(t *testing.T) {
	c := open(t, newFake(), 80, 24)
	c.press("7", "enter")
	c.text(" wrong")
	c.lacks("is not what it must be")
	c.press("tab")
	c.shows("! is not what it must be (such as right)")
	c.press("enter")
	c.shows("sync01 wrong", "is not what it must be")
	c.press("esc", "right", "enter")
	c.text("x")
	c.press("enter")
	c.shows("20x", "Type a whole number")
	c.press("ctrl+u")
	c.text("10")
	c.lacks("Type a whole number")
	c.press("enter")
	c.shows("~ Delete threshold                 10", "Was: 20")
	c.press("down", "enter", "right", "enter")
	c.shows("People removed from AD           delete")
	c.press("a", "a")
	if got := c.lastSaved().Values; got["policy.delete_threshold"] != "10" || got["policy.on_missing"] != "delete" ||
		got["policy.purge_after"] != "168h" || got["connector.name"] != "sync01" {
		t.Errorf("saved %v", got)
	}
	c.shows("Saved in /etc/dirbridge/dirbridge.toml", "the service reads it when it starts")
	c.lacks("~ Delete")
}

// TestSettingsAreEditedAsForms checks for each kind of setting what its form makes, and how the page
// says it.
func TestSettingsAreEditedAsForms(t *testing.T) {
	for _, x := range []struct {
		name, key string
		press     []string
		value     string
		shows     []string
	}{
		{"a duration", "policy.purge_after", []string{"right", "down", "down", "down", "enter", "ctrl+u", "3", "enter",
			"left", "enter"}, "3h", []string{"Purge after                      3 hours", "Was: 7 days",
			"config key  policy.purge_after"}},
		{"a limit of both", "policy.delete_threshold", []string{"right", "enter", "up", "right", "right", "enter", "enter",
			"enter"}, "20 and 5%", []string{"Delete threshold                 20 and 5%"}},
		{"no limit", "policy.delete_threshold", []string{"right", "enter", "up", "right", "right", "right", "enter"}, "off",
			[]string{"Delete threshold                 off"}},
		{"an own limit", "directory[corp].guards.blanked", []string{"right", "right", "end", "enter", "up", "right", "right",
			"right", "right", "enter"}, "", []string{"(inherits)", "Was: 5"}},
		{"days and a time", "schedule.full", []string{"left", "left", "down", "enter", "space", "right", "right", "space",
			"enter", "ctrl+u", "2", "3", ":", "1", "5", "enter"}, "Mon 23:15\nWed 23:15",
			[]string{"Full sync                        Mon, Wed 23:15", "Was: not scheduled", "Takes effect after restarting"}},
		{"several times", "schedule.full", []string{"left", "left", "down", "enter", "space", "tab", "tab", "right", "right",
			"enter", "right", "space", "enter", "ctrl+u", "0", "4", ":", "0", "0", "enter"}, "Mon 02:00\nTue 04:00",
			[]string{"Mon 02:00; Tue 04:00"}},
		{"never", "schedule.incremental_every", []string{"left", "left", "enter", "ctrl+u", "0", "enter", "enter"}, "0s",
			[]string{"Incremental every                never", "Was: 10 minutes"}},
		{"a list", "directory[corp].servers", []string{"down", "down", "enter", "enter", "d", "c", "3", "tab",
			"enter"}, "ldaps://dc1.corp.example.com\nldaps://dc2.corp.example.com\ndc3",
			[]string{"3, in order of preference"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			c := open(t, newFake(), 80, 24)
			c.press("7")
			c.press(x.press...)
			if got := c.root.draft.Edited.Values[x.key]; got != x.value {
				t.Errorf("the value is %q, not %q:\n%s", got, x.value, c.screen())
			}
			c.shows(x.shows...)
		})
	}
}

// TestAFormThatChangesNothingLeavesTheValue checks that a value that the file has in another
// spelling is not rewritten.
func TestAFormThatChangesNothingLeavesTheValue(t *testing.T) {
	f := newFake()
	f.settings.Values["schedule.full"] = "Wednesday 02:00\nSun 02:00"
	c := open(t, f, 80, 24)
	c.press("7", "left", "left", "down")
	c.shows("Full sync                        Wed, Sun 02:00")
	c.press("enter", "enter", "enter")
	c.lacks("not saved:", "[ OK ]")
}

func TestSettingsAreSearched(t *testing.T) {
	for words, found := range map[string]string{"full sync": "schedule.full", "requests_per": "cloud.requests_per_second",
		"stays deactivated": "policy.purge_after", "emptied of corp": "directory[corp].guards.blanked"} {
		c := open(t, newFake(), 80, 24)
		c.press("7", "/")
		c.text(words)
		c.press("enter")
		c.shows("config key  " + found)
	}
}

// TestUndoOfALongerList checks that undo of an added time or server leaves no row that is not there.
func TestUndoOfALongerList(t *testing.T) {
	c := open(t, newFake(), 80, 24)
	c.press("7", "left", "left", "down", "enter", "space", "enter", "enter")
	c.shows("Mon 02:00")
	c.press("u")
	c.shows("(not scheduled)")
	c.press("U")
	c.shows("Mon 02:00")
	c.press("left", "left", "left", "end", "+")
	c.text("ldaps://dc3")
	c.press("enter", "end", "u")
	c.lacks("dc3")
	c.press("enter")
	c.shows("ldaps://dc2.corp.example.com", "[ OK ]")
}

// TestTheReviewListsAValueThatIsTakenLate checks a fast typist who opens the review before the last
// value is checked: the review lists that value once it is accepted.
func TestTheReviewListsAValueThatIsTakenLate(t *testing.T) {
	c := open(t, newFake(), 80, 24)
	c.press("7", "right", "enter", "ctrl+u")
	c.text("10")
	_, late := c.root.Update(keyPress("enter"))
	c.press("down", "enter", "right", "enter")
	c.press("a")
	c.shows("Apply the configuration changes?", "delete")
	c.lacks("20 -> 10")
	c.do(late)
	c.shows("Apply the configuration changes?", "20 -> 10")
	c.press("a")
	if got := c.lastSaved().Values["policy.delete_threshold"]; got != "10" {
		t.Errorf("saved %s", got)
	}
}

func TestDomainControllersInOrder(t *testing.T) {
	c := open(t, newFake(), 80, 24)
	value := func(want string) {
		t.Helper()
		if got := c.root.draft.Edited.Values["directory[corp].servers"]; got != strings.ReplaceAll(want, " ", "\n") {
			t.Errorf("the servers are %q, not %q:\n%s", got, want, c.screen())
		}
	}
	const dc1, dc2 = "ldaps://dc1.corp.example.com", "ldaps://dc2.corp.example.com"
	c.press("7", "down", "down", "down", "J")
	value(dc2 + " " + dc1)
	c.press("K")
	value(dc1 + " " + dc2)
	c.press("K", "+")
	c.text("ldaps://dc3")
	c.press("enter")
	value(dc1 + " ldaps://dc3 " + dc2)
	c.press("-")
	value("ldaps://dc3 " + dc2)
	c.press("-", "-")
	value("")
	c.shows("(domain controllers by DNS)")
	c.press("u", "u", "u")
	value(dc1 + " ldaps://dc3 " + dc2)
}

func TestASecretThatIsTypedIsNotShownAndNotTaken(t *testing.T) { // P11
	c := open(t, newFake(), 80, 24)
	c.press("7", "left", "down", "down", "enter", "ctrl+u")
	c.text("wrong-hunter2")
	c.lacks("hunter2")
	c.press("enter")
	c.shows("is not what it must be")
	c.lacks("hunter2")
	c.press("ctrl+u")
	c.text("keyring:webex")
	c.shows("keyring:webex")
	c.press("enter")
	c.shows("Token                            keyring:webex")
}

func TestTheCloudIsTried(t *testing.T) {
	c := open(t, newFake(), 80, 24)
	c.press("7", "left", "t")
	c.shows("Organization Acme (webex) answered in")
	c.fake.failing["TestCloud"] = errRefused
	c.press("t")
	c.shows("The cloud could not be reached", "Check the bind account")
}

func TestTheReviewShowsArrivalsAndLeaversBeforeAnythingIsSaved(t *testing.T) {
	f := newFake()
	f.delta = leftAndEntered()
	c := open(t, f, 80, 30)
	c.press("2", "down", "space")
	_, counting := c.root.Update(keyPress("a"))
	c.shows("Counting people who enter and leave: 0 entries read")
	c.shows("is being counted; [s] stops that")
	c.press("a")
	c.shows("saved after the count, unless people or groups leave; [s] stops that")
	if len(f.saved) != 0 {
		t.Fatal("it was saved before that was known")
	}
	c.do(counting)
	c.shows("318 people leave the scope, 636 people enter: 47,802 -> 48,120", "1 group leaves",
		"+636 people  OU=Sales EMEA,OU=Staff", "-318 people, -1 groups  OU=Contractors",
		"deactivated and deleted after 7 days", "More than 20 removals will hold the run.")
	c.press("a")
	if len(c.lastSaved().Directories[0].ExcludeDNs) != 1 {
		t.Errorf("saved %+v", c.lastSaved())
	}
}

// TestAKeyTypedWhileTheScopeIsCountedIsKept checks that two quick [a] save a change that removes no
// people.
func TestAKeyTypedWhileTheScopeIsCountedIsKept(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.delta = control.ScopeDelta{People: control.ScopeCount{Was: 300, Now: 310, Enter: 10}}
	c := open(t, f, 80, 30)
	c.press("2", "down", "space")
	_, counting := c.root.Update(keyPress("a"))
	c.press("a")
	c.do(counting)
	if len(c.lastSaved().Directories[0].ExcludeDNs) != 1 {
		t.Errorf("saved %+v", c.lastSaved())
	}
	c.lacks("Apply the configuration changes?")
}

// TestUsersSwitchedOffKeepTheirAccounts checks that the review shows what the engine does, not what
// the policy would do with people who leave, even if the scope is not counted.
func TestUsersSwitchedOffKeepTheirAccounts(t *testing.T) {
	t.Parallel()
	for _, counted := range []bool{true, false} {
		f := newFake()
		f.settings.Values["policy.on_unmatched"] = "remove"
		f.delta = control.ScopeDelta{People: control.ScopeCount{Was: 318, Leave: 318}, Kept: 318,
			Containers: []control.ContainerDelta{{Directory: "corp", DN: "OU=Staff", PeopleLeave: 318}}}
		if !counted {
			f.failing["ScopeDelta"] = errRefused
		}
		c := open(t, f, 120, 30)
		c.press("2", "s", "a")
		c.shows("Users of corp will no longer be synchronized: their accounts stay unchanged",
			"Unmatched accounts stay too")
		c.lacks("Their accounts will be")
		if counted {
			c.shows("318 people leave the scope")
		}
	}
	f := newFake()
	f.delta = leftAndEntered()
	f.delta.Kept = 318
	c := open(t, f, 120, 30)
	c.press("2", "s", "a")
	// the scope group that people leave by themselves
	c.shows("their accounts stay unchanged", "Their accounts will be deactivated")
	c.lacks("on_unmatched")
}

func TestTheCountingIsStopped(t *testing.T) {
	c := open(t, newFake(), 80, 30)
	c.press("2", "down", "space")
	_, counting := c.root.Update(keyPress("a"))
	c.press("s")
	c.shows("Stopped: the effect on the scope is unknown")
	c.do(counting)
	c.shows("Stopped: the effect on the scope is unknown")
	c.press("a")
	c.lastSaved()

	c = open(t, newFake(), 80, 30)
	c.fake.failing["ScopeDelta"] = errRefused
	c.press("2", "down", "space", "a")
	c.shows("could not be counted: dc1.corp.example.com refused")
	c.press("a")
	c.lastSaved()
}

func TestWhatDoesNotTouchTheScopeIsNotCounted(t *testing.T) {
	c := open(t, newFake(), 80, 24)
	c.press("7", "right")
	c.set("10")
	c.press("a")
	c.shows("Delete threshold: 20 -> 10", "Scope unchanged")
	if c.fake.calls["ScopeDelta"] != 0 {
		t.Error("the directory was read")
	}
}

func TestAFileChangedElsewhereIsReloadedWithTheEditsOnTop(t *testing.T) {
	f := newFake()
	c := open(t, f, 80, 30)
	f.changed = changedByOthers()
	f.theirs = elsewhere(elsewhere(f.settings, "policy.purge_after", "72h"), "policy.on_missing", "keep")
	c.press("7", "right")
	c.set("10")
	c.press("down", "enter", "right", "enter") // on_missing, which was also changed outside the console
	c.press("a", "a")
	c.shows("Another person changed the file. Nothing was saved.", "Purge after: 7 days -> 3 days")
	if len(f.saved) != 0 {
		t.Fatal("it was saved")
	}
	c.press("c")
	c.shows("~ Delete threshold                 10")
	c.press("a", "a", "r")
	c.shows("replaced yours for: People removed from AD", "~ Delete threshold                 10", "AD           keep",
		"Purge after                      3 days")
	c.press("a")
	c.shows("Delete threshold: 20 -> 10")
	c.lacks("purge_after:", "on_missing:")
	c.press("a")
	if got := c.lastSaved().Values; got["policy.delete_threshold"] != "10" || got["policy.purge_after"] != "72h" ||
		got["policy.on_missing"] != "keep" {
		t.Errorf("saved %v", got)
	}
}

func TestAFileThatCannotBeUsedAnyMoreIsNotReloaded(t *testing.T) {
	c := open(t, newFake(), 80, 24)
	c.fake.changed = &config.Changed{Path: "/etc/dirbridge/dirbridge.toml",
		Err: errors.New("dirbridge.toml:3: policy.x: unknown key")}
	c.press("7", "right")
	c.set("10")
	c.press("a", "a")
	c.shows("dirbridge.toml:3: policy.x: unknown key")
	c.press("r")
	c.shows("the file must be corrected first")
}

// TestADryRunOfADraftEndsInSaveOrDiscard checks that the dry run of a draft ends in the guide's
// question.
func TestADryRunOfADraftEndsInSaveOrDiscard(t *testing.T) {
	for answer, want := range map[string]struct {
		saved int
		shows string
	}{"s": {1, "Saved in"}, "d": {0, "Discarded. [u]"}, "k": {0, "DRAFT"}} {
		c := open(t, newFake(), 80, 24)
		c.press("7", "right")
		c.set("10")
		c.press("a", "d")
		if got := c.lastStarted(); got.Draft == nil || got.Draft.Values["policy.delete_threshold"] != "10" {
			t.Fatalf("started %+v", got)
		}
		c.fake.end(control.Result{})
		c.fake.plan = uitest.PlanOf(t, nil, uitest.Person(1, plan.Update))
		c.beat()
		c.shows("Save the settings?", "Delete threshold: 20 -> 10", "update 1 person")
		c.press(answer)
		c.shows(want.shows)
		if len(c.fake.saved) != want.saved {
			t.Errorf("%s: saved %d times", answer, len(c.fake.saved))
		}
		switch answer {
		case "s":
			c.lacks("DRAFT")
		case "d":
			c.press("4")
			c.shows("DRAFT: discarded settings")
			c.lacks("save or discard")
			c.press("7")
			c.lacks("not saved:")
			c.press("u")
			c.shows("Delete threshold                 10")
		}
	}
}

// TestAFilterIsTriedWhileItIsTyped checks that the result belongs to the last typed text, in
// whatever order answers arrive.
func TestAFilterIsTriedWhileItIsTyped(t *testing.T) {
	c := open(t, newFake(), 80, 30)
	c.press("2", "f", "ctrl+u")
	c.text("(department=nosuch")
	c.shows("1 bracket is not closed")
	c.text(")")
	c.shows("Trying it")
	c.beat()
	c.shows("Matches 0 people", "Not in the directory: nosuch")
	c.fake.tried = nil
	c.press("ctrl+u")
	c.text("(department=Sales)")
	c.beat()
	if got := strings.Join(c.fake.tried, " "); got != "(department=Sales)" {
		t.Errorf("tried %s", got)
	}
	c.shows("Matches 8,921 people", "CN=Ana Silva")
	c.fake.failing["TryFilter"] = errors.New("the filter: a value is missing\n(department=)\n            ^")
	c.press("backspace", "backspace", "backspace", "backspace", "backspace", "backspace")
	c.text(")")
	c.beat()
	c.shows("a value is missing", "            ^")
	c.press("enter")
	c.shows("! the filter: a value is missing")
	delete(c.fake.failing, "TryFilter")
	c.press("ctrl+u")
	c.text("(title=*)")
	c.press("enter")
	c.shows("Filter  (title=*)")
}

func TestTheMappingIsPickedFromTheDirectorysAttributes(t *testing.T) {
	c := open(t, newFake(), 80, 30)
	c.press("3", "/")
	c.text("displayn")
	c.press("enter", "enter")
	c.shows("givenName sn", "sn givenName", "(not mapped)", "employeeID", "Ana Silva            Ana Silva",
		"Bo Li                Bo Li")
	c.text("unicodep")
	c.lacks("unicodePwd") // holds passwords
	c.press("ctrl+u")
	c.text("mai")
	c.shows("Ana Silva            ana.silva@example.com", "Bo Li                bo.li@example.com")
	c.press("enter")
	c.shows("~  displayName", "ana.silva@example.com")
}

func TestSettingsOfAReadOnlyConsole(t *testing.T) {
	c := open(t, newFake(), 80, 24, func(o *Options) { o.ReadOnly = true })
	for _, keys := range [][]string{{"7", "enter"}, {"+"}, {"u"}, {"right", "-"}, {"a"}, {"d"}} {
		c.press(keys...)
		c.shows("--read-only")
	}
	c.press("left", "left", "t")
	c.shows("answered")
}

// TestAReloadCanBeUndone checks that the edits that a reload reapplied can be undone as one.
func TestAReloadCanBeUndone(t *testing.T) {
	f := newFake()
	c := open(t, f, 80, 30)
	f.changed, f.theirs = changedByOthers(), elsewhere(f.settings, "policy.purge_after", "72h")
	c.press("7", "right")
	c.set("10")
	c.press("a", "a", "r", "u")
	c.shows("Delete threshold                 20", "Purge after                      3 days")
	c.lacks("not saved:")
}

// TestARuleIsTakenAsItIsTyped checks the guide's own example, which the fuzzy search also finds in
// another order.
func TestARuleIsTakenAsItIsTyped(t *testing.T) {
	for _, rule := range []string{"givenName sn", "sn givenName", "givenName sn title", "mail"} {
		c := open(t, newFake(), 100, 30)
		c.press("3", "/")
		c.text("displayName")
		c.press("enter", "enter")
		c.text(rule)
		c.press("enter")
		if got := c.root.draft.Edited.Mapping["displayName"]; got != rule {
			t.Errorf("typed %q, taken %q", rule, got)
		}
	}
}

func TestAnAttributeThatNoDirectoryHasIsFlagged(t *testing.T) {
	c := open(t, newFake(), 100, 30)
	c.press("3", "/")
	c.text("displayName")
	c.press("enter", "enter")
	c.text("givenName nosuch")
	c.shows("not in the directory: nosuch")
	c.press("enter")
	c.shows("Not an attribute of the directory: nosuch. The rule gets no value from it.")
	c.press("home", "n")
	c.shows("displayName", "Not an attribute of the directory: nosuch")
}
