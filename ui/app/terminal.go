package app

import (
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/page"
)

// terminalCommands returns the commands for the terminal itself.
func (r *root) terminalCommands() []page.Command {
	commands := []page.Command{
		{ID: "terminal.redraw", Key: page.Keys("", "ctrl+l"), Title: "redraw the screen",
			Do: func() tea.Cmd { return tea.ClearScreen }},
		{ID: "terminal.suspend", Key: page.Keys("", "ctrl+z"),
			Title: "leave the console for the shell; fg comes back", Off: r.suspendOff(),
			Do: func() tea.Cmd { return tea.Suspend }},
		{ID: "terminal.marks", Key: page.Keys("", "ctrl+g"), Title: "marks: ASCII or line drawing",
			Do: func() tea.Cmd { return r.setLook(r.look.Theme, !r.look.Mark.ASCII) }},
		{ID: "terminal.mouse", Title: "mouse: use it or leave it to the terminal", Do: r.switchMouse},
	}
	for _, theme := range look.Themes() {
		commands = append(commands, page.Command{ID: "theme." + theme, Title: "theme " + theme,
			Do: func() tea.Cmd { return tea.Batch(r.setLook(theme, r.look.Mark.ASCII), r.greet()) }})
	}
	return commands
}

// greet asks the terminal for its background, and turns synchronized output on. Bubble Tea asks for
// that mode only where no SSH session is in between, so that typing tears there; a terminal that
// does not know the mode ignores it, and one that may print it gets neither (quiet).
func (r *root) greet() tea.Cmd {
	if !r.asks {
		return nil
	}
	return tea.Batch(tea.RequestBackgroundColor, func() tea.Msg {
		return tea.ModeReportMsg{Mode: ansi.ModeSynchronizedOutput, Value: ansi.ModeReset}
	})
}

// setLook changes the theme or the marks while the console runs.
func (r *root) setLook(theme string, ascii bool) tea.Cmd {
	l, err := look.New(theme, ascii)
	if err != nil {
		return nil
	}
	l.SevenBit, l.Links = r.look.SevenBit, r.look.Links
	cmd := r.useLook(l)
	if ascii {
		r.say("Theme %s, drawn with ASCII characters.", theme)
	} else {
		r.say("Theme %s, drawn with lines.", theme)
	}
	return cmd
}

// useLook draws everything in another look.
func (r *root) useLook(l look.Look) tea.Cmd {
	r.look = l
	return r.broadcast(page.LookMsg{Look: l})
}

func (r *root) switchMouse() tea.Cmd {
	if r.mouse = !r.mouse; r.mouse {
		r.say("The mouse chooses tabs, rows and menus; with Shift the terminal has it.")
	} else {
		r.say("The mouse is the terminal's, to mark and copy text.")
	}
	return nil
}

// suspendOff returns why the console cannot be suspended. A run in this process would be suspended
// with it, in the middle of its writes.
func (r *root) suspendOff() string {
	switch {
	case r.work.Running(), r.conn != nil && r.conn.CheckProgress().Phase != "idle":
		return "work is under way in this process, and would stand still"
	}
	return r.suspendable()
}

// click handles a click of the left button: on a menu, a dialog, a tab, a line of the page or a key.
func (r *root) click(m tea.Mouse) tea.Cmd {
	if m.Button != tea.MouseLeft || r.width < smallestWidth || r.height < smallestHeight {
		return nil
	}
	switch {
	case m.Y == r.height-1:
		return r.clickKey(r.keyLine().Hit(m.X))
	case r.menu != nil:
		if key := r.menuClick(m.X, m.Y); key != "" {
			return r.pressMenu(key)
		}
	case r.top() != nil:
		if d, ok := r.top().(clickable); ok {
			id, _, dy := component.Hit(m.X, m.Y, r.dialogBox())
			if id != "" {
				return r.clickKey(d.Click(dy - 1))
			}
		}
	case r.pages == nil:
	case m.Y == 0:
		r.openMenu(menuActions)
	case m.Y == menuTop:
		return r.do(r.tabs().Hit(m.X))
	case m.Y >= bodyTop && m.Y < bodyTop+r.bodyHeight():
		return r.point(page.Mouse{X: m.X, Y: m.Y - bodyTop})
	}
	return nil
}

// clickKey does what the key of that name does; "" does nothing.
func (r *root) clickKey(name string) tea.Cmd {
	if name == "" {
		return nil
	}
	codes := map[string]rune{"enter": tea.KeyEnter, "esc": tea.KeyEscape, "left": tea.KeyLeft, "pgdown": tea.KeyPgDown,
		"space": tea.KeySpace, "tab": tea.KeyTab, "down": tea.KeyDown}
	if code, ok := codes[name]; ok {
		return r.press(tea.KeyPressMsg{Code: code})
	}
	return r.press(tea.KeyPressMsg{Code: []rune(name)[0], Text: name})
}

// wheelLines is the number of lines for one notch of the wheel.
const wheelLines = 3

// point passes what the pointer does to the page in front.
func (r *root) point(m page.Mouse) tea.Cmd {
	p, ok := r.page().(page.Pointed)
	if !ok {
		return nil
	}
	return r.call(r.active, func() tea.Cmd { return p.Mouse(m) })
}

// drag moves the scroll bar that was clicked.
func (r *root) drag(m tea.Mouse) tea.Cmd {
	if m.Button != tea.MouseLeft || r.menu != nil || r.top() != nil || r.pages == nil {
		return nil
	}
	return r.point(page.Mouse{X: m.X, Y: m.Y - bodyTop, Drag: true})
}

// wheel scrolls the panel below the pointer; in a dialog and a menu it moves as the arrow keys do.
func (r *root) wheel(m tea.Mouse) tea.Cmd {
	key, by := tea.KeyPressMsg{Code: tea.KeyDown}, wheelLines
	switch m.Button {
	case tea.MouseWheelUp:
		key.Code, by = tea.KeyUp, -wheelLines
	case tea.MouseWheelDown:
	default:
		return nil
	}
	if r.menu == nil && r.top() == nil && r.pages != nil {
		return r.point(page.Mouse{X: m.X, Y: m.Y - bodyTop, Wheel: by})
	}
	var cmds []tea.Cmd
	for range wheelLines {
		cmds = append(cmds, r.press(key))
	}
	return tea.Batch(cmds...)
}
