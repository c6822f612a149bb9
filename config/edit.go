package config

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Change sets one key, or, if Value is nil, removes it so that its default applies. Keys are
// written as in problems: "policy.on_missing", "mapping.title", "directory[0].base_dns",
// "directory[0].mapping.title", "directory[0].guards.removals"; a directory can also be given by
// name, "directory[corp].base_dns". A value is a string, bool, int, float64, []string,
// time.Duration, Threshold or Secret.
type Change struct {
	Key   string
	Value any
}

// Edit makes the changes in the text of a file. Comments and the layout of unchanged parts stay;
// comments inside a removed value become lines of their own. It refuses a text that is not valid
// TOML with *Invalid; Parse decides whether the result is a usable configuration. FuzzEdit and
// TestEditsKeepEverythingElse pin this.
func Edit(src []byte, changes ...Change) ([]byte, error) {
	for _, c := range changes {
		var err error
		if src, err = edit(src, c); err != nil {
			return nil, err
		}
	}
	return src, nil
}

func edit(src []byte, c Change) ([]byte, error) {
	r := newReport()
	e := editor{document: parse(src, r), eol: "\n"}
	if err := r.err(""); err != nil {
		return nil, err
	}
	if bytes.Contains(src, []byte("\r\n")) {
		e.eol = "\r\n"
	}
	key, err := e.canonical(c.Key)
	if err != nil {
		return nil, err
	}
	secName, name := splitKey(key)
	parent, n := e.root.at(secName), e.root.at(key)
	if parent != nil && parent.form != table {
		return nil, fmt.Errorf("configuration: %s is not a table; correct it by hand first", secName)
	}
	if c.Value == nil {
		if n == nil {
			return src, nil
		}
		return e.remove(parent, name, n)
	}
	value, err := spell(c.Value)
	if err != nil {
		return nil, fmt.Errorf("configuration: %s: %w", key, err)
	}
	switch {
	case n == nil:
		return e.insert(secName, parent, tomlKey(name)+" = "+value)
	case same(n, value, c.Value):
		return src, nil
	}
	return e.replace(parent, n, value, c.Value)
}

// spell returns a change's value as TOML.
func spell(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return tomlValue(&v), nil
	case bool:
		return tomlValue(&v), nil
	case int:
		return strconv.Itoa(v), nil
	case float64:
		return tomlValue(&v), nil
	case []string:
		return tomlValue(&v), nil
	case time.Duration:
		return tomlValue(&v), nil
	case Threshold:
		return tomlValue(&v), nil
	case Secret:
		return tomlValue(&v), nil
	}
	return "", fmt.Errorf("cannot be set to a %T", v)
}

// same reports whether the file already has the value, in any spelling.
func same(n *node, value string, v any) bool {
	if d, ok := v.(time.Duration); ok && n.form == text {
		old, err := time.ParseDuration(n.text)
		return err == nil && old == d
	}
	new := parse([]byte("x = "+value), newReport()).root.fields["x"]
	return new != nil && equal(n, new)
}

func equal(a, b *node) bool {
	return a.form == b.form && a.text == b.text && slices.EqualFunc(a.items, b.items, equal)
}

type editor struct {
	*document
	eol string
}

// canonical checks a key and replaces a directory's name with its index.
func (e editor) canonical(key string) (string, error) {
	sec, name, ok := strings.Cut(key, ".")
	unknown := fmt.Errorf("configuration: there is no key %s", key)
	if !ok || name == "" {
		return "", unknown
	}
	if sec == "mapping" {
		return key, nil
	}
	if at, isDirectory := strings.CutPrefix(sec, "directory["); isDirectory {
		i, err := e.directory(strings.TrimSuffix(at, "]"))
		if err != nil {
			return "", err
		}
		key, sec = fmt.Sprintf("directory[%d].%s", i, name), "directory[0]"
		if attribute, ok := strings.CutPrefix(name, "mapping."); ok && attribute != "" {
			return key, nil
		}
		if guard, ok := strings.CutPrefix(name, "guards."); ok {
			name, sec = guard, "guards"
		}
	}
	c := Config{Directories: make([]Directory, 1)} // blocks of [[unmanaged]] are not edited
	for _, s := range c.sections() {
		if s.name == sec && slices.ContainsFunc(s.list, func(f field) bool { return f.key == name }) {
			return key, nil
		}
	}
	return "", unknown
}

func (e editor) directory(at string) (int, error) {
	dirs := e.root.fields["directory"]
	if dirs != nil && dirs.form == list {
		if i, err := strconv.Atoi(at); err == nil && i >= 0 && i < len(dirs.items) {
			return i, nil
		}
		for i, d := range dirs.items {
			if n := d.fields["name"]; n != nil && n.form == text && n.text == at {
				return i, nil
			}
		}
	}
	return 0, fmt.Errorf("configuration: there is no directory %s", at)
}

// splice returns the text with [start, end) replaced.
func (e editor) splice(start, end int, with string) []byte {
	return slices.Concat(e.src[:start], []byte(with), e.src[end:])
}

// indent returns the white space before offset on its line.
func (e editor) indent(offset int) string {
	start := offset
	for start > 0 && (e.src[start-1] == ' ' || e.src[start-1] == '\t') {
		start--
	}
	return string(e.src[start:offset])
}

