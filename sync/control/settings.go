package control

import (
	"context"
	"slices"

	"dirbridge/config"
	"dirbridge/sync/identity"
)

// Drafts is about settings that are not saved.
type Drafts interface {
	// SettingList returns the settings of config.Draft.Values, in order. It never blocks.
	SettingList() []config.Setting
	// CheckSettings returns what is wrong with a draft. It reads nothing, and is quick.
	CheckSettings(s config.Draft) []config.Problem
	// ReloadSettings reads the file again and makes its settings current.
	ReloadSettings(ctx context.Context) (config.Draft, error)
	// TestCloud signs in to the cloud of a draft and asks which organization it is.
	TestCloud(ctx context.Context, s config.Draft) (identity.Organization, error)
	// ScopeDelta reads the directories with the saved scope and the draft's scope, and returns
	// which objects enter and leave. It keeps p, if set, up to date meanwhile.
	ScopeDelta(ctx context.Context, draft config.Draft, p *ScopeProgress) (ScopeDelta, error)
}

var _ Drafts = (*Local)(nil)

func (l *Local) SettingList() []config.Setting { return l.opt.Factory.Settings() }

func (l *Local) CheckSettings(s config.Draft) []config.Problem { return l.opt.Factory.Check(s) }

func (l *Local) ReloadSettings(ctx context.Context) (config.Draft, error) {
	s, err := l.opt.Factory.Reload(ctx)
	if err != nil {
		return config.Draft{}, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.settings = s
	return s, nil
}

func (l *Local) TestCloud(ctx context.Context, s config.Draft) (identity.Organization, error) {
	return l.opt.Factory.Describe(ctx, s)
}

// AddedProblem returns the problem that a setting with this value adds to a draft; found is false
// if it adds none.
func AddedProblem(in Drafts, before config.Draft, setting, value string) (p config.Problem, found bool) {
	after := before.Clone()
	after.Values[setting] = value
	known := in.CheckSettings(before)
	all := in.CheckSettings(after)
	i := slices.IndexFunc(all, func(p config.Problem) bool { return p.Key == setting || !slices.Contains(known, p) })
	if i < 0 {
		return p, false
	}
	return all[i], true
}
