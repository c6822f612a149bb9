package ui

import (
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"dirbridge/ui/look"
)

// Minimum size of a usable screen.
const (
	smallestWidth  = 40
	smallestHeight = 10
)

// lowest is the height from which a rule is under the tabs; below it, the page needs every line.
const lowest = 14

// bodyTop returns the screen line at which the page starts.
func (r *root) bodyTop() int {
	if r.height < lowest {
		return 2
	}
	return 3
}

// bodyRoom returns the number of lines for the page and its foot.
func (r *root) bodyRoom() int { return max(r.height-r.bodyTop()-2, 0) }

func (r *root) View() tea.View {
	v := tea.NewView(strings.Join(r.guardedFrame(), "\n"))
	v.AltScreen = true
	if !r.basic {
		v.WindowTitle = "Dirbridge"
	}
	if r.mouse {
		v.MouseMode = tea.MouseModeCellMotion
	}
	return v
}

// frame draws exactly height lines of at most width cells: the title and the status at the top, the
// tabs, the page with its dialog or error, the status line, the keys (TestAnySizeAndAnyKeys).
func (r *root) frame() []string {
	w, h := r.width, r.height
	if w < 1 || h < 1 {
		return nil
	}
	if w < smallestWidth || h < smallestHeight {
		text := "Dirbridge needs 40 x 10 cells; this is " + strconv.Itoa(w) + " x " + strconv.Itoa(h) +
			". Please enlarge the window. q quits."
		return r.exactly(r.look.Wrap(text, w), h)
	}
	if r.setup.inFront() {
		return r.setup.frame()
	}
	lines := []string{r.identity(), r.tabs(), r.look.Line(w)}[:r.bodyTop()]
	lines = append(lines, r.exactly(r.body(), r.bodyHeight())...)
	lines = append(lines, r.foot()...)
	lines = r.exactly(append(lines, r.statusLine(), r.keyLine()), h)
	if r.menu != nil {
		lines[menuTop] = r.look.Cut(r.menuBar(), w)
		r.overlay(lines)
	}
	return lines
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
	return l.Sides(" "+l.Style.Title.Render("Dirbridge")+"   "+l.Clean(what), r.health()+" ", r.width)
}

// health names the connector, its status, and whether the schedule is on, in a few words.
func (r *root) health() string {
	var parts []string
	if r.conn != nil && r.status.Connector != "" {
		name := r.look.Clean(r.status.Connector)
		word, style := r.trouble()
		if r.status.Leading && (word == "" || r.width >= 100) {
			name += " leading"
		}
		if r.width >= 60 {
			parts = append(parts, name)
		}
		if r.underWay() {
			parts = append(parts, "running")
		}
		switch {
		case word != "":
			parts = append(parts, style.Render(r.look.Mark.Problem+" "+word))
		case r.degraded() != "":
			parts = append(parts, r.look.Style.Warn.Render(r.look.Mark.Problem+" degraded"))
		}
		switch on := r.status.Mode.Enabled; {
		case on && !r.status.Served:
			parts = append(parts, r.look.Style.Warn.Render("sync ON, no service"))
		case on:
			parts = append(parts, "sync ON")
		default:
			parts = append(parts, "sync OFF")
		}
	}
	if r.readOnly {
		parts = append(parts, "read-only")
	}
	return strings.Join(parts, "   ")
}

func (r *root) tabs() string {
	var b strings.Builder
	for i, text := range r.tabTexts() {
		b.WriteString(r.look.Tab(text, pageID(i+1) == r.active))
	}
	return b.String()
}

// tabTexts returns the tabs without their borders. If there is little room, names become shorter,
// the least important ones first; the tab in front keeps its name longest.
func (r *root) tabTexts() []string {
	long, short := tabNames()
	names, room := long[0], r.width
	if r.width < 116 {
		names = long[1]
	}
	texts := make([]string, len(names))
	for i, name := range names {
		texts[i] = strconv.Itoa(i+1) + " " + name
		room -= look.Width(texts[i]) + 2
	}
	cut := func(i int, name string) {
		if text := strings.TrimSpace(strconv.Itoa(i+1) + " " + name); room < 0 && pageID(i+1) != r.active {
			room += look.Width(texts[i]) - look.Width(text)
			texts[i] = text
		}
	}
	order := []pageID{pageCheck, pageQueue, pageDashboard, pageHistory, pageObjects, pageMapping, pageDryRun,
		pageSettings, pageEvents}
	for _, id := range order {
		cut(int(id)-1, short[id-1])
	}
	for _, id := range order {
		cut(int(id)-1, "")
	}
	return texts
}

