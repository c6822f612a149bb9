package plain

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/ui/look"
	"dirbridge/ui/words"
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
		s.say("Remedy: %s", words.ConfirmedBy(text, words.ConfirmChoice))
	}
}

func remedyOf(err error) string {
	if errors.Is(err, control.ErrNotLeader) {
		return "Nothing was written. Wait until its run has ended, then start this one again."
	}
	return identity.Remedy(err)
}

// sentence adds a full stop to a text without a final punctuation mark.
func sentence(text string) string {
	text = strings.TrimRight(text, " ")
	if text == "" || strings.HasSuffix(text, ".") || strings.HasSuffix(text, "?") || strings.HasSuffix(text, "!") ||
		strings.HasSuffix(text, ":") {
		return text
	}
	return text + "."
}
