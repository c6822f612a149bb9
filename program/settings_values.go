package program

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	stdsync "sync"

	"dirbridge/config"
	"dirbridge/sync/control"
	"dirbridge/sync/identity"
)

// edited are the keys that the console edits as text, with their places there. What is
// not read by anything does not stand here.
func edited() []control.Setting {
	start := func(s control.Setting) control.Setting { s.Start = true; return s }
	text := func(section, key, label string) control.Setting {
		return control.Setting{Section: section, Key: key, Label: label}
	}
	all := []control.Setting{
		start(text("General", "connector.name", "Connector Name")),
		start(text("General", "connector.log_level", "Log level")),
		text("General", "directory[].servers", "Preferred Domain Controllers"),
		text("Policy", "policy.delete_threshold", "Delete threshold"),
		text("Policy", "policy.on_missing", "Who left the directory"),
		text("Policy", "policy.on_unmatched", "Unmatched accounts"),
		text("Policy", "policy.purge_after", "Purge after"),
		text("Policy", "policy.protected", "Protected accounts"),
		text("Guards", "guards.removals", "Removals"),
		text("Guards", "guards.disabled", "Disabled by the directory"),
		text("Guards", "guards.key_changes", "Changed names"),
		text("Guards", "guards.administrators", "Full administrators"),
		text("Guards", "guards.members_removed", "Members removed"),
		text("Guards", "guards.groups_emptied", "Groups emptied"),
		text("Guards", "guards.blanked", "Attribute emptied"),
		text("Guards", "guards.lost", "Attribute lost"),
		text("Guards", "guards.changed", "Attribute replaced"),
		text("Guards", "guards.source_shrunk", "Directory shrunk"),
		text("Guards", "guards.cloud_shrunk", "Cloud shrunk"),
		start(text("Schedule", "schedule.incremental_every", "Incremental every")),
		start(text("Schedule", "schedule.full", "Full at")),
		start(text("Cloud", "cloud.kind", "Kind")),
		text("Cloud", "cloud.base_url", "Address"),
		text("Cloud", "cloud.token", "Token"),
		text("Cloud", "cloud.proxy", "Proxy"),
		text("Cloud", "cloud.requests_per_second", "Requests per second"),
	}
	i := slices.IndexFunc(all, func(s control.Setting) bool { return s.Key == "cloud.token" })
	all[i].Secret = true
	return all
}

// Settings are the keys that the console edits as text, those of each directory in its
// place.
func (c *connector) Settings() []control.Setting {
	cfg := c.config()
	known := map[string]config.Value{}
	for _, v := range cfg.Values() {
		known[v.Key] = v
	}
	finish := func(s control.Setting) control.Setting {
		v := known[s.Key]
		s.Doc, s.Choices, s.List = strings.TrimPrefix(v.Doc, "default; "), v.Choices, v.List
		if s.List { // an example is shown as it is typed here, which is not how the file has it
			s.Doc = strings.NewReplacer(`["`, "", `"]`, "", `"`, "").Replace(s.Doc)
		}
		return s
	}
	var all, own []control.Setting
	for _, s := range edited() {
		name, each := strings.CutPrefix(s.Key, "directory[].")
		if !each {
			all = append(all, finish(s))
		}
		for _, d := range cfg.Directories {
			of := s
			of.Under = d.Name
			switch {
			case each:
				of.Key = "directory[" + d.Name + "]." + name
				if of = finish(of); d.Domain != "" {
					of.Unset = "domain controllers by DNS"
				}
				all = append(all, of)
			case s.Section == "Guards":
				of.Key = "directory[" + d.Name + "]." + s.Key
				of = finish(of)
				of.Unset = "as for all directories"
				own = append(own, of)
			}
		}
	}
	slices.SortStableFunc(own, func(a, b control.Setting) int {
		return place(cfg, a.Under) - place(cfg, b.Under)
	})
	last := slices.IndexFunc(all, func(s control.Setting) bool { return s.Section == "Schedule" })
	return slices.Insert(all, last, own...)
}

