package setup

import (
	"fmt"
	"strings"

	"dirbridge/ui/component"
	"dirbridge/ui/component/form"
	"dirbridge/ui/look"
	"dirbridge/ui/page/draw"
	"dirbridge/ui/wizard"
)

// show gives the form what the step asks now.
func (m *Model) show() {
	var c form.Content
	switch {
	case m.notice:
		c = m.noticeContent()
	case m.step == wizard.Cloud:
		c = m.cloudContent()
	case m.step == wizard.Directory:
		c = m.directoryContent()
	case m.step == wizard.Scope:
		c = m.openingContent()
	case m.step == wizard.Removals:
		c = m.removalsContent()
	case m.step == wizard.DryRun:
		c = m.dryRunContent()
	case m.step == wizard.Schedule:
		c = m.scheduleContent()
	default:
		c = m.doneContent()
	}
	if m.trial != nil {
		c.Notes, c.Buttons = append(c.Notes, m.trialNotes()...), nil
	}
	m.form.Show(m.Look, c)
}

// trialNotes returns the stages of a test, with the time that it has taken.
func (m *Model) trialNotes() []form.Note {
	l, t := m.Look, m.trial
	notes := []form.Note{{Text: t.what + l.Mark.Ellipsis, Style: form.Head}}
	stages := t.progress.Stages()
	for i, s := range stages {
		if i < len(stages)-1 {
			notes = append(notes, form.Note{Text: " " + l.Style.Good.Render("ok") + "  " + l.Clean(s), Style: form.Drawn})
			continue
		}
		now := m.opt.Now()
		text := fmt.Sprintf(" %s   %s  %s", component.Working(l, now), l.Clean(s), look.Length(now.Sub(t.since)))
		notes = append(notes, form.Note{Text: text, Style: form.Drawn})
	}
	if code := t.progress.Code(); code != nil {
		w, _ := m.Size(wide, 0)
		for _, line := range draw.Code(l, *code, t.since, m.opt.Now(), w) {
			notes = append(notes, form.Note{Text: line, Style: form.Drawn})
		}
	}
	if t.stop != nil {
		notes = append(notes, form.Note{Text: "[Esc] stops the test.", Style: form.Dim})
	}
	return notes
}

// wide is the width from which the steps are at the left, and side the width of that list.
const (
	wide = 100
	side = 30
)

// Size returns the size of the form, or of Object Selection in its place.
func (m *Model) Size(width, height int) (w, h int) {
	if width >= wide {
		width -= side
	}
	return width, max(height-m.top(width, height), 0)
}

// top returns the number of lines above the form.
func (m *Model) top(_, height int) int {
	if height < 12 {
		return 2
	}
	return 3
}

// View draws the set-up: exactly height lines. scope is Object Selection, which is drawn in the place
// of the form in its step; nil if it is not there yet.
func (m *Model) View(width, height int, scope []string) []string {
	m.show()
	l := m.Look
	lines := []string{m.title(width), m.stepLine(width), l.Line(width)}[:m.top(width, height)]
	w, h := m.Size(width, height)
	body := scope
	if !m.InScope() || body == nil {
		body = m.form.View(l, w, h)
	}
	steps := m.side(side - 2)
	for i := range h {
		line := ""
		if i < len(body) {
			line = body[i]
		}
		if width >= wide {
			text := ""
			if i < len(steps) {
				text = steps[i]
			}
			line = l.Fit(text, side-2) + l.Style.Rule.Render(l.Mark.Column) + " " + l.Cut(line, w)
		}
		lines = append(lines, l.Cut(line, width))
	}
	return lines
}

func (m *Model) title(width int) string {
	l := m.Look
	right := "done "
	switch {
	case m.notice:
		right = ""
	case m.step < wizard.Done:
		right = fmt.Sprintf("step %d of %d: %s ", m.step+1, len(wizard.Steps()), m.step.Title())
		if width < 60 {
			right = fmt.Sprintf("step %d of %d ", m.step+1, len(wizard.Steps()))
		}
	}
	left := " " + l.Style.Title.Render("Dirbridge") + "   Set-up"
	if width < 60 {
		left = " " + l.Style.Title.Render("Set-up") + "  " + m.step.Title()
	}
	return l.Sides(left, right, width)
}

// stepLine returns the steps in one line; if there is little room, their numbers and the name of
// the current one. If the steps are at the left, it names the file that the set-up writes.
func (m *Model) stepLine(width int) string {
	l := m.Look
	if width >= wide {
		return l.Cut(" "+l.Clean(m.state.Path), width)
	}
	var parts []string
	for i, name := range wizard.Steps() {
		step := wizard.Step(i)
		text := m.box(step) + fmt.Sprint(i+1)
		if width >= 80 || step == m.step && width >= 60 {
			text += " " + name
		}
		if step == m.step {
			text = l.Style.TabOn.Render(text)
		}
		parts = append(parts, text)
	}
	return l.Cut(" "+strings.Join(parts, " "), width)
}

func (m *Model) box(step wizard.Step) string {
	switch {
	case m.done(step):
		return m.Look.Mark.On
	case step == m.step:
		return "[" + m.Look.Mark.Cursor + "]"
	}
	return m.Look.Mark.Off
}

// side returns the list of steps, with the result of each.
func (m *Model) side(width int) (lines []string) {
	l := m.Look
	for i, name := range wizard.Steps() {
		step := wizard.Step(i)
		text := " " + m.box(step) + " " + fmt.Sprint(i+1) + " " + name
		if step == m.step && !m.notice {
			text = l.Row(text, width)
		}
		lines = append(lines, text)
		for _, what := range m.results(step) {
			lines = append(lines, l.Style.Dim.Render(l.Cut("       "+l.Clean(what), width)))
		}
		lines = append(lines, "")
	}
	return lines
}

// results returns the results of a step that is done.
func (m *Model) results(step wizard.Step) (all []string) {
	d := m.draft()
	if !m.done(step) {
		return nil
	}
	switch step {
	case wizard.Cloud:
		return []string{d.Cloud.Organization.Name}
	case wizard.Directory:
		for _, o := range d.Directories {
			name := o.Domain
			if name == "" {
				name = o.Name
			}
			all = append(all, name)
		}
		return all[:min(len(all), 4)]
	case wizard.Removals:
		if v := m.State.Values["policy.on_unmatched"]; v != "" {
			return []string{"unmatched: " + v}
		}
	}
	return nil
}
