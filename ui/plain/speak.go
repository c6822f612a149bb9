package plain

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/ui/look"
	"dirbridge/ui/view"
)

// say prints one statement: a line, or several if it is wider than the terminal. Characters that
// could disturb a terminal become visible question marks, and no value starts a new line.
func (s *session) say(format string, args ...any) {
	for _, part := range strings.Split(fmt.Sprintf(format, look.Args(args)...), "\n") {
		if strings.Trim(part, " ^") == "" && strings.Contains(part, "^") {
			continue // it marks a position in the line above, for users who can see it
		}
		for _, line := range look.Fold(s.look.Clean(part), s.width()) {
			s.write(strings.TrimRight(line, " ") + "\n")
		}
	}
}

// spoken replaces arrows, which a screen reader reads as two signs, or not at all.
func spoken(text string) string { return strings.ReplaceAll(text, " -> ", " becomes ") }

// heading starts a section. The empty line before it makes it easy to find by paragraph.
func (s *session) heading(text string) {
	s.write("\n")
	s.say("%s", text)
}

func (s *session) write(text string) {
	if s.outErr != nil {
		return
	}
	if _, err := io.WriteString(s.opts.Output, text); err != nil {
		s.outErr = fmt.Errorf("accessible mode: %w", err)
	}
}

// fail prints an error and, if known, its remedy (P13).
func (s *session) fail(what string, err error) {
	if err == nil || s.ctx.Err() != nil {
		return
	}
	s.say("Error: %s: %v", what, err)
	s.remedy(remedyOf(err))
}

func (s *session) remedy(text string) {
	if text != "" {
		s.say("Remedy: %s", view.In(view.Plain, text))
	}
}

func remedyOf(err error) string {
	if errors.Is(err, control.ErrNotLeader) {
		return "Nothing was written. Wait until its run has ended, then start this one again."
	}
	return identity.Remedy(err)
}

// facts reads out facts, each as a sentence with its remedy behind it.
func (s *session) facts(all []view.Fact) {
	for _, f := range all {
		text := view.Sentence(f.Text)
		switch {
		case f.Tone == view.Bad:
			s.say("Error: %s", text)
		case f.Tone == view.Warn:
			s.say("Warning: %s", text)
		case f.Label == "":
			s.say("%s", text)
		default:
			s.say("%s: %s", view.Capital(f.Label), text)
		}
		s.remedy(f.Remedy)
	}
}
