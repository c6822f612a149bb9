package component

import (
	"slices"
	"strings"
	"unicode"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"dirbridge/ui/look"
	"dirbridge/ui/page"
)

// Option is one answer of a question.
type Option struct {
	ID        string // of a command
	Key, Text string
	About     string // more about it
	More      string // a text that is searched, too, but not shown
	Keys      string // other keys for the same answer, if any
	Off       string // why it is unavailable
	Do        func() tea.Cmd
}

// Question offers answers; each has a letter, and the arrows and Enter work as well.
type Question struct {
	Title   string
	Lines   []string
	Options []Option
	At      int
	note    string
	text    scrolled
	danger  bool // its frame is red
	first   int  // line of the first visible option in the last view,
	from    int  // which is this one
}

// scrolled is the text above the question of a dialog. It never pushes the question off the screen: if
// there is no room for both, the text scrolls (TestADialogOnASmallScreenShowsWhatItAsks).
type scrolled struct {
	scroll Viewport
	room   int
	cut    bool
}

func (a *scrolled) view(lines []string, room int) []string {
	a.room, a.cut = max(room, 0), len(lines) > room
	return a.scroll.Lines(lines, a.room)
}

// key handles the keys that scroll; false means that there is nothing to scroll or the key is
// another one.
func (a *scrolled) key(name string) bool {
	return a.cut && (name == "pgup" || name == "pgdown") && a.scroll.Key(name, a.room)
}

func (a *scrolled) hint(keys ...key.Binding) []key.Binding {
	if a.cut {
		keys = append(keys, page.Keys("more", "pgdown"))
	}
	return keys
}

func (q *Question) Paste(string) tea.Cmd { return nil }

func (q *Question) Key(k tea.KeyPressMsg) (tea.Cmd, bool) {
	q.note = ""
	if q.text.key(k.String()) {
		return nil, false
	}
	name := k.String()
	switch name {
	case "esc", "q":
		return nil, true
	case "enter":
		return q.choose(q.At)
	}
	if i := slices.IndexFunc(q.Options, func(o Option) bool { return o.Key == name }); i >= 0 {
		return q.choose(i)
	}
	keys, n := page.ListKeys(), len(q.Options)
	keys.Up.SetKeys("up", "k", "shift+tab", "left")
	keys.Down.SetKeys("down", "j", "tab", "right")
	q.At, _ = page.Moved(keys, name, q.At, n, n)
	return nil, false
}

func (q *Question) choose(i int) (tea.Cmd, bool) {
	if i < 0 || i >= len(q.Options) {
		return nil, false
	}
	o := q.Options[i]
	if o.Off != "" {
		q.At, q.note = i, "Off: "+o.Off
		return nil, false
	}
	if o.Do == nil {
		return nil, true
	}
	return o.Do(), true
}

func (q *Question) View(l look.Look, width, height int) []string {
	lines := q.text.view(paragraphs(l, q.Lines, width), height-min(len(q.Options), max(height/2, 1))-2)
	if len(lines) > 0 && len(lines)+len(q.Options)+1 < height {
		lines = append(lines, "")
	}
	room := max(height-len(lines)-1, 1)
	from := max(min(q.At-room/2, len(q.Options)-room), 0)
	q.first, q.from = len(lines), from
	for i := from; i < min(from+room, len(q.Options)); i++ {
		o := q.Options[i]
		text := " " + o.Text
		if o.Key != "" {
			text = " " + l.Right(o.Key, 3) + "  " + o.Text
		}
		if o.Off != "" {
			text += "  (off)"
		}
		lines = append(lines, OptionLine(l, text, width, i == q.At, o.Off))
	}
	if note := whyNot(q.note, q.Options, q.At); note != "" {
		lines = append(lines, l.Style.Warn.Render(l.Cut(" "+l.Clean(note), width)))
	}
	return lines
}

func (q *Question) Dress(frame *Panel) { frame.Title, frame.Danger = q.Title, q.danger }

func (q *Question) Click(line int) string {
	at := q.from + line - q.first
	if line < q.first || at >= len(q.Options) {
		return ""
	}
	q.At = at
	return "enter"
}

func OptionLine(l look.Look, text string, width int, current bool, off string) string {
	switch {
	case current:
		return l.Row(text, width)
	case off != "":
		return l.Style.Dim.Render(l.Fit(text, width))
	}
	return l.Fit(text, width)
}

// whyNot returns the note, or else why the option under the cursor is unavailable.
func whyNot(note string, options []Option, at int) string {
	if note == "" && at < len(options) && options[at].Off != "" {
		return "Off: " + options[at].Off
	}
	return note
}

func (q *Question) Hints() []key.Binding {
	return q.text.hint(page.Keys("choose", "enter"), page.Keys("back", "esc"))
}

// Prompt asks for a text. check, if set, returns what is wrong with the text as it is
// typed; the prompt closes only if it returns "".
type Prompt struct {
	Title  string
	Lines  []string
	Label  string
	Input  Input
	Check  func(string) string
	Done   func(string) tea.Cmd
	Wrong  string
	text   scrolled
	danger bool // its frame is red
	// For a text that is tested while it is typed: changed receives each change, tell returns the
	// result so far, left is called when the prompt closes.
	Changed func(string) tea.Cmd
	Tell    func(string) []string
	Left    func()
	Browse  []string // the ends of the names among which Ctrl+O chooses a file; nil is none
	picker  *Picker
	Rows    int                            // the lines of the field, below its label; 0 is one beside it
	Clean   func(look.Look, string) string // makes a character of the text safe to draw; nil is the default
}

