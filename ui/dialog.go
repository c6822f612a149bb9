package ui

import (
	tea "charm.land/bubbletea/v2"

	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/page"
)

// What a dialog may have besides what page.Dialog requires. It stands in the middle, over the dimmed
// page.
type (
	// framed fills the frame itself, after View: title, count, scroll bar.
	framed interface{ Dress(frame *component.Panel) }
	// clickable has lines that can be chosen; Click returns the key that completes the click, or "".
	clickable interface{ Click(line int) string }
	// wideDialog is read or searched, and has more cells.
	wideDialog interface{ Wide() bool }
)

// Most cells of a dialog; one that is read or searched is wider.
const (
	askWidth  = 76
	readWidth = 104
)

// dialogBox draws the open dialog and its frame.
func (r *root) dialogBox() component.Box {
	width, height := r.width, r.height-2
	if r.width >= 60 {
		width -= 4
	}
	if r.height >= 20 {
		height -= 2
	}
	most := askWidth
	if d, ok := r.top().(wideDialog); ok && d.Wide() {
		most = readWidth
	}
	frame := component.Panel{Look: r.look, Width: min(width, most), Focused: true}
	lines := r.top().View(r.look, frame.Width-2, height-2)
	frame.Height = min(len(lines)+2, height)
	if d, ok := r.top().(framed); ok {
		d.Dress(&frame)
	}
	return component.Middle(frame.View(lines), r.width, r.height-2)
}

// option is one answer of a question.
type option struct {
	id        string // of a command
	key, text string
	about     string // more about it
	keys      string // other keys for the same answer, if any
	off       string // why it is unavailable
	do        func() tea.Cmd
}

// question offers answers; each has a letter, and the arrows and Enter work as well.
type question struct {
	title   string
	lines   []string
	options []option
	at      int
	note    string
	text    above
	danger  bool // its frame is red
	first   int  // line of the first visible option in the last view,
	from    int  // which is this one
}

// above is the text above the question of a dialog. It never pushes the question off the screen: if
// there is no room for both, the text scrolls (TestADialogOnASmallScreenShowsWhatItAsks).
type above struct {
	scroll component.Viewport
	room   int
	cut    bool
}

func (a *above) view(lines []string, room int) []string {
	a.room, a.cut = max(room, 0), len(lines) > room
	return a.scroll.Lines(lines, a.room)
}

// key handles the keys that scroll; false means that there is nothing to scroll or the key is
// another one.
func (a *above) key(name string) bool {
	return a.cut && (name == "pgup" || name == "pgdown") && a.scroll.Key(name, a.room)
}

func (a *above) hint() []page.Command {
	if !a.cut {
		return nil
	}
	return []page.Command{{Keys: []string{"pgdown"}, Show: "PgDn", Short: "more"}}
}

func (q *question) Paste(string) tea.Cmd { return nil }

func (q *question) Key(k tea.KeyPressMsg) (tea.Cmd, bool) {
	q.note = ""
	if q.text.key(k.String()) {
		return nil, false
	}
	switch name := k.String(); name {
	case "esc", "q":
		return nil, true
	case "up", "k", "shift+tab", "left":
		q.at = max(q.at-1, 0)
	case "down", "j", "tab", "right":
		q.at = min(q.at+1, len(q.options)-1)
	case "home", "pgup":
		q.at = 0
	case "end", "pgdown":
		q.at = len(q.options) - 1
	case "enter":
		return q.choose(q.at)
	default:
		for i, o := range q.options {
			if o.key == name {
				return q.choose(i)
			}
		}
	}
	return nil, false
}

func (q *question) choose(i int) (tea.Cmd, bool) {
	if i < 0 || i >= len(q.options) {
		return nil, false
	}
	o := q.options[i]
	if o.off != "" {
		q.at, q.note = i, "Not now: "+o.off
		return nil, false
	}
	if o.do == nil {
		return nil, true
	}
	return o.do(), true
}

func (q *question) View(l look.Look, width, height int) []string {
	lines := q.text.view(paragraphs(l, q.lines, width), height-min(len(q.options), max(height/2, 1))-2)
	if len(lines) > 0 && len(lines)+len(q.options)+1 < height {
		lines = append(lines, "")
	}
	room := max(height-len(lines)-1, 1)
	from := max(min(q.at-room/2, len(q.options)-room), 0)
	q.first, q.from = len(lines), from
	for i := from; i < min(from+room, len(q.options)); i++ {
		o := q.options[i]
		text := " " + o.text
		if o.key != "" {
			text = " " + l.Right(o.key, 3) + "  " + o.text
		}
		if o.off != "" {
			text += "  (not now)"
		}
		lines = append(lines, optionLine(l, text, width, i == q.at, o.off))
	}
	if note := whyNot(q.note, q.options, q.at); note != "" {
		lines = append(lines, l.Style.Warn.Render(l.Cut(" "+l.Clean(note), width)))
	}
	return lines
}

