package convert

import (
	"fmt"

	"dirbridge/sync/control"
	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/page"
	"dirbridge/ui/page/draw"
	"dirbridge/ui/view"
)

func (m *Model) View() []string {
	p := m.panel()
	p.Head = []string{" " + m.host.Look.Cut(m.headWords(), m.width-2)}
	rows := m.rows()
	p.Fill([]component.Column{{Title: "  Step", Width: 30, Grow: 1}, {Title: "State", Width: 15, Keep: true}},
		func(i int64) []component.Cell { return m.cells(rows[i]) })
	p.Details = func(width, _ int) []string { return m.details(width) }
	return p.View()
}

func (m *Model) headWords() string {
	p := m.mode.Procedure
	if p == nil {
		if n := len(m.mails()); n > 0 {
			return look.Count(int64(n), "naming conflict is", "naming conflicts are") + " known."
		}
		return "No conversion is under way."
	}
	by := ""
	if p.By != "" {
		by = " by " + p.By
	}
	return fmt.Sprintf("Conversion of %s, begun %s%s", look.Count(int64(len(p.Accounts)), "account", "accounts"),
		look.Clock(m.host.Now(), p.Begun), by)
}

func (m *Model) panel() component.Split {
	return component.Split{Look: m.host.Look, Width: m.width, Height: m.height, Above: 1, Headed: true, Under: 8,
		Pane: &m.pane, List: &m.list, Title: page.Convert.Title(), About: "What to do"}
}

func (m *Model) cells(r row) []component.Cell {
	l := m.host.Look
	if a := r.account; a != nil {
		style := l.Style.Good
		if !a.Safe() {
			style = l.Style.Warn
		}
		return []component.Cell{component.Text("     " + a.Mail), component.Styled(view.Fate(*a), style)}
	}
	s := m.steps()[r.step]
	mark, state := component.Styled(l.Mark.Later, l.Style.Dim), component.Text("")
	switch {
	case s.Done:
		mark, state = component.Styled(l.Mark.Ok, l.Style.Good), component.Styled("done", l.Style.Good)
	case r.step == m.next():
		mark, state = component.Styled(l.Mark.Now, l.Style.Key), component.Styled("next", l.Style.Key)
	case m.work.Running() && r.step == dryRun:
		state = component.Text("running")
	}
	return []component.Cell{append(mark, component.Text(fmt.Sprintf(" %d %s", r.step+1, s.Title))...), state}
}

func (m *Model) details(width int) []string {
	w := draw.Details{L: m.host.Look, Width: width}
	r := m.current()
	if a := r.account; a != nil {
		w.Text(a.Mail)
		w.Fact("organization", map[bool]string{true: "has the account", false: "does not have the account"}[a.InCloud])
		w.Fact("dry run", view.Fate(*a))
		w.Fact("", a.Detail)
		w.Remedy(a.Remedy)
		return w.Lines
	}
	s := m.steps()[r.step]
	if s.Detail != "" {
		w.Text(view.Sentence(view.Capital(s.Detail)))
	}
	w.Remedy(s.Remedy)
	switch r.step {
	case turnOff:
		w.Text(view.ConvertDoes)
	case convertThem:
		w.Text("Enter shows how, and the accounts; y copies their e-mail addresses.")
	case dryRun:
		w.Text("A full dry run of the saved settings. It writes nothing, and asks the cloud for each account.")
	case checkThem:
		w.Text(m.checked())
	case turnOn:
		w.Text("This ends the conversion. It is refused until every step above is done.")
	}
	return w.Lines
}

// checked says what the dry run does to the accounts, and to all others.
func (m *Model) checked() string {
	if m.mode.Procedure == nil || m.mode.DryRun == nil {
		return "The dry run shows whether each account is matched or added, and that none is deactivated."
	}
	var n struct{ matched, added, removed, other int64 }
	for _, a := range m.mode.Procedure.Accounts {
		switch a.Fate {
		case control.FateMatched:
			n.matched++
		case control.FateAdded:
			n.added++
		case control.FateRemoved:
			n.removed++
		default:
			n.other++
		}
	}
	text := fmt.Sprintf("Of these accounts: %d matched, %d added, %d deactivated, %d with another result.", n.matched,
		n.added, n.removed, n.other)
	for _, line := range view.DryRunShowed(m.mode.DryRun, draw.Voice(m.host)) {
		text += " " + line
	}
	return text
}
