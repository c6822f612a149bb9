package plain

import (
	"context"
	"fmt"
	"time"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/ui/view"
)

// queue lists the purge queue.
func (s *session) queue() error {
	return s.menu(page{title: "Purge queue", head: func() error { return told(s.countQueue()) }, choices: func() []choice {
		return []choice{
			{text: "List who waits, longest first", do: s.queueList},
			{text: "Find one by mail, DN or GUID", do: s.findQueued},
			{text: "Plan the purge of all who are overdue; nothing is written by that", off: s.busy(),
				do: func() error { return s.planPurge() }},
			{text: "Count again", do: s.countQueue},
		}
	}, help: []string{
		"Who left is deactivated first, and purged when the grace period is over. Purged people lose all their spaces.",
		"Keep holds somebody back; release ends that; now plans the removal of one at once.",
	}})
}

// eachQueued reads the whole queue, in pages.
func (s *session) eachQueued(ctx context.Context, fn func(control.Queued) error) error {
	const batch = 1000
	for after := (control.QueuePlace{}); ; {
		waiting, err := s.conn.Queue(ctx, after, batch)
		if err != nil {
			return err
		}
		for _, q := range waiting {
			if err := fn(q); err != nil {
				return err
			}
			after = q.Place()
		}
		if len(waiting) < batch {
			return nil
		}
	}
}

func (s *session) countQueue() error {
	var n control.QueueCount
	err := s.wait("Counting", func(ctx context.Context) (err error) {
		n, err = s.conn.QueueCount(ctx)
		return err
	})
	if err != nil {
		return err
	}
	if n.Waiting == 0 {
		s.say("The purge queue is empty.")
		return nil
	}
	s.say("%s waiting, %s overdue, %s held back.", number(n.Waiting), number(n.Overdue), number(n.Held))
	if n.Overdue > 0 {
		s.say("Overdue ones go with the next purge. %s", control.PurgeWarning)
	}
	return nil
}

func (s *session) queueList() error {
	return s.list(s.streamed("Purge queue", "The purge queue is empty.",
		func(ctx context.Context, fn func(row) error) error {
			return s.eachQueued(ctx, func(q control.Queued) error {
				return fn(row{s.queuedLine(q), func() error { return s.queuedPage(q) }})
			})
		}))
}

// queuedLine returns one waiting account in one line.
func (s *session) queuedLine(q control.Queued) string {
	text := q.Key
	if q.Kind != identity.User {
		text += ", " + string(q.Kind)
	}
	switch {
	case q.Kept != nil:
		text += ", kept " + q.Kept.Text()
	case q.Unmanaged != "":
		text += ", left alone by a rule: " + q.Unmanaged
	case q.ByName:
		text += `, stays, since on_missing is "keep": only a purge that names it takes it`
	case q.Overdue:
		text += ", overdue since " + s.clock(q.Due)
	default:
		text += ", due " + s.clock(q.Due)
	}
	return text
}

func (s *session) findQueued() error {
	who, err := s.text("Who, by mail, group name, DN or GUID:", nil, wanted("Name somebody, or b to go back."))
	if err != nil {
		return err
	}
	var q control.Queued
	if err := s.wait("Looking", func(ctx context.Context) (err error) {
		q,
			err = s.conn.Waiting(ctx, who)
		return err
	}); err != nil {
		return err
	}
	return s.queuedPage(q)
}

// queuedPage is the page of one waiting account, with its current state.
func (s *session) queuedPage(q control.Queued) error {
	look := func() error {
		err := s.wait("Reading the queue", func(ctx context.Context) (err error) {
			q,
				err = s.conn.Waiting(ctx, string(q.Anchor))
			return err
		})
		if err != nil {
			return err
		}
		s.say("%s.", s.queuedLine(q))
		s.fact("Record", view.WhereQueued(q))
		text := "Deactivated " + moment(q.Since, s.now())
		if q.Kind != identity.User {
			text = "Missing since " + moment(q.Since, s.now())
		}
		if q.Run > 0 {
			text += fmt.Sprintf(", by run %d", q.Run)
		}
		if q.Reason != "" {
			text += ": " + q.Reason
		}
		s.say("%s", view.Sentence(text))
		s.say("Due %s.", q.Due.In(s.now().Location()).Format("2006-01-02 15:04"))
		return nil
	}
	return s.menu(page{title: "Purge queue, " + q.Key, head: look, choices: func() []choice {
		release, now := s.forbidden(), s.busy()
		if release == "" && q.Kept == nil {
			release = "nobody keeps it"
		}
		if now == "" && q.Held() {
			now = "it is held back"
		}
		return []choice{
			{text: "Keep it from the purge", off: s.forbidden(), do: func() error { return then(s.keepFromPurge(q), look) }},
			{text: "Release it", off: release, do: func() error { return then(s.release(q), look) }},
			{text: "Plan its purge now, whether it is due or not; nothing is written by that", off: now,
				do: func() error { return s.planPurge(q.Anchor) }},
			{text: "Explain", do: func() error { return s.explain(string(q.Anchor)) }},
		}
	}})
}

// then continues if there was no error.
func then(err error, next func() error) error {
	if err != nil {
		return err
	}
	return next()
}

func (s *session) keepFromPurge(q control.Queued) error {
	reason, err := s.text("Reason:",
		[]string{"It is kept from the purge until it is released, or up to a day. Others see the reason."},
		wanted("A reason is required: it is what others will see."))
	if err != nil {
		return err
	}
	text, err := s.text("Last day, such as 2027-01-31, or Enter for good:", nil, func(text string) string {
		if _, err := time.Parse(time.DateOnly, text); text != "" && err != nil {
			return "That is no date such as 2027-01-31."
		}
		return ""
	})
	if err != nil {
		return err
	}
	var until time.Time
	if text != "" {
		day, _ := time.ParseInLocation(time.DateOnly, text, time.Local) // already validated
		until = day.AddDate(0, 0, 1)
	}
	return s.wait("Keeping it", func(ctx context.Context) error { return s.conn.Keep(ctx, q.Anchor, reason, until) })
}

func (s *session) release(q control.Queued) error {
	if err := s.confirm([]string{"It was kept for a reason: " + q.Kept.Text(),
		"Released, it is purged when it is due. " + control.PurgeWarning}, "release"); err != nil {
		return err
	}
	return s.wait("Releasing it", func(ctx context.Context) error { return s.conn.Release(ctx, q.Anchor) })
}

// planPurge plans the purge of these accounts only, or of all that are overdue, and shows the plan.
func (s *session) planPurge(who ...identity.Anchor) error {
	return s.planned(control.Request{Mode: control.PurgePlan, Only: who})
}