func (q *question) Dress(frame *component.Panel) { frame.Title, frame.Danger = q.title, q.danger }

func (q *question) Click(line int) string {
	at := q.from + line - q.first
	if line < q.first || at >= len(q.options) {
		return ""
	}
	q.at = at
	return "enter"
}

func optionLine(l look.Look, text string, width int, current bool, off string) string {
	switch {
	case current:
		return l.Row(text, width)
	case off != "":
		return l.Style.Dim.Render(l.Fit(text, width))
	}
	return l.Fit(text, width)
}

// whyNot returns the note, or else why the option under the cursor is unavailable.
func whyNot(note string, options []option, at int) string {
	if note == "" && at < len(options) && options[at].off != "" {
		return "Not now: " + options[at].off
	}
	return note
}

func (q *question) Hints() []page.Command {
	return append([]page.Command{{Keys: []string{"enter"}, Show: "Enter", Short: "choose"},
		{Keys: []string{"esc"}, Show: "Esc", Short: "back"}}, q.text.hint()...)
}

// prompt asks for one line of text. check, if set, returns what is wrong with the text as it is
// typed; the prompt closes only if it returns "".
type prompt struct {
	title  string
	lines  []string
	label  string
	input  component.Input
	check  func(string) string
	done   func(string) tea.Cmd
	wrong  string
	text   above
	danger bool // its frame is red
	// For a text that is tested while it is typed: changed receives each change, tell returns the
	// result so far, left is called when the prompt closes.
	changed func(string) tea.Cmd
	tell    func(string) []string
	left    func()
	clean   func(look.Look, string) string // makes a character of the text safe to draw; nil is the default
}

// Paste inserts pasted text.
func (p *prompt) Paste(text string) tea.Cmd {
	p.input.Insert(text)
	p.wrong = ""
	return p.pasted()
}

func (p *prompt) pasted() tea.Cmd {
	if p.changed == nil {
		return nil
	}
	return p.changed(p.input.Text())
}

func (p *prompt) Key(k tea.KeyPressMsg) (tea.Cmd, bool) {
	cmd, closed := p.press(k)
	if closed && p.left != nil {
		p.left()
	}
	return cmd, closed
}

func (p *prompt) press(k tea.KeyPressMsg) (tea.Cmd, bool) {
	switch k.String() {
	case "esc":
		return nil, true
	case "enter":
		if p.check != nil {
			if p.wrong = p.check(p.input.Text()); p.wrong != "" {
				return nil, false
			}
		}
		return p.done(p.input.Text()), true
	}
	if !p.text.key(k.String()) && p.input.Key(k) {
		p.wrong = ""
		return p.pasted(), false
	}
	return nil, false
}

func (p *prompt) View(l look.Look, width, height int) []string {
	var lines []string
	label := " " + p.label + "  "
	if look.Width(label) > width/2 {
		for _, s := range l.Wrap(p.label, width-2) {
			lines = append(lines, " "+s)
		}
		label = " > "
	}
	clean := l.Clean
	if p.clean != nil {
		clean = func(s string) string { return p.clean(l, s) }
	}
	lines = append(lines, label+p.input.View(width-look.Width(label), clean))
	if p.wrong == "" && p.tell != nil {
		for _, s := range p.tell(p.input.Text()) {
			lines = append(lines, l.Cut(" "+l.Clean(s), width))
		}
	}
	if p.wrong != "" {
		for _, s := range l.Wrap(l.Clean(p.wrong), width-3) {
			lines = append(lines, l.Style.Bad.Render(" "+l.Mark.Problem+" "+s))
		}
	}
	text := p.text.view(paragraphs(l, p.lines, width), height-len(lines))
	if len(text) > 0 && len(text)+len(lines) < height {
		text = append(text, "")
	}
	return append(text, lines...)
}

func (p *prompt) Dress(frame *component.Panel) { frame.Title, frame.Danger = p.title, p.danger }

func (p *prompt) Hints() []page.Command {
	return append([]page.Command{{Keys: []string{"enter"}, Show: "Enter", Short: "OK"},
		{Keys: []string{"esc"}, Show: "Esc", Short: "back"}}, p.text.hint()...)
}

// confirm returns a prompt that accepts only phrase.
func confirm(title string, lines []string, phrase string, done func() tea.Cmd) *prompt {
	return &prompt{
		title: title, danger: true, lines: lines, label: "Type  " + phrase + "  and press Enter, or Esc:",
		check: func(text string) string {
			if text != phrase {
				return "Nothing was done. To go on, type exactly: " + phrase
			}
			return ""
		},
		done: func(string) tea.Cmd { return done() },
	}
}

func paragraphs(l look.Look, text []string, width int) (lines []string) {
	for _, s := range text {
		for _, w := range l.Wrap(l.Clean(s), width-2) {
			lines = append(lines, " "+w)
		}
	}
	return lines
}
