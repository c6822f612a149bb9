package ui

import (
	"errors"
	"strings"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/ui/component"
	"dirbridge/ui/page"
	"dirbridge/ui/view"
)

// fieldKind is the kind of a line of a form.
type fieldKind int

const (
	fieldNote   fieldKind = iota // text
	fieldHead                    // a heading
	fieldText                    // a text field
	fieldSecret                  // the same, hidden
	fieldChoice                  // one of a few options, side by side
	fieldPick                    // one of several lines
	fieldTick                    // yes or no
	fieldButton                  // an action
)

// field is one line of a form. A form is created from the draft for every key and frame.
type field struct {
	kind  fieldKind
	id    string
	label string
	hint  string // at the bottom while the row is focused
	empty string // placeholder of an empty field

	value   *string // of a text field
	secret  *control.Secret
	options []string // of a choice
	on      int      // selected one; of a pick or a tick 1 means on
	set     func(int)
	do      func() tea.Cmd // of a button or a pick
	off     string         // why it is unavailable
	bad     bool           // of a note: it reports an error
	warn    bool
	drawn   bool // the note is a line that needs no wrapping
}

func (r field) takesKeys() bool { return r.kind > fieldHead }
func (r field) types() bool     { return r.kind == fieldText || r.kind == fieldSecret }

// rows returns the form of the step.
func (s *setup) rows() []field {
	switch s.step {
	case stepCloud:
		return s.cloudRows()
	case stepDirectory:
		if s.editing < 0 {
			return s.directoriesRows()
		}
		return s.directoryRows()
	case stepMirror:
		return s.mirrorRows()
	case stepDryRun:
		return s.dryRunRows()
	case stepEnable:
		return s.enableRows()
	case stepDone:
		return s.doneRows()
	}
	return nil
}

// at returns the focused row; -1 if none can be focused.
func (s *setup) at(rows []field) int {
	first := -1
	for i, r := range rows {
		if !r.takesKeys() {
			continue
		}
		if r.id == s.focus {
			return i
		}
		if first < 0 {
			first = i
		}
	}
	return first
}

// move moves the focus by so many of the rows that accept it.
func (s *setup) move(rows []field, by int) {
	at := s.at(rows)
	for i := at + by; i >= 0 && i < len(rows); i += by {
		if rows[i].takesKeys() {
			s.focus = rows[i].id
			return
		}
	}
}

// input returns the text of a row that is being typed.
func (s *setup) input(r field) *component.Input {
	now := ""
	switch {
	case r.value != nil:
		now = *r.value
	case r.secret != nil && r.secret.Typed() != "":
		now = r.secret.Typed()
	case r.secret != nil:
		now = r.secret.Reference()
	}
	in := s.inputs[r.id]
	if in == nil || in.Text() != now {
		fresh := component.NewInput(now)
		in = &fresh
		s.inputs[r.id] = in
	}
	return in
}

// store puts the typed text into the draft.
func (s *setup) store(r field, text string) {
	s.edited()
	if r.secret != nil {
		*r.secret = control.SecretOf(text)
		return
	}
	*r.value = text
}

func (s *setup) paste(text string) tea.Cmd {
	if s.r.top() != nil {
		return s.r.pasteDialog(text)
	}
	if s.step == stepContainers {
		if s.r.pages != nil && s.objects().Typing() {
			return s.r.call(page.Objects, func() tea.Cmd { return s.objects().Paste(text) })
		}
		return nil
	}
	rows := s.rows()
	if at := s.at(rows); at >= 0 && rows[at].types() && s.trying == "" {
		in := s.input(rows[at])
		in.Insert(strings.TrimRight(text, "\r\n"))
		s.store(rows[at], in.Text())
	}
	return nil
}

// press routes a key: first the keys that must always work, then the open dialog, then the form.
func (s *setup) press(k tea.KeyPressMsg) tea.Cmd {
	name := k.String()
	switch {
	case name == "ctrl+c":
		return s.quit()
	case s.r.top() != nil:
		return s.r.pressDialog(s.r.top(), k)
	case s.trying != "":
		if name == "esc" {
			s.stop()
			s.trial, s.trying = s.trial+1, ""
			s.r.say("Stopped.")
		}
		return nil
	case s.r.fault != nil && name == "esc":
		s.r.fault = nil
		return nil
	}
	if s.step == stepContainers {
		return s.pressContainers(k)
	}
	rows := s.rows()
	at := s.at(rows)
	typing := at >= 0 && rows[at].types()
	for _, c := range s.commands(typing) {
		if c.Is(name) {
			s.r.note = ""
			return s.r.use(c)
		}
	}
	if at < 0 {
		return nil
	}
	return s.pressRow(rows, at, k)
}

