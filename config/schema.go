package config

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
)

// field is one key of the file with everything that any part of the program says about it: reading,
// showing, editing, comparing and documenting all use it. The keys are in the schema files, section
// by section (TestEveryFieldHasAKey).
type field struct {
	key string
	ptr any // the destination: *string, *bool, *float64, *[]string, *time.Duration, *Secret, *Threshold
	// def is the default: a value of the type, or a func() string if it depends on the host; nil is
	// the type's empty value.
	def any

	doc     string // a few words, for the template and the console; starts with "default" if the key is optional
	example string // for the template: a TOML value; "" shows the default
	usual   string // for configuration.md: the default, if its value does not describe it
	manual  string // for configuration.md: the description, in Markdown

	oneOf []string
	check func() (message, hint string) // nil if every value of the type is valid
	need  bool                          // must be set
	only  string                        // the one sign-in method that uses it; "" is all
	file  bool                          // a path, relative to the file's own

	// page and label are its place among the console's settings, which edit it as text; "" if it is
	// not there. word is its name in lists of changes if it has a separate page there; "" is the
	// key itself.
	page, label, word string
	read              Effect
	help              string // for the console: sentences without the file's syntax; "" is doc
	zero              string // for the console: what 0 means, if that is something of its own
	times             bool   // of a list: times of the week

	// how marks a key that decides how a run works, not what it does: a dry run shows the same
	// after a change. Secrets are marked: the account that signs in is another key.
	how      bool
	later    bool // a text that is left out of that while it is empty: earlier versions had no such key
	anyOrder bool // of a list: its order does not matter for that, either
	scope    bool // affects who in the directory is in scope: plans pin it (see Directory.Scope)
	reach    bool // how to find and sign in to a directory, as setup asks for it
}

// Effect is when a changed key takes effect.
type Effect int

// A key takes effect with the next run or question, when the program starts, or when the service
// starts.
const (
	AtOnce Effect = iota
	AtStart
	ByService
)

// section is one table of the file.
type section struct {
	name    string // as in keys: "cloud", "directory[0]"
	head    string // as in the file: "[cloud]", "[[directory]]"
	doc     string // for the template
	columns string // of configuration.md, other than the key and its default
	list    []field
	// directory is the directory of this block, with its mapping and guards; nil for other
	// sections.
	directory *Directory
}

// sections returns the sections of c, with its directories in order. [mapping] is not included: its
// keys are the administrator's.
func (c *Config) sections() []section {
	all := []section{{name: "connector", head: "[connector]", doc: "This connector.", list: c.Connector.fields()}}
	for i := range c.Directories {
		d := &c.Directories[i]
		all = append(all, section{name: fmt.Sprintf("directory[%d]", i), head: "[[directory]]", list: d.fields(),
			directory: d,
			doc:       "The directory that is read; one block for each domain, forest or partition."})
	}
	all = append(all,
		section{name: "cloud", head: "[cloud]", doc: "The cloud that is written.", list: c.Cloud.fields()},
		section{name: "policy", head: "[policy]", doc: "What may be removed, and when.", list: c.Policy.fields()})
	for i := range c.Unmanaged {
		all = append(all, section{name: fmt.Sprintf("unmanaged[%d]", i), head: "[[unmanaged]]", list: c.Unmanaged[i].fields(),
			doc: "Accounts that are left alone."})
	}
	return append(all,
		section{name: "guards", head: "[guards]", columns: " counts | of", list: c.Guards.fields(),
			doc: "What holds a plan before its first write, in each directory: a number, \"5%\", \"20 and 50%\" (more than " +
				"both), " +
				"or \"off\"."},
		section{name: "schedule", head: "[schedule]", doc: "When the service runs.", list: c.Schedule.fields()},
		section{name: "metrics", head: "[metrics]", list: c.Metrics.fields(),
			doc: "What a monitoring system may fetch while the service runs."})
}

func sectionNames() []string {
	names := []string{"mapping"}
	for _, s := range every().sections() {
		name, _, _ := strings.Cut(s.name, "[")
		names = append(names, name)
	}
	return names
}

// every returns a configuration with one of each section, to inspect the keys.
func every() *Config {
	return &Config{Directories: make([]Directory, 1), Unmanaged: make([]Unmanaged, 1)}
}

// reset sets each field to its default.
func reset(fields []field) {
	for _, f := range fields {
		to := reflect.ValueOf(f.ptr).Elem()
		switch def := f.def.(type) {
		case nil:
			to.SetZero()
			if to.Kind() == reflect.Slice {
				to.Set(reflect.MakeSlice(to.Type(), 0, 0))
			}
		case func() string:
			to.SetString(def())
		default:
			to.Set(reflect.ValueOf(def))
		}
	}
}

// pages returns the pages of the console's settings, in order.
func pages() []string { return []string{"General", "Policy", "Guards", "Schedule", "Cloud"} }

// choices returns the values that the key accepts.
func (f field) choices() []string {
	return slices.DeleteFunc(slices.Clone(f.oneOf), func(s string) bool { return s == "" })
}

// hostName is the default name of the connector.
func hostName() string {
	host, err := os.Hostname()
	if err != nil || host == "" {
		return "dirbridge"
	}
	return host
}
