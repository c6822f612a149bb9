package plain

import (
	"bufio"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"dirbridge/sync/control"
	"dirbridge/ui/look"
)

// How a prompt ends without an answer. Both abandon the current question.
var (
	errBack  = errors.New("back")  // to the previous menu
	errLeave = errors.New("leave") // the program
)

// longestLine is how much of a line is read; the rest is dropped.
const longestLine = 64 << 10

// readLines reads lines until the input or ctx ends; then it closes the channel. The goroutine may
// stay blocked in a read from a terminal, which only a line can end.
func readLines(ctx context.Context, from io.Reader) <-chan string {
	lines := make(chan string)
	go func() {
		defer close(lines)
		r := bufio.NewReaderSize(from, longestLine)
		for {
			line, more, err := r.ReadLine()
			text := string(line)
			for more && err == nil {
				_, more, err = r.ReadLine()
			}
			if err != nil {
				return
			}
			select {
			case lines <- text:
			case <-ctx.Done():
				return
			}
		}
	}()
	return lines
}

// question is a prompt for one line.
type question struct {
	label string
	again func() // repeats the possible answers
	help  []string
	// leaving: it asks whether to leave, so that q and the end of a run mean yes.
	leaving bool
	// secret: the answer is never shown, and is not trimmed.
	secret bool
}

// ask waits for an answer. Every prompt understands h, ?, b and q; to enter one of them as text,
// the user types it in double quotes.
func (s *session) ask(q question) (string, error) {
	for {
		line, err := s.read(q.label, q.secret)
		if err != nil {
			return "", err
		}
		switch line {
		case "?":
			q.again()
		case "h":
			s.helpAt(q)
		case "b":
			return "", errBack
		case "q":
			if q.leaving {
				return "", errLeave
			}
			if err := s.leave(); !errors.Is(err, errBack) {
				return "", err
			}
		case `"?"`, `"h"`, `"b"`, `"q"`:
			return line[1:2], nil
		default:
			return line, nil
		}
	}
}

// read shows the label and waits for a line. A run may continue meanwhile; its changes are printed.
func (s *session) read(label string, secret bool) (string, error) {
	for {
		line, again, err := s.prompted(label, secret)
		if err != nil {
			return "", err
		}
		if again {
			continue
		}
		if !usable(line) {
			s.say("There was something in that line that is no text, such as an arrow key. Type it again.")
			continue
		}
		if secret {
			return strings.TrimSuffix(line, "\r"), nil
		}
		return strings.TrimSpace(line), nil
	}
}

// prompted shows the label and waits. The terminal does not show a secret.
func (s *session) prompted(label string, secret bool) (line string, again bool, err error) {
	if secret && s.hide != nil {
		show, err := s.hide()
		if err != nil {
			return "", false, err
		}
		defer show()
	}
	s.prompt(label)
	line, again, err = s.await(secret)
	if secret && s.interactive && !again && err == nil {
		s.write("\n") // the line end of the answer was not shown, either
	}
	return line, again, err
}

// prompt writes the label and leaves the cursor after it, where the typed text appears.
func (s *session) prompt(label string) {
	lines := look.Fold(s.look.Clean(label), s.width()-1)
	s.write(strings.Join(lines, "\n") + " ")
}

// await waits for a line, or until a message was printed and the prompt must be shown again.
func (s *session) await(secret bool) (line string, again bool, err error) {
	var ticks <-chan time.Time
	if s.interactive && s.running() {
		var stop func()
		ticks, stop = s.tick(pollEvery)
		defer stop()
	}
	for {
		if s.outErr != nil {
			return "", false, errLeave
		}
		select {
		case <-s.ctx.Done():
			s.write("\n")
			return "", false, errLeave
		case line, ok := <-s.lines:
			if !ok {
				s.ended = true
				s.write("\n")
				return "", false, errLeave
			}
			switch {
			case s.interactive:
			case secret && control.SecretOf(line).Typed() != "" && !commandLine(line):
				s.write("(not shown)\n")
			default:
				s.write(s.look.Clean(line) + "\n")
			}
			return line, false, nil
		case <-s.interrupts:
			s.write("\n")
			return "", true, s.interrupt()
		case <-ticks:
			if s.hear(true) {
				return "", true, nil
			}
		}
	}
}

// commandLine reports whether a line is one of the answers that every prompt knows.
func commandLine(line string) bool { return slices.Contains([]string{"?", "h", "b", "q"}, line) }

// usable reports whether a line is only text.
func usable(line string) bool {
	return utf8.ValidString(line) && strings.IndexFunc(line, func(r rune) bool {
		return unicode.IsControl(r) &&
			r != '\t' && r != '\r'
	}) < 0
}