// tabNames returns the names in the guide's terms, in full and short, and as a few letters.
func tabNames() (long [2][]string, short []string) {
	return [2][]string{
		{"Dashboard", "Object Selection", "User Attribute Mapping", "Dry Run", "Events", "History", "Settings", "Check",
			"Purge Queue"},
		{"Dashboard", "Objects", "Mapping", "Dry Run", "Events", "History", "Settings", "Check", "Purge"},
	}, []string{"Dash", "Obj", "Map", "Dry", "Ev", "Hist", "Set", "", ""}
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

// foot returns the lines between the page and the status line: the dialog, or the last error until
// it is acknowledged.
func (r *root) foot() []string {
	l, room := r.look, r.bodyRoom()
	if d := r.top(); d != nil {
		lines := append([]string{l.Line(r.width)}, d.view(l, r.width, max(room-1, 1))...)
		return lines[:min(len(lines), room)]
	}
	if r.fault == nil {
		return nil
	}
	lines := []string{l.Line(r.width)}
	for i, s := range reasonLines(l, r.fault.what, r.width-4, max(room/2-1, 4)) {
		mark := "   "
		if i == 0 {
			mark = " " + l.Mark.Problem + " "
		}
		lines = append(lines, l.Style.Bad.Render(mark+s))
	}
	if r.fault.remedy != "" {
		for _, s := range l.Wrap(l.Clean(r.fault.remedy), r.width-4) {
			lines = append(lines, "   "+s)
		}
	}
	where := "in the event log: 5 Events"
	if r.pages == nil {
		where = "nothing is logged before the state is open"
	}
	lines = append(lines, l.Style.Dim.Render("   "+r.fault.at.Format("15:04:05")+"; "+where+". Esc takes this away."))
	return lines[:min(len(lines), room)]
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
	text := " " + r.look.Clean(r.note)
	right := ""
	switch {
	case r.menu != nil:
		return r.look.Cut(" "+r.look.Clean(r.menuWords()), r.width)
	case r.pages == nil:
	case r.running() && r.active != pageDashboard && r.active != pageDryRun:
		right = progressWords(r.shell) + " "
	case r.note == "" && r.draft.Changed():
		text = r.look.Style.Warn.Render(" " + r.look.Mark.Change + " changed, not saved: a Apply" + r.look.Mark.Ellipsis +
			" on pages 2, 3 and 7")
	}
	return r.look.Sides(text, right, r.width)
}

// keyLine shows the keys that fit, and always the key that shows the rest.
func (r *root) keyLine() string {
	l := r.look
	var keys []Command
	tail := l.Style.Key.Render("?") + " Keys "
	if r.width >= 100 {
		tail = l.Style.Key.Render("?") + " Keys  " + l.Style.Key.Render(":") + " Commands "
	}
	switch {
	case r.menu != nil:
		keys, tail = r.menuHints(), ""
	case r.top() != nil:
		keys, tail = r.top().hints(), ""
	case r.pages == nil:
		keys, tail = r.commands(), ""
	case r.page().Typing():
		keys, tail = []Command{{Keys: []string{"Enter"}, Short: "keep"}, {Keys: []string{"Esc"}, Short: "clear"}}, ""
	default:
		keys = r.pageCommands()
	}
	room := r.width - 1 - look.Width(tail)
	line := " "
	for _, k := range keys {
		if k.Short == "" {
			continue
		}
		text := k.label() + " " + k.Short
		if k.Off != "" {
			text = "(" + text + ")"
		}
		if look.Width(line)+look.Width(text) > room {
			continue
		}
		if k.Off != "" {
			line += l.Style.Dim.Render(text) + "  "
			continue
		}
		line += l.Style.Key.Render(k.label()) + " " + k.Short + "  "
	}
	return l.Sides(strings.TrimSuffix(line, "  "), tail, r.width)
}
