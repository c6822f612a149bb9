package ui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"dirbridge/ui/component"
	"dirbridge/ui/firststart"
	"dirbridge/ui/look"
	"dirbridge/ui/page"
)

// setupWide is the width from which the steps are at the left.
const setupWide = 100

// setupSide is the width of the list of steps at the left, its rule included.
const setupSide = 30

// formLeft returns the width of the list of steps.
func (s *setup) formLeft() int {
	if s.r.width >= setupWide {
		return setupSide
	}
	return 0
}

func (s *setup) formWidth() int { return s.r.width - s.formLeft() }

// bodyHeight returns the height of the form: without the top, the foot, the status line and the
// keys.
func (s *setup) bodyHeight() int { return max(s.r.bodyRoom()-len(s.r.foot()), 0) }

// resize gives Object Selection the size of the form.
func (s *setup) resize() tea.Cmd {
	if s.step != stepContainers || s.r.pages == nil {
		return nil
	}
	return s.r.call(page.Objects, func() tea.Cmd { return s.objects().SetSize(s.formWidth(), s.bodyHeight()) })
}

// frame draws the whole screen of setup.
func (s *setup) frame() []string {
	r, l := s.r, s.r.look
	lines := []string{s.title(), s.stepLine(), l.Line(r.width)}[:bodyTop]
	body := r.exactly(s.body(), s.bodyHeight())
	if left := s.formLeft(); left > 0 {
		side := s.side(left - 2)
		for i := range body {
			text := ""
			if i < len(side) {
				text = side[i]
			}
			body[i] = l.Fit(text, left-2) + l.Style.Rule.Render(l.Mark.Column) + " " + l.Cut(body[i], s.formWidth())
		}
	}
	lines = append(append(lines, body...), r.foot()...)
	return r.exactly(append(lines, s.statusLine(), s.keyLine()), r.height)
}

func (s *setup) title() string {
	l := s.r.look
	right := "done "
	if s.step < stepDone {
		right = fmt.Sprintf("step %d of %d: %s ", s.step+1, len(firststart.Steps()), firststart.Steps()[s.step])
	}
	left := " " + l.Style.Title.Render("Dirbridge") + "   Set-Up"
	if s.r.width < 60 {
		left = " " + l.Style.Title.Render("Set-Up")
	}
	return l.Sides(left, right, s.r.width)
}

// stepLine returns the steps in one line; if there is little room, their numbers and the name of
// the current one. If the steps are at the left, it names the file that setup writes.
func (s *setup) stepLine() string {
	l := s.r.look
	if s.formLeft() > 0 {
		return l.Cut(" "+l.Clean(s.state.Path), s.r.width)
	}
	var b strings.Builder
	for i, name := range firststart.Steps() {
		step := setupStep(i)
		text := s.box(step) + fmt.Sprint(i+1)
		if s.r.width >= 80 || step == s.step && s.r.width >= 60 {
			text += " " + name
		}
		if step == s.step {
			text = l.Style.TabOn.Render(text)
		}
		b.WriteString(text)
		if i < len(firststart.Steps())-1 {
			b.WriteString(" ")
		}
	}
	return " " + b.String()
}

func (s *setup) box(step setupStep) string {
	switch {
	case s.done(step):
		return s.r.look.Mark.On
	case step == s.step:
		return "[" + s.r.look.Mark.Cursor + "]"
	}
	return s.r.look.Mark.Off
}

// side returns the list of steps, with the result of each.
func (s *setup) side(width int) (lines []string) {
	l := s.r.look
	for i, name := range firststart.Steps() {
		step := setupStep(i)
		text := " " + s.box(step) + " " + fmt.Sprint(i+1) + " " + name
		if step == s.step {
			text = l.Row(text, width)
		}
		lines = append(lines, text)
		for _, what := range s.settled(step) {
			lines = append(lines, l.Style.Dim.Render(l.Cut("       "+l.Clean(what), width)))
		}
		lines = append(lines, "")
	}
	return lines
}

