package config

import (
	"bytes"
	"errors"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2/unstable"
)

// form is the kind of a node in the document.
type form int

const (
	table form = iota
	list       // an array, or an array of tables
	text
	integer
	float
	boolean
	moment // dates and times, which no key uses
)

func (f form) String() string {
	return [...]string{"a table", "a list", "a string", "a whole number", "a number", "true or false", "a date"}[f]
}

// node is a value of the document with its position. Offsets are in bytes.
type node struct {
	form   form
	line   int
	text   string // of a scalar: decoded
	keys   []string
	fields map[string]*node
	items  []*node

	start, end int    // of the value; 0, 0 if it is not a single value in the text
	entry      int    // start of its "key = value"
	prefix     string // the part before the last part of a dotted key, as written
	header     bool   // a table or list of tables with its own header
	sealed     bool   // written as one inline value: nothing outside may add to it
	defined    bool   // its own [header] was read
	after      int    // of a table: end of the line of its header or last entry
}

func newTable(line int) *node { return &node{form: table, line: line, fields: map[string]*node{}} }

func (n *node) set(key string, child *node) {
	n.keys = append(n.keys, key)
	n.fields[key] = child
}

// document is the text of a file and its tree.
type document struct {
	src   []byte
	root  *node
	lines []int // offset of the start of each line
}

// maxSyntax is the number of syntax errors after which parsing stops: most later ones are
// consequences.
const maxSyntax = 20

// parse reads as much of the text as it can. After a syntax error it continues at the next line, so
// that it reports problems elsewhere as well.
func parse(src []byte, r *report) *document {
	d := &document{src: src, root: newTable(0), lines: []int{0}}
	for i, c := range src {
		if c == '\n' {
			d.lines = append(d.lines, i+1)
		}
	}
	if !d.readable(r) {
		return d
	}
	b := builder{document: d, report: r, table: d.root, path: ""}
	base := 0
	if bytes.HasPrefix(src, bom) {
		base = len(bom)
	}
	for range maxSyntax {
		at, err := b.read(base)
		if err == nil {
			break
		}
		r.syntax = true
		line := d.line(at)
		r.at(line, "", "", "%s", syntaxMessage(err))
		if line >= len(d.lines) {
			break
		}
		if bytes.HasPrefix(bytes.TrimLeft(src[d.lines[line-1]:], " \t"), []byte("[")) {
			// Keys below an unreadable header belong to no section.
			b.table, b.path = newTable(line), ""
		}
		base = d.lines[line]
	}
	return d
}

var bom = []byte("\xef\xbb\xbf")

func (d *document) readable(r *report) bool {
	if bytes.HasPrefix(d.src, []byte("\xff\xfe")) || bytes.HasPrefix(d.src, []byte("\xfe\xff")) {
		r.at(1, "", "save the file as UTF-8", "the file is UTF-16, not UTF-8")
		r.syntax = true
		return false
	}
	rest := d.src
	for i := 0; len(rest) > 0; {
		c, n := utf8.DecodeRune(rest)
		if c == utf8.RuneError && n == 1 {
			r.at(d.line(i), "", "save the file as UTF-8", "the line holds bytes that are not UTF-8")
			r.syntax = true
			return false
		}
		i, rest = i+n, rest[n:]
	}
	return true
}

func (d *document) line(offset int) int {
	return sort.Search(len(d.lines), func(i int) bool { return d.lines[i] > offset })
}

// lineEnd returns the offset after the next line end.
func (d *document) lineEnd(offset int) int {
	if i := bytes.IndexByte(d.src[offset:], '\n'); i >= 0 {
		return offset + i + 1
	}
	return len(d.src)
}

// quoted matches how the parser shows the character at which it stopped. That character may be part
// of a secret that lacks its quotes (TestBadFiles).
var quoted = regexp.MustCompile(`:? ?(but got )?U\+[0-9A-F]+( '.')?`)

func syntaxMessage(err error) string {
	msg := quoted.ReplaceAllString(err.Error(), "")
	if strings.HasPrefix(msg, "unexpected character") || strings.HasPrefix(msg, "expected keyword") {
		msg = "a value was expected; strings stand in quotes"
	}
	return "not valid TOML: " + msg
}

// builder adds the expressions of the text to the tree.
type builder struct {
	*document
	report *report
	table  *node  // receives the keys
	path   string // of table, for messages
	base   int
	parser unstable.Parser
}

// read parses the expressions from offset base. The error is a syntax error, at the offset that it
// returns.
func (b *builder) read(base int) (at int, err error) {
	b.base = base
	b.parser.Reset(b.src[base:])
	for b.parser.NextExpression() {
		e := b.parser.Expression()
		switch e.Kind {
		case unstable.KeyValue:
			b.keyValue(b.table, b.path, e)
		case unstable.Table:
			b.header(e, false)
		case unstable.ArrayTable:
			b.header(e, true)
		}
	}
	if err = b.parser.Error(); err == nil {
		return 0, nil
	}
	var pe *unstable.ParserError
	if errors.As(err, &pe) {
		// The parser derives the position of an error from the capacity of the slice.
		at = len(b.src) - (cap(pe.Highlight) - (cap(b.src) - len(b.src)))
	}
	return min(max(at, base), max(len(b.src)-1, 0)), err
}

