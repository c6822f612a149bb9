package settings

import (
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"dirbridge/ui/component"
	"dirbridge/ui/component/form"
	"dirbridge/ui/look"
	"dirbridge/ui/wizard"
)

// settingForm is the dialog that edits a setting.
type settingForm struct {
	title  string
	intro  []string
	form   form.Form
	of     *editing
	look   look.Look
	before string // the value that the fields make unchanged
	left   string // the field that is being checked
	// check checks the value so far, as a field is left; done accepts it.
	check func(value string) tea.Cmd
	done  func(value string) tea.Cmd
}

func (d *settingForm) show() {
	c := form.Content{Intro: d.intro, Fields: d.of.fields(),
		Buttons: []form.Button{{ID: "ok", Label: "OK"}, {ID: "cancel", Label: "Cancel"}}}
	if d.of.more != nil {
		c.Buttons = append(c.Buttons, form.Button{ID: "more", Label: d.of.another})
	}
	d.form.Show(d.look, c)
}

// fail shows what is wrong under the field that was left.
func (d *settingForm) fail(wrong string) {
	if wrong == "" {
		return
	}
	fields := d.of.fields()
	at := fields[len(fields)-1].ID
	for _, f := range fields {
		if f.ID == d.left {
			at = f.ID
		}
	}
	d.form.Fail(form.Fault{Field: at, What: wrong})
	d.form.MoveTo(at)
}

func (d *settingForm) Paste(text string) tea.Cmd {
	d.form.Paste(text)
	return nil
}

func (d *settingForm) Key(k tea.KeyPressMsg) (tea.Cmd, bool) {
	if k.String() == "esc" && !d.form.Browsing() {
		return nil, true
	}
	at := d.form.Focus()
	e, files := d.form.Key(k)
	if e.Changed != "" {
		d.show()
	}
	switch e.Pressed {
	case "ok":
		return d.accept(at)
	case "cancel":
		return nil, true
	case "more":
		d.of.more()
		d.show()
		fields := d.of.fields()
		d.form.MoveTo(fields[len(fields)-2].ID)
		return nil, false
	}
	if files != nil {
		return files, false
	}
	if to := d.form.Focus(); to != at && d.changed() {
		d.left = at
		if _, wrong := wizard.Incomplete(d.of.fields()); wrong == "" {
			return d.check(d.of.value()), false
		}
	}
	return nil, false
}

// changed says that the fields make another value than at first: the same value may be written
// otherwise in the file.
func (d *settingForm) changed() bool { return d.of.value() != d.before }

func (d *settingForm) accept(at string) (tea.Cmd, bool) {
	if id, wrong := wizard.Incomplete(d.of.fields()); wrong != "" {
		d.form.MoveTo(id)
		d.form.Fail(form.Fault{Field: id, What: wrong})
		return nil, false
	}
	if !d.changed() {
		return nil, true
	}
	d.left = at
	return d.done(d.of.value()), true
}

// Update handles what the list of files asked for.
func (d *settingForm) Update(msg tea.Msg) tea.Cmd { return d.form.Update(msg) }

func (d *settingForm) View(l look.Look, width, height int) []string {
	d.look = l
	d.show()
	lines := d.form.View(l, width, height)
	for len(lines) > 1 && strings.TrimSpace(ansi.Strip(lines[len(lines)-1])) == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

func (d *settingForm) Dress(frame *component.Panel) { frame.Title = d.title }

func (d *settingForm) Hints() []key.Binding { return d.form.Hints("cancel") }
