package program

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

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
	var err error
	if c.Cloud, err = cloudOf(d.Cloud, d.Cloud.Organization.URL); err != nil {
		return c, err
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

// cloudOf returns the cloud as it stands in the configuration file.
func cloudOf(c control.SetupCloud, address string) (config.Cloud, error) {
	cc := config.Default().Cloud
	cc.Kind, cc.BaseURL = c.Kind, address
	if c.Proxy != "" {
		cc.Proxy = c.Proxy
	}
	var err error
	if !c.Lasts() {
		if cc.Token, err = config.ParseSecret(c.Token.Reference()); err != nil {
			return cc, fmt.Errorf("the token: %w", err)
		}
		return cc, nil
	}
	cc.Auth, cc.ClientID = c.Auth, strings.TrimSpace(c.ClientID)
	cc.TokenURL, cc.DeviceURL = strings.TrimSpace(c.TokenURL), strings.TrimSpace(c.DeviceURL)
	if ref := c.ClientSecret.Reference(); ref != "" {
		if cc.ClientSecret, err = config.ParseSecret(ref); err != nil {
			return cc, fmt.Errorf("the client's secret: %w", err)
		}
	}
	return cc, nil
}

// cloudChanges set every key that the set-up asks for, and remove those of another way to sign in.
func cloudChanges(c config.Config) []config.Change {
	cc := c.Cloud
	changes := []config.Change{{Key: "cloud.kind", Value: cc.Kind}, {Key: "cloud.base_url", Value: cc.BaseURL},
		{Key: "cloud.proxy", Value: cc.Proxy}}
	set := func(key string, value any, has bool) {
		if !has {
			value = nil
		}
		changes = append(changes, config.Change{Key: "cloud." + key, Value: value})
	}
	set("auth", cc.Auth, cc.SignsIn())
	set("token", cc.Token, !cc.Token.IsZero())
	set("client_id", cc.ClientID, cc.ClientID != "")
	set("client_secret", cc.ClientSecret, !cc.ClientSecret.IsZero())
	set("token_url", cc.TokenURL, cc.TokenURL != "")
	set("device_url", cc.DeviceURL, cc.DeviceURL != "")
	return changes
}
