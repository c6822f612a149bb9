package ui

import (
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"dirbridge/ui/look"
)

// press routes a key: what must always work, then the dialog, then text being
// typed, then the page, then the console.
func (r *root) press(k tea.KeyPressMsg) tea.Cmd {
	name := k.String()
	switch name {
	case "ctrl+c":
		return r.quit()
	case "ctrl+l":
		return tea.ClearScreen
	}
	if d := r.top(); d != nil {
		return r.pressDialog(d, k)
	}
	if r.pages != nil && r.page().Typing() {
		return r.wrap(r.active, r.page().Type(k))
	}
	if r.fault != nil && name == "esc" {
		r.fault = nil
		return nil
	}
	if r.pages != nil {
		for _, key := range r.page().Keys() {
			if key.is(name) {
				return r.wrap(r.active, r.use(key))
			}
		}
	}
	for _, key := range r.keys() {
		if key.is(name) {
			return r.use(key)
		}
	}
	return nil
}

// pressDialog hands the key to the dialog. The dialog is taken away before what it
// opened, so that one dialog may ask the next.
func (r *root) pressDialog(d dialog, k tea.KeyPressMsg) tea.Cmd {
	before := len(r.dialogs)
	cmd, closed := d.key(k)
	if closed {
		r.dialogs = append(r.dialogs[:before-1:before-1], r.dialogs[before:]...)
	}
	if r.pages == nil {
		return cmd
	}
	return r.wrap(r.active, cmd)
}

func (r *root) use(k Key) tea.Cmd {
	if k.Off != "" {
		r.say("Not now (%s): %s", k.label(), k.Off)
		return nil
	}
	if k.Do == nil {
		return nil
	}
	r.note = ""
	return k.Do()
}

// keys are those of the console itself; a page's own come first.
func (r *root) keys() []Key {
	if r.conn == nil {
		return []Key{
			{On: []string{"r"}, Short: "Try again", Help: "open the state again", Off: r.openOff(), Do: r.open},
			{On: []string{"q"}, Short: "Quit", Help: "leave", Do: r.quit},
		}
	}
	keys := []Key{
		{On: []string{"?", "f1"}, Short: "Keys", Help: "this list", Do: r.help},
		{On: []string{":", "ctrl+p"}, Short: "Commands", Help: "find a command by name", Do: r.palette},
	}
	for id := pageID(1); id <= lastPage; id++ {
		keys = append(keys, Key{On: []string{strconv.Itoa(int(id))}, Help: "go to " + r.pages[id-1].Title(),
			Do: func() tea.Cmd { return r.show(id) }})
	}
	return append(keys,
		Key{On: []string{"tab"}, Show: "Tab", Help: "next page", Do: func() tea.Cmd { return r.show(r.active%lastPage + 1) }},
		Key{On: []string{"shift+tab"}, Show: "Shift+Tab", Help: "page before", Do: func() tea.Cmd { return r.show((r.active+lastPage-2)%lastPage + 1) }},
		Key{On: []string{"alt+a", "f9"}, Show: "Alt+A F9", Help: "what can be done on this page", Do: r.actions},
		Key{On: []string{"ctrl+l"}, Show: "Ctrl+L", Help: "draw the screen anew"},
		Key{On: []string{"q", "f10"}, Help: "quit", Do: r.quit},
	)
}

func (r *root) openOff() string {
	if r.opening {
		return "it is being opened"
	}
	return ""
}

// quit leaves at once where nothing is lost by it, else it asks.
func (r *root) quit() tea.Cmd {
	if r.conn == nil || r.quitting {
		return tea.Quit
	}
	if r.running() {
		r.ask(&question{
			title: "Work is under way: " + modeName(r.progress.Mode) + ", " + string(r.progress.Phase) + ".",
			lines: []string{"Cancelling stops between two writes; what was not done stays to be done."},
			options: []option{
				{key: "s", text: "Stay"},
				{key: "c", text: "Cancel it, and quit when it has stopped", do: func() tea.Cmd {
					r.conn.Cancel()
					r.quitting = true
					r.say("Stopping; then it closes. q closes it at once.")
					return nil
				}},
			},
		})
		return nil
	}
	if r.draft.changed() {
		r.ask(&question{
			title: "There are changes that are not saved.",
			options: []option{
				{key: "s", text: "Stay"},
				{key: "x", text: "Leave without saving them", do: func() tea.Cmd { return tea.Quit }},
			},
		})
		return nil
	}
	return tea.Quit
}

// help lists the keys of the page in front, then those of the console.
func (r *root) help() tea.Cmd {
	page, console := r.page().Keys(), r.keys()
	title := r.page().Title()
	r.ask(&reading{title: strings.TrimSpace("Keys of Dirbridge " + r.opts.Version), lines: func(l look.Look, width int) []string {
		lines := append([]string{" " + title}, helpLines(l, page, width)...)
		lines = append(lines, "", " Everywhere")
		lines = append(lines, helpLines(l, console, width)...)
		return append(lines, "", " In lists: arrows or hjkl, PgUp, PgDn, Home, End")
	}})
	return nil
}

func helpLines(l look.Look, keys []Key, width int) []string {
	var lines []string
	for _, k := range keys {
		text := k.Help
		if text == "" { // one of the keys of every list
			continue
		}
		if k.Off != "" {
			text += " (not now: " + k.Off + ")"
		}
		lines = append(lines, l.Cut("   "+l.Style.Key.Render(l.Fit(k.label(), 12))+" "+text, width))
	}
	return lines
}

// actions is the menu of the page in front: its keys, by name.
func (r *root) actions() tea.Cmd {
	q := &question{title: "Actions: " + r.page().Title()}
	for _, k := range r.page().Keys() {
		if k.Do == nil || k.Short == "" {
			continue
		}
		letter := k.On[0]
		if len(letter) != 1 {
			letter = ""
		}
		q.options = append(q.options, option{key: letter, text: k.Help, off: k.Off, do: k.Do})
	}
	r.ask(q)
	return nil
}
