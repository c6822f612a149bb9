package app

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/sync/record"
	"dirbridge/ui/uitest"
)

// clipboard returns what the program was last asked to put on the clipboard. The message of Bubble Tea
// is known by its type alone; wrapped for a page it would never reach Bubble Tea.
func (c *console) clipboard() (text string) {
	for _, msg := range c.sent {
		if strings.HasSuffix(fmt.Sprintf("%T", msg), "setClipboardMsg") {
			text = fmt.Sprint(msg)
		}
	}
	return text
}

func (c *console) copies(want string) {
	c.t.Helper()
	if got := c.clipboard(); got != want {
		c.t.Fatalf("on the clipboard is %q, want %q:\n%s", got, want, c.screen())
	}
}

func TestYCopiesFromEveryPage(t *testing.T) {
	f := newFake()
	f.plan, f.queue = uitest.HeldPlan(t), waiters(3)
	f.events = append(f.events, record.Event{Seq: 99, Time: noon, Level: record.Error, Code: "write-failed", Run: 7,
		Record: "ana@example.com", Message: "cloud: refused [tracking id ROUTER_1-2]"})
	c := open(t, f, 100, 30)
	c.press("2", "down", "y")
	c.copies("OU=Staff,DC=corp,DC=example,DC=com")
	c.shows("Copied DN: OU=Staff,DC=corp,DC=example,DC=com")
	c.press("4", "right", "y", "enter")
	if c.clipboard() == "OU=Staff,DC=corp,DC=example,DC=com" || c.clipboard() == "" {
		t.Errorf("the plan copied %q", c.clipboard())
	}
	c.press("5", "end", "y", "t")
	c.copies("ROUTER_1-2")
	c.shows("Copied tracking id: ROUTER_1-2")
	c.press("enter", "y", "m")
	c.copies("ana@example.com")
	c.press("esc", "9", "y", "d")
	c.copies("CN=Gone 0,OU=Staff,DC=corp,DC=example,DC=com")
	c.press("enter", "y", "c", "esc")
	c.copies("id-0")
}

func TestTheErrorThatIsShownIsCopied(t *testing.T) {
	c := open(t, newFake(), 80, 24)
	c.press("Y")
	c.shows("[Y] is off: no error is shown")
	c.fake.failing["Start"] = &identity.Failure{Err: fmt.Errorf("cloud: 503 [tracking id T1]"), Remedy: "Try later."}
	c.press("d")
	c.shows("[Y] copy, [Esc] dismiss")
	c.press("Y", "t")
	c.copies("T1")
	c.press("Y", "e")
	c.copies("Could not start: cloud: 503 [tracking id T1]\nTry later.")
}

func TestExplainIsCopied(t *testing.T) {
	c := open(t, newFake(), 80, 24)
	c.fake.explanation = control.Explanation{Found: true, Key: "ana@example.com", Where: control.Where{DN: "CN=Ana"}}
	c.press("x")
	c.text("ana")
	c.press("enter", "y", "d")
	c.copies("CN=Ana")
}

func TestABasicTerminalGetsNoClipboard(t *testing.T) {
	c := open(t, newFake(), 80, 24)
	c.root.basic = true
	c.press("2", "down", "y")
	c.copies("")
	c.shows("Not copied: this terminal (TERM) has no clipboard.")
}

// TestASavedFileSaysItsFolder: a name alone is in the folder of the console, ~ is the home folder.
func TestASavedFileSaysItsFolder(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	f := newFake()
	f.plan = uitest.HeldPlan(t)
	c := open(t, f, 200, 24)
	c.press("4", "s", "ctrl+u")
	c.text("~/results.csv")
	c.press("enter")
	c.shows("Saved to " + filepath.Join(home, "results.csv") + " (readable only by you).")
	if _, err := os.Stat(filepath.Join(home, "results.csv")); err != nil {
		t.Error(err)
	}
}
