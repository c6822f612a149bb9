package app

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/page"
	"dirbridge/ui/page/draw"
	"dirbridge/ui/view"
)

// Minimum size of a usable screen.
const (
	smallestWidth  = 40
	smallestHeight = 10
)

// bodyTop is the screen line at which the page starts.
const bodyTop = 2

// bodyRoom returns the number of lines for the page and its foot.
func (r *root) bodyRoom() int { return max(r.height-bodyTop-2, 0) }

func (r *root) View() tea.View {
	v := tea.NewView(strings.Join(r.guardedFrame(), "\n"))
	v.AltScreen = true
	if c := r.cursor; c != nil {
		v.Cursor = tea.NewCursor(c.X, c.Y)
		v.Cursor.Blink = false
	}
	if !r.basic {
		v.WindowTitle = r.windowTitle()
	}
	if r.taskbar && r.work.Running() {
		v.ProgressBar = &tea.ProgressBar{State: tea.ProgressBarIndeterminate}
		if p := draw.Said(r.work, r.now()); p.Known {
			v.ProgressBar = &tea.ProgressBar{State: tea.ProgressBarDefault, Value: int(p.Percent)}
		}
	}
	if r.mouse {
		v.MouseMode = tea.MouseModeCellMotion
	}
	return v
}

// windowTitle names the connection, and how far the current run is.
func (r *root) windowTitle() string {
	title := "Dirbridge"
	if r.status.Directory != "" {
		title += " " + look.Clean(r.status.Directory)
	}
	if p := draw.Said(r.work, r.now()); r.work.Running() && p.Known {
		title = strconv.FormatInt(p.Percent, 10) + "% " + title
	}
	return title
}

// frame draws exactly height lines of at most width cells: the identity, the tabs, the page with the
// last error, the status line, the keys; over them the open dialog or menu (TestAnySizeAndAnyKeys).
func (r *root) frame() []string {
	w, h := r.width, r.height
	r.cursor = nil
	if w < 1 || h < 1 {
		return nil
	}
	if w < smallestWidth || h < smallestHeight {
		text := "Dirbridge needs 40 x 10 cells; this is " + strconv.Itoa(w) + " x " + strconv.Itoa(h) +
			". Please enlarge the window. q quits."
		return r.exactly(r.look.Wrap(text, w), h)
	}
	var lines []string
	if r.setup.inFront() {
		lines = r.setup.frame()
	} else {
		lines = append(lines, r.identity(), r.tabs().View())
		lines = append(lines, r.exactly(r.body(), r.bodyHeight())...)
		lines = append(lines, r.foot()...)
		lines = r.exactly(append(lines, r.statusLine(), r.keyLine().View()), h)
	}
	r.takeCursor(lines, component.Box{})
	switch {
	case r.menu != nil:
		lines[menuTop] = r.look.Cut(r.menuBar().View(), w)
		return component.Over(lines, w, h, r.menuBoxes()...)
	case r.top() != nil:
		box := r.dialogBox()
		r.cursor = nil
		r.takeCursor(box.Lines, box)
		behind := component.Dimmed(r.look, lines[:h-2])
		return component.Over(append(behind, lines[h-2:]...), w, h, box)
	}
	return lines
}

// takeCursor finds the terminal's cursor in what is drawn at the place of a box.
func (r *root) takeCursor(lines []string, at component.Box) {
	if x, y, ok := component.TakeCursor(lines); ok {
		r.cursor = &tea.Position{X: at.X + x, Y: at.Y + y}
	}
}

// exactly returns n of these lines, each cut to the width.
func (r *root) exactly(lines []string, n int) []string {
	out := make([]string, n)
	for i := range out {
		if i < len(lines) {
			out[i] = r.look.Cut(lines[i], r.width)
		}
	}
	return out
}

func (r *root) identity() string {
	l := r.look
	what := r.opts.Title
	if r.status.Directory != "" {
		what = r.status.Directory + " " + l.Mark.Arrow + " " + r.status.Cloud
	}
	return l.Sides(" "+l.Style.Title.Render("Dirbridge")+"  "+l.Clean(what), r.health()+" ", r.width)
}

// health names the connector, whether the schedule is on, and the state of the synchronization, in a
// few words.
func (r *root) health() string {
	var parts []string
	l := r.look
	if r.conn != nil && r.status.Connector != "" {
		name := l.Clean(r.status.Connector)
		if r.status.Leading && r.width >= 100 {
			name += " leading"
		}
		if r.width >= 60 {
			parts = append(parts, name)
		}
		parts = append(parts, r.schedule(), r.state())
	}
	if r.readOnly {
		parts = append(parts, "read-only")
	}
	return strings.Join(parts, "  ")
}

