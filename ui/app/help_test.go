package app

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

func TestTheHelpIsSearched(t *testing.T) {
	c := open(t, newFake(), 80, 24)
	c.press("alt+h", "h")
	c.shows("Dirbridge reads people and groups", "1 Dashboard")
	c.press("/")
	c.text("schedule")
	c.press("enter")
	first := c.screen()
	c.press("n")
	if c.screen() == first {
		t.Error("n goes nowhere")
	}
	c.press("N")
	if c.screen() != first {
		t.Errorf("N does not go back:\n%s\n%s", first, c.screen())
	}
	c.press("/")
	c.text("zeppelin")
	c.shows("not found")
}

func TestTheFAQOpensAtItsQuestion(t *testing.T) {
	for _, width := range []int{40, 80, 200} {
		c := open(t, newFake(), width, 24)
		c.press("alt+h", "f")
		c.text("incremental")
		c.press("enter")
		c.shows("What is the difference between")
		top := strings.Join(strings.Split(c.screen(), "\n")[:4], " ")
		if !strings.Contains(top, "What is the difference") {
			t.Errorf("the question is not at the top:\n%s", c.screen())
		}
	}
}

// TestTheFAQIsSearchedByItsAnswers checks that a word of an answer finds its question.
func TestTheFAQIsSearchedByItsAnswers(t *testing.T) {
	t.Parallel()
	c := open(t, newFake(), 80, 24)
	c.press("alt+h", "f")
	c.text("reactivated with their spaces")
	c.shows("How do I undo a change?")
	c.lacks("What does HELD mean?")
}

// TestAddressesAreLinks: never in a terminal that would print the sequence.
func TestAddressesAreLinks(t *testing.T) {
	c := open(t, newFake(), 80, 24)
	c.root.look.Links = true
	c.press("alt+h", "a")
	if drawn := fmt.Sprint(c.root.View().Content); !strings.Contains(drawn, "\x1b]8;;https://admin.webex.com/") {
		t.Errorf("no link:\n%s", ansi.Strip(drawn))
	}
	c.root.look.Links = false
	c.shows("Control Hub (https://admin.webex.com/)")
	if drawn := fmt.Sprint(c.root.View().Content); strings.Contains(drawn, "\x1b]8;") {
		t.Error("a link in a basic terminal")
	}
}
