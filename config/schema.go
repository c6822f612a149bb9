package config

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
)

// field is one key of the file, and all that is said of it anywhere: whatever reads, shows,
// edits, compares or documents the file goes by these. The keys stand in the schema files,
// section by section.
type field struct {
	key string
	ptr any // where the value goes: *string, *bool, *float64, *[]string, *time.Duration, *Secret, *Threshold
	// def is the default: a value of the type, or a func() string where it depends on the
	// host; nil is the type's own, such as an empty list.
	def any

	doc     string // a few words, for the template and the console; begins with "default" where it may be left out
	example string // for the template: a value in TOML; "" shows the default
	usual   string // for configuration.md: the default, where its value does not say it
	manual  string // for configuration.md: what it is, in Markdown

	oneOf []string
	check func() (message, hint string) // nil where every value of the type will do
	need  bool                          // must be set
	only  string                        // the one way to sign in that it is of use for; "" is every
	file  bool                          // a path, relative to the file's own

	// page and label are its place among the console's settings, which edit it as text; ""
	// where it is not among them. word is what lists of changes call a key that has a page
	// of its own there; "" is the key itself.
	page, label, word string
	read              Effect

	// how says that it decides how something is done, and not what: a dry run shows the same
	// after a change. Secrets are among them: who signs in is another key.
	how      bool
	anyOrder bool // of a list: the order of the values does not count for that either
	scope    bool // decides who of the directory is in scope: plans pin it (see Directory.Scope)
	reach    bool // how a directory is found and signed in to, as set-up asks for it
}

// Effect is when a changed key takes effect.
type Effect int

// A key is read with the next run or question, when the program starts, or when the
// service does.
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
	columns string // of configuration.md, beside the key and its default
	list    []field
	// directory is the one whose block it is, with its own mapping and guards; nil of others.
	directory *Directory
}

// sections are those of c, its directories in their order; [mapping], whose keys
// are the administrator's, is not among them.
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

// every is a configuration that has each section once, to look at its keys.
func every() *Config {
	return &Config{Directories: make([]Directory, 1), Unmanaged: make([]Unmanaged, 1)}
}

// reset gives each field its default.
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

// pages are those of the console's settings, in their order.
func pages() []string { return []string{"General", "Policy", "Guards", "Schedule", "Cloud"} }

// choices are those that can be written.
func (f field) choices() []string {
	return slices.DeleteFunc(slices.Clone(f.oneOf), func(s string) bool { return s == "" })
}

// hostName is the connector's name where the file has none.
func hostName() string {
	host, err := os.Hostname()
	if err != nil || host == "" {
		return "dirbridge"
	}
	return host
}
