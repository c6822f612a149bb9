package edits

import (
	"maps"
	"reflect"
	"slices"

	"dirbridge/sync/control"
)

// Same compares what is edited.
func Same(a, b control.Settings) bool {
	a.Policy, b.Policy = control.Policy{}, control.Policy{}
	return reflect.DeepEqual(a, b)
}

// SameScope compares what decides about scope.
func SameScope(a, b control.Settings) bool {
	return Same(control.Settings{Directories: a.Directories}, control.Settings{Directories: b.Directories})
}

// Clone copies all that is edited. Empty lists are nil in every copy, so that copies can
// be compared.
func Clone(s control.Settings) control.Settings {
	c := s
	c.Directories = make([]control.DirectorySettings, len(s.Directories))
	for i, d := range s.Directories {
		for _, list := range []*[]string{&d.BaseDNs, &d.ExcludeDNs, &d.MemberOf} {
			*list = append([]string(nil), *list...)
		}
		c.Directories[i] = d
	}
	c.Mapping, c.Values = maps.Clone(s.Mapping), maps.Clone(s.Values)
	return c
}

// Merge is theirs with the changes between saved and mine on top. Where both changed
// the same thing theirs stands, and it is in lost, in words.
func Merge(saved, mine, theirs control.Settings) (out control.Settings, lost []string) {
	out = Clone(theirs)
	mergeMap("mapping of ", saved.Mapping, mine.Mapping, out.Mapping, &lost)
	mergeMap("", saved.Values, mine.Values, out.Values, &lost)
	for i := range out.Directories {
		to := &out.Directories[i]
		named := func(d control.DirectorySettings) bool { return d.Name == to.Name }
		was, now := slices.IndexFunc(saved.Directories, named), slices.IndexFunc(mine.Directories, named)
		if was >= 0 && now >= 0 {
			mergeDirectory(saved.Directories[was], mine.Directories[now], to, &lost)
		}
	}
	return out, lost
}

func mergeMap(what string, was, mine, to map[string]string, lost *[]string) {
	for _, key := range slices.Sorted(maps.Keys(mine)) {
		theirs, there := to[key]
		switch {
		case mine[key] == was[key] || there && mine[key] == theirs:
		case !there || theirs != was[key]:
			*lost = append(*lost, what+key)
		default:
			to[key] = mine[key]
		}
	}
}

// mergeDirectory goes through what the editors change of a directory.
func mergeDirectory(was, mine control.DirectorySettings, to *control.DirectorySettings, lost *[]string) {
	of := func(d *control.DirectorySettings) map[string]any {
		return map[string]any{"chosen": &d.BaseDNs, "excluded": &d.ExcludeDNs, "users": &d.SyncUsers, "groups": &d.SyncGroups,
			"user filter": &d.UserFilter, "group filter": &d.GroupFilter, "group types": &d.GroupTypes}
	}
	before, now, then := of(&was), of(&mine), of(to)
	for _, name := range slices.Sorted(maps.Keys(now)) {
		value := func(m map[string]any) any { return reflect.ValueOf(m[name]).Elem().Interface() }
		switch {
		case alike(value(now), value(before)) || alike(value(now), value(then)):
		case !alike(value(then), value(before)):
			*lost = append(*lost, to.Name+", "+name)
		default:
			reflect.ValueOf(then[name]).Elem().Set(reflect.ValueOf(value(now)))
		}
	}
}

// alike compares two values of a key; a list of nothing is no list.
func alike(a, b any) bool {
	if x, ok := a.([]string); ok {
		return slices.Equal(x, b.([]string))
	}
	return a == b
}
