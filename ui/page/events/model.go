package events

import (
	"context"
	"errors"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/record"
	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/page"
	"dirbridge/ui/page/draw"
	"dirbridge/ui/view"
)

// EventsKept is how many of the newest events the page holds; the verb events shows all of them.
const EventsKept = 5000

// Model is the event viewer. It reads the events after its last one, and follows the end while
// the cursor is there.
type Model struct {
	host    page.Host
	conn    Connector
	all     []record.Event
	shown   []int // indexes in all
	list    component.Window[int]
	pane    component.Pane
	asking  bool
	filter  component.Input
	level   int            // index of the levels; the one after them is the operators' actions
	run     int64          // only its events; 0 is all runs
	ofRun   []record.Event // its events, once read: some may be older than all
	ofQuery int            // of their last reading
	dropped bool
	width   int
	height  int
}

type eventsMsg struct {
	events []record.Event
	err    error
}

// runEventsMsg has the events of one run from the event log.
type runEventsMsg struct {
	query  int
	events []record.Event
	err    error
}

// Connector is what the page needs of the engine.
type Connector interface {
	Events(ctx context.Context, since int64, limit int) ([]record.Event, error)
	ReportEvents(ctx context.Context, run int64, fn func(record.Event) error) error
}

// New returns the page as it is when the console opens.
func New(h page.Host, conn Connector) *Model { return &Model{host: h, conn: conn} }

func (e *Model) Init() tea.Cmd  { return nil }
func (e *Model) Enter() tea.Cmd { return e.read() }

// read requests the events after the last one.
func (e *Model) read() tea.Cmd {
	if e.asking {
		return nil
	}
	e.asking = true
	var since int64
	if n := len(e.all); n > 0 {
		since = e.all[n-1].Seq
	}
	ctx, conn := e.host.Ctx, e.conn
	return func() tea.Msg {
		events, err := conn.Events(ctx, since, 1000)
		return eventsMsg{events, err}
	}
}

func (e *Model) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case page.LookMsg:
		e.host.Look = msg.Look
	case page.TickMsg, page.ResultMsg:
		return e.read()
	case eventsMsg:
		e.asking = false
		if msg.err != nil {
			e.host.Fail("The events could not be read", msg.err)
			return nil
		}
		if len(msg.events) == 0 {
			return nil
		}
		e.take(msg.events)
		if len(msg.events) == 1000 {
			return e.read()
		}
	case runEventsMsg:
		if msg.query != e.ofQuery {
			return nil
		}
		if msg.err != nil {
			e.host.Fail("The events of the run could not be read", msg.err)
			return nil
		}
		e.ofRun = msg.events
		e.narrow()
	}
	return nil
}

// only shows one run's events, or with 0 those of all runs again.
func (e *Model) only(run int64) tea.Cmd {
	e.run, e.ofRun = run, nil
	e.ofQuery++
	e.narrow()
	if run == 0 || !e.dropped {
		return nil
	}
	ctx, conn, query := e.host.Ctx, e.conn, e.ofQuery
	return func() tea.Msg {
		events, err := runEvents(ctx, conn, run)
		return runEventsMsg{query, events, err}
	}
}

// runEvents returns the events of a run, at most eventsKept.
func runEvents(ctx context.Context, conn Connector, run int64) (events []record.Event, err error) {
	err = conn.ReportEvents(ctx, run, func(ev record.Event) error {
		if events = append(events, ev); len(events) == EventsKept {
			return draw.ErrEnough
		}
		return nil
	})
	if errors.Is(err, draw.ErrEnough) {
		err = nil
	}
	return events, err
}

// from returns the events to filter.
func (e *Model) from() []record.Event {
	if e.ofRun != nil {
		return e.ofRun
	}
	return e.all
}

func (e *Model) take(events []record.Event) {
	e.all = append(e.all, events...)
	if e.ofRun != nil {
		last := e.ofRun[len(e.ofRun)-1].Seq
		for _, ev := range events {
			if ev.Run == e.run && ev.Seq > last {
				e.ofRun = append(e.ofRun, ev)
			}
		}
		e.ofRun = e.ofRun[max(len(e.ofRun)-EventsKept, 0):]
	}
	if n := len(e.all) - EventsKept; n > 0 {
		e.all = append([]record.Event(nil), e.all[n:]...)
		e.dropped = true
	}
	e.narrow()
}

