package purge

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/sync/record"
	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/page"
	"dirbridge/ui/page/draw"
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
	// places are the starts of the pages up to the current one.
	places []control.QueuePlace
	more   bool // another page follows
	count  control.QueueCount
	ticked map[identity.Anchor]string // accounts to purge now, with their names
	query  int                        // of the last requested reading
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
	}
)

// Connector is what the page needs of the engine.
type Connector interface{ control.Queue }

// New returns the page as it is when the console opens.
func New(h page.Host, conn Connector, f page.Facts) *Model {
	return &Model{host: h, conn: conn, work: f.Work, stop: func() {}, places: []control.QueuePlace{{}},
		ticked: map[identity.Anchor]string{}}
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
			q.host.Fail("No person was found", msg.err)
			return nil
		}
		return q.showOne(msg.q)
	case queueDoneMsg:
		if msg.err != nil {
			q.host.Fail(msg.what, msg.err)
			return nil
		}
		q.host.Say("%s", msg.said)
		return q.fetch("")
	}
	return nil
}

// ended reads the queue again after a run that may have changed it.
func (q *Model) ended(mode record.Mode) tea.Cmd {
	if !q.read {
		return nil
	}
	if mode == record.ApplyPlan {
		clear(q.ticked)
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
			q.host.Fail("Who waits for the purge could not be read", msg.err)
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
	q.list.Reset(int64(len(q.waiting)))
	if i := slices.IndexFunc(q.waiting, func(w control.Queued) bool { return w.Anchor == at }); i >= 0 {
		q.list.Go(int64(i))
	}
	return nil
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

// Click moves the cursor to an account.
func (q *Model) Click(line int) tea.Cmd { q.list.Click(q.panel().RowAt(line)); return nil }

func (q *Model) Commands() []page.Command {
	none, w, ok := "", control.Queued{}, false
	if w, ok = q.current(); !ok {
		none = "nobody waits for the purge here"
	}
	dots := q.host.Look.Mark.Ellipsis
	after, before := none, ""
	if !q.more {
		after = "this is the last page"
	}
	if len(q.places) < 2 {
		before = "this is the first page"
	}
	release := none
	if none == "" && w.Kept == nil {
		release = "nobody keeps " + w.Key
		if w.Unmanaged != "" {
			release = "a rule of the configuration leaves it alone: " + w.Unmanaged
		}
	}
	busy := q.work.Busy()
	keys := []page.Command{
		{ID: "queue.why", Keys: []string{"enter"}, Show: "Enter", Short: "details",
			Title: "see all of who is under the cursor", Off: none, Do: q.open},
		{ID: "queue.tick", Changes: true, Keys: []string{"space"}, Show: "Space", Short: "tick",
			Title: "tick or untick who is under the cursor, to be purged now", Off: q.tickOff(none), Do: q.tick},
		{ID: "queue.keep", Changes: true, Keys: []string{"K"}, Short: "Keep" + dots,
			Title: "keep from the purge, with a reason", Off: none, Do: q.keep},
		{ID: "queue.release", Changes: true, Keys: []string{"r"}, Short: "Release" + dots,
			Title: "keep no longer: release to the purge", Off: release, Do: q.release},
		{ID: "queue.now", Changes: true, Keys: []string{"p"}, Short: "Purge now" + dots,
			Title: "purge now: plan it for those that are ticked, or who is under the cursor", Off: q.nowOff(none, busy),
			Do: q.purgeNow},
		{ID: "queue.due", Changes: true, Keys: []string{"d"}, Short: "plan what is due",
			Title: "plan the purge of all whose time has come", Off: busy, Do: q.due},
		{ID: "queue.find", Keys: []string{"/"}, Short: "find",
			Title: "find one who waits, by mail address, name, DN or GUID", Do: q.find},
		{ID: "queue.after", Keys: []string{"right", "l"}, Show: "Right", Title: "page after", Off: after, Do: q.page(1)},
		{ID: "queue.before", Keys: []string{"left", "h"}, Show: "Left", Title: "page before", Off: before, Do: q.page(-1)},
		q.explainQueued(w, ok),
	}
	return append(keys, page.Moves(q.move)...)
}

// explainQueued explains the account under the cursor.
func (q *Model) explainQueued(w control.Queued, ok bool) page.Command {
	c := q.host.ExplainCommand("", "")
	if ok {
		c.Title, c.Do = "explain who is under the cursor, as it is now",
			func() tea.Cmd { return q.host.Explain(string(w.Anchor)) }
	}
	return c
}

func (q *Model) open() tea.Cmd {
	w, _ := q.current()
	now := q.host.Now()
	q.host.Ask(&component.Reading{Title: "Waits for the purge", Lines: func(l look.Look,
		width int) []string {
		return queuedDetails(l, w, now, width)
	}})
	return nil
}

func (q *Model) tickOff(none string) string {
	if w, ok := q.current(); ok && w.Held() {
		return w.Key + " is held back: " + heldWords(w)
	}
	return none
}

func (q *Model) tick() tea.Cmd {
	w, _ := q.current()
	if _, on := q.ticked[w.Anchor]; on {
		delete(q.ticked, w.Anchor)
	} else {
		q.ticked[w.Anchor] = w.Key
	}
	return q.move("down")
}

// keep asks for a reason, then for an end date.
func (q *Model) keep() tea.Cmd {
	w, _ := q.current()
	lines := []string{"Whoever is kept stays deactivated, and is not purged."}
	if w.Kept != nil {
		lines = append(lines, "This replaces: kept "+w.Kept.Text()+".")
	}
	q.host.Ask(&component.Prompt{
		Title: "Keep " + w.Key + " from the purge.", Lines: lines, Label: "Why, for others to see:",
		Check: func(text string) string {
			if strings.TrimSpace(text) == "" {
				return "A reason is required: it is what others will see."
			}
			return ""
		},
		Done: func(reason string) tea.Cmd { q.keepUntil(w, strings.TrimSpace(reason)); return nil },
	})
	return nil
}

func (q *Model) keepUntil(w control.Queued, reason string) {
	q.host.Ask(&component.Prompt{
		Title: "Keep " + w.Key + " from the purge: " + reason, Label: "Last day, as " +
			q.host.Now().AddDate(0, 1, 0).Format(time.DateOnly) + ", or empty until it is released:",
		Check: func(text string) string {
			_, wrong := q.lastDay(text)
			return wrong
		},
		Done: func(text string) tea.Cmd {
			until, _ := q.lastDay(text)
			ctx, conn := q.host.Ctx, q.conn
			said := w.Key + " is kept from the purge."
			if !until.IsZero() {
				said = w.Key + " is kept from the purge up to " + strings.TrimSpace(text) + "."
			}
			return func() tea.Msg {
				return queueDoneMsg{said, "It is not kept", conn.Keep(ctx, w.Anchor, reason, until)}
			}
		},
	})
}

// lastDay returns the moment after the last day that was typed; zero for none.
func (q *Model) lastDay(text string) (until time.Time, wrong string) {
	if text = strings.TrimSpace(text); text == "" {
		return until, ""
	}
	day, err := time.ParseInLocation(time.DateOnly, text, q.host.Now().Location())
	if err != nil {
		return until, "Give a date such as " + q.host.Now().AddDate(0, 1, 0).Format(time.DateOnly) + ", or nothing."
	}
	if until = day.AddDate(0, 0, 1); !until.After(q.host.Now()) {
		return until, "That day is over."
	}
	return until, ""
}

func (q *Model) release() tea.Cmd {
	w, _ := q.current()
	lines := []string{"It is kept " + w.Kept.Text() + "."}
	if !w.Due.After(q.host.Now()) {
		lines = append(lines, "Its grace period is over: the next purge deletes it. "+control.PurgeWarning)
	}
	q.host.Ask(&component.Question{Title: "Release " + w.Key + " to the purge?", Lines: lines, Options: []component.Option{
		{Key: "n", Text: "Leave it kept"},
		{Key: "r", Text: "Release it", Do: func() tea.Cmd {
			ctx, conn := q.host.Ctx, q.conn
			return func() tea.Msg {
				return queueDoneMsg{w.Key + " is released to the purge.", "It was not released", conn.Release(ctx, w.Anchor)}
			}
		}},
	}})
	return nil
}

func (q *Model) nowOff(none, busy string) string {
	switch {
	case busy != "":
		return busy
	case len(q.ticked) > 0:
		return ""
	}
	return q.tickOff(none)
}

// purgeNow plans the purge of the ticked accounts. The plan shows its effect; it is applied from
// the Dry Run page, with a typed word.
func (q *Model) purgeNow() tea.Cmd {
	who := q.ticked
	if w, ok := q.current(); ok && len(who) == 0 {
		who = map[identity.Anchor]string{w.Anchor: w.Key}
	}
	var only []identity.Anchor
	var names []string
	for a, name := range who {
		only, names = append(only, a), append(names, name)
	}
	slices.Sort(only)
	slices.Sort(names)
	if n := len(names) - 10; n > 0 {
		names = append(names[:10], fmt.Sprintf("and %d more", n))
	}
	q.host.Ask(&component.Question{
		Title: "Plan to purge " + look.Count(int64(len(only)), "account", "accounts") +
			" now, whether the grace period is over or not?",
		Lines: []string{strings.Join(names, ", ") + ".", control.PurgeWarning,
			"This makes a plan and writes nothing. The Dry Run page shows it, and applies it when you say so there."},
		Options: []component.Option{
			{Key: "n", Text: "Leave it"},
			{Key: "p", Text: "Make the plan", Do: func() tea.Cmd {
				return q.host.Start(control.Request{Mode: control.PurgePlan, Only: only}, page.DryRun)
			}},
		},
	})
	return nil
}

// due plans the next purge.
func (q *Model) due() tea.Cmd {
	return q.host.Start(control.Request{Mode: control.PurgePlan}, page.DryRun)
}

func (q *Model) find() tea.Cmd {
	q.host.Ask(&component.Prompt{
		Title: "Find one who waits for the purge.", Label: "Mail address, group name, DN or GUID:",
		Check: func(text string) string {
			if strings.TrimSpace(text) == "" {
				return "Name somebody, exactly."
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
