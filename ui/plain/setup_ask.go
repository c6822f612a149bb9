package plain

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"dirbridge/sync/control"
	"dirbridge/ui/look"
	"dirbridge/ui/view"
	"dirbridge/ui/wizard"
)

// form asks the fields one after the other; b goes to the previous one, and out of the form at the
// first. Earlier answers may decide which fields there are.
func (g *guide) form(fields func() []wizard.Field, changed func()) error {
	for i := 0; ; {
		all := fields()
		if i >= len(all) {
			return nil
		}
		err := g.askField(all[i], changed)
		switch {
		case errors.Is(err, errBack) && i == 0:
			return errBack
		case errors.Is(err, errBack):
			i--
		case err != nil:
			return err
		default:
			i++
		}
	}
}

// askField asks for one field. Enter keeps its value.
func (g *guide) askField(f wizard.Field, changed func()) (err error) {
	before, text := f.Get(), ""
	switch f.Kind {
	case wizard.Secret:
		text, err = g.enterSecret(f)
	case wizard.Choice:
		text, err = g.enterChoice(f)
	case wizard.Ticks:
		text, err = g.enterTicks(f)
	default:
		text, err = g.enterText(f)
	}
	if err != nil || text == before {
		return err
	}
	f.Set(text)
	changed()
	g.keep()
	return nil
}

// enterText asks for a text; a minus clears it.
func (g *guide) enterText(f wizard.Field) (string, error) {
	now, label := f.Get(), f.Label
	hints := []string{f.Help}
	switch {
	case now != "":
		label += ", or Enter for " + now
	case f.Empty != "":
		label += ", or Enter for " + f.Empty
	}
	if now != "" && f.Empty != "" {
		hints = append(hints, "A minus sign sets it back to "+f.Empty+".")
	}
	typed := func(text string) string {
		switch {
		case text == "":
			return now
		case text == "-" && f.Empty != "":
			return ""
		case f.Kind == wizard.File:
			return look.HomePath(text)
		}
		return text
	}
	text, err := g.text(label+":", hints, func(text string) string { return f.Refuse(typed(text)) })
	if path := typed(text); f.Kind == wizard.File && text != "" && path != text {
		g.say("%s: %s.", f.Label, view.None(path))
	}
	return typed(text), err
}

// enterSecret asks for a secret or a reference to one. The typed text is hidden; if that is
// impossible, only a reference is accepted.
func (s *session) enterSecret(f wizard.Field) (string, error) {
	hint := f.Help + " What you type is not shown."
	if !s.hides() {
		hint = "Name the place of the " + strings.ToLower(f.Label) +
			": env:NAME, file:PATH, keyring:NAME, credential:NAME. It cannot be typed here, because the input is no terminal " +
			"that could hide it."
	}
	label := f.Label
	switch now := f.Get(); {
	case now != "" && wizard.IsReference(now):
		label += ", or Enter for " + now
	case now != "":
		label += ", or Enter for the one that was typed"
	case f.Empty != "":
		label += ", or Enter for " + f.Empty
	}
	again := func() { s.say("%s", hint) }
	again()
	for {
		text, err := s.ask(question{label: label + ":", again: again, secret: true})
		if text == "" {
			text = f.Get()
		}
		switch wrong := f.Refuse(text); {
		case err != nil:
			return "", err
		case wrong != "":
			s.say("Error: %s", wrong)
		case text != f.Get() && !wizard.IsReference(text) && !s.hides():
			s.say("Error: the %s cannot be typed here, because it would be shown.", strings.ToLower(f.Label))
			s.remedy("Name its place, such as env:NAME or file:PATH; or start dirbridge in a terminal.")
		default:
			return text, nil
		}
	}
}

// hides reports whether a secret can be typed without being shown.
func (s *session) hides() bool { return s.interactive && s.hide != nil }

// options returns the numbered options of a field, after its question.
func options(f wizard.Field) []string {
	lines := []string{f.Label + "? " + f.Help}
	for i, o := range f.Options {
		lines = append(lines, number(int64(i+1))+" "+o.Label)
	}
	return lines
}

// enterChoice asks for the number of one option.
func (g *guide) enterChoice(f wizard.Field) (string, error) {
	on := max(slices.IndexFunc(f.Options, func(o wizard.Option) bool { return o.Value == f.Get() }), 0)
	text, err := g.text(f.Label+", choice, or Enter for "+f.Options[on].Label+":", options(f), func(text string) string {
		if n, err := strconv.Atoi(text); text != "" && (err != nil || n < 1 || n > len(f.Options)) {
			return "Type the number of a choice, or Enter."
		}
		return ""
	})
	if n, bad := strconv.Atoi(text); bad == nil {
		on = n - 1
	}
	return f.Options[on].Value, err
}

// enterTicks asks for the numbers of any options; a minus is none.
func (g *guide) enterTicks(f wizard.Field) (string, error) {
	now := "none"
	if f.Get() != "" {
		now = strings.ReplaceAll(f.Get(), "\n", ", ")
	}
	chosen := func(text string) (values []string, ok bool) {
		for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ',' }) {
			n, err := strconv.Atoi(word)
			if err != nil || n < 1 || n > len(f.Options) {
				return nil, false
			}
			values = append(values, f.Options[n-1].Value)
		}
		return values, true
	}
	text, err := g.text(fmt.Sprintf("%s, numbers, a minus for none, or Enter for %s:", f.Label, now), options(f),
		func(text string) string {
			if _, ok := chosen(text); !ok && text != "-" {
				return "Type numbers of the list, with blanks between them."
			}
			return ""
		})
	if text == "" || err != nil {
		return f.Get(), err
	}
	values, _ := chosen(text)
	return strings.Join(values, "\n"), nil
}

// untrusted prints the certificates that an untrusted server presented.
func (g *guide) untrusted(err error) {
	var u *control.UntrustedError
	if !errors.As(err, &u) {
		return
	}
	for i, c := range u.Certificates {
		g.say("%s: %s", wizard.CertificateWords(i, c), c.SHA256)
	}
}
