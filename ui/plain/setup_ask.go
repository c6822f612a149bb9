package plain

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"dirbridge/sync/control"
	"dirbridge/ui/view"
)

// form asks one question after the other; b goes to the previous one, and out of the form at the
// first. Earlier answers may decide which questions there are.
func (g *guide) form(questions func() []func() error) error {
	for i := 0; ; {
		all := questions()
		if i >= len(all) {
			return nil
		}
		err := all[i]()
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

// entry is a question of a form for a text.
type entry struct {
	name, hint string
	value      *string
	empty      string // shown for an empty value; "" if a value is required
	wrong      func(string) string
	changed    func() // drops the test result of the old value
}

// enter asks for a text. Enter keeps the current one, and a minus clears it.
func (g *guide) enter(e entry) error {
	label := e.name
	switch {
	case *e.value != "":
		label += ", or Enter for " + *e.value
	case e.empty != "":
		label += ", or Enter for " + e.empty
	}
	hints := strings.Split(e.hint, "\n")
	if *e.value != "" && e.empty != "" {
		hints = append(hints, "A minus sign sets it back to "+e.empty+".")
	}
	text, err := g.text(label+":", slices.DeleteFunc(hints, func(h string) bool { return h == "" }),
		func(text string) string {
			switch {
			case text == "" && *e.value == "" && e.empty == "":
				return "Type something: it is needed."
			case text != "" && text != "-" && e.wrong != nil:
				return e.wrong(text)
			}
			return ""
		})
	switch {
	case err != nil:
		return err
	case text == "-" && e.empty != "":
		text = ""
	case text == "":
		text = *e.value
	}
	if text != *e.value {
		*e.value = text
		e.changed()
		g.keep()
	}
	return nil
}

// enterSecret asks for a secret or a reference to one. The typed text is hidden; if that is
// impossible, only a reference is accepted.
func (g *guide) enterSecret(name string, s *control.Secret, optional bool, changed func()) error {
	hint := view.SecretHint(name, g.state.SecretIn)
	if !g.hides() {
		hint = "Say where the " + name +
			" is kept: env:NAME, file:PATH, keyring:NAME, credential:NAME. It cannot be typed here: the input is no terminal " +
			"that could hide it."
	} else {
		hint += " What you type is not shown."
	}
	label := strings.ToUpper(name[:1]) + name[1:]
	switch {
	case s.Reference() != "":
		label += ", or Enter for " + s.Reference()
	case s.Typed() != "":
		label += ", or Enter for the one that was typed"
	case optional:
		label += ", or Enter for none"
	}
	again := func() { g.say("%s", hint) }
	again()
	for {
		text, err := g.ask(question{label: label + ":", again: again, secret: true})
		if err != nil {
			return err
		}
		if text == "" {
			if s.IsZero() && !optional {
				g.say("Type something: it is needed.")
				continue
			}
			return nil
		}
		secret := control.SecretOf(text)
		if secret.Typed() != "" && !g.hides() {
			g.say("Error: the %s cannot be typed here, where it would be shown.", name)
			g.remedy("Say where it is kept, as env:NAME or file:PATH; or start dirbridge in a terminal.")
			continue
		}
		if secret != *s {
			*s = secret
			changed()
			g.keep()
		}
		return nil
	}
}

// hides reports whether a secret can be typed without being shown.
func (g *guide) hides() bool { return g.interactive && g.hide != nil }

// enterChoice asks for one of a few options; Enter keeps the current one.
func (g *guide) enterChoice(name string, options []string, on int, set func(int)) error {
	var lines []string
	for i, o := range options {
		lines = append(lines, number(int64(i+1))+" "+o)
	}
	text, err := g.text(name+", choice, or Enter for "+options[on]+":", append([]string{name + "?"}, lines...),
		func(text string) string {
			if n, err := strconv.Atoi(text); text != "" && (err != nil || n < 1 || n > len(options)) {
				return "Type the number of a choice, or Enter."
			}
			return ""
		})
	if err != nil {
		return err
	}
	if n, err := strconv.Atoi(text); err == nil && n-1 != on {
		set(n - 1)
		g.keep()
	}
	return nil
}

// untrusted prints the certificates that an untrusted server presented.
func (g *guide) untrusted(err error) {
	var u *control.UntrustedError
	if !errors.As(err, &u) {
		return
	}
	for i, c := range u.Certificates {
		g.say("%s: %s", view.CertificateWords(i, c), c.SHA256)
	}
}
