package app

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/ui/uitest"
)

// waiters returns n accounts in the purge queue, one hour apart; the grace period of the first
// three has ended, and the second of them is kept.
func waiters(n int) []control.Queued {
	var queue []control.Queued
	for i := range n {
		since := noon.Add(-170*time.Hour + time.Duration(i)*time.Hour)
		q := control.Queued{Anchor: identity.NewAnchor("corp", fmt.Sprintf("6f1c2e0a-95d2-4a53-8c4e-%012d", i)),
			Kind: identity.User,
			Key:  fmt.Sprintf("gone%03d@example.com", i), DN: fmt.Sprintf("CN=Gone %d,OU=Staff,DC=corp,DC=example,DC=com", i),
			ID:    identity.ResourceID(fmt.Sprint("id-", i)),
			Since: since, Due: since.Add(168 * time.Hour), Overdue: i < 3 && i != 1, Run: 400,
			Reason: "no longer in the directory"}
		if i == 1 {
			q.Kept = &identity.Keep{Anchor: q.Anchor, By: "ana", Reason: "on leave", At: noon}
		}
		queue = append(queue, q)
	}
	return queue
}

func (f *fake) Queue(_ context.Context, after control.QueuePlace, n int) ([]control.Queued, error) {
	f.mu.Lock()
	waiting := slices.Clone(f.queue)
	f.mu.Unlock()
	var page []control.Queued
	for _, q := range waiting {
		if later := q.Since.After(after.Since) || q.Since.Equal(after.Since) && q.Anchor > after.Anchor; later &&
			len(page) < n {
			page = append(page, q)
		}
	}
	return page, f.call("Queue")
}

func (f *fake) QueueCount(context.Context) (control.QueueCount, error) {
	return uitest.QueueCount(f.queue), f.call("QueueCount")
}

func (f *fake) Waiting(_ context.Context, who string) (control.Queued, error) {
	for _, q := range f.queue {
		if strings.EqualFold(q.Key, who) {
			return q, f.call("Waiting")
		}
	}
	return control.Queued{}, &identity.Failure{Err: fmt.Errorf("no account that waits is %q", who),
		Remedy: "List the queue."}
}

func (f *fake) Keep(_ context.Context, who identity.Anchor, reason string, until time.Time) error {
	for i := range f.queue {
		if f.queue[i].Anchor == who {
			f.queue[i].Kept = &identity.Keep{Anchor: who, By: "op", Reason: reason, At: noon, Until: until}
		}
	}
	return f.call("Keep")
}

func (f *fake) Release(_ context.Context, who identity.Anchor) error {
	for i := range f.queue {
		if f.queue[i].Anchor == who {
			f.queue[i].Kept = nil
		}
	}
	return f.call("Release")
}