type part struct {
	name       string
	start, end int
}

func (b *builder) parts(it unstable.Iterator) []part {
	var parts []part
	for it.Next() {
		k := it.Node()
		start := b.base + int(k.Raw.Offset)
		parts = append(parts, part{string(k.Data), start, start + int(k.Raw.Length)})
	}
	return parts
}

// header opens the table for the keys below it.
func (b *builder) header(e *unstable.Node, many bool) {
	parts := b.parts(e.Key())
	line := b.line(parts[0].start)
	end := b.lineEnd(parts[len(parts)-1].end)
	at, path := b.root, ""
	b.table, b.path = newTable(line), "" // keys of a refused header are dropped
	for i, p := range parts {
		path = join(path, p.name)
		last := i == len(parts)-1
		next := at.fields[p.name]
		if next == nil {
			next = newTable(line)
			if last && many {
				next.form = list
			}
			next.header = true
			at.set(p.name, next)
			b.report.lines[path] = line
		}
		if last && many {
			if next.form != list || next.sealed {
				b.refuse(line, path, next)
				return
			}
			item := newTable(line)
			item.header = true
			next.items = append(next.items, item)
			path += "[" + strconv.Itoa(len(next.items)-1) + "]"
			b.report.lines[path] = line
			at = item
			break
		}
		if next.form == list && !last && !next.sealed && len(next.items) > 0 {
			path += "[" + strconv.Itoa(len(next.items)-1) + "]"
			next = next.items[len(next.items)-1]
		}
		if next.form != table || next.sealed || last && (next.defined || !next.header) {
			b.refuse(line, path, next)
			return
		}
		at = next
	}
	at.defined, at.after = true, end
	b.table, b.path = at, path
}

func (b *builder) refuse(line int, path string, earlier *node) {
	hint := ""
	if earlier.form == list && !earlier.sealed {
		hint = "each block begins with [[" + path + "]]"
	}
	b.report.at(line, path, hint, "is already given in line %d", earlier.line)
}

// keyValue adds one entry, whose key may be dotted, below n.
func (b *builder) keyValue(n *node, path string, e *unstable.Node) {
	parts := b.parts(e.Key())
	line := b.line(parts[0].start)
	end := b.base + int(e.Raw.Offset) + int(e.Raw.Length)
	owners := []*node{n}
	for _, p := range parts[:len(parts)-1] {
		path = join(path, p.name)
		next := n.fields[p.name]
		if next == nil {
			next = newTable(line)
			n.set(p.name, next)
			b.report.lines[path] = line
		}
		if next.form != table || next.sealed || next.header {
			b.refuse(line, path, next)
			return
		}
		n = next
		owners = append(owners, n)
	}
	last := parts[len(parts)-1]
	path = join(path, last.name)
	if earlier := n.fields[last.name]; earlier != nil {
		b.refuse(line, path, earlier)
		return
	}
	b.report.lines[path] = line
	child := b.value(path, line, e.Value())
	child.entry, child.end = parts[0].start, end
	child.start = last.end + len(b.src[last.end:end]) - len(bytes.TrimLeft(b.src[last.end:end], " \t="))
	child.prefix = string(b.src[parts[0].start:last.start])
	n.set(last.name, child)
	for _, o := range owners {
		o.after = b.lineEnd(end)
	}
}

func (b *builder) value(path string, line int, v *unstable.Node) *node {
	n := &node{line: line, text: string(v.Data), sealed: true}
	if v.Raw.Length > 0 {
		n.start = b.base + int(v.Raw.Offset)
		n.end = n.start + int(v.Raw.Length)
		n.line = b.line(n.start)
	}
	switch v.Kind {
	case unstable.Array:
		n.form = list
		for it := v.Children(); it.Next(); {
			b.report.lines[path+"["+strconv.Itoa(len(n.items))+"]"] = n.line
			item := b.value(path+"["+strconv.Itoa(len(n.items))+"]", line, it.Node())
			b.report.lines[path+"["+strconv.Itoa(len(n.items))+"]"] = item.line
			n.items = append(n.items, item)
		}
	case unstable.InlineTable:
		n.form, n.fields = table, map[string]*node{}
		for it := v.Children(); it.Next(); {
			b.keyValue(n, path, it.Node())
		}
	case unstable.String:
		n.form = text
	case unstable.Integer:
		n.form = integer
	case unstable.Float:
		n.form = float
	case unstable.Bool:
		n.form = boolean
	default:
		n.form = moment
	}
	return n
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
