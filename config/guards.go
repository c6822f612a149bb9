package config

import (
	"maps"
	"slices"
)

// Guards say from how many on a plan is held before its first write, each by itself, for
// one directory and one kind of object at a time.
type Guards struct {
	Removals       Threshold
	Disabled       Threshold
	KeyChanges     Threshold
	Administrators Threshold
	MembersRemoved Threshold
	GroupsEmptied  Threshold
	Blanked        Threshold
	Changed        Threshold
	SourceShrunk   Threshold
	CloudShrunk    Threshold
	Lost           Threshold
}

func (g *Guards) fields() []field {
	return []field{
		{key: "removals", ptr: &g.Removals, doc: "default; deactivated or deleted as missing or unmatched, beside policy.delete_threshold"},
		{key: "disabled", ptr: &g.Disabled, doc: "default; deactivated because the directory disabled them"},
		{key: "key_changes", ptr: &g.KeyChanges, doc: "default; other userName, or other name of a group"},
		{key: "administrators", ptr: &g.Administrators, doc: "default; full administrators renamed: beyond it each waits for dirbridge confirm"},
		{key: "members_removed", ptr: &g.MembersRemoved, doc: "default; members taken out of one group, or out of all"},
		{key: "groups_emptied", ptr: &g.GroupsEmptied, doc: "default; groups of ten members or more that lose all"},
		{key: "blanked", ptr: &g.Blanked, doc: "default; one attribute emptied, of those who have it"},
		{key: "lost", ptr: &g.Lost, doc: "default; a required attribute, key or objectGUID that is not there any more"},
		{key: "changed", ptr: &g.Changed, doc: "default; one attribute replaced by another value"},
		{key: "source_shrunk", ptr: &g.SourceShrunk, doc: "default; nowhere in the directory any more"},
		{key: "cloud_shrunk", ptr: &g.CloudShrunk, doc: "default; accounts not in the cloud any more"},
	}
}

// DefaultGuards are those of a file that says nothing.
func DefaultGuards() Guards {
	return Guards{
		Removals: Threshold{Off: true}, Disabled: Threshold{Count: 20, Percent: 50}, KeyChanges: Threshold{Count: 20, Percent: 10},
		Administrators: Threshold{}, MembersRemoved: Threshold{Count: 100, Percent: 50}, GroupsEmptied: Threshold{},
		Blanked: Threshold{Count: 20, Percent: 10}, Changed: Threshold{Count: 100, Percent: 50},
		SourceShrunk: Threshold{Count: 20, Percent: 50}, CloudShrunk: Threshold{Count: 20, Percent: 50}, Lost: Threshold{Count: 20, Percent: 10},
	}
}

// With is g with what a directory has otherwise, by key.
func (g Guards) With(own map[string]Threshold) Guards {
	for _, f := range g.fields() {
		if t, ok := own[f.key]; ok {
			*f.ptr.(*Threshold) = t
		}
	}
	return g
}

// decodeGuards reads [directory.guards] at path.
func (d *Directory) decodeGuards(path string, n *node, r *report) {
	switch {
	case n == nil:
		return
	case n.form == list:
		r.at(n.line, path, "write [directory.guards]", "stands once in each [[directory]], not as a list")
		return
	case n.form != table:
		r.at(n.line, path, "write [directory.guards]", "must be a table, not %s", n.form)
		return
	}
	var own Guards
	fields := own.fields()
	decodeSection(section{name: path, head: "[directory.guards]", list: fields}, n, r)
	d.Guards = map[string]Threshold{}
	for _, f := range fields {
		if n.fields[f.key] != nil {
			d.Guards[f.key] = *f.ptr.(*Threshold)
		}
	}
}

// guardLines are a directory's own guards in TOML.
func guardLines(own map[string]Threshold) (lines []string) {
	for _, key := range slices.Sorted(maps.Keys(own)) {
		t := own[key]
		lines = append(lines, key+" = "+tomlValue(&t))
	}
	return lines
}
