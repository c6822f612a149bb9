package read

import (
	"context"
	"encoding/json"
	"fmt"

	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/stage"
)

// listing is the coverage of a full plan. A purge and an undo use it as well: they look up each
// object of their own lists, and conclude nothing from the absence of others.
type listing struct{ d *stage.Draft }

// NewListing returns the coverage of a plan that lists both sides.
func NewListing(d *stage.Draft) stage.Coverage { return listing{d} }

func (listing) Listed() bool                                              { return true }
func (listing) Examined(identity.Anchor) bool                             { return true }
func (listing) Entering(func(identity.Anchor, identity.Kind) error) error { return nil }
func (listing) LinkedPeople() (int64, bool)                               { return 0, false }
func (l listing) SameRules() bool                                         { return l.d.Fingerprints.Alike }

// NoAccounts says that no account of a person is listed.
func (l listing) NoAccounts() bool { return l.d.Stats.Active+l.d.Stats.Deactivated == 0 }

// Settle has nothing to end: the list replaces the stored one.
func (listing) Settle(context.Context, *plan.Writer, map[identity.Anchor]bool) error { return nil }

// Unreadable ends the plan: a full plan without one of its directories would take all of its people
// for missing.
func (listing) Unreadable(_ context.Context, directory string, err error) error {
	return fmt.Errorf("directory %s: %w", directory, err)
}

// WriteDeferred replaces the deferred objects, except those of directories that were not read
// completely.
func (l listing) WriteDeferred(ctx context.Context, w *plan.Writer) error {
	if err := w.ReplaceDeferred(); err != nil || l.d.Header.Complete {
		return err
	}
	return l.d.Env.Store.AllDeferred(ctx, func(t identity.Deferred) error {
		if l.d.WasRead(t.Anchor.Directory()) {
			return nil
		}
		t.Again = true // what it waits for may have happened in this run
		return w.AddDeferred(t)
	})
}

// WriteValues writes the statistics of the cloud, and under what the fingerprints were made.
func (l listing) WriteValues(ctx context.Context, w *plan.Writer) error {
	d := l.d
	d.Stats.At = d.Header.CloudReadAt
	if !d.AdminsKnown {
		d.Stats.Admins = -1
	}
	if err := provisioners(ctx, d); err != nil {
		return err
	}
	js, err := json.Marshal(d.Stats)
	if err != nil {
		return fmt.Errorf("statistics: %w", err)
	}
	if err := w.SetValue(facts.StatisticsValue, string(js)); err != nil {
		return err
	}
	if d.Header.Complete && d.Header.Counts.Members.Add+d.Header.Counts.Members.Remove == 0 {
		if err := w.SetValue(facts.MembersValue, MembersDigest(d)); err != nil {
			return err
		}
	}
	if err := w.SetValue(facts.FingerprintsValue, d.Env.FingerprintsDigest()); err != nil {
		return err
	}
	return w.SetValue(stage.ValueOrg, d.Env.Org.ID)
}
