package plain

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"dirbridge/ui/view"
)

// choice is one numbered answer of a menu.
type choice struct {
	key  string // "" is its number
	text string
	off  string // why it is unavailable
	now  bool   // the current one of several values: Enter keeps it
	do   func() error
}

// page is a menu with the text printed before it.
type page struct {
	title   string
	top     bool         // it has no menu to go back to
	head    func() error // prints the facts of the page
	choices func() []choice
	help    []string
}

// menu shows a page until the user goes back. It returns nil then, and errLeave if the program is
// to end.
func (s *session) menu(p page) error {
	s.heading(view.Sentence(p.title))
	if p.head != nil {
		if err := p.head(); err != nil {
			return err
		}
	}
	show := func() { s.offer(p.choices()) }
	show()
	if p.top {
		s.say("Type a number and Enter. At every prompt ? says the choices again, h is help, b goes back, q leaves.")
	}
	for {
		answer, err := s.ask(question{label: p.title + ", choice:", again: show, help: p.help})
		switch {
		case errors.Is(err, errBack) && p.top:
			s.say("This is the main menu. 0 or q leaves.")
			continue
		case errors.Is(err, errBack):
			return nil
		case err != nil:
			return err
		}
		c, ok := pick(p.choices(), answer)
		switch {
		case answer == "":
			s.say("Type the number of a choice. ? says the choices again, b goes back.")
		case !ok:
			s.say("There is no choice %s. ? says the choices again.", answer)
		case c.off != "":
			s.say(view.Unavailable, strings.TrimSuffix(c.off, "."))
		default:
			if err := s.guarded(c); err != nil && !errors.Is(err, errBack) {
				return err
			}
		}
	}
}

// told drops an error that does not concern the page: the failure was printed, and the choices
// remain available.
func told(err error) error {
	if errors.Is(err, errBack) {
		return nil
	}
	return err
}

// offer prints the choices with their numbers.
func (s *session) offer(choices []choice) {
	for i, c := range choices {
		text := c.text
		if c.off != "" {
			text += " (unavailable: " + strings.TrimSuffix(c.off, ".") + ")"
		}
		s.say("%s %s", keyOf(c, i), text)
	}
}

func keyOf(c choice, i int) string {
	if c.key != "" {
		return c.key
	}
	return strconv.Itoa(i + 1)
}

func pick(choices []choice, answer string) (choice, bool) {
	for i, c := range choices {
		if keyOf(c, i) == answer {
			return c, true
		}
	}
	return choice{}, false
}

// pickOne asks once for one of several choices, and runs it.
func (s *session) pickOne(title string, choices []choice) error {
	show := func() { s.say("%s", title); s.offer(choices) }
	show()
	label, now := "Choice:", slices.IndexFunc(choices, func(c choice) bool { return c.now })
	if now >= 0 {
		label = "Choice, or Enter for " + keyOf(choices[now], now) + ":"
	}
	for {
		answer, err := s.ask(question{label: label, again: show})
		if err != nil {
			return err
		}
		c, ok := pick(choices, answer)
		if answer == "" && now >= 0 {
			c, ok = choices[now], true
		}
		switch {
		case !ok:
			s.say("Type the number of a choice, or b to go back.")
		case c.off != "":
			s.say(view.Unavailable, strings.TrimSuffix(c.off, "."))
		case c.do == nil:
			return nil
		default:
			return c.do()
		}
	}
}

// text asks for a line of text. wrong returns why an answer is invalid, or is nil.
func (s *session) text(label string, lines []string, wrong func(string) string) (string, error) {
	again := func() {
		for _, l := range lines {
			s.say("%s", l)
		}
	}
	again()
	for {
		answer, err := s.ask(question{label: label, again: again})
		if err != nil {
			return "", err
		}
		if wrong != nil {
			if why := wrong(answer); why != "" {
				s.say("%s", why)
				continue
			}
		}
		return answer, nil
	}
}

// confirm requires exactly phrase before an action. errBack means no.
func (s *session) confirm(lines []string, phrase string) error {
	again := func() {
		for _, l := range lines {
			s.say("%s", view.Sentence(l))
		}
		s.say("To go on, type: %s", phrase)
	}
	again()
	for {
		answer, err := s.ask(question{label: "Type it, or b to go back:", again: again})
		if errors.Is(err, errBack) {
			s.say("Nothing was done.")
		}
		switch {
		case err != nil:
			return err
		case answer == phrase:
			return nil
		case answer == "":
			s.say("Nothing was done.")
			return errBack
		}
		s.say("Doesn't match. Type: %s", phrase)
	}
}
