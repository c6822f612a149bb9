package component

import (
	"fmt"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"dirbridge/ui/look"
	"dirbridge/ui/page"
)

// Reading shows text that scrolls and can be searched.
type Reading struct {
	Title string
	// Commands are keys of its own, beside those that scroll and search.
	Commands []page.Command
	Lines    func(l look.Look, width int) []string
	Start    func(l look.Look, width int) int // the line that is shown first, if not nil
	scroll   Viewport
	room     int
	total    int
	search   Input
	typing   bool
	from     int  // the first visible line when the search began
	lost     bool // nothing has the text that was searched for
}

// Paste inserts pasted text into the search.
func (r *Reading) Paste(text string) tea.Cmd {
	if r.typing {
		r.search.Insert(text)
	}
	return nil
}

// Wide says that it needs room.
func (r *Reading) Wide() bool { return true }

func (r *Reading) Key(k tea.KeyPressMsg) (tea.Cmd, bool) {
	name := k.String()
	switch {
	case r.typing && name == "esc":
		r.typing, r.lost = false, false
		r.search.Clear()
	case r.typing && name == "enter":
		r.typing = false
	case r.typing:
		if r.search.Key(k) {
			r.lost = r.search.Text() != "" && !r.scroll.FindFrom(r.search.Text(), r.from)
		}
	case r.own(name) != nil:
		return r.own(name)(), false
	case name == "/":
		r.typing, r.from = true, r.scroll.Top()
		r.search.Clear()
	case name == "n":
		r.lost = r.search.Text() != "" && !r.scroll.Find(r.search.Text())
	case name == "N":
		r.lost = r.search.Text() != "" && !r.scroll.FindBack(r.search.Text())
	case name == "esc", name == "q", name == "enter", name == "?", name == "f1":
		return nil, true
	default:
		r.scroll.Key(name, r.room)
	}
	return nil, false
}

// own returns what the command of a key does; nil if the key has none.
func (r *Reading) own(key string) func() tea.Cmd {
	for _, c := range r.Commands {
		if c.Is(key) && c.Off == "" {
			return c.Do
		}
	}
	return nil
}

func (r *Reading) View(l look.Look, width, height int) []string {
	all := r.Lines(l, width)
	r.total, r.room = len(all), height
	if r.Start != nil {
		r.scroll.Lines(all, r.room)
		r.scroll.Go(r.Start(l, width))
		r.Start = nil
	}
	if !r.typing && r.search.Text() == "" {
		return r.scroll.Lines(all, r.room)
	}
	r.room = max(height-1, 1)
	shown := append([]string(nil), r.scroll.Lines(all, r.room)...)
	for i, line := range shown {
		text, find := Plain(line), r.search.Text()
		if find == "" || !Contains(text, find) {
			continue
		}
		shown[i] = ""
		for _, run := range Marked(text, find, l.Style.Title.Bold(false), l.Style.Match) {
			shown[i] += run.Style.Render(run.Text)
		}
	}
	for len(shown) < min(r.room, len(all)) {
		shown = append(shown, "")
	}
	line := " /" + l.Clean(r.search.Text())
	if r.typing {
		line = " /" + r.search.View(width-20, l.Clean)
	}
	if r.lost {
		line += l.Style.Warn.Render("  not found")
	}
	return append(shown, line)
}

func (r *Reading) Dress(frame *Panel) {
	frame.Title = r.Title
	if r.total > r.room {
		top := r.scroll.Top()
		frame.Foot = fmt.Sprintf("%d to %d of %d", top+1, min(top+r.room, r.total), r.total)
		frame.Scroll = Extent{From: int64(top), Shown: int64(r.room), Total: int64(r.total)}
	}
}

func (r *Reading) Hints() []key.Binding {
	if r.typing {
		return []key.Binding{page.Keys("keep", "enter"), page.Keys("clear", "esc")}
	}
	hints := []key.Binding{page.Keys("back", "esc"), page.Keys("search", "/"),
		page.KeysShown("PgUp PgDn", "scroll", "pgdown")}
	for _, c := range r.Commands {
		hints = append(hints, c.Key)
	}
	if r.search.Text() != "" {
		hints = append(hints, page.Keys("next", "n"), page.Keys("previous", "N"))
	}
	return hints
}
