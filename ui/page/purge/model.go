package purge

import (
	"context"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/sync/record"
	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/page"
	"dirbridge/ui/page/draw"
	"dirbridge/ui/view"
)

// Model lists the purge queue, the longest waiting account first, a page at a time. Accounts
// can be kept, released, or ticked for an immediate purge, whose plan the Dry Run page shows.
type Model struct {
	page.Plain
	host    page.Host
	conn    Connector
	work    page.Work
	waiting []control.Queued // of the current page
	list    component.Window[int]
	pane    component.Pane
	// places are the starts of the pages up to the current one.
	places []control.QueuePlace
	more   bool // another page follows
	count  control.QueueCount
	ticks
	query  int // of the last requested reading
	stop   context.CancelFunc
	asking bool
	read   bool
	width  int
	height int
}

// queueRows is the number of accounts on a page.
const queueRows = 200

// Messages of this page.
type (
	queueMsg struct {
		query   int
		waiting []control.Queued
		more    bool
		count   control.QueueCount
		at      identity.Anchor // for the cursor; "" keeps its position
		err     error
	}
	queueFoundMsg struct {
		who string
		q   control.Queued
		err error
	}
	queueDoneMsg struct {
		said string
		what string // what failed, if err is not nil
		err  error
		undo step // takes it back
	}
)

// Connector is what the page needs of the engine.
type Connector interface{ control.Queue }

// New returns the page as it is when the console opens.
func New(h page.Host, conn Connector, f page.Facts) *Model {
	return &Model{host: h, conn: conn, work: f.Work, stop: func() {}, places: []control.QueuePlace{{}},
		ticks: ticks{on: map[identity.Anchor]control.Queued{}}}
}

func (q *Model) Init() tea.Cmd  { return nil }
func (q *Model) Enter() tea.Cmd { return q.fetch("") }

// fetch reads the current page again.
func (q *Model) fetch(at identity.Anchor) tea.Cmd {
	q.stop()
	ctx, stop := context.WithCancel(q.host.Ctx)
	q.stop, q.asking = stop, true
	q.query++
	conn, query, after := q.conn, q.query, q.places[len(q.places)-1]
	return func() tea.Msg {
		msg := queueMsg{query: query, at: at}
		if msg.waiting, msg.err = conn.Queue(ctx, after, queueRows+1); msg.err != nil {
			return msg
		}
		if msg.more = len(msg.waiting) > queueRows; msg.more {
			msg.waiting = msg.waiting[:queueRows]
		}
		msg.count, msg.err = conn.QueueCount(ctx)
		return msg
	}
}

func (q *Model) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case page.LookMsg:
		q.host.Look = msg.Look
	case page.ProgressMsg:
		q.work = msg.Work
	case page.ResultMsg:
		return q.ended(msg.Result.Request.Mode)
	case queueMsg:
		return q.took(msg)
	case queueFoundMsg:
		if msg.err != nil {
			q.host.Fail("No account was found", msg.err)
			return nil
		}
		return q.showOne(msg.q)
	case queueDoneMsg:
		return q.done(msg)
	}
	return nil
}

// ended reads the queue again after a run that may have changed it.
func (q *Model) ended(mode record.Mode) tea.Cmd {
	if !q.read {
		return nil
	}
	if mode == record.ApplyPlan {
		q.ticks.spend()
	}
	return q.fetch("")
}

func (q *Model) took(msg queueMsg) tea.Cmd {
	if msg.query != q.query {
		return nil
	}
	q.asking = false
	if msg.err != nil {
		if !draw.Stale(msg.err) {
			q.host.Fail("The purge queue could not be read", msg.err)
		}
		return nil
	}
	if len(msg.waiting) == 0 && len(q.places) > 1 {
		q.places = q.places[:len(q.places)-1] // the page is empty now
		return q.fetch("")
	}
	at := msg.at
	if w, ok := q.current(); ok && at == "" {
		at = w.Anchor
	}
	q.waiting, q.more, q.count, q.read = msg.waiting, msg.more, msg.count, true
	q.ticks.refresh(q.waiting)
	q.list.Reset(int64(len(q.waiting)))
	q.goTo(at)
	return nil
}

// goTo moves the cursor to an account, if it is on the page.
func (q *Model) goTo(at identity.Anchor) {
	if i := slices.IndexFunc(q.waiting, func(w control.Queued) bool { return w.Anchor == at }); i >= 0 {
		q.list.Go(int64(i))
	}
}

func (q *Model) current() (control.Queued, bool) {
	if i := q.list.Cursor(); i < int64(len(q.waiting)) {
		return q.waiting[i], true
	}
	return control.Queued{}, false
}

// showOne shows the page that starts a little before an account.
func (q *Model) showOne(w control.Queued) tea.Cmd {
	before := w.Place()
	before.Anchor = before.Anchor[:max(len(before.Anchor)-1, 0)] // sorts just before it
	q.places = []control.QueuePlace{{}, before}
	return q.fetch(w.Anchor)
}

