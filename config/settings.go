package config

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Setting is one key that a front end edits as text; its value is in Draft.Values.
type Setting struct {
	Key     string // directories by name: "policy.delete_threshold", "directory[corp].servers"
	Section string // of the console: General, Policy, Guards, Schedule, Cloud
	Under   string // its directory; "" is all
	Label   string
	Doc     string // sentences
	Kind    Kind
	Choices []string
	List    bool   // values in order, one per line
	Zero    string // what 0 means, if that is something of its own
	Unset   string // effective value if the value is ""; "" if one is required
	// Secret says that the value is a reference to a secret. Any other text may be the secret
	// itself and must not be shown.
	Secret bool
	Read   Effect
}

// Kind is how a setting is edited.
type Kind int

// The kinds of settings. A Set is a list of Choices, Times are times of the week, and a Path is a
// file.
const (
	Text Kind = iota
	Yes       // true or false
	Number
	Duration
	Limit // a Threshold
	Choice
	List
	Set
	Times
	Reference // to a secret
	Path
)

// kind returns how the key is edited.
func (f field) kind() Kind {
	switch f.ptr.(type) {
	case *bool:
		return Yes
	case *float64:
		return Number
	case *time.Duration:
		return Duration
	case *Threshold:
		return Limit
	case *Secret:
		return Reference
	}
	switch {
	case f.times:
		return Times
	case f.list() && f.oneOf != nil:
		return Set
	case f.list():
		return List
	case f.oneOf != nil:
		return Choice
	case f.file:
		return Path
	}
	return Text
}

// Settings returns the keys that a front end edits as text, page by page. Those of each directory
// are at its place, but its own guards come after the general ones.
func (c Config) Settings() (all []Setting) {
	entries := c.entries()
	for _, page := range pages() {
		var own []Setting
		for _, e := range entries {
			switch s := e.setting(); {
			case e.page != page:
			case e.ownGuard():
				s.Unset = "inherits"
				own = append(own, s)
			default:
				if i := place(c.Directories, e.directory); e.key == "servers" && c.Directories[i].Domain != "" {
					s.Unset = "domain controllers by DNS"
				}
				all = append(all, s)
			}
		}
		all = append(all, own...)
	}
	return all
}

func (e entry) setting() Setting {
	kind := e.kind()
	return Setting{Key: e.name, Section: e.page, Under: e.directory, Label: e.label, Doc: e.about(), Kind: kind,
		Choices: e.choices(), List: e.list(), Zero: e.zero, Secret: kind == Reference, Read: e.read}
}

// about returns the description for the console, as sentences.
func (f field) about() string {
	if f.help != "" {
		return f.help
	}
	text := strings.TrimPrefix(f.doc, "default; ")
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// ownGuard reports whether the entry is a guard of one directory.
func (e entry) ownGuard() bool { return e.page == "Guards" && e.directory != "" }

// place returns the index of the directory with the name, or -1.
func place(all []Directory, name string) int {
	return slices.IndexFunc(all, func(d Directory) bool { return d.Name == name })
}

// SettingOf returns the key of the setting that a problem concerns, with the directory's name and
// without the index in a list.
func (c Config) SettingOf(key string) string {
	for i, d := range c.Directories {
		if rest, ok := strings.CutPrefix(key, fmt.Sprintf("directory[%d]", i)); ok {
			key = "directory[" + d.Name + "]" + rest
			break
		}
	}
	at := strings.LastIndexByte(key, '[')
	if at > 0 && strings.HasSuffix(key, "]") && strings.Contains(key[:at], ".") {
		key = key[:at]
	}
	return key
}
