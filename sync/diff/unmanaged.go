package diff

import (
	"context"
	"fmt"
	"strings"

	"dirbridge/sync/guard"
	"dirbridge/sync/identity"
	"dirbridge/sync/match"
	"dirbridge/sync/plan"
	"dirbridge/sync/policy"
	"dirbridge/sync/record"
	"dirbridge/sync/stage"
)

// UnmanagedRule lists an account separately if a rule applies to it. Otherwise it says in words which
// rule did, "" for none.
func UnmanagedRule(ctx context.Context, d *stage.Draft, r identity.Resource) (held bool, expired string, err error) {
	if r.Kind != identity.User {
		return false, "", nil
	}
	at, was := policy.RuleFor(d.Env.Policy.Unmanaged, r.ID, r.Key, d.Env.Now())
	if at < 0 {
		if was >= 0 {
			expired = d.Env.Policy.Unmanaged[was].Expired()
		}
		return false, expired, nil
	}
	if d.Ruled == nil {
		d.Ruled = map[int]int64{}
	}
	d.Ruled[at]++
	d.Header.Unmanaged++
	d.Stats.Unmanaged++
	return true, "", match.LeftAlone(ctx, d, r, plan.KeptUnmanaged+d.Env.Policy.Unmanaged[at].Why())
}

// WriteRules writes what became of each rule into the header.
func WriteRules(d *stage.Draft) {
	now := d.Env.Now()
	for i, u := range d.Env.Policy.Unmanaged {
		d.Header.UnmanagedRules = append(d.Header.UnmanagedRules, plan.UnmanagedRule{Rule: u.Name(), Reason: u.Reason,
			Until:    u.Until,
			Accounts: d.Ruled[i], Expired: !u.Holds(now), EndsSoon: u.EndsSoon(now)})
	}
}

// RulesEnding returns the events of a full run for rules that end soon, or have ended.
func RulesEnding(rules []plan.UnmanagedRule) (events []record.Event) {
	for _, u := range rules {
		ev := record.Event{Level: record.Warn, Code: "unmanaged-ends", Record: u.Rule, Side: identity.InCloud,
			Remedy: "Move the last day of the rule (until), or let it end: its accounts are unmatched then, and " +
				"policy.on_unmatched decides."}
		switch {
		case u.Expired:
			ev.Message = fmt.Sprintf("The rule %s (%s) for unmanaged accounts expired on %s: its accounts are unmatched "+
				"again.", u.Rule, u.Reason, u.Until)
			ev.Remedy = "Remove it from the configuration, or set another date."
		case u.EndsSoon:
			ev.Message = fmt.Sprintf("The rule %s (%s), which leaves unchanged what it matches (%d now), ends on %s.", u.Rule,
				u.Reason, u.Accounts, u.Until)
		default:
			continue
		}
		events = append(events, ev)
	}
	return events
}

// joinReasons adds a second reason to a first.
func joinReasons(reason, more string) string {
	if more == "" {
		return reason
	}
	return strings.TrimSuffix(reason, ".") + "; " + more
}

// UnsyncedKind says whether no directory that could contain the object is read for its kind.
func UnsyncedKind(d *stage.Draft, s identity.Shadow) bool {
	if identity.IsUnmatched(s.Anchor) {
		return guard.UsersUnsynced(d)
	}
	return d.Env.Unsynced != nil && d.Env.Unsynced(s.Anchor.Directory(), s.Kind)
}