// page shows the next or the previous page.
func (q *Model) page(by int) func() tea.Cmd {
	return func() tea.Cmd {
		if by > 0 {
			q.places = append(q.places, q.waiting[len(q.waiting)-1].Place())
		} else {
			q.places = q.places[:len(q.places)-1]
		}
		q.list.Go(0)
		return q.fetch("")
	}
}

func (q *Model) move(key string) tea.Cmd {
	if down := key == "down" || key == "j" || key == "pgdown" || key == "ctrl+f"; down && q.list.AtEnd() && q.more &&
		!q.asking {
		return q.page(1)()
	}
	q.list.Key(key)
	return nil
}

func (q *Model) SetSize(w, h int) tea.Cmd {
	q.width, q.height = w, h
	q.list.SetHeight(q.panel().ListHeight())
	return nil
}

func (q *Model) Mouse(m page.Mouse) tea.Cmd { q.panel().Mouse(m); return nil }

func (q *Model) Commands() []page.Command {
	none := ""
	w, ok := q.current()
	if !ok {
		none = "the purge queue is empty"
	}
	dots := q.host.Look.Mark.Ellipsis
	after, before := none, ""
	if !q.more {
		after = "this is the last page"
	}
	if len(q.places) < 2 {
		before = "this is the first page"
	}
	busy := q.work.Busy()
	keys := []page.Command{
		{ID: "queue.why", Key: page.Keys("details", "enter"),
			Title: "see all of the account under the cursor", Off: none, Do: q.open},
		{ID: "queue.tick", Changes: true, Key: page.Keys("tick", "space"),
			Title: "tick or untick the account under the cursor", Off: none, Do: q.tick},
		{ID: "queue.now", Changes: true, Key: page.Keys("Purge now"+dots, "p"),
			Title: "purge now: plan it for the ticked accounts, or the one under the cursor", Off: q.nowOff(none, busy),
			Do: q.purgeNow},
		{ID: "queue.keep", Changes: true, Key: page.Keys("Keep"+dots, "K"),
			Title: "keep the ticked accounts, or the one under the cursor, from the purge", Off: none, Do: q.keep},
		{ID: "queue.release", Changes: true, Key: page.Keys("Release"+dots, "r"),
			Title: "release the ticked accounts, or the one under the cursor, to the purge", Off: q.releaseOff(none),
			Do: q.release},
		{ID: "queue.undo", Changes: true, Key: page.Keys(q.undoShort(), "u"),
			Title: "undo the last tick, keep or release", Off: q.undoOff(), Do: q.undo},
		{ID: "queue.due", Changes: true, Key: page.Keys("plan what is due", "d"),
			Title: "plan the purge of all accounts that are due", Off: busy, Do: q.due},
		{ID: "queue.find", Key: page.Keys("find", "/"),
			Title: "find an account, by e-mail address, name, DN or GUID", Do: q.find},
		{ID: "queue.after", Key: page.Keys("", "right", "l"), Title: "page after", Off: after, Do: q.page(1)},
		{ID: "queue.before", Key: page.Keys("", "left", "h"), Title: "page before", Off: before, Do: q.page(-1)},
		q.explainQueued(w, ok), q.copies().Command(q.host, q.host.Look),
	}
	return append(keys, q.panel().Moves(q.move)...)
}

// copies returns the texts of the account under the cursor.
func (q *Model) copies() (all draw.Copies) {
	w, _ := q.current()
	all.Add("m", "e-mail or group", w.Key)
	all.Add("d", "DN", w.DN)
	all.Add("a", "AD id", string(w.Anchor))
	all.Add("c", "cloud id", string(w.ID))
	return all
}

// explainQueued explains the account under the cursor.
func (q *Model) explainQueued(w control.Queued, ok bool) page.Command {
	c := q.host.ExplainCommand("", "")
	if ok {
		c.Title, c.Do = "explain the account under the cursor, as it is now",
			func() tea.Cmd { return q.host.Explain(string(w.Anchor)) }
	}
	return c
}

func (q *Model) open() tea.Cmd {
	w, _ := q.current()
	voice := draw.Voice(q.host)
	q.host.Ask(&component.Reading{Title: "Account", Lines: func(l look.Look, width int) []string {
		return draw.FactLines(l, view.Queued(w, voice), width)
	}, Commands: []page.Command{q.explainQueued(w, true), q.copies().Command(q.host, q.host.Look)}})
	return nil
}

func (q *Model) find() tea.Cmd {
	q.host.Ask(&component.Prompt{
		Title: "Find an account in the purge queue.", Label: view.PurgeFind,
		Check: func(text string) string {
			if strings.TrimSpace(text) == "" {
				return "Enter one, exactly."
			}
			return ""
		},
		Done: func(who string) tea.Cmd {
			ctx, conn := q.host.Ctx, q.conn
			return func() tea.Msg {
				w, err := conn.Waiting(ctx, strings.TrimSpace(who))
				return queueFoundMsg{who, w, err}
			}
		},
	})
	return nil
}
