package ui

import (
	"context"
	"errors"
	"fmt"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/look"
	"dirbridge/ui/widget"
)

// historyPage lists the last runs; Enter shows what one of them wrote.
type historyPage struct {
	plain
	*shell
	runs   []record.Run
	list   widget.Window[int]
	asking bool
	read   bool
	width  int
	height int
}

// Limits of what is looked at here; the verbs have it all.
const (
	runsShown  = 200
	writesRead = 2000
)

type (
	runsMsg struct {
		runs []record.Run
		err  error
	}
	journalMsg struct {
		run    record.Run
		writes []written
		more   bool
		err    error
	}
	// written is one line of a run's journal.
	written struct {
		change control.Change
		state  record.WriteState
		why    string
	}
)

func newHistory(s *shell) *historyPage { return &historyPage{shell: s} }

func (h *historyPage) Title() string  { return "History" }
func (h *historyPage) Init() tea.Cmd  { return nil }
func (h *historyPage) Enter() tea.Cmd { return h.fetch() }

func (h *historyPage) fetch() tea.Cmd {
	if h.asking {
		return nil
	}
	h.asking = true
	ctx, conn := h.ctx, h.conn
	return func() tea.Msg {
		runs, err := conn.Runs(ctx, runsShown)
		return runsMsg{runs, err}
	}
}

func (h *historyPage) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case resultMsg:
		return h.fetch()
	case runsMsg:
		h.asking = false
		if msg.err != nil {
			h.fail("The runs could not be read", msg.err)
			return nil
		}
		h.keepCursor(msg.runs)
	case journalMsg:
		if msg.err != nil {
			h.fail("The journal could not be read", msg.err)
			return nil
		}
		h.ask(&reading{title: fmt.Sprintf("Run %d, %s: what it wrote", msg.run.ID, modeName(msg.run.Mode)),
			lines: func(l look.Look, w int) []string { return journalLines(l, msg, w) }})
	}
	return nil
}

// keepCursor takes the runs, the cursor staying on its run.
func (h *historyPage) keepCursor(runs []record.Run) {
	var at int64
	if i := h.list.Cursor(); i < int64(len(h.runs)) {
		at = h.runs[i].ID
	}
	h.runs, h.read = runs, true
	h.list.Reset(int64(len(runs)))
	for i, r := range runs {
		if r.ID == at {
			h.list.Go(int64(i))
		}
	}
}

func (h *historyPage) SetSize(w, height int) tea.Cmd {
	h.width, h.height = w, height
	h.list.SetHeight(max(height-2-h.below(), 1))
	return nil
}

func (h *historyPage) below() int {
	if h.height < 14 {
		return 0
	}
	return 6
}

// Click puts the cursor on a run.
func (h *historyPage) Click(line int) tea.Cmd { h.list.Click(line - 2); return nil }

func (h *historyPage) Commands() []Command {
	keys := []Command{
		{ID: "history.journal", Keys: []string{"enter"}, Show: "Enter", Short: "what it wrote", Title: "see what the run under the cursor wrote", Do: h.journal},
		{ID: "history.reload", Keys: []string{"r"}, Short: "read again", Title: "read the list again", Do: h.fetch},
	}
	return append(keys, moves(func(key string) tea.Cmd { h.list.Key(key); return nil })...)
}

func (h *historyPage) current() (record.Run, bool) {
	if i := h.list.Cursor(); i < int64(len(h.runs)) {
		return h.runs[i], true
	}
	return record.Run{}, false
}

var errEnough = errors.New("enough was read")

// journal reads the run's journal, as far as it can be looked at.
func (h *historyPage) journal() tea.Cmd {
	run, ok := h.current()
	if !ok {
		return nil
	}
	ctx, conn := h.ctx, h.conn
	return func() tea.Msg {
		intents, err := collect(ctx, run.ID, writesRead+1, conn.Journal)
		msg := journalMsg{run: run, err: err}
		for i, in := range intents {
			if i == writesRead {
				msg.more = true
				break
			}
			w := written{change: in.Change, state: record.WriteUnknown}
			w.change.After = nil
			if in.Answer != nil {
				w.state, w.why = in.Answer.Outcome.State, in.Answer.Outcome.Message
				if r := in.Answer.Outcome.Remedy; r != "" {
					w.why += " " + r
				}
			}
			msg.writes = append(msg.writes, w)
		}
		return msg
	}
}

// collect reads at most limit items of a stream.
func collect[T any](ctx context.Context, run int64, limit int, each func(context.Context, int64, func(T) error) error) ([]T, error) {
	var items []T
	err := each(ctx, run, func(item T) error {
		if items = append(items, item); len(items) == limit {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return items, err
}
