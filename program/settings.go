package program

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"

	"dirbridge/cloud/profile"
	"dirbridge/config"
	"dirbridge/ldap"
	"dirbridge/sync/identity"
	"dirbridge/sync/mapping"
	"dirbridge/sync/schema"
)

// settings returns the part of the configuration that the console edits.
func (c *connector) settings() config.Draft { return c.editable(c.config()) }

func (c *connector) editable(cfg config.Config) config.Draft {
	return cfg.Draft(rules(c.cat, cfg.Mapping))
}

// Settings returns the keys that the console edits as text.
func (c *connector) Settings() []config.Setting { return c.config().Settings() }

// Save writes the settings to the file and preserves the administrator's comments.
func (c *connector) Save(_ context.Context, s config.Draft) (config.Draft, error) {
	cfg := c.config()
	changes := c.editable(cfg).Changes(s)
	if len(changes) == 0 {
		return c.settings(), nil
	}
	saved, err := cfg.Update(changes, CheckMapping)
	if err != nil {
		return config.Draft{}, err
	}
	c.take(saved)
	return c.settings(), nil
}

// Reload reads the file again.
func (c *connector) Reload(context.Context) (config.Draft, error) {
	cfg, err := config.Load(c.config().Path, CheckMapping)
	if err != nil {
		return config.Draft{}, err
	}
	c.take(cfg)
	return c.settings(), nil
}

func (c *connector) take(cfg config.Config) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.file = cfg
}

// draft returns the configuration with the settings applied.
func (c *connector) draft(s config.Draft) (config.Config, error) {
	cfg := c.config()
	changes := c.editable(cfg).Changes(s)
	if len(changes) == 0 {
		return cfg, nil
	}
	return cfg.With(changes, CheckMapping)
}

// draftFingerprint returns the fingerprint that the configuration has once a draft is saved.
func (c *connector) draftFingerprint(s config.Draft) string {
	cfg, err := c.draft(s)
	if err != nil {
		return ""
	}
	return fingerprint(cfg)
}

// Check returns the problems of a draft, worded as for a file that is refused.
func (c *connector) Check(s config.Draft) []config.Problem {
	_, err := c.draft(s)
	var invalid *config.Invalid
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &invalid):
		return []config.Problem{{Message: err.Error()}}
	}
	var out []config.Problem
	for _, p := range invalid.Problems {
		if strings.Contains(p.Hint, "without quotes") {
			p.Hint = "" // not typed by a user here
		}
		p.Line, p.Key = 0, c.config().SettingOf(p.Key)
		out = append(out, p)
	}
	return out
}

// CheckMapping reports problems that package config cannot detect: unusable mapping rules and
// invalid filters, with their lines.
func CheckMapping(c config.Config) []config.Problem {
	cat := catalogue(c.Cloud.Kind)
	general := rules(cat, c.Mapping)
	out := mappingProblems(cat, "mapping", general, c.Mapping)
	for i, d := range c.Directories {
		key := fmt.Sprintf("directory[%d].", i)
		if len(d.Mapping) > 0 {
			out = append(out, mappingProblems(cat, key+"mapping", d.Rules(general), d.Mapping)...)
		}
		for _, f := range []struct{ name, filter string }{{"user_filter", d.UserFilter}, {"room_filter", d.RoomFilter},
			{"group_filter", d.GroupFilter}} {
			var wrong *ldap.FilterError
			if errors.As(ldap.CheckFilter(f.filter), &wrong) {
				out = append(out, config.Problem{Key: key + f.name, Message: "is not an LDAP filter: " + wrong.Reason,
					Place: wrong.Marked()})
			}
		}
	}
	if _, err := profileOf(c); err != nil {
		out = append(out, config.Problem{Key: "cloud.profile", Message: err.Error()})
	}
	for i := range out {
		out[i].Line = c.Line(out[i].Key)
	}
	return out
}

// mappingProblems returns the problems of own rules that make all of them unusable together.
func mappingProblems(cat schema.Catalogue, key string, all, own map[string]string) (out []config.Problem) {
	var names []string
	for _, a := range cat.Users {
		names = append(names, a.Name)
	}
	_, err := mapping.New(cat, all, func(string) bool { return true })
	for _, e := range flatten(err) {
		var wrong *mapping.RuleError
		if !errors.As(e, &wrong) {
			out = append(out, config.Problem{Key: key, Message: e.Error()})
			continue
		}
		if _, ours := own[wrong.Attribute]; !ours {
			continue // reported with the general mapping
		}
		p := config.Problem{Key: key + "." + wrong.Attribute, Message: wrong.Message}
		if _, known := cat.User(wrong.Attribute); !known {
			p.Message, p.Hint = "there is no such cloud attribute", config.Suggest(wrong.Attribute, names)
		}
		out = append(out, p)
	}
	return out
}

// flatten splits joined errors.
func flatten(err error) (out []error) {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		if err != nil {
			out = append(out, err)
		}
		return out
	}
	for _, e := range joined.Unwrap() {
		out = append(out, flatten(e)...)
	}
	return out
}

// fingerprint returns the digest of every setting that affects what a run does.
func fingerprint(c config.Config) string {
	of := c.Fingerprint(rules(catalogue(c.Cloud.Kind), c.Mapping))
	if p, err := profileOf(c); err == nil && p != nil && profile.IsPath(c.Cloud.Profile) {
		// What the file says counts, not only its name.
		of = fmt.Sprintf("%x", sha256.Sum256(fmt.Appendf(nil, "%s %+v", of, *p)))
	}
	return of
}

// scopeOf returns the text by which a plan pins who is in scope (TestScopeIsTheSameOnEveryMachine).
func scopeOf(dirs []config.Directory) string {
	dirs = slices.SortedFunc(slices.Values(dirs), func(a, b config.Directory) int {
		return strings.Compare(a.Name,
			b.Name)
	})
	scopes := make([]string, len(dirs))
	for i, d := range dirs {
		scopes[i] = d.Scope()
	}
	return "[" + strings.Join(scopes, " ") + "]"
}

// Describe signs in to the cloud of the settings and describes it.
func (c *connector) Describe(ctx context.Context, s config.Draft) (identity.Organization, error) {
	cfg, err := c.draft(s)
	if err != nil {
		return identity.Organization{}, err
	}
	target, err := c.target(cfg)
	if err != nil {
		return identity.Organization{}, err
	}
	org, err := target.Describe(ctx)
	return org, errors.Join(err, target.Close())
}
