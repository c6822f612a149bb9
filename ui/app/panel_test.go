package app

import (
	"strconv"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"dirbridge/ui/component"
	"dirbridge/ui/page"
	"dirbridge/ui/uitest"
)

// focused returns the titles of the panels whose frame is in the accent.
func (c *console) focused() (titles []string) {
	accent := c.root.look.Style.Accent.Bold(true)
	for _, line := range strings.Split(c.root.View().Content, "\n") {
		before, after, _ := strings.Cut(accent.Render(" x "), " x ")
		for _, part := range strings.Split(line, before+" ")[1:] {
			title, _, _ := strings.Cut(part, " "+after)
			titles = append(titles, component.Plain(title))
		}
	}
	return titles
}

func inColor(o *Options) { o.ASCII, o.Theme = false, "dark" }

// TestTabMovesBetweenThePanels checks that each page has exactly one panel with the focus, and that Tab
// goes through all of them, and back.
func TestTabMovesBetweenThePanels(t *testing.T) {
	f := newFake()
	f.plan = uitest.HeldPlan(t)
	f.queue = waiters(40)
	c := open(t, f, 120, 40, inColor)
	for id := page.Dashboard; id <= page.Last; id++ {
		c.press(strconv.Itoa(int(id)))
		if id == page.Check {
			found(c)
		}
		first := c.focused()
		if len(first) != 1 {
			t.Fatalf("page %d: %q have the focus\n%s", id, first, c.screen())
		}
		seen := 1
		for c.press("tab"); c.focused()[0] != first[0]; c.press("tab") {
			seen++
			if seen > 10 {
				t.Fatalf("page %d: Tab does not come back", id)
			}
		}
		if seen < 2 {
			t.Errorf("page %d has one panel", id)
		}
		c.press("tab", "shift+tab")
		if got := c.focused(); got[0] != first[0] {
			t.Errorf("page %d: Shift+Tab goes to %q", id, got)
		}
	}
}

// longDetails opens the Dry Run page at the details of a change of many fields.
func longDetails(t *testing.T) *console {
	change := uitest.Person(1, "update")
	for i := range 80 {
		field := change.Fields[0]
		field.Name = "field" + strconv.Itoa(i)
		change.Fields = append(change.Fields, field)
	}
	f := newFake()
	f.plan = uitest.PlanOf(t, nil, change, uitest.Person(2, "update"))
	c := open(t, f, 120, 30)
	c.press("4")
	c.lacks("field79")
	return c
}

func TestDetailsScrollWithTheFocus(t *testing.T) {
	c := longDetails(t)
	c.press("tab", "end")
	c.shows("field79", "1 of 2")
	c.press("home", "down", "pgdown")
	c.lacks("field79")
	c.press("end", "tab", "down")
	c.shows("2 of 2")
	c.press("up")
	c.shows("1 of 2")
	c.lacks("field79") // another row starts at its top
}

func TestTheMouseScrollsThePanelBelowIt(t *testing.T) {
	c := longDetails(t)
	for range 200 {
		c.send(tea.MouseWheelMsg{X: 100, Y: 15, Button: tea.MouseWheelDown})
	}
	c.shows("field79", "1 of 2")
	bar := func(y int) tea.Mouse { return tea.Mouse{X: 119, Y: y, Button: tea.MouseLeft} }
	top := 8 // within the frame of the details
	c.send(tea.MouseClickMsg(bar(top)))
	c.lacks("field79")
	c.send(tea.MouseMotionMsg(bar(29)))
	c.shows("field79")
	c.send(tea.MouseClickMsg{X: 5, Y: 1, Button: tea.MouseLeft})

	c = openMany(t, 80, 24)
	c.send(tea.MouseClickMsg{X: 79, Y: 20, Button: tea.MouseLeft})
	if c.place() < many-30 {
		t.Errorf("a click at the end of the scroll bar went to %d", c.place())
	}
	c.send(tea.MouseMotionMsg{X: 40, Y: 0, Button: tea.MouseLeft})
	if c.place() > 30 {
		t.Errorf("a drag to the top went to %d", c.place())
	}
}
