package plain

import (
	"context"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/ui/view"
)

// queue lists the purge queue.
func (s *session) queue() error {
	return s.menu(page{title: "Purge queue", head: func() error { return told(s.countQueue()) }, choices: func() []choice {
		return []choice{
			{text: "List the accounts, longest first", do: s.queueList},
			{text: "Find an account", do: s.findQueued},
			{text: "Plan the purge of all overdue accounts; nothing is written yet", off: s.busy(),
				do: func() error { return s.planPurge() }},
			{text: "Count again", do: s.countQueue},
		}
	}, help: []string{view.QueueMeans, view.KeepMeans, control.PurgeWarning}})
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
	n, err := read(s, "Counting", s.conn.QueueCount)
	if err != nil {
		return err
	}
	if n.Waiting == 0 {
		s.say("%s", view.QueueEmpty)
		return nil
	}
	s.say("%s.", view.QueueCounts(n))
	if n.Overdue > 0 {
		s.say("%s", view.OverdueMeans)
	}
	return nil
}

func (s *session) queueList() error {
	return s.list(s.streamed("Purge queue", view.QueueEmpty,
		func(ctx context.Context, fn func(row) error) error {
			return s.eachQueued(ctx, func(q control.Queued) error {
				return fn(row{view.QueuedLine(q, s.now()), func() error { return s.queuedPage(q) }})
			})
		}))
}

func (s *session) findQueued() error {
	name, err := s.text(view.PurgeFind, nil, wanted("Enter one, or b to go back."))
	if err != nil {
		return err
	}
	q, err := read(s, "Looking", func(ctx context.Context) (control.Queued, error) {
		return s.conn.Waiting(ctx, name)
	})
	if err != nil {
		return err
	}
	return s.queuedPage(q)
}

// queuedPage is the page of one waiting account, with its current state.
func (s *session) queuedPage(q control.Queued) error {
	look := func() error {
		if err := s.wait("Reading the queue", func(ctx context.Context) (err error) {
			q, err = s.conn.Waiting(ctx, string(q.Anchor))
			return err
		}); err != nil {
			return err
		}
		s.facts(view.Queued(q, s.voice()))
		return nil
	}
	return s.menu(page{title: "Purge queue, " + q.Key, head: look, choices: func() []choice {
		release, now := s.forbidden(), s.busy()
		if release == "" && q.Kept == nil {
			release = "it is not kept"
		}
		if now == "" && q.Held() {
			now = "it is " + view.KeptBy(q)
		}
		return []choice{
			{text: "Keep it from the purge", off: s.forbidden(), do: func() error { return then(s.keepFromPurge(q), look) }},
			{text: "Release it", off: release, do: func() error { return then(s.release(q), look) }},
			{text: "Plan its purge now, due or not; nothing is written yet", off: now,
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
	reason, err := s.text(view.KeepReason, []string{view.KeepMeans}, wanted(view.KeepWhy))
	if err != nil {
		return err
	}
	text, err := s.text("Last day, such as 2027-01-31, or Enter for no end:", nil, func(text string) string {
		_, wrong := view.LastDay(text, s.now())
		return wrong
	})
	if err != nil {
		return err
	}
	until, _ := view.LastDay(text, s.now())
	return s.wait("Keeping it", func(ctx context.Context) error { return s.conn.Keep(ctx, q.Anchor, reason, until) })
}

func (s *session) release(q control.Queued) error {
	if err := s.confirm([]string{"It is kept " + q.Kept.Text(),
		"After that it is purged when it is due. " + control.PurgeWarning}, "release"); err != nil {
		return err
	}
	return s.wait("Releasing it", func(ctx context.Context) error { return s.conn.Release(ctx, q.Anchor) })
}

// planPurge plans the purge of these accounts only, or of all that are overdue, and shows the plan.
func (s *session) planPurge(only ...identity.Anchor) error {
	return s.planned(control.Request{Mode: control.PurgePlan, Only: only})
}
