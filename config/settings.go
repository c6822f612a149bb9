package config

import (
	"fmt"
	"slices"
	"strings"
)

// Setting is one key that a front end edits as text: its value stands in Draft.Values.
type Setting struct {
	Key     string // directories by their names: "policy.delete_threshold", "directory[corp].servers"
	Section string // of the console: General, Policy, Guards, Schedule, Cloud
	Under   string // the directory whose it is; "" is for all
	Label   string
	Doc     string
	Choices []string
	List    bool   // values in their order, one a line
	Unset   string // what holds where the value is ""; "" where it must have one
	// Secret says that the value is where a secret is kept. What is not such a reference
	// may be the secret itself, and is not to be shown.
	Secret bool
	Read   Effect
}

// Settings are the keys that a front end edits as text, page by page: those of each
// directory in its place, but its own guards after the general ones.
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
	if s.List { // an example is shown as it is typed here, which is not how the file has it
		s.Doc = strings.NewReplacer(`["`, "", `"]`, "", `"`, "").Replace(s.Doc)
	}
	return s
}

// ownGuard says that it is a guard of one directory.
func (e entry) ownGuard() bool { return e.page == "Guards" && e.directory != "" }

// place is that of a directory among all; -1 where none has the name.
func place(all []Directory, name string) int {
	return slices.IndexFunc(all, func(d Directory) bool { return d.Name == name })
}

// SettingOf is the key of a setting that a problem is about, by the directory's name and
// without the place in a list.
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
