package form

import (
	"slices"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/page"
	"dirbridge/ui/wizard"
)

// Button is an action below the fields.
type Button struct {
	ID, Label string
	Help      string
	Off       string // why it is unavailable
}

// Fault is what went wrong, at the field that it is about, or above the buttons if there is none.
type Fault struct {
	Field, What, Remedy string
	More                []string // lines below the remedy
}

// Content is what a form asks.
type Content struct {
	Intro   []string // above the fields
	Fields  []wizard.Field
	Notes   []Note // below the fields
	Buttons []Button
}

// Note is a line below the fields.
type Note struct {
	Text  string
	Style Style
}

// Style is how a note looks.
type Style int

// The styles of notes. Drawn is a line that is not wrapped, and may have styles of its own.
const (
	Plain Style = iota
	Head
	Good
	Warn
	Dim
	Drawn
)

// Event is what a key did.
type Event struct {
	Changed string // id of the field whose value changed
	Pressed string // id of the button
	Refused string // why the button that was pressed is unavailable
}

// Form edits fields. The zero Form is empty; Show gives it its content.
type Form struct {
	content Content
	rows    []*row
	at      int // the row with the focus, or len(rows) and more: a button
	top     int
	fault   Fault
	picker  *component.Picker
}

// Show replaces the content. Fields that stay keep their cursor; the focus stays at its field.
func (f *Form) Show(l look.Look, c Content) {
	id := f.Focus()
	old := f.rows
	f.content, f.rows = c, nil
	for _, field := range c.Fields {
		i := slices.IndexFunc(old, func(r *row) bool { return r.field.ID == field.ID })
		if i >= 0 && old[i].fits(field) {
			old[i].field = field
			old[i].wear(l)
			f.rows = append(f.rows, old[i])
			continue
		}
		f.rows = append(f.rows, newRow(field, l))
	}
	f.MoveTo(id)
}

// Reset forgets the focus and what went wrong.
func (f *Form) Reset() { *f = Form{} }

// Focus returns the id of the field or button with the focus; "" if there is none.
func (f *Form) Focus() string {
	switch b := f.at - len(f.rows); {
	case b < 0:
		return f.rows[f.at].field.ID
	case b < len(f.content.Buttons):
		return f.content.Buttons[b].ID
	}
	return ""
}

// MoveTo moves the focus to a field or button, or to the first if there is none of that id.
func (f *Form) MoveTo(id string) {
	at := 0
	for i, r := range f.rows {
		if r.field.ID == id {
			at = i
		}
	}
	for i, b := range f.content.Buttons {
		if b.ID == id {
			at = len(f.rows) + i
		}
	}
	f.focus(at)
}

// MoveToButtons moves the focus to the first button.
func (f *Form) MoveToButtons() { f.focus(len(f.rows)) }

// Fail shows what went wrong until a value changes or Fail gets the zero Fault.
func (f *Form) Fail(fault Fault) { f.fault = fault }

// Typing says that letters go into a field.
func (f *Form) Typing() bool { return f.picker == nil && f.at < len(f.rows) && f.rows[f.at].types() }

// Browsing says that a file is being chosen: all keys are the form's.
func (f *Form) Browsing() bool { return f.picker != nil }

// Hints returns the keys that do something now; esc is what Esc does.
func (f *Form) Hints(esc string) []key.Binding {
	if f.picker != nil {
		return f.picker.Hints()
	}
	enter, more := page.Keys("next", "enter"), key.Binding{}
	if f.at < len(f.rows) {
		switch r := f.rows[f.at]; {
		case r.area != nil:
			enter = page.Keys("new line", "enter")
		case !r.types():
			more = page.KeysShown("Left Right", "choose", "left")
		case r.field.Kind == wizard.File:
			more = page.Keys("browse", "ctrl+o")
		}
	}
	return []key.Binding{enter, page.Keys("move", "tab"), more, page.Keys(esc, "esc")}
}

func (f *Form) count() int { return len(f.rows) + len(f.content.Buttons) }

func (f *Form) focus(at int) {
	f.at = max(min(at, f.count()-1), 0)
	for i, r := range f.rows {
		r.focus(i == f.at)
	}
}