// commands returns the commands of every step. Single letters work only outside text fields.
func (s *setup) commands(typing bool) []page.Command {
	help := []string{"f1"}
	commands := []page.Command{{ID: "setup.back", Keys: []string{"esc"}, Show: "Esc", Short: "back", Do: s.back}}
	if !typing {
		help = append(help, "?")
		commands = append(commands, page.Command{ID: "setup.leave", Keys: []string{"q"}, Short: "leave", Do: s.askLeave})
	}
	commands = append(commands, page.Command{ID: "setup.help", Keys: help, Show: "F1", Short: "help", Do: s.help})
	for _, c := range s.r.terminalCommands() {
		if len(c.Keys) > 0 {
			commands = append(commands, c)
		}
	}
	return commands
}

// pressRow handles a key on the row under the cursor.
func (s *setup) pressRow(rows []field, at int, k tea.KeyPressMsg) tea.Cmd {
	r := rows[at]
	switch name := k.String(); name {
	case "up", "shift+tab":
		s.move(rows, -1)
	case "down", "tab":
		s.move(rows, 1)
	case "enter":
		return s.enterRow(rows, at)
	default:
		if r.types() {
			if in := s.input(r); in.Key(k) {
				s.store(r, in.Text())
			}
			return nil
		}
		return s.pressPlain(rows, at, name)
	}
	return nil
}

// pressPlain handles a key on a row that is not a text field.
func (s *setup) pressPlain(rows []field, at int, name string) tea.Cmd {
	r := rows[at]
	n := len(r.options)
	switch name {
	case "k":
		s.move(rows, -1)
	case "j":
		s.move(rows, 1)
	case "left", "h":
		if r.kind == fieldChoice {
			s.choose(r, max(r.on-1, 0))
		}
	case "right", "l":
		if r.kind == fieldChoice {
			s.choose(r, min(r.on+1, n-1))
		}
	case "space":
		switch r.kind {
		case fieldChoice:
			s.choose(r, (r.on+1)%n)
		case fieldTick:
			s.choose(r, 1-r.on)
		default:
			return s.enterRow(rows, at)
		}
	}
	return nil
}

func (s *setup) choose(r field, i int) {
	if i != r.on {
		s.edited()
		r.set(i)
	}
}

// enterRow handles Enter: a field moves the focus to the next one, a button acts. The last field
// before a button presses it, so that Enter alone fills in a form.
func (s *setup) enterRow(rows []field, at int) tea.Cmd {
	r := rows[at]
	switch r.kind {
	case fieldButton, fieldPick:
		if r.off != "" {
			s.r.say("Not now: %s", r.off)
			return nil
		}
		s.r.note = ""
		return r.do()
	}
	s.move(rows, 1)
	if next := s.at(rows); rows[next].kind == fieldButton && rows[next].off == "" {
		return rows[next].do()
	}
	return nil
}

// quit leaves at once, unless something is still running that needs a decision.
func (s *setup) quit() tea.Cmd {
	if s.r.conn != nil && (s.r.work.Running() || s.r.quitting) {
		return s.r.quit()
	}
	return s.leave()
}

func faultOf(what string, err error) *setupFault {
	f := &setupFault{what: what + ": " + err.Error(), remedy: identity.Remedy(err)}
	var untrusted *control.UntrustedError
	if errors.As(err, &untrusted) {
		f.shown = untrusted.Certificates
	}
	return f
}

// faultRows shows a failure at the row that caused it.
func (s *setup) faultRows() (rows []field) {
	f := s.wrong
	if f == nil {
		return nil
	}
	rows = append(rows, field{kind: fieldNote, label: s.r.look.Mark.Problem + " " + f.what, bad: true})
	if f.remedy != "" {
		rows = append(rows, field{kind: fieldNote, label: "   " + f.remedy})
	}
	for i, c := range f.shown {
		rows = append(rows, field{kind: fieldNote, label: "   " + view.CertificateWords(i, c)})
		const half = 16 * 3 // of the pairs of digits
		for print := c.SHA256; print != ""; print = print[min(half, len(print)):] {
			rows = append(rows, field{kind: fieldNote, label: "     " + print[:min(half, len(print))]})
		}
	}
	return rows
}