func place(cfg config.Config, directory string) int {
	return slices.IndexFunc(cfg.Directories, func(d config.Directory) bool { return d.Name == directory })
}

// values are the texts of the keys that the console edits.
func values(cfg config.Config) map[string]string {
	out := map[string]string{}
	wanted := map[string]bool{}
	for _, s := range edited() {
		wanted[s.Key] = true
	}
	for _, v := range cfg.Values() {
		key := v.Key
		if rest, own := strings.CutPrefix(key, "directory["); own {
			_, name, _ := strings.Cut(rest, "].")
			key = "directory[]." + name
			if guard, ok := strings.CutPrefix(name, "guards."); ok {
				key = "guards." + guard
			}
		}
		if wanted[key] {
			out[v.Key] = v.Text
		}
	}
	return out
}

// valueChanges are those by which the texts differ from the file.
func valueChanges(cfg config.Config, texts map[string]string) (changes []config.Change) {
	for _, v := range cfg.Values() {
		if text, ok := texts[v.Key]; ok && text != v.Text {
			changes = append(changes, config.Change{Key: v.Key, Value: typed(v, text)})
		}
	}
	return changes
}

// typed is a text as the value of its key. What is none of its type stays a text, which
// config refuses with the reason. Nothing is the default.
func typed(v config.Value, text string) any {
	threshold := strings.Contains(v.Key, "guards.") || v.Key == "policy.delete_threshold"
	switch {
	case text == "":
		return nil
	case v.List:
		return control.ListItems(text)
	case threshold:
		if t, err := config.ReadThreshold(text); err == nil {
			return t
		}
	case v.Key == "cloud.requests_per_second":
		if n, err := strconv.ParseFloat(text, 64); err == nil {
			return n
		}
	}
	return text
}

// Check says what is wrong with a draft, in the words of a file that is refused.
func (c *connector) Check(s control.Settings) []control.SettingProblem {
	_, err := c.draft(s)
	var invalid *config.Invalid
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &invalid):
		return []control.SettingProblem{{Message: err.Error()}}
	}
	var out []control.SettingProblem
	for _, p := range invalid.Problems {
		if strings.Contains(p.Hint, "without quotes") {
			p.Hint = "" // nobody types any here
		}
		out = append(out, control.SettingProblem{Key: c.named(p.Key), Message: p.Message, Hint: p.Hint, Place: p.Place})
	}
	return out
}

// named is the key of a setting, by the directory's name and without the place in a list.
func (c *connector) named(key string) string {
	for i, d := range c.config().Directories {
		if rest, ok := strings.CutPrefix(key, fmt.Sprintf("directory[%d]", i)); ok {
			key = "directory[" + d.Name + "]" + rest
			break
		}
	}
	if at := strings.LastIndexByte(key, '['); at > 0 && strings.HasSuffix(key, "]") && strings.Contains(key[:at], ".") {
		key = key[:at]
	}
	return key
}

// Describe signs in to the cloud of the settings.
func (c *connector) Describe(ctx context.Context, s control.Settings) (identity.Organization, error) {
	cfg, err := c.draft(s)
	if err != nil {
		return identity.Organization{}, err
	}
	target, err := c.target(cfg.Cloud, s)
	if err != nil {
		return identity.Organization{}, err
	}
	org, err := target.Describe(ctx)
	return org, errors.Join(err, target.Close())
}

// fetched is a secret that was fetched: some can be read only once, and a keyring may ask
// its user each time.
type fetched struct {
	mu               stdsync.Mutex
	reference, value string
}

// tokenOf fetches the token, once for as long as it is kept at the same place.
func (c *connector) tokenOf(s config.Secret) func() (string, error) {
	return func() (string, error) {
		c.token.mu.Lock()
		defer c.token.mu.Unlock()
		if c.token.value != "" && c.token.reference == s.Reference() {
			return c.token.value, nil
		}
		value, err := s.Resolve(context.Background())
		if err == nil {
			c.token.reference, c.token.value = s.Reference(), value
		}
		return value, err
	}
}