// schedule says whether the schedule is on; off is an alarm.
func (r *root) schedule() string {
	l := r.look
	switch on := r.status.Mode.Enabled; {
	case on && !r.status.Served:
		return l.Style.Warn.Render("schedule ON, no service")
	case on:
		return "schedule ON"
	}
	return l.Style.Badge.Render(" schedule OFF ")
}

// state returns the ball of the overall status and its word.
func (r *root) state() string {
	l := r.look
	if r.work.UnderWay() {
		return l.Style.Key.Render(l.Mark.Ball + " running")
	}
	c := view.ConditionOf(r.status)
	word := strings.ToLower(c.Word)
	switch {
	case c.Tone == view.Good:
		word = "ok"
	case c.Tone == view.Dim:
		word = "no run yet"
	}
	return draw.Toned(l, c.Tone).Render(l.Mark.Ball + " " + word)
}

// tabs returns the tabs: number and name. If there is little room, the number stands at the name;
// below 80 cells, names become their first letters, and the tab in front keeps its name longest.
func (r *root) tabs() component.Bar {
	l := r.look
	on := int(r.active) - 1
	apart, between := " ", "  "
	names := tabNames()
	need := func(sep int) (n int) {
		for _, name := range names {
			n += 1 + sep + look.Width(name)
		}
		return n + 1
	}
	count := len(names)
	switch {
	case need(1)+2*count <= r.width:
	case need(1)+count <= r.width:
		between = " "
	default:
		apart, between = "", " "
		names = shortened(names, on, r.width-2*count-1)
	}
	bracketed := l.Bare()
	bar := component.Bar{Width: r.width}
	for i, name := range names {
		lead, style := between, l.Style.Tab
		switch {
		case bracketed && i == on:
			lead = between[1:] + "["
		case bracketed && i == on+1:
			lead = "]" + between[1:]
		}
		if i == on {
			style = l.Style.TabOn
		}
		number := strconv.Itoa(i + 1)
		text := style.Render(number + apart + name)
		if apart == "" && i != on {
			text = l.Style.Key.Render(number) + style.Render(name)
		}
		bar.Items = append(bar.Items, component.Item{ID: number, Text: lead + text})
	}
	if bracketed && on == count-1 {
		bar.Items[on].Text += "]"
	}
	return bar
}

// shortened cuts names to as many letters as fit in room cells altogether.
func shortened(names []string, on, room int) []string {
	out := slices.Clone(names)
	for most := 12; most > 1; most-- {
		for _, whole := range []bool{true, false} {
			n := 0
			for i, name := range names {
				if out[i] = name; i != on || !whole {
					out[i] = name[:min(most, len(name))]
				}
				n += len(out[i])
			}
			if n <= room {
				return out
			}
		}
	}
	return out
}

// tabNames returns the names of the pages on their tabs; their titles have the guide's terms.
func tabNames() []string {
	return []string{"Dashboard", "Objects", "Mapping", "Dry Run", "Events", "History", "Settings", "Check", "Purge"}
}

// body returns the page, or its placeholder while there is none.
func (r *root) body() []string {
	if r.pages != nil {
		return r.page().View()
	}
	if r.opening {
		return []string{"", " Opening " + r.look.Clean(r.opts.Title) + r.look.Mark.Ellipsis}
	}
	if r.fault == nil {
		return []string{"", " Nothing to show: there is no connector."}
	}
	return nil
}

// bodyHeight returns the number of lines left for the page.
func (r *root) bodyHeight() int {
	if r.width < smallestWidth || r.height < smallestHeight {
		return 0
	}
	return max(r.bodyRoom()-len(r.foot()), 0)
}

// foot returns the lines between the page and the status line: the last error, until it is
// acknowledged.
func (r *root) foot() []string {
	l, room := r.look, r.bodyRoom()
	if r.fault == nil {
		return nil
	}
	var lines []string
	for _, s := range reasonLines(l, view.In(view.Console, r.fault.what), r.width-4, max(room/2-2, 3)) {
		lines = append(lines, " "+l.Style.Bad.Render(s))
	}
	if r.fault.remedy != "" {
		for _, s := range l.Wrap(l.Clean(view.In(view.Console, r.fault.remedy)), r.width-4) {
			lines = append(lines, " "+s)
		}
	}
	where, copies := "logged; see [5] Events", "[Y] copy, "
	if r.pages == nil {
		where, copies = "not logged, because the state is not open", ""
	}
	lines = append(lines, l.Style.Dim.Render(" "+r.fault.at.Format("15:04:05")+", "+where+". "+copies+"[Esc] dismiss"))
	frame := component.Panel{Look: l, Width: r.width, Height: min(len(lines)+2, room), Title: l.Mark.Problem + " Error",
		Danger: true}
	return frame.View(lines)
}

