package program

import (
	"context"
	"path/filepath"

	"dirbridge/cloud/profile"
	"dirbridge/config"
	"dirbridge/sync/identity"
	"dirbridge/sync/schema"
	"dirbridge/ui/cli"
)

// profileOf is the profile that the configuration names, or nil for that of the cloud's kind.
func profileOf(c config.Config) (*profile.Profile, error) {
	if c.Cloud.Profile == "" {
		return nil, nil
	}
	p, err := profile.Load(filepath.Dir(c.Path), c.Cloud.Profile)
	if err != nil {
		return nil, err
	}
	return &p, nil
}

// known passes the resources of a kind that the state remembers, for a provider that lists nothing.
func (c *connector) known(ctx context.Context, kind identity.Kind, fn func(identity.ResourceID) error) error {
	return c.store.Shadows(ctx, func(s identity.Shadow) error {
		if s.Kind != kind || s.ID == "" {
			return nil
		}
		return fn(s.ID)
	})
}

// provider returns what finds out what the cloud's provider can do; nil for Webex, which is known.
func (c *connector) provider() func(context.Context) (cli.ProviderReport, error) {
	if c.config().Cloud.Kind == schema.KindWebex {
		return nil
	}
	return func(ctx context.Context) (r cli.ProviderReport, err error) {
		cfg := c.config()
		cfg.Cloud.Profile = "" // it is found out, whatever is configured
		t, err := c.target(cfg)
		if err != nil {
			return r, err
		}
		defer t.Close()
		f, err := t.Probe(ctx)
		if err != nil {
			return r, err
		}
		r.Configured, r.Named, r.Profile = c.config().Cloud.Profile, f.Named, f.Profile.Text()
		for _, one := range f.List {
			r.Found = append(r.Found, cli.ProviderFinding(one))
		}
		if named, ok := profile.Named(f.Named); ok {
			r.Title, r.Note = named.Title, named.Note
			r.Same = named.Text() == r.Profile
		}
		return r, nil
	}
}
