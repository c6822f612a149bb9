package form

import (
	"strings"

	"charm.land/huh/v2"
	"github.com/charmbracelet/x/ansi"

	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/wizard"
)

// labelWidth is the width of the labels, with a blank.
const labelWidth = 17

// narrow is the width below which labels and errors get less room.
const narrow = 60

// widest is the width up to which fields and text are easy to read.
const widest = 96

// View draws the form in height lines: scrolled to the focus, with the help of the field below.
func (f *Form) View(l look.Look, width, height int) []string {
	width = max(min(width, widest), 10)
	if f.picker != nil {
		return f.picker.View(l, width, height)
	}
	help := f.help(l, width, height)
	room := max(height-len(help), 1)
	out, from, to := f.lines(l, width, room)
	f.top = max(min(f.top, from, len(out)-room), 0)
	if to > f.top+room {
		f.top = min(to-room, from)
	}
	out = out[f.top:min(f.top+room, len(out))]
	for len(out) < room {
		out = append(out, "")
	}
	return append(out, help...)
}

// help returns the help of the field or button with the focus.
func (f *Form) help(l look.Look, width, height int) []string {
	text := ""
	switch b := f.at - len(f.rows); {
	case height < 8:
		return nil
	case b < 0:
		text = f.rows[f.at].field.Help
	case b < len(f.content.Buttons):
		if text = f.content.Buttons[b].Help; f.content.Buttons[b].Off != "" {
			text = f.content.Buttons[b].Off
		}
	}
	lines := l.Wrap(l.Clean(text), width-2)
	most := 2
	if height >= 16 {
		most = 3
	}
	lines = lines[:min(len(lines), most)]
	for i := range lines {
		lines[i] = l.Style.Dim.Render(" " + lines[i])
	}
	for len(lines) < most {
		lines = append(lines, "")
	}
	return lines
}

// lines draws everything; from and to are the lines of the focus, with the error at it.
func (f *Form) lines(l look.Look, width, room int) (out []string, from, to int) {
	for _, text := range f.content.Intro {
		out = append(out, wrapped(l, text, width, l.Style.Dim.Render)...)
	}
	if len(out) > 0 && room > 10 {
		out = append(out, "")
	}
	boxed := 3*len(f.rows)+len(out)+6 <= room
	for i, r := range f.rows {
		start := len(out)
		out = append(out, r.view(l, width, boxed)...)
		if f.fault.Field == r.field.ID {
			out = append(out, f.faultLines(l, width)...)
		}
		if i == f.at {
			from, to = start, len(out)
		}
	}
	for _, n := range f.content.Notes {
		out = append(out, n.view(l, width)...)
	}
	if f.fault.What != "" && !f.atField() {
		out = append(out, f.faultLines(l, width)...)
	}
	if len(f.content.Buttons) == 0 {
		return out, from, max(to, min(len(out), from+room))
	}
	if len(out) > 0 {
		out = append(out, "")
	}
	buttons, own := f.buttons(l, width)
	if f.at >= len(f.rows) {
		from, to = len(out)+own, len(out)+own+1
	}
	return append(out, buttons...), from, to
}

// atField reports whether the fault is at a field that is shown.
func (f *Form) atField() bool {
	for _, r := range f.rows {
		if r.field.ID == f.fault.Field {
			return true
		}
	}
	return false
}

func (f *Form) faultLines(l look.Look, width int) (out []string) {
	indent := labelWidth
	if width < narrow {
		indent = 1
	}
	for i, s := range l.Wrap(l.Clean(f.fault.What), width-indent-3) {
		mark := "  "
		if i == 0 {
			mark = l.Mark.Problem + " "
		}
		out = append(out, l.Style.Bad.Render(strings.Repeat(" ", indent)+mark+s))
	}
	for _, text := range append([]string{f.fault.Remedy}, f.fault.More...) {
		for _, s := range l.Wrap(l.Clean(text), width-indent-3) {
			if s != "" {
				out = append(out, strings.Repeat(" ", indent+2)+s)
			}
		}
	}
	return out
}

// buttons draws the buttons side by side, in as many lines as they need; own is the line of the one
// with the focus.
func (f *Form) buttons(l look.Look, width int) (out []string, own int) {
	line := " "
	for i, b := range f.content.Buttons {
		text := "[ " + l.Clean(b.Label) + " ]"
		if look.Width(line)+look.Width(text) > width && line != " " {
			out, line = append(out, line), " "
		}
		switch {
		case len(f.rows)+i == f.at:
			text, own = l.Style.Select.Render("["+l.Mark.Cursor+text[2:]), len(out)
		case b.Off != "":
			text = l.Style.Dim.Render(text)
		}
		line += text + "  "
	}
	return append(out, strings.TrimRight(line, " ")), own
}

