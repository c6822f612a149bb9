package program

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"dirbridge/config"
	"dirbridge/sync/control"
)

// Write creates the file if the draft says that none exists. It leaves alone a file that was
// created in the meantime (TestSetupLeavesAFileOfOthersAlone).
func (g *guide) Write(_ context.Context, d control.SetupDraft) error {
	if len(d.Directories) == 0 {
		return errNoDirectory
	}
	c, err := g.configOf(d)
	if err != nil {
		return err
	}
	if !d.Written {
		_, err := config.Create(g.path, c, CheckMapping)
		if errors.Is(err, fs.ErrExist) {
			return setupFailure("Leave the set-up; Dirbridge uses that file then. Or move it away and go on.",
				"it was written by another program meanwhile: %w", err)
		}
		return err
	}
	old, err := config.Load(g.path, CheckMapping)
	if err != nil {
		return err
	}
	changes := cloudChanges(c)
	if old.Cloud.SignsIn() {
		changes = append(changes, config.Change{Key: "cloud.auth", Value: c.Cloud.Auth}) // the set-up has asked for a token
	}
	var further []config.Directory
	for _, n := range c.Directories {
		i := slices.IndexFunc(old.Directories, func(o config.Directory) bool { return o.Name == n.Name })
		if i < 0 {
			further = append(further, n)
			continue
		}
		changes = append(changes, old.Directories[i].Reach(n)...)
	}
	if _, err := config.Save(g.path, changes, CheckMapping); err != nil {
		return err
	}
	for _, n := range further {
		if _, err := config.AddDirectory(g.path, n, CheckMapping); err != nil {
			return err
		}
	}
	return nil
}

// configOf returns the configuration that the draft describes.
func (g *guide) configOf(d control.SetupDraft) (config.Config, error) {
	c := config.Default()
	c.Connector.StateDir = g.stateDir
	token, err := config.ParseSecret(d.Cloud.Token.Reference())
	if err != nil {
		return c, fmt.Errorf("the token: %w", err)
	}
	c.Cloud.Kind, c.Cloud.BaseURL, c.Cloud.Token = d.Cloud.Kind, d.Cloud.Organization.URL, token
	if d.Cloud.Proxy != "" {
		c.Cloud.Proxy = d.Cloud.Proxy
	}
	for _, s := range d.Directories {
		n, err := directoryConfig(s)
		if err != nil {
			return c, fmt.Errorf("the password of %s: %w", s.Name, err)
		}
		c.Directories = append(c.Directories, n)
	}
	return c, nil
}

func cloudChanges(c config.Config) []config.Change {
	return []config.Change{{Key: "cloud.kind", Value: c.Cloud.Kind}, {Key: "cloud.base_url", Value: c.Cloud.BaseURL},
		{Key: "cloud.token", Value: c.Cloud.Token}, {Key: "cloud.proxy", Value: c.Cloud.Proxy}}
}