// settled returns the result of a completed step.
func (s *setup) settled(step setupStep) (all []string) {
	d := s.draft()
	if !s.done(step) {
		return nil
	}
	switch step {
	case stepCloud:
		return []string{d.Cloud.Organization.Name}
	case stepDirectory:
		for _, o := range d.Directories {
			name := o.Domain
			if name == "" {
				name = o.Name
			}
			all = append(all, name)
		}
		return all[:min(len(all), 4)]
	case stepMirror:
		if d.OnUnmatched == "remove" {
			return []string{"the cloud mirrors it"}
		}
		return []string{"unmatched reported"}
	}
	return nil
}

// body returns the form, scrolled to the focused line, with the hint of that line at the bottom.
func (s *setup) body() []string {
	width, height := s.formWidth(), s.bodyHeight()
	if s.step == stepContainers {
		if s.r.pages == nil || s.r.opening {
			return s.formLines(s.openingRows(), 0, width)
		}
		return s.objects().View()
	}
	rows := s.rows()
	at := s.at(rows)
	hint := s.hint(rows, at, width, height)
	room := max(height-len(hint), 1)
	lines, from, to := s.form(rows, at, width)
	s.top = min(s.top, from)
	if s.wrong != nil && to <= room+max(len(lines)-room, 0) {
		s.top = max(len(lines)-room, 0)
		s.top = min(s.top, from)
	}
	if to > s.top+room {
		s.top = to - room
	}
	s.top = max(min(s.top, len(lines)-room), 0)
	lines = lines[s.top:min(s.top+room, len(lines))]
	for len(lines) < room {
		lines = append(lines, "")
	}
	return append(lines, hint...)
}

// hint returns help for the focused row: two lines if there is room.
func (s *setup) hint(rows []field, at, width, height int) []string {
	if at < 0 || height < 8 || s.r.top() != nil {
		return nil
	}
	l := s.r.look
	lines := make([]string, 0, 3)
	for _, w := range l.Wrap(l.Clean(rows[at].hint), width-2) {
		lines = append(lines, l.Style.Dim.Render(" "+w))
	}
	most := 3
	if height < 14 {
		most = 2
	}
	lines = lines[:min(len(lines), most)]
	for len(lines) < 2 {
		lines = append(lines, "")
	}
	return lines
}

func (s *setup) formLines(rows []field, at, width int) []string {
	lines, _, _ := s.form(rows, at, width)
	return lines
}

// form draws the rows; from and to are the lines of the focused one.
func (s *setup) form(rows []field, at, width int) (lines []string, from, to int) {
	for i, r := range rows {
		if i > 0 && (r.kind == fieldHead || r.kind == fieldButton && rows[i-1].kind != fieldButton || r.bad) {
			lines = append(lines, "")
		}
		if i == at {
			from = len(lines)
		}
		lines = append(lines, s.row(r, i == at, width)...)
		if i == at {
			to = len(lines)
		}
	}
	if s.trying != "" {
		lines = append(lines, "", " "+s.r.look.Clean(s.trying)+s.r.look.Mark.Ellipsis+"  Esc stops.")
		to = len(lines)
	}
	return lines, from, to
}

// longestLine is the width up to which text is easy to read.
const longestLine = 110

// labelWidth is the width of the field names.
const labelWidth = 15

func (s *setup) row(r field, current bool, width int) []string {
	l := s.r.look
	switch r.kind {
	case fieldHead:
		return s.headLines(r, width)
	case fieldNote:
		return s.noteLines(r, width)
	case fieldText, fieldSecret:
		return []string{s.textLine(r, current, width)}
	case fieldButton:
		text := "   [ " + r.label + " ]"
		if r.off != "" {
			text += "  (not now)"
		}
		return []string{component.OptionLine(l, text, width, current, r.off)}
	}
	text := " " + l.Clean(r.label)
	switch r.kind {
	case fieldChoice:
		text = l.Fit(" "+r.label, labelWidth)
		all := ""
		for i, o := range r.options {
			all += "  " + radio(i == r.on) + " " + o
		}
		if all = all[2:]; look.Width(text)+look.Width(all) > width { // then one at a time
			all = fmt.Sprintf("< %s >  %d of %d", r.options[r.on], r.on+1, len(r.options))
		}
		text += all
	case fieldPick:
		text = "   " + radio(r.on == 1) + " " + l.Clean(r.label)
		if strings.HasPrefix(r.id, "directory") || strings.HasPrefix(r.id, "partition") {
			text = "   " + l.Clean(r.label)
		}
	case fieldTick:
		box := l.Mark.Off
		if r.on == 1 {
			box = l.Mark.On
		}
		text = "   " + box + " " + r.label
	}
	if current {
		return []string{l.Row(text, width)}
	}
	return []string{l.Cut(text, width)}
}

