package config

import (
	"fmt"
	"slices"
	"strings"
)

// Setting is one key that a front end edits as text; its value is in Draft.Values.
type Setting struct {
	Key     string // directories by name: "policy.delete_threshold", "directory[corp].servers"
	Section string // of the console: General, Policy, Guards, Schedule, Cloud
	Under   string // its directory; "" is all
	Label   string
	Doc     string
	Choices []string
	List    bool   // values in order, one per line
	Unset   string // effective value if the value is ""; "" if one is required
	// Secret says that the value is a reference to a secret. Any other text may be the secret
	// itself and must not be shown.
	Secret bool
	Read   Effect
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
				s.Unset = "as for all directories"
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
	_, secret := e.ptr.(*Secret)
	s := Setting{Key: e.name, Section: e.page, Under: e.directory, Label: e.label,
		Doc: strings.TrimPrefix(e.doc, "default; "), Choices: e.choices(), List: e.list(), Secret: secret, Read: e.read}
	if s.List { // an example is shown as the user types it here, which differs from the file
		s.Doc = strings.NewReplacer(`["`, "", `"]`, "", `"`, "").Replace(s.Doc)
	}
	return s
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
