package program

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"dirbridge/config"
	"dirbridge/ldap"
	"dirbridge/sync/control"
	"dirbridge/sync/mapping"
	"dirbridge/sync/schema"
)

// settings are what the console edits of the configuration.
func (c *connector) settings() control.Settings {
	cfg := c.config()
	s := control.Settings{Mapping: rules(c.cat, cfg.Mapping), Values: values(cfg), Policy: control.Policy{DeleteThreshold: cfg.Policy.DeleteThreshold.String(),
		OnMissing: cfg.Policy.OnMissing, OnUnmatched: cfg.Policy.OnUnmatched, PurgeAfter: cfg.Policy.PurgeAfter}}
	for _, d := range cfg.Directories {
		s.Directories = append(s.Directories, control.DirectorySettings{Name: d.Name, Label: label(d), Partition: d.Partition,
			BaseDNs: d.BaseDNs, ExcludeDNs: d.ExcludeDNs, SyncUsers: d.SyncUsers, UserFilter: d.UserFilter, MemberOf: d.MemberOf,
			RoomFilter: d.RoomFilter, SyncGroups: d.SyncGroups, GroupFilter: d.GroupFilter, GroupTypes: d.GroupTypes, Mapping: d.Mapping})
	}
	return s
}

// Save writes the settings to the file and keeps the administrator's comments.
func (c *connector) Save(_ context.Context, s control.Settings) (control.Settings, error) {
	cfg := c.config()
	changes := c.changes(cfg, s)
	if len(changes) == 0 {
		return c.settings(), nil
	}
	saved, err := cfg.Update(changes, CheckMapping)
	var changed *config.Changed
	if errors.As(err, &changed) {
		return control.Settings{}, changedError(changed)
	}
	if err != nil {
		return control.Settings{}, err
	}
	c.take(saved)
	return c.settings(), nil
}

// changedError tells control of a file that somebody else changed.
func changedError(c *config.Changed) *control.ChangedError {
	e := &control.ChangedError{Path: c.Path, Err: c.Err}
	for _, d := range c.Differences {
		e.Differences = append(e.Differences, control.Difference(d))
	}
	return e
}

// Reload takes the file as it is now.
func (c *connector) Reload(context.Context) (control.Settings, error) {
	cfg, err := config.Load(c.config().Path, CheckMapping)
	if err != nil {
		return control.Settings{}, err
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
func (c *connector) draft(s control.Settings) (config.Config, error) {
	cfg := c.config()
	changes := c.changes(cfg, s)
	if len(changes) == 0 {
		return cfg, nil
	}
	return cfg.With(changes, CheckMapping)
}

// changes are those that make of the file what the settings say.
func (c *connector) changes(cfg config.Config, s control.Settings) (changes []config.Change) {
	for i, d := range cfg.Directories {
		for _, n := range s.Directories {
			if n.Name == d.Name {
				changes = append(changes, directoryChanges(fmt.Sprintf("directory[%d].", i), d, n)...)
			}
		}
	}
	now := rules(c.cat, cfg.Mapping)
	for _, a := range c.cat.Users {
		if rule := s.Mapping[a.Name]; rule != now[a.Name] {
			changes = append(changes, config.Change{Key: "mapping." + a.Name, Value: rule})
		}
	}
	return append(changes, valueChanges(cfg, s.Values)...)
}

// directoryChanges are those that make a directory of d what it is in n.
func directoryChanges(key string, d config.Directory, n control.DirectorySettings) (changes []config.Change) {
	set := func(name string, differs bool, value any) {
		if differs {
			changes = append(changes, config.Change{Key: key + name, Value: value})
		}
	}
	list := func(name string, was, is []string) { set(name, !slices.Equal(was, is), is) }
	text := func(name, was, is string) { set(name, was != is, is) }
	text("partition", d.Partition, n.Partition)
	list("base_dns", d.BaseDNs, n.BaseDNs)
	list("exclude_dns", d.ExcludeDNs, n.ExcludeDNs)
	set("sync_users", n.SyncUsers != d.SyncUsers, n.SyncUsers)
	text("user_filter", d.UserFilter, n.UserFilter)
	list("member_of", d.MemberOf, n.MemberOf)
	text("room_filter", d.RoomFilter, n.RoomFilter)
	set("sync_groups", n.SyncGroups != d.SyncGroups, n.SyncGroups)
	text("group_filter", d.GroupFilter, n.GroupFilter)
	if n.GroupTypes != "" {
		text("group_types", d.GroupTypes, n.GroupTypes)
	}
	for _, attribute := range slices.Sorted(maps.Keys(d.Mapping)) {
		if _, stays := n.Mapping[attribute]; !stays {
			set("mapping."+attribute, true, nil)
		}
	}
	for _, attribute := range slices.Sorted(maps.Keys(n.Mapping)) {
		was, had := d.Mapping[attribute]
		set("mapping."+attribute, !had || was != n.Mapping[attribute], n.Mapping[attribute])
	}
	return changes
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
			all := control.DirectorySettings{Mapping: d.Mapping}.Rules(general)
			out = append(out, mappingProblems(cat, key+"mapping", all, d.Mapping)...)
		}
		for _, f := range []struct{ name, filter string }{{"user_filter", d.UserFilter}, {"room_filter", d.RoomFilter}, {"group_filter", d.GroupFilter}} {
			var wrong *ldap.FilterError
			if errors.As(ldap.CheckFilter(f.filter), &wrong) {
				out = append(out, config.Problem{Key: key + f.name, Message: "is not an LDAP filter: " + wrong.Reason, Place: wrong.Marked()})
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

// scopeOf pins what decides who is in scope. By what name or server a directory is reached
// is a matter of the machine: a plan made on one is applied on another.
func scopeOf(dirs []control.DirectorySettings) string {
	dirs = slices.Clone(dirs)
	for i := range dirs {
		dirs[i].Label = ""
	}
	slices.SortFunc(dirs, func(a, b control.DirectorySettings) int { return strings.Compare(a.Name, b.Name) })
	return fmt.Sprintf("%+v", dirs)
}