// Paste inserts text into the field with the focus.
func (f *Form) Paste(text string) Event {
	if !f.Typing() {
		return Event{}
	}
	return f.update(f.rows[f.at], tea.PasteMsg{Content: Typed(text)})
}

// Key handles a key.
func (f *Form) Key(k tea.KeyPressMsg) (Event, tea.Cmd) {
	if f.picker != nil {
		return f.pick(k)
	}
	if f.count() == 0 {
		return Event{}, nil
	}
	if f.at >= len(f.rows) {
		return f.buttonKey(k.String()), nil
	}
	r := f.rows[f.at]
	switch name := k.String(); name {
	case "up", "shift+tab":
		if name == "up" && r.moves(-1) {
			return f.update(r, k), nil
		}
		f.leave(r)
		f.focus(f.at - 1)
	case "down", "tab":
		if name == "down" && r.moves(1) {
			return f.update(r, k), nil
		}
		return f.next(r, false), nil
	case "enter":
		if r.area != nil {
			return f.update(r, k), nil
		}
		return f.next(r, true), nil
	case "ctrl+o":
		if r.field.Kind == wizard.File {
			var cmd tea.Cmd
			f.picker, cmd = component.NewPicker(r.text)
			return Event{}, cmd
		}
	case "ctrl+v": // the terminal pastes; the clipboard of this machine is another one
	default:
		return f.update(r, k), nil
	}
	return Event{}, nil
}

// Update handles the names in a folder, of which a file is being chosen.
func (f *Form) Update(msg tea.Msg) tea.Cmd {
	if f.picker == nil {
		return nil
	}
	return f.picker.Update(msg)
}

// pick handles a key while a file is being chosen.
func (f *Form) pick(k tea.KeyPressMsg) (Event, tea.Cmd) {
	if k.Code == tea.KeyEscape {
		f.picker = nil
		return Event{}, nil
	}
	cmd := f.picker.Update(k)
	if f.picker.Chosen == "" {
		return Event{}, cmd
	}
	r := f.rows[f.at]
	r.set(Typed(f.picker.Chosen))
	f.picker, f.fault = nil, Fault{}
	f.focus(f.at)
	return Event{Changed: r.field.ID}, nil
}

// leave checks the value of a field that loses the focus, and reports whether it is right.
func (f *Form) leave(r *row) bool {
	if f.fault.Field == r.field.ID {
		f.fault = Fault{}
	}
	if r.text == "" && r.types() {
		return true // it is asked for by the buttons
	}
	wrong := r.field.Wrong()
	if wrong != "" {
		f.fault = Fault{Field: r.field.ID, What: wrong}
	}
	return wrong == ""
}

// next goes to the next field, unless the value of this one is wrong. With press, the last field
// presses the first button, so that Enter alone fills in a form.
func (f *Form) next(r *row, press bool) Event {
	e := f.expand(r)
	if !f.leave(r) {
		return e
	}
	f.focus(f.at + 1)
	if b := f.at - len(f.rows); press && b == 0 && f.content.Buttons[0].Off == "" {
		e.Pressed = f.content.Buttons[0].ID
	}
	return e
}

// expand replaces a leading ~ of a file's name.
func (f *Form) expand(r *row) Event {
	if r.field.Kind != wizard.File {
		return Event{}
	}
	path := look.HomePath(r.text)
	if path == r.text {
		return Event{}
	}
	r.set(path)
	return Event{Changed: r.field.ID}
}

func (f *Form) update(r *row, msg tea.Msg) Event {
	if !r.update(msg) {
		return Event{}
	}
	f.fault = Fault{}
	return Event{Changed: r.field.ID}
}

func (f *Form) buttonKey(name string) Event {
	switch name {
	case "up", "k":
		f.focus(len(f.rows) - 1)
	case "left", "h", "shift+tab":
		f.focus(f.at - 1)
	case "down", "j", "right", "l", "tab":
		f.focus(f.at + 1)
	case "enter", "space":
		b := f.content.Buttons[f.at-len(f.rows)]
		if b.Off == "" {
			return Event{Pressed: b.ID}
		}
		if id, wrong := wizard.Incomplete(f.content.Fields); wrong != "" {
			f.MoveTo(id)
			f.fault = Fault{Field: id, What: wrong}
		}
		return Event{Refused: b.Off}
	}
	return Event{}
}
