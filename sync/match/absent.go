package match

import (
	"context"
	"errors"
	"fmt"

	"dirbridge/sync/identity"
	"dirbridge/sync/policy"
	"dirbridge/sync/stage"
	"dirbridge/sync/workdb"
)

// maxAbsentLookups limits how many accounts that are absent from the list one plan looks up by id.
// Beyond it no account is taken for gone: the next plan looks up more.
const maxAbsentLookups = 2000

// FieldID is the field of problems with the cloud's list.
const FieldID = "id"

// dropAbsent looks up, by id, the linked accounts that are absent from the list, before they are
// added again: a cloud may claim that an incomplete list is complete, and may let two groups share
// a name. Objects whose account exists are left unchanged.
func dropAbsent(ctx context.Context, d *stage.Draft) error {
	if !d.Coverage.Listed() {
		return nil // each was read by id
	}
	if held, err := mostAreLost(ctx, d); held || err != nil {
		return err
	}
	for after := identity.Anchor(""); ; {
		batch, err := d.Work.LostMatches(ctx, after)
		if err != nil || len(batch) == 0 {
			return err
		}
		after = batch[len(batch)-1].Anchor
		for _, u := range batch {
			there, err := existsInCloud(ctx, d, u.Kind, u.ID)
			if err != nil {
				return err
			}
			if !there {
				continue
			}
			if err := leaveAbsent(ctx, d, u); err != nil {
				return err
			}
		}
	}
}

// mostAreLost says whether the guard of the cloud (plan.RuleCloudShrunk) holds the plan anyway.
func mostAreLost(ctx context.Context, d *stage.Draft) (bool, error) {
	lost, err := d.Work.CountLostPeople(ctx)
	if err != nil || lost == 0 {
		return false, err
	}
	ours, err := d.Work.CountLivePeople(ctx)
	return d.Header.CloudUsers == 0 || lost > policy.Quorum && lost*2 > ours+d.Fingerprints.Count(), err
}

// existsInCloud says whether the cloud has a resource that it did not list. A resource that the
// cloud does not show counts as existing, and so does every one beyond maxAbsentLookups.
func existsInCloud(ctx context.Context, d *stage.Draft, kind identity.Kind, id identity.ResourceID) (bool, error) {
	if d.Looks++; d.Looks > maxAbsentLookups {
		return true, nil
	}
	_, ok, err := d.Env.Target.Get(ctx, kind, id)
	var f *identity.Failure
	if errors.As(err, &f) && f.Class == identity.GiveUp {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("cloud: look at %s %s, which is not listed: %w", kind, id, err)
	}
	return ok, nil
}

func leaveAbsent(ctx context.Context, d *stage.Draft, u workdb.MatchedEntry) error {
	p := notListed(u.Anchor, u.DN, u.Kind, u.ID)
	if err := reportConflict(ctx, d, subjectOf(u), FieldID, p.Message, p.Remedy); err != nil {
		return err
	}
	if err := d.Work.DropMatch(ctx, u.Anchor); err != nil {
		return err
	}
	return d.LookNextTime(ctx, u.Anchor, u.Kind)
}

// ExistsThoughAbsent says whether a leaver's account exists although it is absent from the list.
// Its link is then kept, so that it can be deactivated once it is listed again.
func ExistsThoughAbsent(ctx context.Context, d *stage.Draft, s identity.Shadow) (bool, error) {
	if !d.Coverage.Listed() || s.ID == "" {
		return false, nil
	}
	there, err := existsInCloud(ctx, d, s.Kind, s.ID)
	if !there || err != nil {
		return false, err
	}
	if err := d.Work.Problem(ctx, s.Kind, notListed(s.Anchor, s.DN, s.Kind, s.ID)); err != nil {
		return false, err
	}
	return true, d.LookNextTime(ctx, s.Anchor, s.Kind)
}

func notListed(a identity.Anchor, dn string, kind identity.Kind, id identity.ResourceID) identity.Problem {
	return identity.Problem{Anchor: a, DN: dn, Attribute: FieldID, Side: identity.InCloud,
		Message: fmt.Sprintf("It is linked to the %s %s, which the cloud does not list but still has: the "+
			"list is incomplete.", kind, id),
		Remedy: "It is left unchanged. Synchronize again. If this stays, ask the cloud's support why the list omits it."}
}
