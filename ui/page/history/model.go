package history

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/component"
	"dirbridge/ui/page"
	"dirbridge/ui/page/draw"
	"dirbridge/ui/view"
)

// Model lists the last runs; Enter opens one, with the records that failed and why, its
// notes, and its writes.
type Model struct {
	host   page.Host
	conn   Connector
	work   page.Work
	wanted *page.RunMsg // to show when the page comes to the front; nil is none
	runs   []record.Run
	list   component.Window[int]
	pane   component.Pane
	asking bool
	read   bool
	width  int
	height int
	open   *runView // the open run; nil is the list
	query  int      // of the last requested run
}

// runsShown is how many runs the page shows; the verb history shows all of them.
const runsShown = 200

type runsMsg struct {
	runs []record.Run
	err  error
}

// Connector is what the page needs of the engine.
type Connector interface {
	Runs(ctx context.Context, limit int) ([]record.Run, error)
	Report(ctx context.Context, run int64) (control.Report, error)
	ReportEvents(ctx context.Context, run int64, fn func(record.Event) error) error
	Journal(ctx context.Context, run int64, fn func(control.Intent) error) error
}

// New returns the page as it is when the console opens.
func New(h page.Host, conn Connector, f page.Facts) *Model {
	return &Model{host: h, conn: conn, work: f.Work}
}

func (h *Model) Init() tea.Cmd { return nil }

func (h *Model) Enter() tea.Cmd {
	if w := h.wanted; w != nil {
		h.wanted = nil
		return tea.Batch(h.fetch(), h.openRun(w.Run, w.Record))
	}
	if h.open != nil {
		return tea.Batch(h.fetch(), h.reload())
	}
	return h.fetch()
}

func (h *Model) fetch() tea.Cmd {
	if h.asking {
		return nil
	}
	h.asking = true
	ctx, conn := h.host.Ctx, h.conn
	return func() tea.Msg {
		runs, err := conn.Runs(ctx, runsShown)
		return runsMsg{runs, err}
	}
}

func (h *Model) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case page.LookMsg:
		h.host.Look = msg.Look
	case page.ProgressMsg:
		h.work = msg.Work
	case page.RunMsg:
		h.wanted = &msg
	case page.ResultMsg:
		if h.open != nil {
			return tea.Batch(h.fetch(), h.reload())
		}
		return h.fetch()
	case runsMsg:
		h.asking = false
		if msg.err != nil {
			h.host.Fail("The runs could not be read", msg.err)
			return nil
		}
		h.keepCursor(msg.runs)
	case runMsg:
		h.took(msg)
	}
	return nil
}

// keepCursor replaces the runs; the cursor stays on its run.
func (h *Model) keepCursor(runs []record.Run) {
	at, _ := h.current()
	if h.open != nil {
		at.ID = h.open.id
	}
	h.runs, h.read = runs, true
	h.list.Reset(int64(len(runs)))
	h.goToRun(at.ID)
}

func (h *Model) goToRun(id int64) {
	for i, r := range h.runs {
		if r.ID == id {
			h.list.Go(int64(i))
		}
	}
}

func (h *Model) SetSize(w, height int) tea.Cmd {
	h.width, h.height = w, height
	h.list.SetHeight(h.panel(0).ListHeight())
	if h.open != nil {
		h.open.list.SetHeight(h.runPanel().ListHeight())
	}
	return nil
}

func (h *Model) panel(above int) component.Split {
	return component.Split{Look: h.host.Look, Width: h.width, Height: h.height, Above: above, Headed: true,
		Pane: &h.pane, List: &h.list}
}

// runPanel is the panel of the open run.
func (h *Model) runPanel() component.Split {
	p := h.panel(len(h.runHead()))
	p.Under, p.Pane, p.List = 7, &h.open.pane, &h.open.list
	return p
}

func (h *Model) Mouse(m page.Mouse) tea.Cmd {
	if h.open != nil {
		h.runPanel().Mouse(m)
	} else {
		h.panel(0).Mouse(m)
	}
	return nil
}

func (h *Model) Commands() []page.Command {
	if h.open != nil {
		return h.runCommands()
	}
	open := page.Command{ID: "history.open", Key: page.Keys("open", "enter"),
		Title: "open the selected run: what failed, and what it wrote", Off: view.NoRun, Do: page.Idle}
	var copies draw.Copies
	if run, ok := h.current(); ok {
		copies.Error(run.Detail)
		copies.Add("p", "plan", run.Plan)
		open.Off, open.Do = "", func() tea.Cmd { return h.openRun(run.ID, "") }
	}
	keys := []page.Command{open, h.undoCommand(), copies.Command(h.host, h.host.Look),
		{ID: "refresh", Key: page.Keys("Refresh", "r"), Title: "refresh the list", Do: h.fetch},
		page.Of("events", "Events", "e"),
	}
	return append(keys, h.panel(0).Moves(h.panel(0).Move)...)
}

// current returns the run under the cursor, or the open one.
func (h *Model) current() (record.Run, bool) {
	if h.open != nil && h.open.known {
		return h.open.report.Run, true
	}
	if i := h.list.Cursor(); h.open == nil && i < int64(len(h.runs)) {
		return h.runs[i], true
	}
	return record.Run{}, false
}

// undoCommand makes the plan that undoes a run.
func (h *Model) undoCommand() page.Command {
	c := page.Command{ID: "history.undo", Changes: true, Key: page.Keys("Undo this run", "u"), Title: view.UndoTitle}
	run, ok := h.current()
	c.Off = h.undoOff(run, ok)
	c.Do = func() tea.Cmd {
		return h.host.Start(control.Request{Mode: control.UndoPlan, Undo: run.ID}, page.DryRun)
	}
	return c
}

// undoOff returns why a run cannot be undone, or "".
func (h *Model) undoOff(run record.Run, ok bool) string {
	switch {
	case !ok:
		return view.NoRun
	case h.work.Busy() != "":
		return h.work.Busy()
	}
	return view.UndoBlocked(run)
}

// undoneBy returns the runs that undid a run.
func (h *Model) undoneBy(id int64) (by []int64) {
	for _, r := range h.runs {
		if r.UndoOf == id {
			by = append(by, r.ID)
		}
	}
	return by
}
