package queue

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/policy"
	"dirbridge/sync/port"
	"dirbridge/sync/schema"
)

// Item is one account in the purge queue, in grace. Groups are queued like accounts.
type Item struct {
	Anchor identity.Anchor     `json:"anchor"`
	Kind   identity.Kind       `json:"kind"`
	Key    string              `json:"key"` // userName, or the group's name
	DN     string              `json:"dn"`  // where the object last was
	ID     identity.ResourceID `json:"id"`
	Since  time.Time           `json:"since"`
	Due    time.Time           `json:"due"` // when its grace period ends
	// Overdue says that the grace period is over, and that the next purge takes the account.
	Overdue bool `json:"overdue"`
	// ByName says that, by the current policy (on_missing = "keep"), only a purge that names the
	// account takes it.
	ByName bool `json:"by_name_only,omitempty"`
	// Run is the run that deactivated the account, 0 if unknown. Reason is the reason in its
	// journal, "" if the run wrote nothing to the cloud.
	Run    int64  `json:"run,omitempty"`
	Reason string `json:"reason,omitempty"`
	// Kept is the operator's keep that holds the account back; nil if there is none.
	Kept *identity.Keep `json:"kept,omitempty"`
	// Unmanaged is the reason of the rule that leaves the account unchanged, "" for none.
	Unmanaged string `json:"unmanaged,omitempty"`
}

// Held says whether a purge leaves the account unchanged even if its grace period is over.
func (q Item) Held() bool { return q.Kept != nil || q.Unmanaged != "" }

// Waits says whether an account belongs to the purge, now or when its grace period is over: a run
// deactivated it as missing.
func Waits(s identity.Shadow) bool { return s.State == identity.Grace && s.ByUs && s.ID != "" }

// PastGrace says whether the purge may take an account now.
func PastGrace(s identity.Shadow, grace time.Duration, now time.Time) bool {
	return Waits(s) && !s.Since.After(now.Add(-grace))
}

// KeyOf returns the key that was last applied.
func KeyOf(s identity.Shadow) string {
	if s.Kind == identity.Group {
		return s.Applied.First(schema.GroupName)
	}
	return s.Applied.First(schema.UID)
}

// Reader is what the queue reads: shadows in grace, keeps, and withheld records.
type Reader interface {
	port.Values
	Rest(ctx context.Context, fn func(identity.Shadow) error) error
	Keeps(ctx context.Context, fn func(identity.Keep) error) error
}

// Sparing knows which queued accounts are left unchanged, and why. Operators make keeps by hand,
// one at a time, so they are few.
type Sparing struct {
	Keeps map[identity.Anchor]identity.Keep
	// Withheld has the accounts that another person gets once an operator confirms it.
	Withheld map[identity.ResourceID]identity.Keep
	rules    []policy.Unmanaged
	unasked  func(identity.Shadow) bool // no directory is asked for it; nil: never so
	now      time.Time
}

// waiting returns the Sparing for queued accounts, whether they are due or not.
func waiting(ctx context.Context, p policy.Policy, st Reader, now time.Time) (*Sparing, error) {
	spare, err := NewSparing(ctx, st, p.Unmanaged, now)
	if err == nil {
		spare.unasked = p.Unasked
	}
	return spare, err
}

func NewSparing(ctx context.Context, st Reader, rules []policy.Unmanaged, now time.Time) (*Sparing, error) {
	s := &Sparing{map[identity.Anchor]identity.Keep{}, map[identity.ResourceID]identity.Keep{}, rules, nil, now}
	var waiting []plan.Withheld
	if err := facts.ReadValue(ctx, st, facts.WithheldValue, &waiting); err != nil {
		return nil, err
	}
	for _, h := range waiting {
		s.Withheld[h.Account.ID] = identity.Keep{Reason: fmt.Sprintf("it is withheld whether [%s] gets the account",
			h.Person.DN)}
	}
	return s, st.Keeps(ctx, func(k identity.Keep) error {
		if k.Holds(now) {
			s.Keeps[k.Anchor] = k
		}
		return nil
	})
}

// Of returns the keep and the rule that apply to an account; nil where there is none.
func (s *Sparing) Of(sh identity.Shadow) (k *identity.Keep, rule *policy.Unmanaged) {
	if keep, ok := s.Keeps[sh.Anchor]; ok {
		k = &keep
	} else if keep, ok := s.Withheld[sh.ID]; ok && sh.Kind == identity.User {
		keep.Anchor = sh.Anchor
		k = &keep
	}
	if sh.Kind == identity.User {
		if at, _ := policy.RuleFor(s.rules, sh.ID, KeyOf(sh), s.now); at >= 0 {
			rule = &s.rules[at]
		}
	}
	return k, rule
}

// Place is where a page of the queue ended. The zero value is before the first item.
type Place struct {
	Since  time.Time
	Anchor identity.Anchor
}

// Place returns the position of the account in the queue.
func (q Item) Place() Place { return Place{q.Since, q.Anchor} }

