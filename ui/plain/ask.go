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

// How a prompt ends other than by an answer. What is under way is given up by both.
var (
	errBack  = errors.New("back")  // to the menu before
	errLeave = errors.New("leave") // the program
)

// longestLine is how much of a line is read; what is beyond is dropped.
const longestLine = 64 << 10

// readLines reads lines until the input or ctx ends; the channel is closed then. The
// goroutine may stay in a read of a terminal, which nothing but a line can end.
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
	again func() // says what can be answered once more
	help  []string
	// leaving: it asks whether to leave, so that q and a run's end mean yes.
	leaving bool
	// secret: the answer is never shown, and nothing is cut off it.
	secret bool
}

// ask waits for an answer. h, ?, b and q are understood at every prompt; where one of
// them is meant as text it is typed in double quotes.
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

// read shows the label and waits for a line. Meanwhile a run may go on: what changes of
// it is said.
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

// prompted shows the label and waits. The terminal shows nothing of a secret.
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
		s.write("\n") // that of the answer was not shown either
	}
	return line, again, err
}

// prompt writes the label and leaves the cursor behind it, where what is typed appears.
func (s *session) prompt(label string) {
	lines := look.Fold(s.look.Clean(label), s.width()-1)
	s.write(strings.Join(lines, "\n") + " ")
}

// await waits for a line, or until something was said and the prompt is to be shown again.
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

// commandLine says whether a line is one of the answers that every prompt knows.
func commandLine(line string) bool { return slices.Contains([]string{"?", "h", "b", "q"}, line) }

// usable says whether a line is nothing but text.
func usable(line string) bool {
	return utf8.ValidString(line) && strings.IndexFunc(line, func(r rune) bool {
		return unicode.IsControl(r) &&
			r != '\t' && r != '\r'
	}) < 0
}
