package sync

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"dirbridge/sync/apply"
	"dirbridge/sync/diff"
	"dirbridge/sync/facts"
	"dirbridge/sync/guard"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/schema"
	"dirbridge/sync/seal"
	"dirbridge/sync/stage"
)

// Tried is one write to a test account, and what the cloud showed after it.
type Tried struct {
	Action plan.Action
	Run    int64
	Failed string             // why it was not done; "" if it was
	Shows  *identity.Resource // the account after it; nil if the cloud shows none
}

// NewTrial remembers a test account with a name that no account has. It must be removed by
// RemoveTrial; if that never comes, the next run does it. An existing account is never touched.
func (e *Engine) NewTrial(ctx context.Context, name string, opt apply.Options) error {
	if err := e.RemoveTrial(ctx, opt); err != nil {
		return err
	}
	if err := connect(ctx, e.env); err != nil {
		return err
	}
	found, err := e.env.Target.Find(ctx, identity.User, name)
	if err != nil {
		return err
	}
	if len(found) > 0 {
		return &identity.Failure{Class: identity.GiveUp, Side: identity.InCloud,
			Err:    fmt.Errorf("there is an account %s in the cloud, and it is not touched", name),
			Remedy: "Name a test account that does not exist."}
	}
	return e.keepTrial(ctx, facts.Trial{Name: name, GUID: newGUID()})
}

// newGUID draws a random GUID.
func newGUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func (e *Engine) keepTrial(ctx context.Context, t facts.Trial) error {
	text := ""
	if t.Name != "" {
		var err error
		if text, err = facts.TextOf(t); err != nil {
			return err
		}
	}
	return e.env.Store.Commit(context.WithoutCancel(ctx), port.Batch{Values: map[string]string{facts.TrialValue: text}})
}

// Try makes one write to the test account, by a plan of its own.
func (e *Engine) Try(ctx context.Context, action plan.Action, opt apply.Options) (Tried, error) {
	t := Tried{Action: action}
	p, run, err := e.Sync(ctx, Request{Mode: record.Trial, Try: action}, opt)
	if p != nil {
		defer p.Close()
	}
	t.Run = run.ID
	if err != nil {
		return t, err
	}
	if err := e.env.Store.Journal(ctx, run.ID, func(i port.Intent) error {
		if i.Answer != nil && i.Answer.Outcome.State != record.WriteDone {
			t.Failed = i.Answer.Outcome.Message
		}
		return nil
	}); err != nil {
		return t, err
	}
	kept, err := e.trial(ctx)
	if err != nil {
		return t, err
	}
	t.Shows, err = trialAccount(ctx, e.env, kept)
	if err == nil && action == plan.Delete && t.Failed == "" && t.Shows == nil {
		err = e.keepTrial(ctx, facts.Trial{})
	}
	return t, err
}

// RemoveTrial removes the test account that is remembered, if there is any, by a plan of its own.
func (e *Engine) RemoveTrial(ctx context.Context, opt apply.Options) error {
	kept, err := e.trial(ctx)
	if err != nil || kept.Name == "" {
		return err
	}
	p, run, err := e.Sync(ctx, Request{Mode: record.Trial, Try: plan.Delete}, opt)
	if p != nil {
		defer p.Close()
	}
	if err == nil && run.Outcome != record.Done {
		err = fmt.Errorf("the test account %s is still in the cloud: %s", kept.Name, run.Detail)
	}
	if err != nil {
		return err
	}
	return e.keepTrial(ctx, facts.Trial{})
}

// afterTrial removes what a trial that was killed left, before another run. If that fails, the run goes
// on, and the next one tries again.
func (e *Engine) afterTrial(ctx context.Context) {
	if err := e.RemoveTrial(ctx, apply.Options{}); err != nil && ctx.Err() == nil && !errors.Is(err, port.ErrNotLeader) {
		_ = e.env.Store.Append(ctx, record.Event{Time: e.env.Now().UTC(), Level: record.Warn, Code: "trial-left",
			Side: identity.InCloud, Message: "A test account could not be removed: " + err.Error(),
			Remedy: "Each run tries it again; or delete the account in the cloud."})
	}
}

func (e *Engine) trial(ctx context.Context) (t facts.Trial, err error) {
	return t, facts.ReadValue(ctx, e.env.Store, facts.TrialValue, &t)
}