func (n Note) view(l look.Look, width int) []string {
	switch n.Style {
	case Drawn:
		return []string{l.Cut(n.Text, width)}
	case Head:
		return append([]string{""}, wrapped(l, n.Text, width, l.Style.Head.Render)...)
	case Good:
		return wrapped(l, n.Text, width, l.Style.Good.Render)
	case Warn:
		return wrapped(l, l.Mark.Problem+" "+n.Text, width, l.Style.Warn.Render)
	case Dim:
		return wrapped(l, n.Text, width, l.Style.Dim.Render)
	}
	return wrapped(l, n.Text, width, plainly)
}

func plainly(s ...string) string { return strings.Join(s, " ") }

func wrapped(l look.Look, text string, width int, style func(...string) string) (out []string) {
	for _, s := range l.Wrap(l.Clean(text), width-2) {
		out = append(out, " "+style(s))
	}
	return out
}

// view draws a field: in a frame of three lines with the label in it, or in one line.
func (r *row) view(l look.Look, width int, boxed bool) []string {
	if boxed {
		return r.panel(l, width)
	}
	column := labelWidth
	if width < narrow {
		column = 12
	}
	label, room := l.Fit(" "+l.Clean(r.field.Label), column), width-column-4
	if r.focused {
		label = l.Style.Key.Render(l.Mark.Cursor + label[1:])
	}
	left, right := "[ ", " ]"
	if !r.types() {
		left, right = "", ""
	}
	var out []string
	for i, s := range r.inside(l, room) {
		if i > 0 {
			label = strings.Repeat(" ", look.Width(label))
		}
		style := l.Style.Rule
		if r.focused {
			style = l.Style.Key
		}
		if left != "" {
			s = style.Render(left) + l.Fit(s, room) + style.Render(right)
		}
		out = append(out, label+l.Cut(s, width-look.Width(label)))
	}
	return out
}

// inside draws the value in lines of a width.
func (r *row) inside(l look.Look, width int) []string {
	switch {
	case r.area != nil:
		return strings.Split(r.seven(l, r.area.view(width)), "\n")
	case r.upright():
		r.huh.WithWidth(width)
		return strings.Split(r.seven(l, r.huh.View()), "\n")
	case r.field.Kind == wizard.Choice:
		return []string{r.radios(l, width)}
	case r.field.Kind == wizard.Ticks:
		return []string{r.boxes(l, width)}
	case r.focused:
		r.huh.WithWidth(width)
		return []string{l.Cut(r.seven(l, r.huh.View()), width)}
	case r.text == "":
		return []string{l.Style.Dim.Render(l.Cut(r.placeholder(), width))}
	case r.hidden():
		return []string{l.Cut(strings.Repeat("*", len([]rune(r.text))), width)}
	}
	return []string{l.Cut(l.Clean(r.text), width)}
}

// seven leaves out what a terminal of seven bits cannot show; the sequences of styles are ASCII.
func (r *row) seven(l look.Look, text string) string {
	if !l.SevenBit {
		return text
	}
	return strings.Map(func(c rune) rune {
		if c > 0x7e {
			return '?'
		}
		return c
	}, text)
}

// radios draws options side by side, or the current one where they do not fit.
func (r *row) radios(l look.Look, width int) string {
	on, text := r.hovered(), ""
	for i, o := range r.field.Options {
		mark := "( ) "
		if i == on {
			mark = "(*) "
		}
		part := mark + l.Clean(o.Label)
		if i == on && r.focused {
			part = l.Style.Select.Render(part)
		}
		text += part + "  "
	}
	if look.Width(text)-2 <= width {
		return strings.TrimSuffix(text, "  ")
	}
	s := r.huh.(*huh.Select[string]).Inline(true)
	s.WithWidth(width)
	text = strings.TrimRight(ansi.Strip(s.View()), " ")
	s.Inline(false)
	if r.focused {
		text = l.Style.Select.Render(text)
	}
	return r.seven(l, text)
}

// boxes draws ticks side by side.
func (r *row) boxes(l look.Look, width int) string {
	text := ""
	for i, o := range r.field.Options {
		part := l.Mark.Off + " " + l.Clean(o.Label)
		for _, v := range r.ticks {
			if v == o.Value {
				part = l.Mark.On + " " + l.Clean(o.Label)
			}
		}
		if i == r.hovered() && r.focused {
			part = l.Style.Select.Render(part)
		}
		text += part + " "
	}
	return l.Cut(strings.TrimSuffix(text, " "), width)
}

// panel draws the field in a frame with its label.
func (r *row) panel(l look.Look, width int) []string {
	lines := r.inside(l, width-4)
	for i := range lines {
		lines[i] = " " + lines[i]
	}
	p := component.Panel{Look: l, Width: width, Height: len(lines) + 2, Title: r.field.Label, Focused: r.focused}
	if r.focused {
		p.Title = l.Mark.Cursor + " " + p.Title
	}
	return p.View(lines)
}