// insert adds an entry after the last one of its section, and creates the section if needed.
func (e editor) insert(section string, parent *node, entry string) ([]byte, error) {
	switch {
	case parent == nil || parent.header && !parent.defined:
		if directory, own, ok := strings.Cut(section, "]."); ok {
			return e.insertOverrides(e.root.at(directory+"]"), own, entry)
		}
		blank := e.eol
		if len(bytes.TrimPrefix(e.src, bom)) == 0 {
			blank = ""
		}
		return []byte(e.ended(e.src) + blank + "[" + section + "]" + e.eol + entry + e.eol), nil
	case parent.sealed:
		return e.insertInline(parent, entry)
	}
	last := lastEntry(parent)
	prefix := ""
	if last != nil {
		prefix = e.indent(last.entry)
		if !parent.header {
			prefix += last.prefix
		}
	} else if !parent.header {
		return nil, fmt.Errorf("configuration: %s is spread over dotted keys; add the key by hand", section)
	}
	at := parent.after
	return []byte(e.ended(e.src[:at]) + prefix + entry + e.eol + string(e.src[at:])), nil
}

// insertOverrides adds the [directory.mapping] or [directory.guards] of a directory, after the
// directory's own keys.
func (e editor) insertOverrides(directory *node, own, entry string) ([]byte, error) {
	switch {
	case directory == nil || directory.form != table:
		return nil, errors.New("configuration: the directory is not a table; correct it by hand first")
	case directory.sealed:
		return e.insertInline(directory, own+" = { "+entry+" }")
	}
	at := e.blockEnd(directory.after)
	block := e.eol + "[directory." + own + "]" + e.eol + entry + e.eol
	return []byte(e.ended(e.src[:at]) + block + string(e.src[at:])), nil
}

// blockEnd returns the end of the comments that follow a block's last entry and belong to it.
// Comments right above the next header belong to that header.
func (e editor) blockEnd(from int) int {
	end := from
	for comment := from; ; {
		next := e.lineEnd(comment)
		switch line := bytes.TrimSpace(e.src[comment:next]); {
		case next == comment:
			return comment // the end of the file
		case len(line) > 0 && line[0] != '#':
			return end
		case len(line) == 0 && len(bytes.TrimSpace(e.src[end:comment])) > 0:
			end = comment
		}
		comment = next
	}
}

// ended returns the text with a final line end.
func (e editor) ended(b []byte) string {
	if len(b) == 0 || b[len(b)-1] == '\n' || bytes.Equal(b, bom) {
		return string(b)
	}
	return string(b) + e.eol
}

func lastEntry(t *node) *node {
	var last *node
	for _, k := range t.keys {
		if n := t.fields[k]; n.end > 0 && (last == nil || n.entry > last.entry) {
			last = n
		}
	}
	return last
}

func (e editor) insertInline(parent *node, entry string) ([]byte, error) {
	if last := lastEntry(parent); last != nil {
		return e.splice(last.end, last.end, ", "+entry), nil
	}
	if len(parent.keys) > 0 {
		return nil, handWork(parent)
	}
	return e.splice(parent.start+1, parent.start+1, " "+entry+" "), nil
}

// handWork refuses inline tables with comments or dotted keys, which are rare, rather than risk
// damage to a neighboring value.
func handWork(n *node) error {
	return fmt.Errorf("configuration: line %d has an inline table with comments or dotted keys; change it by hand", n.line)
}

// replace changes the value of an entry.
func (e editor) replace(parent, n *node, value string, v any) ([]byte, error) {
	if n.end == 0 {
		return nil, notOneValue(n)
	}
	if values, ok := v.([]string); ok && n.form == list && !slices.ContainsFunc(n.items,
		func(i *node) bool { return i.form != text }) {
		return e.splice(n.start, n.end, e.rewriteList(n, values)), nil
	}
	comments := e.comments(n)
	if len(comments) > 0 && parent.sealed {
		return nil, handWork(parent)
	}
	out := e.splice(n.start, n.end, value)
	return slices.Insert(out, n.entry, []byte(e.own(comments, n))...), nil
}

func notOneValue(n *node) error {
	return fmt.Errorf("configuration: line %d is a table of its own; change it by hand", n.line)
}

// own writes comments as separate lines before an entry, and keeps the entry's position on its
// line.
func (e editor) own(comments []string, n *node) string {
	var b strings.Builder
	for _, c := range comments {
		b.WriteString(c + e.eol + e.indent(n.entry))
	}
	return b.String()
}

// remove deletes an entry.
func (e editor) remove(parent *node, name string, n *node) ([]byte, error) {
	if parent.sealed {
		return e.removeInline(parent, name, n)
	}
	if n.end == 0 {
		return nil, notOneValue(n)
	}
	start := n.entry - len(e.indent(n.entry))
	comments := e.comments(n)
	rest := bytes.TrimLeft(e.src[n.end:e.lineEnd(n.end)], " \t")
	if len(rest) > 0 && rest[0] == '#' {
		// The comment beside the value stays at the place of the entry.
		return e.splice(n.entry, e.lineEnd(n.end)-len(rest), e.own(comments, n)), nil
	}
	lines := ""
	for _, c := range comments {
		lines += e.indent(n.entry) + c + e.eol
	}
	return e.splice(start, e.lineEnd(n.end), lines), nil
}

func (e editor) removeInline(parent *node, name string, n *node) ([]byte, error) {
	for _, k := range parent.keys {
		if parent.fields[k].end == 0 {
			return nil, handWork(parent)
		}
	}
	i := slices.Index(parent.keys, name)
	start, end := n.entry, n.end
	switch {
	case i+1 < len(parent.keys):
		end = parent.fields[parent.keys[i+1]].entry
	case i > 0:
		start = parent.fields[parent.keys[i-1]].end
	}
	if bytes.IndexByte(e.src[start:n.entry], '#') >= 0 || bytes.IndexByte(e.src[n.end:end], '#') >= 0 ||
		len(e.comments(n)) > 0 {
		return nil, handWork(parent)
	}
	return e.splice(start, end, ""), nil
}