// trialAnchor is the anchor of a test account: of no directory.
func trialAnchor(t facts.Trial) identity.Anchor { return identity.NewAnchor("trial", t.GUID) }

// trialAccount finds the test account: the one with its externalId or, if the cloud does not keep
// that, the one that the journal says we made. nil if there is none.
func trialAccount(ctx context.Context, e *stage.Env, t facts.Trial) (*identity.Resource, error) {
	found, err := e.Target.FindExternal(ctx, identity.User, t.GUID)
	if err != nil {
		return nil, err
	}
	if len(found) > 0 {
		return &found[0], nil
	}
	var id identity.ResourceID
	if err := e.Store.Past(ctx, trialAnchor(t), "", func(i port.Intent) error {
		if i.Change.Action == plan.Add && i.Answer != nil && i.Answer.Outcome.ID != "" && !i.Answer.Outcome.Linked {
			id = i.Answer.Outcome.ID
		}
		return nil
	}); err != nil || id == "" {
		return nil, err
	}
	r, ok, err := e.Target.Get(ctx, identity.User, id)
	if err != nil || !ok || r.ExternalID != "" && !strings.EqualFold(r.ExternalID, t.GUID) {
		return nil, err
	}
	return &r, nil
}

// errNoTrial: there is no test account to write to.
var errNoTrial = errors.New("there is no test account")

// planTrial plans one write to the test account.
func planTrial(ctx context.Context, e *stage.Env, req Request) (*plan.Plan, error) {
	var t facts.Trial
	if err := facts.ReadValue(ctx, e.Store, facts.TrialValue, &t); err != nil {
		return nil, err
	}
	if t.Name == "" {
		return nil, errNoTrial
	}
	d, err := newPartDraft(e, plan.Header{Mode: record.Trial})
	if err != nil {
		return nil, err
	}
	defer d.Work.Close()
	d.AdminsKnown, d.Header.Complete = true, false
	now, err := trialAccount(ctx, e, t)
	if err != nil {
		return nil, err
	}
	c, err := trialChange(t, req.Try, now)
	if err != nil {
		return nil, err
	}
	if c != nil {
		stage.CountAction(&d.Header.Counts.Users, c.Action)
		if err := diff.AddChange(ctx, d, *c, ""); err != nil {
			return nil, err
		}
	}
	if err := guard.Changes(ctx, d); err != nil {
		return nil, err
	}
	p, err := seal.Changes(ctx, d, req.Path)
	return p, stage.Cancelled(ctx, err)
}

// trialChange is one write to the test account; nil if there is nothing to do.
func trialChange(t facts.Trial, action plan.Action, now *identity.Resource) (*plan.Change, error) {
	c := &plan.Change{Kind: identity.User, Action: action, Phase: plan.UserWrites, Anchor: trialAnchor(t), Key: t.Name,
		DN: "test account of doctor", Reason: "a test account, which is removed again"}
	text := func(name, old, new string) plan.FieldDiff {
		f := plan.FieldDiff{Name: name, New: []string{new}}
		if old != "" {
			f.Old = []string{old}
		}
		return f
	}
	if now != nil {
		c.ID, c.Key, c.CloudVersion = now.ID, now.Key, now.Version
	}
	switch {
	case action == plan.Add && now == nil:
		c.Fields = []plan.FieldDiff{text(schema.UID, "", t.Name), text(schema.ExternalID, "", t.GUID),
			text("displayName", "", "Dirbridge test"), text("givenName", "", "Dirbridge"), text("sn", "", "Test"),
			text(schema.Active, "", "true")}
	case action == plan.Delete && now == nil:
		return nil, nil
	case action == plan.Delete && now.Privileged():
		return nil, &identity.Failure{Class: identity.GiveUp, Remedy: "Remove it in the cloud.",
			Err: fmt.Errorf("the test account %s is an administrator by now", now.Key)}
	case action == plan.Delete:
		c.Phase = plan.Deletions
	case now == nil || action == plan.Add:
		return nil, errNoTrial
	case action == plan.Deactivate:
		c.Phase = plan.Deactivations
		c.Fields = []plan.FieldDiff{text(schema.Active, "true", "false")}
	default:
		c.Fields = []plan.FieldDiff{text("displayName", "Dirbridge test", "Dirbridge test, changed"),
			text("title", "", "Test")}
	}
	return c, nil
}
