package program

import (
	"context"
	"fmt"
	"time"

	"dirbridge/cloud/auth"
	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
)

// noteTime bounds the writing of what is seen of a sign-in: a run does not wait for it.
const noteTime = 5 * time.Second

// note keeps what was seen of a sign-in, for status in any process, and announces what an operator
// must know: that it has ended, or that it ends soon, once a day. An error loses only that.
func (c *connector) note(seen facts.SignIn) {
	ctx, cancel := context.WithTimeout(context.Background(), noteTime)
	defer cancel()
	var old facts.SignIn
	if facts.ReadValue(ctx, c.store, facts.SignInValue, &old) != nil {
		return
	}
	now := c.clock().UTC()
	if seen.Warned = old.Warned; seen.Method != old.Method || !seen.Ends.Equal(old.Ends) && !seen.Soon(now) {
		seen.Warned = time.Time{}
	}
	var events []record.Event
	switch {
	case seen.Ended != "" && old.Ended == "":
		events = append(events, record.Event{Time: now, Level: record.Error, Code: "sign-in-ended", Side: identity.InCloud,
			Message: "The sign-in to the cloud has ended: " + seen.Ended + ".", Remedy: "Sign in again: dirbridge signin."})
	case seen.Ended == "" && seen.Soon(now) && now.Sub(seen.Warned) >= 24*time.Hour:
		seen.Warned = now
		events = append(events, record.Event{Time: now, Level: record.Warn, Code: "sign-in-ends", Side: identity.InCloud,
			Message: endsWords(seen, now), Remedy: seen.Remedy()})
	}
	if same(old, seen) && len(events) == 0 {
		return
	}
	text, err := facts.TextOf(seen)
	if err == nil && c.store.Commit(ctx, port.Batch{Values: map[string]string{facts.SignInValue: text}}) == nil {
		_ = c.store.Append(ctx, events...)
	}
}

// same compares what status shows.
func same(a, b facts.SignIn) bool {
	a.Asked, b.Asked = a.Asked.UTC(), b.Asked.UTC()
	return a.Method == b.Method && a.SignedIn == b.SignedIn && a.Organization == b.Organization && a.Name == b.Name &&
		a.Expires.Equal(b.Expires) && a.Ends.Equal(b.Ends) && a.Ended == b.Ended && a.Asked.Equal(b.Asked)
}

func endsWords(s facts.SignIn, now time.Time) string {
	what := "The sign-in to the cloud"
	if s.Method == string(auth.Static) {
		what = "The cloud's token"
	}
	at := s.Ends.UTC().Format("2006-01-02 15:04 MST")
	days := int(s.Ends.Sub(now) / (24 * time.Hour))
	switch {
	case s.Ends.Before(now):
		return what + " has ended: " + at + "."
	case days == 1:
		return what + " ends in 1 day: " + at + "."
	}
	return fmt.Sprintf("%s ends in %d days: %s.", what, days, at)
}

// factsOf describes a state of a lasting sign-in.
func factsOf(s auth.State) facts.SignIn {
	return facts.SignIn{Method: string(s.Grant), SignedIn: s.SignedIn, Organization: s.Organization, Name: s.Name,
		Expires: s.Expires.UTC(), Ends: s.RefreshExpires.UTC(), Ended: s.Ended}
}
