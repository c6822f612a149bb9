package program

import (
	"context"
	"path/filepath"

	"dirbridge/cloud/profile"
	"dirbridge/config"
	"dirbridge/sync/identity"
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
