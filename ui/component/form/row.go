package form

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
	"charm.land/huh/v2"

	"dirbridge/ui/look"
	"dirbridge/ui/wizard"
)

// row is one field with its part of huh. text is its value: huh edits it, and set stores it.
type row struct {
	field   wizard.Field
	look    look.Look
	text    string
	ticks   []string
	huh     huh.Field // nil if there is an area
	styles  *huh.Styles
	area    *area // of several lines
	focused bool
}

// most is the maximum number of characters in a field.
const most = 4096

func newRow(field wizard.Field, l look.Look) *row {
	r := &row{field: field, text: Typed(field.Get()), styles: &huh.Styles{}}
	r.wear(l)
	worn := r.styles
	var options []huh.Option[string]
	for _, o := range field.Options {
		options = append(options, huh.NewOption(l.Clean(o.Label), o.Value))
	}
	switch field.Kind {
	case wizard.Lines:
		r.area = newArea(r.text)
		r.wear(l)
		return r
	case wizard.Choice:
		r.huh = huh.NewSelect[string]().Options(options...).Value(&r.text)
	case wizard.Ticks:
		r.ticks = lines(r.text)
		r.huh = huh.NewMultiSelect[string]().Filterable(false).Options(options...).Value(&r.ticks)
	default:
		r.huh = huh.NewInput().Prompt("").CharLimit(most).Placeholder(r.placeholder()).Value(&r.text)
	}
	r.huh = r.huh.WithTheme(huh.ThemeFunc(func(bool) *huh.Styles { return worn })).WithKeyMap(keys())
	r.mask()
	return r
}

// wear draws the row in another look.
func (r *row) wear(l look.Look) {
	r.look, *r.styles = l, styles(l)
	if r.area != nil {
		r.area.wear(l)
	}
}

// keys returns the keys of huh's fields without those that this package has for itself.
func keys() *huh.KeyMap {
	k := huh.NewDefaultKeyMap()
	k.Input.Next.Unbind()
	k.Input.Prev.Unbind()
	k.Input.Submit.Unbind()
	k.Input.AcceptSuggestion.Unbind()
	k.Select.Filter.Unbind()
	return k
}

func lines(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// fits reports whether the row can go on with a field of the same id: with its cursor.
func (r *row) fits(f wizard.Field) bool {
	return f.Kind == r.field.Kind && f.Empty == r.field.Empty && Typed(f.Get()) == Typed(r.text) &&
		slices.Equal(f.Options, r.field.Options)
}

func (r *row) types() bool {
	return r.field.Kind != wizard.Choice && r.field.Kind != wizard.Ticks
}

func (r *row) placeholder() string {
	if r.field.Empty == "" {
		return ""
	}
	return r.look.Clean("(" + r.field.Empty + ")")
}

// focus gives the focus to the row, or takes it. huh's command is left out: it makes the cursor
// blink.
func (r *row) focus(on bool) {
	r.focused = on
	if r.area != nil {
		r.area.focus(on)
		return
	}
	if on {
		r.huh.Focus()
		return
	}
	r.huh.Blur()
}

// set replaces the value.
func (r *row) set(text string) {
	r.field.Set(text)
	*r = *newRow(r.field, r.look)
}

// update gives a message to huh, and reports whether the value changed. huh's commands are left
// out, see focus.
func (r *row) update(msg tea.Msg) bool {
	before := r.text
	switch k, ok := msg.(tea.KeyPressMsg); {
	case ok && r.types():
		k.Text = Typed(k.Text)
		msg = k
	case ok:
		if msg, ok = r.chooses(k); !ok {
			return false
		}
	}
	if _, ok := msg.(tea.PasteMsg); ok && !r.types() {
		return false
	}
	if r.area != nil {
		r.text = r.area.update(msg)
	} else {
		m, _ := r.huh.Update(msg)
		r.huh = m.(huh.Field)
	}
	if r.field.Kind == wizard.Ticks {
		r.text = strings.Join(r.ticks, "\n")
	}
	if r.text == before {
		return false
	}
	r.field.Set(r.text)
	r.mask()
	return true
}

// chooses translates the keys of options: side by side they are chosen with left and right, but huh
// has them one below the other.
func (r *row) chooses(k tea.KeyPressMsg) (tea.Msg, bool) {
	up, down := tea.KeyPressMsg{Code: tea.KeyUp}, tea.KeyPressMsg{Code: tea.KeyDown}
	switch r.hovered() { // beyond the first is the last, and beyond the last the first
	case 0:
		up.Code = tea.KeyEnd
	case len(r.field.Options) - 1:
		down.Code = tea.KeyHome
	}
	switch k.String() {
	case "left", "h", "up", "k":
		return up, true
	case "right", "l", "down", "j":
		return down, true
	case "space", "x":
		if r.field.Kind == wizard.Ticks {
			return tea.KeyPressMsg{Code: tea.KeySpace, Text: " "}, true
		}
		return down, true
	}
	return nil, false
}

// moves reports whether an arrow key moves within the row: its lines, or its options that are one
// below the other, and not beyond the first or the last.
func (r *row) moves(by int) bool {
	if r.area != nil {
		return r.area.moves(by)
	}
	if !r.upright() {
		return false
	}
	on := r.hovered() + by
	return on >= 0 && on < len(r.field.Options)
}

// upright reports whether the options are one below the other: they are long, as names are.
func (r *row) upright() bool {
	if r.types() || len(r.field.Options) < 2 {
		return false
	}
	width := 0
	for _, o := range r.field.Options {
		width += look.Width(o.Label) + 6
	}
	return width > sideBySide
}

// sideBySide is the width up to which options are side by side.
const sideBySide = 66

// hovered returns the index of the option under huh's cursor.
func (r *row) hovered() int {
	under, ok := "", false
	switch h := r.huh.(type) {
	case *huh.Select[string]:
		under, ok = h.Hovered()
	case *huh.MultiSelect[string]:
		under, ok = h.Hovered()
	}
	for i, o := range r.field.Options {
		if ok && o.Value == under {
			return i
		}
	}
	return 0
}

// mask hides a secret, but not a reference to one.
func (r *row) mask() {
	if in, ok := r.huh.(*huh.Input); ok && r.field.Kind == wizard.Secret {
		mode := huh.EchoModeNormal
		if r.hidden() {
			mode = huh.EchoModePassword
		}
		in.EchoMode(mode)
	}
}

func (r *row) hidden() bool { return r.field.Kind == wizard.Secret && !wizard.IsReference(r.text) }

// Typed makes typed and pasted text safe to show: it drops what look.Clean would replace, so that a
// pasted secret does not change by a mark that cannot be seen. Line ends within become blanks.
func Typed(text string) string {
	text = strings.TrimRight(text, "\r\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '?':
			return r
		case r == '\t' || r == '\r':
			return ' '
		case look.Clean(string(r)) == "?":
			return -1
		}
		return r
	}, text)
}
