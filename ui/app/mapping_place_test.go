package app

import (
	"strings"
	"testing"
)

// TestTheMappingListMarksAttributesWithoutAPlace checks that the list marks every attribute that
// the cloud has no place for, not only the one under the cursor, and that the key for the next
// problem goes there.
func TestTheMappingListMarksAttributesWithoutAPlace(t *testing.T) {
	for _, size := range [][2]int{{60, 15}, {80, 24}, {200, 50}} {
		f := newFake()
		f.unplaced = []string{"departmentNumber", "timezone"}
		f.settings.Mapping["departmentNumber"], f.settings.Mapping["timezone"] = "department", ""
		c := open(t, f, size[0], size[1])
		c.press("3", "/")
		c.text("departmentNumber")
		c.press("enter", "up")
		line := ""
		for _, l := range strings.Split(c.screen(), "\n") {
			if strings.Contains(l, "departmentN") && strings.Contains(l, "department ") {
				line = l
			}
		}
		if !strings.Contains(strings.Join(strings.Fields(line), " "), "! no place") {
			t.Errorf("%d x %d: it is not marked: %q\n%s", size[0], size[1], line, c.screen())
		}
		c.press("home")
		marked := func() bool {
			for _, l := range strings.Split(c.screen(), "\n") {
				if strings.HasPrefix(l, "|>") && strings.Contains(l, "departmentN") {
					return true
				}
			}
			return false
		}
		for i := 0; !marked(); i++ {
			if i == 20 {
				t.Fatalf("n does not lead to it:\n%s", c.screen())
			}
			c.press("n")
		}
		if size[1] > 15 {
			c.shows("this cloud has no place for it")
		}
	}
}
