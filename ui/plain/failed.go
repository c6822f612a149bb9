package plain

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"dirbridge/config"
	"dirbridge/sync/control"
	"dirbridge/ui/view"
)

// panicked is a panic on another goroutine than the session's.
type panicked struct{ what, trace string }

func (p *panicked) Error() string { return p.what }

// guarded runs a choice. A panic in it is a fault of the program: it is printed and reported, the
// edits are kept, and the menu continues (TestAPanicIsAnErrorWithTheDraftKept).
func (s *session) guarded(c choice) (err error) {
	defer func() {
		if p := recover(); p != nil {
			s.failed(c.text, fmt.Sprint(p), string(debug.Stack()))
			err = errBack
		}
	}()
	return c.do()
}

// failed prints what failed, and the path of the report.
func (s *session) failed(where, what, trace string) {
	s.say("Error: %s failed: %s", where, what)
	if s.conn == nil {
		return
	}
	kept := control.Edits{At: s.now(), Changed: s.draft.Changed(), Saved: s.draft.Saved.Clone(),
		Edited: s.draft.Edited.Clone()}
	if kept.Changed {
		s.rescued = true
		trace = view.UnsavedChanges + strings.Join(view.Changes(kept.Saved, kept.Edited), "\n  ") + "\n\n" +
			trace
	}
	// The session's own context may be ending.
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	path, err := s.conn.Rescue(ctx, control.Failure{Where: where, What: what, Trace: trace}, kept)
	s.fail("The report of it could not be written", err)
	if path != "" {
		s.remedy("Runs go on, and your changes are kept. Please report it, with the file " + path + ".")
	}
}

// takeRescued asks what to do with the edits of a failed console, if they would still change
// anything.
func (s *session) takeRescued() error {
	if s.opts.ReadOnly {
		return nil
	}
	e, err := s.conn.Rescued(s.ctx)
	if err != nil || !e.Changed {
		s.fail(view.DraftUnread, err)
		return nil
	}
	mine, lost := config.Merge(e.Saved, e.Edited, s.draft.Saved)
	if mine.Same(s.draft.Saved) {
		return nil
	}
	s.say("A console failed on %s while settings were edited. Its changes, which are not saved:", s.clock(e.At))
	for _, line := range view.Changes(s.draft.Saved, mine) {
		s.say("%s", view.Sentence(spoken(line)))
	}
	return told(s.pickOne("Restore them?", []choice{
		{text: view.RestoreChanges, do: func() error {
			s.draft.Change(func(to *config.Draft) { *to = mine })
			s.rescued = true
			if len(lost) > 0 {
				s.say(view.FileReplaced, strings.Join(view.Called(s.draft.Saved, lost), "; "))
			}
			return nil
		}},
		{text: "Drop them", do: func() error { s.forgetRescued(); return nil }},
	}))
}

// forgetRescued deletes rescued edits that the operator does not want, or has knowingly discarded.
func (s *session) forgetRescued() {
	s.rescued = false
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	s.fail("The changes could not be forgotten", s.conn.ForgetRescued(ctx))
}