// reasonLines wraps an error in at most this many lines. A longer one is cut in the middle: its
// beginning names what failed, and its end has the reason (TestABannerEndsWithItsReason).
func reasonLines(l look.Look, text string, width, most int) []string {
	lines := l.Wrap(l.Clean(text), width)
	if len(lines) <= most {
		return lines
	}
	head := max((most-1)/3, 1)
	out := append(slices.Clone(lines[:head]), l.Mark.Ellipsis)
	return append(out, lines[len(lines)-(most-head-1):]...)
}

func (r *root) statusLine() string {
	l := r.look
	text, right := " "+l.Clean(r.note), ""
	if r.refused {
		text = l.Style.Warn.Render(text)
	}
	switch {
	case r.menu != nil:
		return l.Cut(" "+l.Clean(r.menuWords()), r.width)
	case r.pages == nil:
	case r.work.Running() && r.active != page.Dashboard && r.active != page.DryRun:
		right = draw.Said(r.work, r.now()).Short() + " "
	case r.note == "" && r.draft.Changed():
		text = l.Style.Warn.Render(" " + l.Mark.Change + " " + r.unsaved())
	}
	return l.Sides(text, right, r.width)
}

// unsaved says that there are changes to save, and what saves them on the page that is shown.
func (r *root) unsaved() string {
	n := int64(len(view.Changes(r.draft.Saved, r.draft.Edited)))
	text := look.Count(n, "unsaved change", "unsaved changes") + ". "
	for _, c := range r.commands() {
		if c.ID == "settings.apply" && len(c.Key.Keys()) > 0 {
			return text + "[a] review and save"
		}
	}
	return text + "Settings, Mapping and Object Selection save them."
}

// keys returns the commands for the line of keys.
func (r *root) keys() []page.Command {
	switch {
	case r.menu != nil:
		return page.Hints(r.menuHints()...)
	case r.top() != nil:
		return page.Hints(r.top().Hints()...)
	case r.pages == nil:
		return r.commands()
	case r.page().Typing():
		return page.Hints(page.Keys("keep", "enter"), page.Keys("clear", "esc"))
	}
	return r.pageCommands()
}

// keyLine shows the keys that fit, and always the key that shows the rest. A key that is unavailable
// is dim, and says why when it is pressed.
func (r *root) keyLine() component.Bar {
	if r.menu != nil || r.top() != nil || r.pages == nil {
		return r.keyBar(r.keys(), nil)
	}
	tail := []key.Binding{page.Keys("keys", "?")}
	if r.width >= 60 {
		tail = append(tail, page.Keys("commands", ":"))
	}
	return r.keyBar(r.keys(), page.Hints(tail...))
}

// keyBar shows the keys that fit, and all of the tail at the right.
func (r *root) keyBar(keys, last []page.Command) component.Bar {
	l := r.look
	bar := component.Bar{Width: r.width}
	hint := func(k page.Command) component.Item {
		text := l.Style.Key.Render(k.Label()) + " " + k.Short()
		switch {
		case k.Off != "" && l.Bare():
			text = l.Style.Dim.Render("(" + k.Label() + " " + k.Short() + ")")
		case k.Off != "":
			text = l.Style.Dim.Render(k.Label() + " " + k.Short())
		}
		return component.Item{ID: cmp.Or(k.Key.Keys()...), Text: text}
	}
	var tail []component.Item
	for i, k := range last {
		if i > 0 {
			tail = append(tail, component.Item{Text: "  "})
		}
		tail = append(tail, hint(k))
	}
	room := r.width - 2
	for _, t := range tail {
		room -= look.Width(t.Text)
	}
	for _, k := range keys {
		item := hint(k)
		if n := look.Width(item.Text) + 2; k.Short() != "" && n <= room {
			room -= n
			bar.Items = append(bar.Items, component.Item{Text: " "}, item, component.Item{Text: " "})
		}
	}
	if len(tail) > 0 {
		bar.Items = append(bar.Items, component.Item{Text: strings.Repeat(" ", room+1)})
	}
	bar.Items = append(bar.Items, tail...)
	return bar
}
