package config

import (
	"bytes"
	"slices"
	"strings"
)

// comments returns the comments inside the value of n, in order.
func (e editor) comments(n *node) []string {
	var all []string
	e.gaps(n, n.start, n.end, func(start, end int) {
		for _, r := range remarks(e.src[start:end]) {
			all = append(all, r.text)
		}
	})
	return all
}

// gaps calls fn for the text between the scalar values inside n, where comments may be. A # inside
// a string starts no comment.
func (e editor) gaps(n *node, start, end int, fn func(start, end int)) {
	from := start
	gap := func(to int) {
		if to > from {
			fn(from, to)
		}
	}
	var walk func(n *node)
	walk = func(n *node) {
		for _, item := range n.items {
			walk(item)
		}
		for _, k := range n.keys {
			c := n.fields[k]
			if c.entry > 0 {
				gap(c.entry)
				from = max(c.start, c.entry)
			}
			walk(c)
		}
		if n.form != list && n.form != table {
			gap(n.start)
			from = max(from, n.end)
		}
	}
	walk(n)
	gap(end)
}

// remark is a comment between values.
type remark struct {
	text    string // from # to the end of its line
	blank   string // before the comment
	newline bool   // it starts a line
}

func remarks(gap []byte) []remark {
	var all []remark
	newline := false
	for len(gap) > 0 {
		hash := bytes.IndexByte(gap, '#')
		if hash < 0 {
			break
		}
		before := gap[:hash]
		newline = newline || bytes.IndexByte(before, '\n') >= 0
		blank := before[len(bytes.TrimRight(before, " \t")):]
		line := gap[hash:]
		if i := bytes.IndexByte(line, '\n'); i >= 0 {
			line = line[:i]
		}
		gap = gap[hash+len(line):]
		all = append(all, remark{text: strings.TrimSuffix(string(line), "\r"), blank: string(blank), newline: newline})
	}
	return all
}

// element is one value of a list with its comments.
type element struct {
	value   string
	source  string   // as spelled in the file
	leading []string // comments on the lines before it
	beside  string   // comment after it, with the blanks between
}

// elements parses a list of strings. opening is a comment after the bracket, footer has the
// comments after the last value.
func (e editor) elements(n *node) (all []element, opening string, footer []string) {
	from := n.start + 1
	for i := 0; i <= len(n.items); i++ {
		to := n.end
		if i < len(n.items) {
			to = n.items[i].start
		}
		var leading []string
		for _, r := range remarks(e.src[from:to]) {
			switch {
			case r.newline:
				leading = append(leading, r.text)
			case i == 0:
				opening = r.blank + r.text
			default:
				all[i-1].beside = r.blank + r.text
			}
		}
		if i == len(n.items) {
			return all, opening, leading
		}
		item := n.items[i]
		all = append(all, element{value: item.text, source: string(e.src[item.start:item.end]), leading: leading})
		from = item.end
	}
	return all, opening, nil
}

// rewriteList writes a list of strings again. Values that stay keep their spelling and comments;
// comments of removed values stay as lines.
func (e editor) rewriteList(n *node, values []string) string {
	old, opening, footer := e.elements(n)
	written := string(e.src[n.start:n.end])
	var out []element
	next := 0
	for _, v := range values {
		el := element{value: v, source: tomlString(v)}
		if i := slices.IndexFunc(old[next:], func(o element) bool { return o.value == v }); i >= 0 {
			kept := orphans(old[next : next+i])
			el = old[next+i]
			el.leading = append(kept, el.leading...)
			next += i + 1
		}
		out = append(out, el)
	}
	footer = append(orphans(old[next:]), footer...)
	if !strings.Contains(written, "\n") {
		return oneLine(written, out)
	}
	return e.severalLines(n, out, opening, footer)
}

// orphans returns the comments of removed values.
func orphans(gone []element) []string {
	var all []string
	for _, g := range gone {
		all = append(all, g.leading...)
		if g.beside != "" {
			all = append(all, strings.TrimLeft(g.beside, " \t"))
		}
	}
	return all
}

func oneLine(written string, out []element) string {
	parts := make([]string, len(out))
	for i, el := range out {
		parts[i] = el.source
	}
	pad := ""
	if strings.HasPrefix(written, "[ ") && len(out) > 0 {
		pad = " "
	}
	return "[" + pad + strings.Join(parts, ", ") + pad + "]"
}

func (e editor) severalLines(n *node, out []element, opening string, footer []string) string {
	outer := e.indent(n.entry)
	inner := outer + "    "
	if len(n.items) > 0 {
		if at := n.items[0].start; bytes.IndexByte(e.src[n.start:at], '\n') >= 0 {
			inner = e.indent(at)
		}
	}
	var b strings.Builder
	b.WriteString("[" + opening + e.eol)
	for _, el := range out {
		for _, c := range el.leading {
			b.WriteString(inner + c + e.eol)
		}
		b.WriteString(inner + el.source + "," + el.beside + e.eol)
	}
	for _, c := range footer {
		b.WriteString(inner + c + e.eol)
	}
	b.WriteString(outer + "]")
	return b.String()
}