// Paste inserts pasted text.
func (p *Prompt) Paste(text string) tea.Cmd {
	if p.picker != nil {
		return nil
	}
	p.Input.Insert(text)
	p.Wrong = ""
	return p.pasted()
}

func (p *Prompt) pasted() tea.Cmd {
	if p.Changed == nil {
		return nil
	}
	return p.Changed(p.Input.Text())
}

func (p *Prompt) Key(k tea.KeyPressMsg) (tea.Cmd, bool) {
	cmd, closed := p.press(k)
	if closed && p.Left != nil {
		p.Left()
	}
	return cmd, closed
}

// Update handles the names in a folder, of which a file is being chosen.
func (p *Prompt) Update(msg tea.Msg) (cmd tea.Cmd) {
	if p.picker == nil {
		return nil
	}
	if cmd = p.picker.Update(msg); p.picker.Chosen != "" {
		p.Input, p.picker, p.Wrong = NewInput(p.picker.Chosen), nil, ""
	}
	return cmd
}

func (p *Prompt) press(k tea.KeyPressMsg) (cmd tea.Cmd, closed bool) {
	switch name := k.String(); {
	case p.picker != nil && name == "esc":
		p.picker = nil
		return nil, false
	case p.picker != nil:
		return p.Update(k), false
	case p.Browse != nil && name == "ctrl+o":
		p.picker, cmd = NewPicker(p.Input.Text(), p.Browse...)
		return cmd, false
	}
	switch k.String() {
	case "esc":
		return nil, true
	case "enter":
		if p.Check != nil {
			if p.Wrong = p.Check(p.Input.Text()); p.Wrong != "" {
				return nil, false
			}
		}
		return p.Done(p.Input.Text()), true
	}
	if !p.text.key(k.String()) && p.Input.Key(k) {
		p.Wrong = ""
		return p.pasted(), false
	}
	return nil, false
}

func (p *Prompt) View(l look.Look, width, height int) []string {
	if p.picker != nil {
		return p.picker.View(l, width, height)
	}
	var lines []string
	label := " " + p.Label + "  "
	if p.Rows == 0 && look.Width(label) > width/2 {
		for _, s := range l.Wrap(p.Label, width-2) {
			lines = append(lines, " "+s)
		}
		label = " > "
	}
	clean := l.Clean
	if p.Clean != nil {
		clean = func(s string) string { return p.Clean(l, s) }
	}
	if p.Rows > 0 {
		lines = append(lines, " "+p.Label)
		for _, s := range p.Input.Lines(width-4, p.Rows, clean) {
			lines = append(lines, "  "+s)
		}
	} else {
		lines = append(lines, label+p.Input.View(width-look.Width(label), clean))
	}
	if p.Wrong == "" && p.Tell != nil {
		for _, s := range p.Tell(p.Input.Text()) {
			lines = append(lines, l.Cut(" "+l.Clean(s), width))
		}
	}
	if p.Wrong != "" {
		for _, s := range l.Wrap(l.Clean(p.Wrong), width-3) {
			lines = append(lines, l.Style.Bad.Render(" "+l.Mark.Problem+" "+s))
		}
	}
	text := p.text.view(paragraphs(l, p.Lines, width), height-len(lines))
	if len(text) > 0 && len(text)+len(lines) < height {
		text = append(text, "")
	}
	return append(text, lines...)
}

func (p *Prompt) Dress(frame *Panel) { frame.Title, frame.Danger = p.Title, p.danger }

func (p *Prompt) Hints() []key.Binding {
	switch {
	case p.picker != nil:
		return p.picker.Hints()
	case p.Browse != nil:
		return p.text.hint(page.Keys("OK", "enter"), page.Keys("browse", "ctrl+o"), page.Keys("back", "esc"))
	}
	return p.text.hint(page.Keys("OK", "enter"), page.Keys("back", "esc"))
}

// TypedConfirm returns a prompt that accepts only phrase, or the numbers in it.
func TypedConfirm(title string, lines []string, phrase string, done func() tea.Cmd) *Prompt {
	numbers, or := numbersIn(phrase), ""
	if len(numbers) > 0 {
		or = "  or  " + strings.Join(numbers, " ")
	}
	return &Prompt{
		Title: title, danger: true, Lines: lines, Label: "Type  " + phrase + or + "  and press Enter, or Esc:",
		Check: func(text string) string {
			short := len(numbers) > 0 && strings.Trim(text, "0123456789 ,") == "" && slices.Equal(numbersIn(text), numbers)
			if text != phrase && !short {
				return "Doesn't match. Type: " + phrase
			}
			return ""
		},
		Done: func(string) tea.Cmd { return done() },
	}
}

// numbersIn returns the numbers in a text.
func numbersIn(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsDigit(r) })
}

func paragraphs(l look.Look, text []string, width int) (lines []string) {
	for _, s := range text {
		for _, w := range l.Wrap(l.Clean(s), width-2) {
			lines = append(lines, " "+w)
		}
	}
	return lines
}
