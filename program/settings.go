package program

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"dirbridge/config"
	"dirbridge/ldap"
	"dirbridge/sync/identity"
	"dirbridge/sync/mapping"
	"dirbridge/sync/schema"
)

// settings are what the console edits of the configuration.
func (c *connector) settings() config.Draft {
	cfg := c.config()
	return cfg.Draft(rules(c.cat, cfg.Mapping))
}

// Settings are the keys that the console edits as text.
func (c *connector) Settings() []config.Setting { return c.config().Settings() }

// Save writes the settings to the file and keeps the administrator's comments.
func (c *connector) Save(_ context.Context, s config.Draft) (config.Draft, error) {
	changes := c.settings().Changes(s)
	if len(changes) == 0 {
		return c.settings(), nil
	}
	saved, err := c.config().Update(changes, CheckMapping)
	if err != nil {
		return config.Draft{}, err
	}
	c.take(saved)
	return c.settings(), nil
}

// Reload takes the file as it is now.
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

// draft is the configuration as it would be with the settings.
func (c *connector) draft(s config.Draft) (config.Config, error) {
	changes := c.settings().Changes(s)
	if len(changes) == 0 {
		return c.config(), nil
	}
	return c.config().With(changes, CheckMapping)
}

// Check says what is wrong with a draft, in the words of a file that is refused.
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
			p.Hint = "" // nobody types any here
		}
		p.Line, p.Key = 0, c.config().SettingOf(p.Key)
		out = append(out, p)
	}
	return out
}

// CheckMapping reports what config cannot know: mapping rules that cannot be used, and
// texts that are no filters, at their lines.
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
	for i := range out {
		out[i].Line = c.Line(out[i].Key)
	}
	return out
}

// mappingProblems are those of the own rules with which all cannot be used.
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
			continue // of the general mapping, where it is reported
		}
		p := config.Problem{Key: key + "." + wrong.Attribute, Message: wrong.Message}
		if _, known := cat.User(wrong.Attribute); !known {
			p.Message, p.Hint = "there is no such cloud attribute", config.Suggest(wrong.Attribute, names)
		}
		out = append(out, p)
	}
	return out
}

// flatten takes joined errors apart.
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

// fingerprint is the digest of all in a configuration that decides what is done.
func fingerprint(c config.Config) string {
	return c.Fingerprint(rules(catalogue(c.Cloud.Kind), c.Mapping))
}

// scopeOf pins what decides who is in scope.
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

// Describe signs in to the cloud of the settings.
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
