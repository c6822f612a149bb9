package check

import (
	"context"
	"errors"
	"testing"
	"time"

	"dirbridge/sync/control"
	"dirbridge/ui/look"
	"dirbridge/ui/page"
)

func TestFindingsAreNeverReadInTheUpdateLoop(t *testing.T) { // P10
	drawn, err := look.New("mono", true)
	if err != nil {
		t.Fatal(err)
	}
	m := New(page.NewHost(page.Host{Ctx: t.Context(), Look: drawn, Now: time.Now}), nil, page.Facts{})
	slow := &slowFindings{}
	m.report, m.source = &control.CheckReport{Classes: []control.ClassCount{class("a", 300), class("b", 5)}}, slow
	m.classes.Reset(2)
	m.SetSize(80, 24)
	for _, key := range []string{"down", "enter", "end", "pgup", "esc", "w"} {
		for _, c := range m.Commands() {
			if c.Is(key) && c.Off == "" {
				c.Do()
			}
		}
		m.View()
		if slow.asked != 0 {
			t.Fatalf("%s read findings in the loop", key)
		}
	}
	if m.SetSize(200, 50); slow.asked != 0 {
		t.Fatal("a new size read findings in the loop")
	}
}

func class(id control.ClassID, count int64) control.ClassCount {
	c := control.ClassCount{Count: count}
	c.ID = id
	return c
}

// slowFindings never answer.
type slowFindings struct{ asked int }

func (s *slowFindings) Findings(context.Context, control.ClassID, int64, int64) ([]control.Finding, error) {
	s.asked++
	return nil, errors.New("slow")
}

func (s *slowFindings) SaveAs(context.Context, string) error { s.asked++; return nil }
