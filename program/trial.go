package program

import (
	"cmp"
	"context"
	"errors"

	"dirbridge/cloud/profile"
	"dirbridge/config"
	"dirbridge/sync"
	"dirbridge/sync/apply"
	"dirbridge/sync/plan"
	"dirbridge/sync/schema"
	"dirbridge/ui/cli"
)

// trial makes one test account, and tries on it what only a write shows.
type trial struct {
	c     *connector
	cfg   config.Config
	p     profile.Profile
	r     *cli.TrialReport
	close []func() error
}

// tryWrite makes a test account with that name, changes it, deactivates it and deletes it. What was
// found out is in the report even if it ends with an error.
func (c *connector) tryWrite(ctx context.Context, name string) (r cli.TrialReport, err error) {
	t := &trial{c: c, cfg: c.config(), r: &r}
	defer func() {
		for _, fn := range t.close {
			_ = fn() // nothing is lost
		}
	}()
	if t.p, err = t.begin(ctx); err != nil {
		return r, err
	}
	e, err := t.engine(t.p)
	if err != nil {
		return r, err
	}
	opt := apply.Options{By: operator()}
	if err := e.NewTrial(ctx, name, opt); err != nil {
		return r, err
	}
	err = t.steps(ctx, e, opt)
	if left := e.RemoveTrial(context.WithoutCancel(ctx), opt); left != nil {
		err = errors.Join(err, left)
	}
	r.Profile = t.p.Text()
	return r, err
}

// begin is the profile to begin with: the configured one, else what reading shows.
func (t *trial) begin(ctx context.Context) (profile.Profile, error) {
	configured, err := profileOf(t.cfg)
	switch {
	case err != nil:
		return profile.Profile{}, err
	case configured != nil:
		return *configured, nil
	case t.cfg.Cloud.Kind == schema.KindWebex:
		return profile.Must("webex"), nil
	}
	target, err := t.c.target(t.cfg)
	if err != nil {
		return profile.Profile{}, err
	}
	defer target.Close()
	f, err := target.Probe(ctx)
	return f.Profile, err
}

// engine is an engine without directories, with that profile.
func (t *trial) engine(p profile.Profile) (*sync.Engine, error) {
	target, err := t.c.targetWith(t.cfg, &p)
	if err != nil {
		return nil, err
	}
	t.close = append(t.close, target.Close)
	return sync.New(sync.Options{Target: target, Store: t.c.store, Catalogue: t.c.cat,
		Rules: rules(t.c.cat, t.cfg.Mapping), Policy: policyOf(t.cfg), Protected: t.cfg.Policy.Protected, Dir: t.c.work,
		Clock: t.c.clock}), nil
}

func (t *trial) say(subject, result string) {
	t.r.Found = append(t.r.Found, cli.ProviderFinding{Subject: subject, Result: result})
}

// steps makes the writes.
func (t *trial) steps(ctx context.Context, e *sync.Engine, opt apply.Options) error {
	made, err := e.Try(ctx, plan.Add, opt)
	if err != nil {
		return err
	}
	if made.Failed != "" || made.Shows == nil {
		t.say("creation", "failed: "+cmp.Or(made.Failed, "the cloud does not show the account"))
		return nil
	}
	t.say("creation", "works")
	t.p.User.ExternalID = made.Shows.ExternalID != ""
	t.say("externalId", map[bool]string{true: "kept", false: "not kept"}[t.p.User.ExternalID])
	if e, err = t.change(ctx, e, opt); err != nil {
		return err
	}
	off, err := e.Try(ctx, plan.Deactivate, opt)
	switch {
	case err != nil:
		return err
	case off.Failed != "":
		t.say("active = false", "failed: "+off.Failed)
	case off.Shows == nil:
		t.p.User.Deactivate = profile.Destroys
		t.say("active = false", "destroys the account")
		return nil
	case off.Shows.Active:
		t.say("active = false", "has no effect")
	default:
		t.p.User.Deactivate = profile.Disables
		t.say("active = false", "disables the account")
	}
	gone, err := e.Try(ctx, plan.Delete, opt)
	switch {
	case err != nil:
		return err
	case gone.Failed != "":
		t.say("DELETE", "failed: "+gone.Failed)
	case gone.Shows != nil:
		t.p.User.Delete = profile.Deactivates
		t.say("DELETE", "only deactivates the account, which stays as "+gone.Shows.Key)
	default:
		t.p.User.Delete = profile.Deletes
		t.say("DELETE", "deletes the account")
	}
	return nil
}

// change tries the forms of a change until one works, and returns the engine that uses it.
func (t *trial) change(ctx context.Context, e *sync.Engine, opt apply.Options) (*sync.Engine, error) {
	for i, form := range forms(t.p) {
		use := e
		if i > 0 {
			var err error
			if use, err = t.engine(form.p); err != nil {
				return e, err
			}
		}
		tried, err := use.Try(ctx, plan.Update, opt)
		switch {
		case err != nil:
			return e, err
		case tried.Failed == "" && tried.Shows != nil && tried.Shows.Name != "Dirbridge test":
			t.p.Write = form.p.Write
			t.say("change", "works "+form.name)
			return use, nil
		}
		t.say("change", form.name+" failed: "+cmp.Or(tried.Failed, "the account did not change"))
	}
	return e, nil
}

type form struct {
	name string
	p    profile.Profile
}

// forms are the forms of a change to try, the profile's own first.
func forms(p profile.Profile) []form {
	pathless, entra, put := p, p, p
	pathless.Write.Path = false
	entra.Write.Ops, entra.Write.Booleans = profile.Capital, profile.Text
	put.Write.Users = profile.Put
	all := []form{{"as in the profile", p}}
	if p.Name != "webex" { // a PUT could take roles away there
		all = append(all, form{"by PATCH without a path", pathless}, form{"by PATCH as Entra sends it", entra},
			form{"by PUT", put})
	}
	return all
}