// narrow applies level and filter to the list. The cursor stays on its event, or at the end if it
// was there.
func (e *Model) narrow() {
	follow := e.list.AtEnd()
	var at int64 = -1
	if ev, ok := e.current(); ok {
		at = ev.Seq
	}
	e.shown = e.shown[:0]
	cursor := int64(0)
	words := strings.Fields(e.filter.Text())
	for i, ev := range e.from() {
		if !e.inLevel(ev) || e.run != 0 && ev.Run != e.run || !passes(ev, words) {
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

// passes reports whether an event has every word of a filter: run:N and who:NAME match only the run
// and the record.
func passes(ev record.Event, words []string) bool {
	for _, word := range words {
		name, value, _ := strings.Cut(word, ":")
		switch {
		case name == "run" && value != "":
			if strconv.FormatInt(ev.Run, 10) != value {
				return false
			}
		case name == "who" && value != "":
			if !view.Has(ev.Record, value) {
				return false
			}
		case !view.EventHas(ev, word):
			return false
		}
	}
	return true
}

func (e *Model) inLevel(ev record.Event) bool {
	levels, _ := view.EventLevels()
	if e.level == len(levels) {
		return view.ByOperator(ev)
	}
	return view.EventShown(ev, levels[e.level])
}

// current returns the event under the cursor.
func (e *Model) current() (record.Event, bool) {
	i := e.list.Cursor()
	if i >= int64(len(e.shown)) || e.shown[i] >= len(e.from()) {
		return record.Event{}, false
	}
	return e.from()[e.shown[i]], true
}

func (e *Model) SetSize(w, h int) tea.Cmd {
	e.width, e.height = w, h
	e.list.SetHeight(e.panel().ListHeight())
	return nil
}

func (e *Model) panel() component.Split {
	return component.Split{Look: e.host.Look, Width: e.width, Height: e.height, Above: 1, Headed: true,
		Pane: &e.pane, List: &e.list}
}

func (e *Model) backOff() string {
	if e.filter.Text() == "" && e.run == 0 {
		return "there is no filter"
	}
	return ""
}

// back removes the filter, and shows all runs again.
func (e *Model) back() tea.Cmd {
	e.filter.Clear()
	return e.only(0)
}

func (e *Model) Typing() bool { return e.filter.Typing() }

// Paste inserts text into the filter line.
func (e *Model) Paste(text string) tea.Cmd {
	e.filter.Insert(text)
	e.narrow()
	return nil
}

// Type handles a key of the filter line.
func (e *Model) Type(k tea.KeyPressMsg) tea.Cmd {
	if e.filter.Type(k, e.list.Key) {
		e.narrow()
	}
	return nil
}

func (e *Model) Mouse(m page.Mouse) tea.Cmd { e.panel().Mouse(m); return nil }

func (e *Model) Commands() []page.Command {
	none := "there is no event"
	open := page.Command{ID: "events.open", Key: page.Keys("details", "enter"),
		Title: "open the selected event", Off: none, Do: page.Idle}
	run := page.Command{ID: "events.run", Key: page.Keys("this run", "t"),
		Title: "show only the events of this run, or all again", Off: none, Do: page.Idle}
	who := page.Command{ID: "events.who", Key: page.Keys("this person", "w"),
		Title: "show only the events of this record", Off: none, Do: page.Idle}
	history := page.Command{ID: "events.history", Key: page.Keys("open run", "o"),
		Title: "open the run of this event in History", Off: none, Do: page.Idle}
	explain := e.host.ExplainCommand("", "")
	var copies draw.Copies
	if ev, ok := e.current(); ok {
		open.Off, open.Do = "", e.open
		copies.Event(ev)
		run.Off, run.Do = "it belongs to no run", func() tea.Cmd { return e.only(ev.Run) }
		who.Off, who.Do = "it is not about a record", func() tea.Cmd {
			e.filter = component.NewInput("who:" +
				firstWord(ev.Record))
			e.narrow()
			return nil
		}
		history.Off, history.Do = run.Off, func() tea.Cmd { e.host.ShowRun(ev.Run, ev.Record); return nil }
		if ev.Run != 0 {
			run.Off, history.Off = "", ""
		}
		if ev.Record != "" {
			who.Off = ""
			asked, name := view.EventSubject(ev)
			explain = e.host.ExplainCommand(asked, name)
		}
	}
	if e.run != 0 {
		run.Off, run.Do = "", func() tea.Cmd { return e.only(0) }
		run.Call("all runs")
	}
	keys := []page.Command{open,
		{ID: "events.filter", Key: page.Keys("filter", "/"),
			Title: "filter by text, by run (run:7) or by record (who:NAME)",
			Do:    func() tea.Cmd { e.filter.Begin(); return nil }},
		{ID: "events.level", Key: page.Keys("level", "v"),
			Title: "level: all, info, warnings, errors, or operators' actions", Do: e.nextLevel},
		run, who, explain, copies.Command(e.host, e.host.Look), history,
		{ID: "events.back", Key: page.Keys("", "esc"), Title: "clear the filters", Off: e.backOff(), Do: e.back},
	}
	return append(keys, e.panel().Moves(e.panel().Move)...)
}

// firstWord returns the part of a name that a word filter can find.
func firstWord(name string) string {
	if words := strings.Fields(name); len(words) > 0 {
		return words[0]
	}
	return name
}

func (e *Model) nextLevel() tea.Cmd {
	levels, _ := view.EventLevels()
	e.level = (e.level + 1) % (len(levels) + 1)
	e.narrow()
	return nil
}

func (e *Model) open() tea.Cmd {
	if ev, ok := e.current(); ok {
		voice := draw.Voice(e.host)
		var copies draw.Copies
		copies.Event(ev)
		e.host.Ask(&component.Reading{Title: "Event", Lines: func(l look.Look, w int) []string {
			return draw.FactLines(l, view.Event(ev, voice), w)
		}, Commands: []page.Command{copies.Command(e.host, e.host.Look)}})
	}
	return nil
}
