package config

import (
	"maps"
	"slices"
)

// Guards are the limits above which a plan is held before its first write. Each applies separately
// to each directory and kind of object.
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

// DefaultGuards returns the guards of a file that sets none.
func DefaultGuards() (g Guards) {
	reset(g.fields())
	return g
}

// With returns g with the overrides of a directory, by key.
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

// guardLines returns a directory's own guards as TOML.
func guardLines(own map[string]Threshold) (lines []string) {
	for _, key := range slices.Sorted(maps.Keys(own)) {
		t := own[key]
		lines = append(lines, key+" = "+tomlValue(&t))
	}
	return lines
}
