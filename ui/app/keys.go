package app

import (
	"strconv"
	"time"

	tea "charm.land/bubbletea/v2"

	"dirbridge/ui/page"
)

// press routes a key: first the keys that must always work, then the open menu or dialog, then a
// text field, then the commands.
func (r *root) press(k tea.KeyPressMsg) tea.Cmd {
	name := k.String()
	if name == "alt+esc" { // two keys that arrived together
		esc := tea.KeyPressMsg{Code: tea.KeyEscape}
		return tea.Batch(r.press(esc), r.press(esc))
	}
	prefixed := r.prefixed(name)
	switch {
	case name == "ctrl+c":
		return r.quit()
	case name == "ctrl+l":
		return tea.ClearScreen
	case r.menu != nil:
		return r.pressMenu(name)
	case r.top() != nil:
		return r.pressDialog(r.top(), k)
	case prefixed != "" && r.conn != nil:
		return r.do(prefixed)
	}
	if r.pages != nil && r.page().Typing() && !leavesText(name) {
		return r.call(r.active, func() tea.Cmd { return r.page().Type(k) })
	}
	if r.fault != nil && name == "esc" {
		r.fault = nil
		return nil
	}
	return r.do(name)
}

// do runs the command of a key.
func (r *root) do(key string) tea.Cmd {
	for _, c := range r.registry() {
		if !c.Is(key) {
			continue
		}
		if key == "esc" && c.Off != "" {
			break
		}
		return r.use(c)
	}
	if key == "esc" && r.conn != nil {
		r.escaped = r.now()
		r.say("%s", escapedWords)
	}
	return nil
}

// leavesText reports whether a key has no use in a text field, so that the console handles it
// there, too.
func leavesText(key string) bool {
	switch key {
	case "alt+a", "alt+h", "f1", "f9", "f10", "ctrl+z":
		return true
	}
	return false
}

// If Alt does not reach the program, Esc followed by the letter replaces it, as in many terminal
// programs: an Esc that had no other use waits for a letter.
const (
	escapedFor   = 2 * time.Second
	escapedWords = "Esc: a Actions, h Help"
)

// prefixed returns the key that Esc followed by this key stands for, or ""
// (TestEscIsAPrefixOnlyWhereItDidNothing).
func (r *root) prefixed(key string) string {
	since := r.now().Sub(r.escaped)
	armed := !r.escaped.IsZero() && since >= 0 && since < escapedFor
	r.forgetEsc()
	if armed && (key == "a" || key == "h") {
		return "alt+" + key
	}
	return ""
}

func (r *root) forgetEsc() {
	r.escaped = time.Time{}
	if r.note == escapedWords {
		r.note = ""
	}
}

// pressDialog passes the key to the dialog. It removes the dialog before it runs the command, so
// that one dialog can open the next.
func (r *root) pressDialog(d page.Dialog, k tea.KeyPressMsg) tea.Cmd {
	before := len(r.dialogs)
	return r.call(r.dialogs[before-1].of, func() tea.Cmd {
		cmd, closed := d.Key(k)
		if closed {
			r.dialogs = append(r.dialogs[:before-1:before-1], r.dialogs[before:]...)
		}
		return cmd
	})
}

// pasteDialog passes pasted text to the dialog in front.
func (r *root) pasteDialog(text string) tea.Cmd {
	d := r.dialogs[len(r.dialogs)-1]
	return r.call(d.of, func() tea.Cmd { return d.Paste(text) })
}

// commands returns the console's own commands, in the order of the menus, without those of the page
// in front.
func (r *root) commands() []page.Command {
	if r.conn == nil {
		return []page.Command{
			{ID: "open", Key: page.Keys("Try again", "r"), Title: "open the state again", Off: r.openOff(), Do: r.open},
			{ID: "exit", Key: page.Keys("Quit", "q"), Title: "leave", Do: r.quit},
		}
	}
	refresh := page.Command{ID: "refresh", Key: page.Keys("", "f5"),
		Title: "refresh: read again what this page shows", Menu: place("Actions", "", "Refresh", "f"), Do: r.refresh}
	exit := page.Command{ID: "exit", Key: page.Keys("", "q"), Title: "exit: leave the console",
		Menu: place("Actions", "", "Exit", "x"), Do: r.quit}
	commands := []page.Command{r.fullCommand(), r.incrementalCommand(), r.enableCommand(), r.disableCommand(),
		r.dryRunCommand(), r.cancelCommand(), r.explainCommand(), r.eventsCommand(), r.queueCommand(),
		r.convertCommand(), r.signInCommand(), r.resetSecretCommand(), refresh, exit}
	commands = append(commands, r.setupCommands()...)
	commands = append(append(commands, r.copyErrorCommand()), r.helpCommands()...)
	commands = append(commands, r.menuCommands()...)
	for id := page.ID(1); id <= page.Last; id++ {
		number := strconv.Itoa(int(id))
		commands = append(commands, page.Command{ID: "page." + number, Key: page.Keys("", number),
			Title: "go to " + id.Title(), Do: func() tea.Cmd { return r.show(id) }})
	}
	commands = append(commands,
		page.Command{ID: "page.next", Key: page.Keys("", "]"), Title: "next page",
			Do: func() tea.Cmd { return r.show(min(r.active, page.Last)%page.Last + 1) }},
		page.Command{ID: "page.before", Key: page.Keys("", "["), Title: "page before",
			Do: func() tea.Cmd { return r.show((r.active+page.Last-2)%page.Last + 1) }})
	return append(commands, r.terminalCommands()...)
}

// refresh reads again everything that needs neither the directory nor the cloud.
func (r *root) refresh() tea.Cmd {
	r.say("Refreshed.")
	return tea.Batch(r.poll(), r.readStatus(), r.call(r.active, r.page().Enter))
}

func (r *root) openOff() string {
	if r.opening {
		return "it is being opened"
	}
	return ""
}