func radio(on bool) string {
	if on {
		return "(*)"
	}
	return "( )"
}

func (s *setup) headLines(r field, width int) []string {
	l := s.r.look
	var lines []string
	for _, w := range l.Wrap(l.Clean(r.label), width-2) {
		lines = append(lines, " "+l.Style.Head.Render(w))
	}
	return lines
}

// noteLines wraps a note; later lines are indented like its first one.
func (s *setup) noteLines(r field, width int) []string {
	l := s.r.look
	text := l.Clean(strings.TrimLeft(r.label, " "))
	indent := len(r.label) - len(strings.TrimLeft(r.label, " "))
	if r.drawn {
		return []string{l.Cut(r.label, width)}
	}
	var lines []string
	hang := max(indent, 1)
	for i, w := range l.Wrap(text, max(min(width, longestLine)-indent-4, 10)) {
		if i == 1 && (r.bad || r.warn) { // under the text, not under its mark
			hang += look.Width(l.Mark.Problem) + 1
		}
		line := strings.Repeat(" ", hang) + w
		switch {
		case r.bad:
			line = l.Style.Bad.Render(line)
		case r.warn:
			line = l.Style.Warn.Render(line)
		}
		lines = append(lines, line)
	}
	return lines
}

// textLine returns the line of a text field; for a secret it shows only the length.
func (s *setup) textLine(r field, current bool, width int) string {
	l := s.r.look
	in := s.input(r)
	label := l.Fit(" "+r.label, labelWidth)
	clean := l.Clean
	if r.secret != nil && r.secret.Reference() == "" {
		clean = func(text string) string { return strings.Repeat("*", len([]rune(text))) }
	}
	if !current {
		text := clean(in.Text())
		if text == "" && r.empty != "" {
			text = l.Style.Dim.Render("(" + l.Clean(r.empty) + ")")
		}
		return l.Cut(label+text, width)
	}
	label = l.Style.Key.Render(l.Mark.Cursor + label[1:])
	text := label + in.View(width-labelWidth-1, clean)
	if in.Text() == "" && r.empty != "" {
		text += l.Style.Dim.Render(" (" + l.Clean(r.empty) + ")")
	}
	return l.Cut(text, width)
}

func (s *setup) statusLine() string {
	return s.r.look.Cut(" "+s.r.look.Clean(s.r.note), s.r.width)
}

// keyLine shows the keys that do something here.
func (s *setup) keyLine() string {
	l, r := s.r.look, s.r
	var keys []page.Command
	key := func(show, short string) { keys = append(keys, page.Command{Show: show, Short: short}) }
	switch {
	case r.top() != nil:
		keys = r.top().Hints()
	case s.trying != "":
		key("Esc", "stop")
	case s.step == stepContainers:
		keys = s.containersCommands()
	default:
		key("Enter", "next")
		key("Up Down", "move")
		rows := s.rows()
		at := s.at(rows)
		if at >= 0 && rows[at].kind == fieldChoice {
			key("Left Right", "choose")
		}
		keys = append(keys, s.commands(at >= 0 && rows[at].types())...)
		key("Ctrl+C", "quit")
	}
	line := " "
	for _, k := range keys {
		text := k.Label() + " " + k.Short
		if k.Off != "" {
			text = "(" + text + ")"
		}
		if k.Short == "" || look.Width(line)+look.Width(text) > r.width-1 {
			continue
		}
		if k.Off != "" {
			line += l.Style.Dim.Render(text) + "  "
			continue
		}
		line += l.Style.Key.Render(k.Label()) + " " + k.Short + "  "
	}
	return l.Cut(line, r.width)
}
