package app

import (
	"testing"
	"time"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
	"dirbridge/ui/uitest"
)

func openQueue(t testing.TB, n, width, height int, change ...func(*Options)) *console {
	f := newFake()
	f.queue = waiters(n)
	c := open(t, f, width, height, change...)
	c.press("9")
	return c
}

func TestPurgeNowOfOnePerson(t *testing.T) {
	c := openQueue(t, 5, 80, 24)
	c.shows("5 waiting, 2 overdue, 1 kept", "gone000@example.com", "OVERDUE", "kept by ana: on leave")
	c.press("down", "p")
	c.shows("[p] is off: gone001@example.com is not purged: kept by ana: on leave")
	c.press("down", "down", "space")
	c.shows("[x] gone003@example.com", "1 ticked")
	c.press("p")
	c.shows("Plan to purge 1 account now", "gone003@example.com.",
		"Purged people lose all their spaces; that cannot be undone.")
	c.press("enter")
	if len(c.fake.started) != 0 {
		t.Fatal("Enter alone started it")
	}
	c.press("p", "p")
	got := c.lastStarted()
	if got.Mode != control.PurgePlan || len(got.Only) != 1 || got.Only[0] != c.fake.queue[3].Anchor {
		t.Fatalf("started %+v", got)
	}
	c.shows("[4Dry Run]")
	gone := uitest.Person(3, plan.Delete)
	gone.Key, gone.Reason, gone.Fields = "gone003@example.com",
		"missing since 2026-09-28 15:02 UTC; to be purged at once, as it was asked for", nil
	c.fake.end(control.Result{})
	c.fake.plan = uitest.PlanLike(t, plan.Header{Mode: record.Purge}, gone)
	c.beat()
	c.shows("Purge, 14:02, plan", "! Purged people lose all their spaces; that cannot be undone.",
		"-  User 3 ", "The purge plan is ready; nothing was written.")
	c.press("a")
	c.shows("1 person will be purged. Purged people lose", "Type  purge 1  or  1  and press Enter")
	c.text("purge 1")
	c.press("enter")
	if got := c.lastStarted(); got.Mode != record.ApplyPlan {
		t.Fatalf("started %+v", got)
	}
	c.fake.queue = append(c.fake.queue[:3], c.fake.queue[4:]...)
	c.fake.end(control.Result{Run: record.Run{ID: 9, Mode: record.Purge, Outcome: record.Done,
		Counts: record.Counts{Users: record.ObjectCounts{Delete: 1}}}})
	c.beat()
	c.press("9")
	c.shows("4 waiting")
	c.lacks("gone003", "ticked")
}

func TestKeepAndRelease(t *testing.T) {
	c := openQueue(t, 5, 100, 24)
	c.press("K", "enter")
	c.shows("A reason is required")
	c.text("in court")
	c.press("enter")
	c.text("2026-10-01")
	c.press("enter")
	c.shows("This day is over.")
	c.press("ctrl+u")
	c.text("2026-12-31")
	c.press("enter")
	k := c.fake.queue[0].Kept
	if k == nil || k.Reason != "in court" || !k.Until.Equal(time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)) {
		t.Fatalf("kept %+v", k)
	}
	c.shows("gone000@example.com is kept from the purge up to 2026-12-31.", "2 kept", "kept by op: in court")
	c.press("r")
	c.shows("Release gone000@example.com to the purge?", "Its grace period is over")
	c.press("r")
	if c.fake.queue[0].Kept != nil {
		t.Error("it is still kept")
	}
	c.shows("gone000@example.com is released to the purge.")
	c.press("r")
	c.shows("gone000@example.com is not kept")
}

func TestTheQueueComesInPages(t *testing.T) {
	c := openQueue(t, 450, 80, 24)
	c.shows("page 1: 1 of 200, more follow", "450 waiting")
	c.press("end", "down")
	c.shows("page 2: 1 of 200, more follow", "gone200@example.com")
	c.press("right")
	c.shows("page 3: 1 of 50", "gone400@example.com")
	c.press("right")
	c.shows("this is the last page")
	c.press("left", "left")
	c.shows("page 1: 1 of 200")
	c.press("/")
	c.text("gone321@example.com")
	c.press("enter")
	c.shows("> ", "gone321@example.com")
	c.shows(">    gone321@example.com")
	c.press("/")
	c.text("nobody")
	c.press("enter")
	c.shows("no account that waits is", "List the queue.")
}

func TestReadOnlyChangesNothingInTheQueue(t *testing.T) {
	c := openQueue(t, 3, 80, 24, func(o *Options) { o.ReadOnly = true })
	for _, key := range []string{"space", "K", "p", "d"} {
		c.press(key)
		c.shows("--read-only")
	}
	c.press("down", "r")
	c.shows("--read-only")
	if len(c.fake.started) > 0 || c.fake.calls["Keep"]+c.fake.calls["Release"] > 0 {
		t.Error("something was changed")
	}
}

func TestTheQueueSaysWhyOfEachOne(t *testing.T) {
	c := openQueue(t, 2, 80, 24)
	c.fake.queue[0].Unmanaged, c.fake.queue[0].Kind, c.fake.queue[0].Overdue = "partners", identity.Group, false
	c.press("f5", "enter")
	c.shows("missing", "run 400", "no longer in the directory", "unmanaged, by a rule: partners")
	c.press("esc", "r")
	c.shows("unmanaged, by a rule: partners")
	c = open(t, newFake(), 80, 24)
	c.press(":")
	c.text("purge queue")
	c.press("enter")
	c.shows("The purge queue is empty.")
}

func TestTheTickedAreKeptReleasedAndPurged(t *testing.T) {
	c := openQueue(t, 5, 80, 24)
	c.press("space", "space", "space", "u")
	c.shows("gone002@example.com is no longer ticked.", "2 ticked")
	c.press("u", "u")
	c.lacks("2 ticked", "1 ticked")
	c.press("u")
	c.shows("[u] is off: there is nothing to undo")
	c.press("home", "space", "down", "space")
	c.press("K")
	c.shows("Keep 2 accounts from the purge", "gone000@example.com, gone002@example.com.")
	c.text("in court")
	c.press("enter", "enter")
	c.shows("2 accounts are kept from the purge.", "3 kept")
	c.lacks("ticked")
	c.press("u")
	c.shows("Undone: 2 accounts are as before.", "1 kept")
	c.press("home", "space", "space", "space", "p")
	c.shows("Plan to purge 2 accounts now", "1 ticked account is kept and not purged.")
	c.press("esc", "r")
	c.shows("Release gone001@example.com to the purge?")
	c.press("r", "u")
	c.shows("Undone: gone001@example.com is kept again.", "kept by op: on leave")
}
