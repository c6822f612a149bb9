package config

import (
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Draft is the part of a configuration that a front end edits.
type Draft struct {
	// Directories are edited in place, except for the keys in Values.
	Directories []Directory
	Mapping     map[string]string // all cloud attributes; "" unmapped
	Values      map[string]string // texts of the keys that are edited as text, see Settings
	// Policy is that of the file; its edits are in Values.
	Policy Policy
}

// Draft returns c for editing. rules is the effective mapping, defaults included.
func (c Config) Draft(rules map[string]string) Draft {
	d := Draft{Directories: c.Directories, Mapping: rules, Values: map[string]string{}, Policy: c.Policy}
	for _, e := range c.entries() {
		if e.page != "" {
			d.Values[e.name] = e.text
		}
	}
	return d.Clone()
}

// Clone returns a deep copy.
func (d Draft) Clone() Draft {
	d.Directories = slices.Clone(d.Directories)
	for i := range d.Directories {
		d.Directories[i] = d.Directories[i].clone()
	}
	d.Mapping, d.Values = maps.Clone(d.Mapping), maps.Clone(d.Values)
	return d
}

// clone returns a copy that shares nothing with d. Empty lists are nil in every copy.
func (d Directory) clone() Directory {
	for _, f := range d.fields() {
		if list, ok := f.ptr.(*[]string); ok {
			*list = append([]string(nil), *list...)
		}
	}
	d.Mapping, d.Guards = maps.Clone(d.Mapping), maps.Clone(d.Guards)
	return d
}

// entries returns the keys of a draft, in the order of the file.
func (d Draft) entries() (all []entry) {
	c := Config{Directories: d.Directories, Mapping: d.Mapping}
	for _, e := range c.entries() {
		own := e.directory != "" || strings.HasPrefix(e.name, "mapping.")
		text, edited := d.Values[e.name]
		switch {
		case e.page == "" && own:
			all = append(all, e)
		case e.page != "" && edited:
			e.text = text
			all = append(all, e)
		}
	}
	return all
}

// byKey returns the entries of a draft by key.
func (d Draft) byKey() map[string]entry {
	all := map[string]entry{}
	for _, e := range d.entries() {
		all[e.name] = e
	}
	return all
}

// Same reports whether the two drafts are equal. It is fast, because it is called for each frame.
func (d Draft) Same(o Draft) bool {
	return maps.Equal(d.Values, o.Values) && maps.Equal(d.Mapping, o.Mapping) &&
		slices.EqualFunc(d.Directories, o.Directories, Directory.same)
}

// SameScope reports whether both drafts have the same people and groups in scope.
func (d Draft) SameScope(o Draft) bool {
	return slices.EqualFunc(d.Directories, o.Directories, func(a, b Directory) bool { return a.Scope() == b.Scope() })
}

// same compares the directory fields that are edited in place.
func (d Directory) same(o Directory) bool {
	if reflect.DeepEqual(d, o) {
		return true
	}
	others := o.fields()
	for i, f := range d.fields() {
		if f.page == "" && f.plain() != others[i].plain() {
			return false
		}
	}
	return maps.Equal(d.Mapping, o.Mapping)
}

// Setting returns the setting of a key, as Config.Settings has it; false if it is not edited as text.
func (d Draft) Setting(key string) (Setting, bool) {
	for _, e := range d.entries() {
		if e.name == key && e.page != "" {
			return e.setting(), true
		}
	}
	return Setting{}, false
}

// Differences returns the keys whose values differ in the edited draft, in the order of the file.
func (d Draft) Differences(edited Draft) []Difference {
	return differences(d.entries(), edited.entries())
}

// Changes returns the file changes that turn the saved draft d into the edited one. Directories
// that are not in both stay as they are.
func (d Draft) Changes(edited Draft) (changes []Change) {
	was, is := d.byKey(), edited.byKey()
	for _, e := range d.entries() {
		if _, stays := is[e.name]; !stays && e.rule() && edited.has(e.directory) {
			changes = append(changes, Change{Key: e.name})
		}
	}
	for _, e := range edited.entries() {
		old, had := was[e.name]
		switch {
		case had && old.text == e.text, !had && !(e.rule() && d.has(e.directory)):
		case e.page != "":
			changes = append(changes, Change{e.name, e.typed(e.text)})
		default:
			changes = append(changes, Change{e.name, e.value()})
		}
	}
	return changes
}

func (d Draft) has(directory string) bool {
	return place(d.Directories, directory) >= 0
}

// rule reports whether the entry is a mapping rule of one directory, which may have none.
func (e entry) rule() bool { return strings.HasPrefix(e.name, "directory["+e.directory+"].mapping.") }

// Merge returns theirs with the changes from saved to mine on top. If both changed the same key,
// the value of theirs wins, and lost has the name of the key (see Called). TestMerge pins this.
func Merge(saved, mine, theirs Draft) (out Draft, lost []string) {
	out = theirs.Clone()
	was, now, then := saved.byKey(), mine.byKey(), out.byKey()
	alike := func(a, b map[string]entry, key string) bool {
		x, inA := a[key]
		y, inB := b[key]
		return inA == inB && x.text == y.text
	}
	for _, e := range append(mine.entries(), saved.entries()...) {
		_, stays := now[e.name]
		switch key := e.name; {
		case alike(now, was, key) || alike(now, then, key) || slices.Contains(lost, Called(key)):
		case !alike(then, was, key) || e.directory != "" && !out.has(e.directory):
			lost = append(lost, Called(key))
		default:
			out.put(e, stays)
			then = out.byKey()
		}
	}
	return out, lost
}

// put takes the value of a key from another draft, or removes the key.
func (d *Draft) put(e entry, stays bool) {
	in, key := &d.Mapping, e.key
	i := place(d.Directories, e.directory)
	switch {
	case e.page != "":
		in, key = &d.Values, e.name
	case e.rule():
		in = &d.Directories[i].Mapping
	case e.directory != "":
		d.Directories[i].put(e)
		return
	}
	if *in == nil {
		*in = map[string]string{}
	}
	if delete(*in, key); stays {
		(*in)[key] = e.text
	}
}

func (d *Directory) put(e entry) {
	for _, f := range d.fields() {
		if f.key == e.key {
			reflect.ValueOf(f.ptr).Elem().Set(reflect.ValueOf(e.value()))
		}
	}
	*d = d.clone() // its lists belong to the other draft
}

// Called returns the name of a key in lists of changes: "corp, user filter", "mapping of title", or
// the key itself.
func Called(key string) string {
	sec, name := splitKey(key)
	directory, own := strings.CutPrefix(sec, "directory[")
	if attribute, ok := strings.CutSuffix(sec, "mapping"); ok && (attribute == "" || own) {
		if own {
			return strings.TrimSuffix(directory, "].mapping") + ", mapping of " + name
		}
		return "mapping of " + name
	}
	for _, f := range (&Directory{}).fields() {
		if own && f.key == name && f.word != "" {
			return strings.TrimSuffix(directory, "]") + ", " + f.word
		}
	}
	return key
}
