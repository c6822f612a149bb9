package history

import (
	"context"
	"errors"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/page"
	"dirbridge/ui/page/draw"
	"dirbridge/ui/view"
)

// runView is one open run: its report, and the rows of one of its views.
type runView struct {
	id     int64
	known  bool // it was read at least once
	report control.Report
	view   runKind
	rows   [runKinds][]runRow
	more   [runKinds]bool // the run has more rows than were read
	failed int64          // records that failed or were skipped, by the event log
	list   component.Window[int]
	pane   component.Pane
	at     string // record for the cursor, once it is read
	filter component.Input
}

// runKind is a view of a run.
type runKind int

const (
	runFailed runKind = iota // records that failed or were skipped
	runNotes
	runWithheld // records that needed the operator's confirmation
	runWritten
	runKinds
)

// runRow is a note of a run, a record that it withheld, or a write.
type runRow struct {
	event  *record.Event
	waits  *control.Withheld
	change *control.Change
	answer record.Outcome // to the change
}

// runMsg is a run that was read.
type runMsg struct {
	query  int
	report control.Report
	rows   [runKinds][]runRow
	more   [runKinds]bool
	failed int64
	err    error
}

// rowsRead is how many rows of each kind are read; the filter finds the others.
const rowsRead = 2000

// openRun shows a run, with the cursor on the record if the run has it.
func (h *Model) openRun(id int64, record string) tea.Cmd {
	h.open = &runView{id: id, at: record}
	h.goToRun(id)
	return h.reload()
}

// reload reads the open run again.
func (h *Model) reload() tea.Cmd {
	if h.open == nil {
		return h.fetch()
	}
	h.query++
	ctx, conn, id, query, filter := h.host.Ctx, h.conn, h.open.id, h.query, h.open.filter.Text()
	return func() tea.Msg {
		msg := readRun(ctx, conn, id, filter)
		msg.query = query
		return msg
	}
}

// readRun reads the rows of a run that pass a filter, at most rowsRead of each kind.
func readRun(ctx context.Context, conn Connector, id int64, filter string) (msg runMsg) {
	add := func(kind runKind, row runRow) {
		switch {
		case !row.passes(filter):
		case len(msg.rows[kind]) < rowsRead:
			msg.rows[kind] = append(msg.rows[kind], row)
		default:
			msg.more[kind] = true
		}
	}
	if msg.report, msg.err = conn.Report(ctx, id); msg.err != nil {
		return msg
	}
	for _, h := range msg.report.WithheldRecords {
		add(runWithheld, runRow{waits: &h})
	}
	msg.err = conn.ReportEvents(ctx, id, func(e record.Event) error {
		kind := runNotes
		if e.Code == "withheld" && len(msg.report.WithheldRecords) > 0 {
			return nil // they have a separate view
		}
		if view.OfRecord(e) {
			kind = runFailed
			msg.failed++
		}
		add(kind, runRow{event: &e})
		return nil
	})
	if msg.err != nil {
		return msg
	}
	msg.err = conn.Journal(ctx, id, func(in control.Intent) error {
		row := runRow{change: &in.Change, answer: view.Intended(in)}
		row.change.After = nil
		if add(runWritten, row); msg.more[runWritten] {
			return draw.ErrEnough
		}
		return nil
	})
	if errors.Is(msg.err, draw.ErrEnough) {
		msg.err = nil
	}
	return msg
}

func (r runRow) passes(filter string) bool {
	if filter == "" {
		return true
	}
	if e := r.event; e != nil {
		return view.EventHas(*e, filter)
	}
	if h := r.waits; h != nil {
		return view.Has(h.Reason, filter) || view.Has(h.Rule, filter) || view.Has(h.Person.Key, filter) ||
			view.Has(h.Person.DN, filter) || view.Has(h.Account.Key, filter)
	}
	c := r.change
	return view.Has(c.Key, filter) || view.Has(c.MemberKey, filter) || view.Has(c.DN, filter) ||
		view.Has(string(c.Action), filter) || view.Has(view.WriteWord(r.answer.State), filter)
}

