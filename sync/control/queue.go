package control

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"dirbridge/sync/identity"
	"dirbridge/sync/port"
	"dirbridge/sync/queue"
	"dirbridge/sync/record"
)

type (
	// Queued is one account in the purge queue.
	Queued = queue.Item
	// QueuePlace is where a page of the queue ended.
	QueuePlace = queue.Place
	// QueueCount is how many accounts are in the queue.
	QueueCount = queue.Totals
)

// PurgeWarning is shown wherever an operator is about to purge people.
const PurgeWarning = "Purged people lose all their spaces; that cannot be undone."

// Queue is the purge queue: the accounts in grace. What is done to it is in the event log.
type Queue interface {
	// Queue reads up to n accounts after a place, longest waiting first.
	Queue(ctx context.Context, after QueuePlace, n int) ([]Queued, error)
	// QueueCount reads the whole queue.
	QueueCount(ctx context.Context) (QueueCount, error)
	// Waiting finds the queued account for a mail address or group name, a DN, a GUID or an anchor,
	// without regard to letter case.
	Waiting(ctx context.Context, who string) (Queued, error)
	// Keep holds an account back from the purge until a time; the zero time is for good. It
	// replaces an earlier keep.
	Keep(ctx context.Context, who identity.Anchor, reason string, until time.Time) error
	// Release ends a keep.
	Release(ctx context.Context, who identity.Anchor) error
}

// queuePage is how many accounts are read at a time where the whole queue is read.
const queuePage = 1000

func (l *Local) Queue(ctx context.Context, after QueuePlace, n int) ([]Queued, error) {
	return queue.List(ctx, l.opt.Store, l.opt.Policy, time.Now(), after, n)
}

func (l *Local) QueueCount(ctx context.Context) (QueueCount, error) {
	return queue.Count(ctx, l.opt.Store, l.opt.Policy, time.Now())
}

func (l *Local) Waiting(ctx context.Context, who string) (Queued, error) {
	var found []Queued
	for after := (QueuePlace{}); ; {
		page, err := l.Queue(ctx, after, queuePage)
		if err != nil {
			return Queued{}, err
		}
		for _, q := range page {
			if after = q.Place(); isMeant(q, who) {
				found = append(found, q)
			}
		}
		if len(page) < queuePage {
			break
		}
	}
	switch len(found) {
	case 0:
		return Queued{}, &identity.Failure{Class: identity.GiveUp,
			Err: fmt.Errorf("no account in the purge queue is called %q", who),
			Remedy: "List the queue: dirbridge purge --list. It has only the accounts that Dirbridge deactivated as missing, " +
				"or as unmatched."}
	case 1:
		return found[0], nil
	}
	var names []string
	for _, q := range found[:min(len(found), 10)] {
		names = append(names, fmt.Sprintf("%s (%s, %s)", q.Anchor, q.Kind, q.DN))
	}
	return Queued{}, &identity.Failure{Class: identity.GiveUp,
		Err:    fmt.Errorf("%d accounts in the purge queue are called %q: %s", len(found), who, strings.Join(names, "; ")),
		Remedy: "Name the one by its anchor."}
}

func isMeant(q Queued, who string) bool {
	return strings.EqualFold(q.Key, who) || strings.EqualFold(q.DN, who) || strings.EqualFold(string(q.Anchor), who) ||
		strings.EqualFold(q.Anchor.GUID(), who)
}

func (l *Local) Keep(ctx context.Context, who identity.Anchor, reason string, until time.Time) error {
	now := time.Now().UTC().Truncate(time.Second)
	k := identity.Keep{Anchor: who, By: l.opt.Operator, Reason: strings.TrimSpace(reason), At: now, Until: until}
	switch {
	case k.Reason == "":
		return errors.New("a reason is required: it is what others will see")
	case !k.Holds(now):
		return errors.New("the date up to which it is to be kept is over")
	}
	q, err := l.inQueue(ctx, who)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("%s keeps %s from the purge: %s.", by(k.By), q.Key, strings.TrimSuffix(k.Reason, "."))
	if !until.IsZero() {
		text = strings.TrimSuffix(text, ".") + fmt.Sprintf(" (until %s).", until.Local().Format("2006-01-02 15:04"))
	}
	return l.opt.Store.Commit(ctx, port.Batch{Keeps: []identity.Keep{k}, Events: []record.Event{l.said(now, "purge-kept",
		q, text)}})
}

func (l *Local) Release(ctx context.Context, who identity.Anchor) error {
	q, err := l.inQueue(ctx, who)
	if err != nil {
		return err
	}
	if q.Kept == nil {
		remedy := "Nothing need be done."
		if q.Unmanaged != "" {
			remedy = "It is left alone by a rule of the configuration: change the rule under [[unmanaged]]."
		}
		return &identity.Failure{Class: identity.GiveUp, Err: fmt.Errorf("no keep protects %s from the purge", q.Key),
			Remedy: remedy}
	}
	text := fmt.Sprintf("%s releases %s to the purge; it was kept by %s: %s.", by(l.opt.Operator), q.Key, by(q.Kept.By),
		strings.TrimSuffix(q.Kept.Reason, "."))
	return l.opt.Store.Commit(ctx, port.Batch{Released: []identity.Anchor{who},
		Events: []record.Event{l.said(time.Now().UTC().Truncate(time.Second), "purge-released", q, text)}})
}

func (l *Local) inQueue(ctx context.Context, who identity.Anchor) (Queued, error) {
	s, ok, err := l.opt.Store.Shadow(ctx, who)
	if err != nil || !ok {
		return l.Waiting(ctx, string(who))
	}
	return queue.Of(ctx, l.opt.Store, l.opt.Policy, time.Now(), s)
}

func (l *Local) said(at time.Time, code string, q Queued, text string) record.Event {
	return record.Event{Time: at, Level: record.Info, Code: code, Anchor: q.Anchor, Record: q.Key, Message: text}
}

func by(operator string) string {
	if operator == "" {
		return "an operator"
	}
	return operator
}