func (p Place) compare(o Place) int {
	return cmp.Or(p.Since.Compare(o.Since), cmp.Compare(p.Anchor, o.Anchor))
}

// List reads up to n queued accounts after a place, longest waiting first. Memory is proportional
// to n.
func List(ctx context.Context, st port.Store, p policy.Policy, now time.Time, after Place, n int) ([]Item, error) {
	spare, err := waiting(ctx, p, st, now)
	if err != nil {
		return nil, err
	}
	var page []Item
	err = st.Rest(ctx, func(s identity.Shadow) error {
		at := Place{s.Since, s.Anchor}
		if !Waits(s) || !p.Purges(s) || after != (Place{}) && at.compare(after) <= 0 {
			return nil
		}
		if len(page) == n && (n == 0 || at.compare(page[n-1].Place()) > 0) {
			return nil
		}
		i, _ := slices.BinarySearchFunc(page, at, func(q Item, p Place) int { return q.Place().compare(p) })
		page = slices.Insert(page, i, queued(p, s, spare))
		page = page[:min(len(page), n)]
		return nil
	})
	if err != nil {
		return nil, err
	}
	return page, reasons(ctx, st, page)
}

// Of returns one shadow as the queue shows it. An account that is not in the queue is an error.
func Of(ctx context.Context, st port.Store, p policy.Policy, now time.Time, s identity.Shadow) (Item, error) {
	if !Waits(s) {
		return Item{}, &identity.Failure{Class: identity.GiveUp, Err: fmt.Errorf("%s does not wait for a purge", s.DN),
			Remedy: "List the queue: dirbridge purge --list"}
	}
	spare, err := waiting(ctx, p, st, now)
	if err != nil {
		return Item{}, err
	}
	one := []Item{queued(p, s, spare)}
	err = reasons(ctx, st, one)
	return one[0], err
}

// queued turns a shadow into an item of the queue.
func queued(p policy.Policy, s identity.Shadow, spare *Sparing) Item {
	q := Item{Anchor: s.Anchor, Kind: s.Kind, Key: KeyOf(s), DN: s.DN, ID: s.ID, Since: s.Since,
		Due: s.Since.Add(p.PurgeAfter), Run: s.Run}
	keep, rule := spare.Of(s)
	q.Kept = keep
	if rule != nil {
		q.Unmanaged = rule.Why()
	} else if spare.unasked != nil && spare.unasked(s) {
		q.Unmanaged = NotSynchronized(s.Kind)
	}
	q.ByName = p.OnMissing == "keep" && !identity.IsUnmatched(s.Anchor)
	q.Overdue = PastGrace(s, p.PurgeAfter, spare.now) && !q.Held() && !q.ByName
	return q
}

// reasons looks up the reasons in the journals of the runs that deactivated the accounts.
func reasons(ctx context.Context, st port.Store, page []Item) error {
	byRun := map[int64]map[identity.Anchor]*Item{}
	for i := range page {
		q := &page[i]
		if q.Run == 0 {
			continue
		}
		if byRun[q.Run] == nil {
			byRun[q.Run] = map[identity.Anchor]*Item{}
		}
		byRun[q.Run][q.Anchor] = q
	}
	for run, who := range byRun {
		err := st.Journal(ctx, run, func(in port.Intent) error {
			anchor := in.Change.Anchor
			if anchor == "" {
				anchor = identity.UnmatchedAnchor(in.Change.ID)
			}
			if q := who[anchor]; q != nil && in.Change.Action == plan.Deactivate {
				q.Reason = in.Change.Reason
				if in.Change.Cause != "" {
					q.Reason += " (" + in.Change.Cause + ")"
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("journal of run %d: %w", run, err)
		}
	}
	return nil
}

// Length is how many accounts are queued for the purge, whether their grace period is over or not.
func Length(ctx context.Context, st interface {
	Rest(context.Context, func(identity.Shadow) error) error
}) (n int64, err error) {
	err = st.Rest(ctx, func(s identity.Shadow) error {
		if Waits(s) {
			n++
		}
		return nil
	})
	return n, err
}

// Totals counts the accounts queued for the purge and, of these, how many are overdue and how many
// are held back.
type Totals struct{ Waiting, Overdue, Held int64 }

// Count reads the whole queue once.
func Count(ctx context.Context, st Reader, p policy.Policy, now time.Time) (n Totals, err error) {
	spare, err := waiting(ctx, p, st, now)
	if err != nil {
		return n, err
	}
	err = st.Rest(ctx, func(s identity.Shadow) error {
		if !Waits(s) || !p.Purges(s) {
			return nil
		}
		n.Waiting++
		switch q := queued(p, s, spare); {
		case q.Held():
			n.Held++
		case q.Overdue:
			n.Overdue++
		}
		return nil
	})
	return n, err
}

// NotSynchronized is the reason why objects of a kind that is switched off are left unchanged.
func NotSynchronized(kind identity.Kind) string {
	return fmt.Sprintf("%ss are not synchronized (sync_%ss = false)", kind, kind)
}