// took takes over a run that was read. The notes that need attention come first.
func (h *Model) took(msg runMsg) {
	v := h.open
	if v == nil || msg.query != h.query {
		return
	}
	if msg.err != nil {
		h.host.Fail("The run could not be read", msg.err)
		return
	}
	first := !v.known
	v.report, v.rows, v.more, v.failed, v.known = msg.report, msg.rows, msg.more, msg.failed, true
	if first {
		for kind := range runKinds {
			if len(v.rows[kind]) > 0 && (kind != runNotes || v.report.Outcome != record.Done) {
				v.view = kind
				break
			}
			v.view = runWritten
		}
	}
	v.list.Reset(int64(len(v.rows[v.view])))
	if v.at != "" {
		for i, row := range v.rows[v.view] {
			if row.event != nil && row.event.Record == v.at {
				v.list.Go(int64(i))
			}
		}
		v.at = ""
	}
}

// turn shows another view of the run.
func (h *Model) turn(by int) func() tea.Cmd {
	return func() tea.Cmd {
		v := h.open
		if v == nil {
			return nil
		}
		v.view = (v.view + runKind(by) + runKinds) % runKinds
		if v.view == runWithheld && v.report.Withheld == 0 {
			v.view += runKind(by)
		}
		v.list.Go(0)
		v.list.Reset(int64(len(v.rows[v.view])))
		return nil
	}
}

func (v *runView) current() (runRow, bool) {
	if i := v.list.Cursor(); i < int64(len(v.rows[v.view])) {
		return v.rows[v.view][i], true
	}
	return runRow{}, false
}

// subject returns the query that explains a row's record, and its name.
func (r runRow) subject() (query, name string) {
	switch {
	case r.event != nil:
		return view.EventSubject(*r.event)
	case r.waits != nil:
		return string(r.waits.Person.Anchor), r.waits.Person.Key
	}
	return view.ChangeSubject(r.change), view.ChangeName(r.change)
}

// copies returns the texts of a row.
func (r runRow) copies() (all draw.Copies) {
	switch {
	case r.event != nil:
		all.Event(*r.event)
	case r.waits != nil:
		all.Withheld(r.waits)
	case r.change != nil:
		all.Change(r.change)
		all.Error(r.answer.Message)
	}
	return all
}

func (h *Model) runCommands() []page.Command {
	v := h.open
	open := page.Command{ID: "history.row", Key: page.Keys("details", "enter"),
		Title: "open the selected row", Off: "there is no row", Do: page.Idle}
	explain := h.host.ExplainCommand("", "")
	var copies draw.Copies
	if row, ok := v.current(); ok {
		voice := draw.Voice(h.host)
		copies = row.copies()
		open.Off, open.Do = "", func() tea.Cmd {
			h.host.Ask(&component.Reading{Title: "Record", Lines: func(l look.Look, w int) []string {
				return row.details(l, w, voice)
			}, Commands: []page.Command{copies.Command(h.host, h.host.Look)}})
			return nil
		}
		if query, name := row.subject(); query != "" {
			explain = h.host.ExplainCommand(query, name)
		}
	}
	keys := []page.Command{open, explain, copies.Command(h.host, h.host.Look), h.undoCommand(),
		{ID: "history.back", Key: page.Keys("back", "esc"),
			Title: "clear the filter, or go back to the list of runs", Do: h.back},
		{ID: "history.filter", Key: page.Keys("filter", "/"), Title: "filter by text",
			Do: func() tea.Cmd { v.filter.Begin(); return nil }},
		{ID: "history.left", Key: page.Keys("", "left", "h"),
			Title: "previous part: failed, notes, withheld, written", Do: h.turn(-1)},
		{ID: "history.right", Key: page.Keys("", "right", "l"),
			Title: "next part: failed, notes, withheld, written", Do: h.turn(1)},
		{ID: "refresh", Key: page.Keys("", "r"), Title: "refresh the run", Do: h.reload},
		page.Of("events", "Events", "e"),
	}
	return append(keys, h.runPanel().Moves(h.runPanel().Move)...)
}

func (h *Model) back() tea.Cmd {
	if h.open != nil && h.open.filter.Text() != "" {
		h.open.filter.Clear()
		return h.reload()
	}
	h.open = nil
	return nil
}

func (h *Model) Typing() bool { return h.open != nil && h.open.filter.Typing() }

// Type handles a key of the filter line.
func (h *Model) Type(k tea.KeyPressMsg) tea.Cmd {
	if h.open.filter.Type(k, h.open.list.Key) {
		return h.reload()
	}
	return nil
}

// Paste inserts text into the filter line.
func (h *Model) Paste(text string) tea.Cmd {
	h.open.filter.Insert(text)
	return h.reload()
}
