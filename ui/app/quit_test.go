package app

import (
	"strconv"
	"testing"

	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/page"
	"dirbridge/ui/uitest"
)

// TestARunThatWritesIsNeverCancelledUnasked: not by c, q, Ctrl+C or Esc, on any page.
func TestARunThatWritesIsNeverCancelledUnasked(t *testing.T) {
	f := newFake()
	f.plan = uitest.HeldPlan(t)
	c := open(t, f, 80, 24)
	c.fake.Start(control.Request{Mode: record.ApplyPlan})
	f.progress = control.Progress{Mode: record.ApplyPlan, Phase: control.Applying, Started: noon, Done: 3, Total: 120}
	c.beat()
	for id := page.Dashboard; id <= page.Last; id++ {
		for _, key := range []string{"c", "q", "ctrl+c", "esc"} {
			c.press(strconv.Itoa(int(id)), key)
			if asks := key == "q" || key == "ctrl+c"; asks {
				c.shows("Quit? Apply is under way.", "3 of 120 changes are written.", "It stops after the current write.")
			} else if id == page.Dashboard && key == "c" {
				c.shows("Cancel Apply? 3 of 120 changes are written.")
			}
			c.press("enter", "esc") // the safe answer is the first
		}
	}
	if f.cancels != 0 || c.quit {
		t.Errorf("cancelled %d times, quit %v", f.cancels, c.quit)
	}
}
