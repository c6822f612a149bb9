package plain

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"dirbridge/ui/view"
)

// pageSize is how many rows of a list are printed at once.
const pageSize = 10

// row is one line of a list; open prints all its facts, and may be nil.
type row struct {
	text string
	open func() error
}

// listing is a list that may be long: it is read in pages.
type listing struct {
	title string
	// total counts the rows that pass the filter; nil if the number is not known in advance.
	total func(ctx context.Context, filter string) (int64, error)
	// window reads at most n rows, starting at from.
	window func(ctx context.Context, filter string, from int64, n int) ([]row, error)
	none   string // printed for an empty list
	extra  []listCommand
}

// listCommand is another answer in a list: a letter, optionally followed by rows.
type listCommand struct {
	key   string
	short string // for the prompt
	help  string
	do    func(filter, argument string) error
}

// inMemory returns a listing of rows in memory; the filter applies to their text.
func inMemory(title, none string, rows []row) listing {
	matching := func(filter string) (out []row) {
		for _, r := range rows {
			if view.Has(r.text, filter) {
				out = append(out, r)
			}
		}
		return out
	}
	return listing{title: title, none: none,
		total: func(_ context.Context, filter string) (int64, error) { return int64(len(matching(filter))), nil },
		window: func(_ context.Context, filter string, from int64, n int) ([]row, error) {
			all := matching(filter)
			from = min(max(from, 0), int64(len(all)))
			return all[from:min(from+int64(n), int64(len(all)))], nil
		}}
}

// reader is a list that is being read.
type reader struct {
	*session
	listing
	filter string
	count  int64 // -1: not known
	next   int64 // the first row that was not printed yet
	end    bool
}

// list prints a list page by page until the user goes back.
func (s *session) list(l listing) error {
	r := &reader{session: s, listing: l}
	s.heading(view.Sentence(l.title))
	if err := r.restart(""); err != nil {
		return err
	}
	if r.count == 0 && r.filter == "" || r.next == 0 && r.end {
		return nil // already printed; an empty list has no actions
	}
	label := r.label(true)
	for {
		answer, err := s.ask(question{label: label, again: r.commands})
		if errors.Is(err, errBack) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := r.answer(answer); err != nil && !errors.Is(err, errBack) {
			return err
		}
		label = r.label(false)
	}
}

// label is long once, so that it explains the keys, and short afterwards.
func (r *reader) label(long bool) string {
	switch {
	case !long && r.end:
		return "End of the list. Number, /, or b:"
	case !long:
		return "More?"
	}
	text := "More? Enter for more"
	if r.end {
		text = "End of the list"
	}
	text += ", a number to open, / TEXT to filter"
	for _, c := range r.extra {
		text += ", " + c.short
	}
	return text + ", b back:"
}

func (r *reader) commands() {
	r.say("Enter says the next %d. A number opens a row. g NUMBER goes on from there.", pageSize)
	r.say("/ TEXT shows only rows with TEXT in them, / alone shows all. b goes back, q leaves.")
	for _, c := range r.extra {
		r.say("%s", c.help)
	}
}

func (r *reader) answer(answer string) error {
	if text, ok := strings.CutPrefix(answer, "/"); ok {
		return r.restart(strings.TrimSpace(text))
	}
	word, argument, _ := strings.Cut(answer, " ")
	argument = strings.TrimSpace(argument)
	for _, c := range r.extra {
		if word == c.key {
			return c.do(r.filter, argument)
		}
	}
	switch {
	case answer == "" && r.end:
		r.say("That was all. b goes back, / filters, a number opens a row.")
		return nil
	case answer == "":
		return r.more()
	case word == "g":
		return r.from(argument)
	}
	n, err := strconv.ParseInt(answer, 10, 64)
	if err != nil {
		r.say("%s is no answer here. ? says what is.", answer)
		return nil
	}
	return r.open(n)
}

// restart starts at the top, with the rows that pass a filter.
func (r *reader) restart(filter string) error {
	r.filter, r.next, r.end, r.count = filter, 0, false, -1
	if r.total != nil {
		if err := r.wait("Counting", func(ctx context.Context) (err error) {
			r.count,
				err = r.total(ctx, filter)
			return err
		}); err != nil {
			return err
		}
	}
	return r.more()
}

func (r *reader) from(argument string) error {
	n, err := strconv.ParseInt(argument, 10, 64)
	if err != nil || n < 1 || r.count >= 0 && n > r.count {
		r.say("g wants the number of a row, such as g 50.")
		return nil
	}
	r.next, r.end = n-1, false
	return r.more()
}

// more prints the next rows.
func (r *reader) more() error {
	rows, err := r.rows(r.next, pageSize)
	if err != nil {
		return err
	}
	for i, row := range rows {
		r.say("%s: %s", r.place(r.next+int64(i)), row.text)
	}
	r.next += int64(len(rows))
	r.end = len(rows) < pageSize || r.next == r.count
	switch {
	case len(rows) > 0:
	case r.next > 0:
		r.say("That was all.")
	case r.filter != "":
		r.say("Nothing has %q in it. / alone shows all again.", r.filter)
	default:
		r.say("%s", r.none)
	}
	return nil
}

func (r *reader) place(i int64) string {
	if r.count < 0 {
		return number(i + 1)
	}
	return number(i+1) + " of " + number(r.count)
}

// rows reads at most n rows.
func (r *reader) rows(from int64, n int) (rows []row, err error) {
	err = r.wait("Reading", func(ctx context.Context) (err error) {
		rows,
			err = r.window(ctx, r.filter, from, n)
		return err
	})
	return rows, err
}

// open prints all facts of the row with a number.
func (r *reader) open(n int64) error {
	if n < 1 || r.count >= 0 && n > r.count {
		r.say("There is no row %d.", n)
		return nil
	}
	rows, err := r.rows(n-1, 1)
	switch {
	case err != nil:
		return err
	case len(rows) == 0:
		r.say("There is no row %d.", n)
	case rows[0].open == nil:
		r.say("%s: %s", r.place(n-1), rows[0].text)
	default:
		return rows[0].open()
	}
	return nil
}

// numbersOf parses "3 5-9" as the row numbers that it names, at most limit.
func numbersOf(text string, limit int) ([]int64, error) {
	var out []int64
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ',' }) {
		low, high, ranged := strings.Cut(word, "-")
		from, err := strconv.ParseInt(low, 10, 64)
		to := from
		if err == nil && ranged {
			to, err = strconv.ParseInt(high, 10, 64)
		}
		if err != nil || from < 1 || to < from {
			return nil, fmt.Errorf("%q is no number, and no range such as 5-9", word)
		}
		if to-from >= int64(limit-len(out)) {
			return nil, fmt.Errorf("that is more than %d at once", limit)
		}
		for n := from; n <= to; n++ {
			out = append(out, n)
		}
	}
	if len(out) == 0 {
		return nil, errors.New("it wants numbers of rows, such as 3 5-9")
	}
	return out, nil
}
