package ui

import (
	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/record"
	"dirbridge/ui/look"
	"dirbridge/ui/widget"
)

// eventsKept is how many of the newest events are held for looking at; the verb
// events has them all.
const eventsKept = 5000

// eventsPage is the event viewer: it asks for what came after the last event that
// it has, and follows the end while the cursor is there.
type eventsPage struct {
	*shell
	all     []record.Event
	shown   []int // positions in all
	list    widget.Window[int]
	asking  bool
	filter  widget.Input
	typing  bool
	level   int // index of levels
	dropped bool
	width   int
	height  int
}

type eventsMsg struct {
	events []record.Event
	err    error
}

func newEvents(s *shell) *eventsPage { return &eventsPage{shell: s} }

func (e *eventsPage) Title() string  { return "Events" }
func (e *eventsPage) Init() tea.Cmd  { return nil }
func (e *eventsPage) Enter() tea.Cmd { return e.read() }

// read asks for the events after the last one.
func (e *eventsPage) read() tea.Cmd {
	if e.asking {
		return nil
	}
	e.asking = true
	var since int64
	if n := len(e.all); n > 0 {
		since = e.all[n-1].Seq
	}
	ctx, conn := e.ctx, e.conn
	return func() tea.Msg {
		events, err := conn.Events(ctx, since, 1000)
		return eventsMsg{events, err}
	}
}

func (e *eventsPage) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tickMsg, resultMsg:
		return e.read()
	case eventsMsg:
		e.asking = false
		if msg.err != nil {
			e.fail("The events could not be read", msg.err)
			return nil
		}
		if len(msg.events) == 0 {
			return nil
		}
		e.take(msg.events)
		if len(msg.events) == 1000 {
			return e.read()
		}
	}
	return nil
}

func (e *eventsPage) take(events []record.Event) {
	e.all = append(e.all, events...)
	if n := len(e.all) - eventsKept; n > 0 {
		e.all = append([]record.Event(nil), e.all[n:]...)
		e.dropped = true
	}
	e.narrow()
}

// narrow makes the list of what level and filter let through. The cursor stays on
// its event, or at the end if it was there.
func (e *eventsPage) narrow() {
	follow := e.list.AtEnd()
	var at int64 = -1
	if ev, ok := e.current(); ok {
		at = ev.Seq
	}
	e.shown = e.shown[:0]
	cursor := int64(0)
	for i, ev := range e.all {
		if rank(ev.Level) < e.level || !e.passes(ev) {
			continue
		}
		if ev.Seq <= at {
			cursor = int64(len(e.shown))
		}
		e.shown = append(e.shown, i)
	}
	e.list.Reset(int64(len(e.shown)))
	if follow {
		cursor = int64(len(e.shown)) - 1
	}
	e.list.Go(cursor)
}

func (e *eventsPage) passes(ev record.Event) bool {
	f := e.filter.Text()
	return f == "" || sameText(ev.Message, f) || sameText(ev.Record, f) || sameText(ev.Code, f) || sameText(ev.Field, f)
}

// current is the event under the cursor.
func (e *eventsPage) current() (record.Event, bool) {
	i := e.list.Cursor()
	if i >= int64(len(e.shown)) || e.shown[i] >= len(e.all) {
		return record.Event{}, false
	}
	return e.all[e.shown[i]], true
}

func rank(l record.Level) int {
	switch l {
	case record.Info:
		return 1
	case record.Warn:
		return 2
	case record.Error:
		return 3
	}
	return 0
}

func (e *eventsPage) SetSize(w, h int) tea.Cmd {
	e.width, e.height = w, h
	e.list.SetHeight(max(h-2-e.below(), 1))
	return nil
}

func (e *eventsPage) below() int {
	if e.width >= wide || e.height < 14 {
		return 0
	}
	return 5
}

func (e *eventsPage) backOff() string {
	if e.filter.Text() == "" {
		return "there is no filter"
	}
	return ""
}

func (e *eventsPage) Typing() bool { return e.typing }

// Paste takes text into the filter line.
func (e *eventsPage) Paste(text string) tea.Cmd {
	e.filter.Insert(text)
	e.narrow()
	return nil
}

// Type takes a key of the filter line.
func (e *eventsPage) Type(k tea.KeyPressMsg) tea.Cmd {
	switch name := k.String(); name {
	case "enter":
		e.typing = false
	case "esc":
		e.typing = false
		e.filter.Clear()
		e.narrow()
	case "up", "down", "pgup", "pgdown":
		e.list.Key(name)
	default:
		if e.filter.Key(name, k.Text) {
			e.narrow()
		}
	}
	return nil
}

// Click puts the cursor on an event.
func (e *eventsPage) Click(line int) tea.Cmd { e.list.Click(line - 2); return nil }

func (e *eventsPage) Commands() []Command {
	keys := []Command{
		{ID: "events.open", Keys: []string{"enter"}, Show: "Enter", Short: "all of it", Title: "see all of the event under the cursor", Do: e.open},
		{ID: "events.filter", Keys: []string{"/"}, Short: "filter", Title: "filter by text", Do: func() tea.Cmd { e.typing = true; return nil }},
		{ID: "events.level", Keys: []string{"v"}, Short: "level", Title: "show fewer levels: all, from info, from warnings, errors", Do: e.nextLevel},
		{ID: "events.back", Keys: []string{"esc"}, Show: "Esc", Title: "clear the filter", Off: e.backOff(), Do: func() tea.Cmd { e.filter.Clear(); e.narrow(); return nil }},
	}
	return append(keys, moves(func(key string) tea.Cmd { e.list.Key(key); return nil })...)
}

func (e *eventsPage) nextLevel() tea.Cmd {
	e.level = (e.level + 1) % 4
	e.narrow()
	return nil
}

func (e *eventsPage) open() tea.Cmd {
	if ev, ok := e.current(); ok {
		now := e.now()
		e.ask(&reading{title: "Event", lines: func(l look.Look, w int) []string { return eventDetails(l, ev, w, now.Location()) }})
	}
	return nil
}
