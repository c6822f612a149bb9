package config

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/BurntSushi/toml"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func seeds(f *testing.F) []string {
	texts := []string{sample, Template(), "", "\"\" = 1\n[\"\"]\n", "a.b.c = 1\n[a.b]\n[[a]]",
		"mapping = { a = [\n# x\n] }\n", "x = [[1], [{a = 1}]]", "a = 07:32:00\n"}
	for _, pattern := range []string{"testdata/full.good.toml", "testdata/inline.good.toml",
		"testdata/structure.bad.toml", "testdata/syntax.bad.toml", "testdata/values.bad.toml"} {
		src, err := os.ReadFile(pattern)
		if err != nil {
			f.Fatal(err)
		}
		texts = append(texts, string(src))
	}
	return texts
}

// FuzzLoad checks any text: it loads, or *Invalid gives the reasons with existing lines. A text
// that loads is valid TOML, and what Effective shows of it loads again with the same values.
func FuzzLoad(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		c, err := Parse("", []byte(src))
		if err != nil {
			var bad *Invalid
			if !errors.As(err, &bad) {
				t.Fatal(err)
			}
			for _, p := range bad.Problems {
				if p.Message == "" || p.Line < 0 || p.Line > strings.Count(src, "\n")+1 {
					t.Errorf("%+v", p)
				}
			}
			if !utf8.ValidString(err.Error()) {
				t.Errorf("%q", err)
			}
			return
		}
		var all map[string]any
		if _, err := toml.Decode(strings.TrimPrefix(src, string(bom)), &all); err != nil {
			t.Errorf("another reader of TOML refuses it: %v", err)
		}
		shown := c.Effective()
		again, err := Parse("", []byte(shown))
		if err != nil {
			t.Fatalf("%v\n%s", err, shown)
		}
		if d := cmp.Diff(strip(shown), strip(again.Effective())); d != "" {
			t.Error(d)
		}
	})
}

// FuzzEdit checks any text with any change: the set value reads back, a removed key is gone, no
// other value changes, and every comment is still there.
func FuzzEdit(f *testing.F) {
	for i, s := range seeds(f) {
		f.Add(s, uint8(i), "OU=x,DC=c", `a "b" \`)
		f.Add(s, uint8(i+64), "OU=Staff,DC=c", "OU=Abroad,DC=c")
	}
	keys := []string{"mapping.displayName", "mapping.a#b", "mapping.title", "directory[0].mapping.title",
		"directory[1].mapping.a#b", "directory[0].user_filter", "directory[0].base_dns",
		"directory[corp].exclude_dns", "policy.on_missing", "cloud.base_url", "schedule.full", "connector.name"}
	f.Fuzz(func(t *testing.T, src string, n uint8, a, b string) {
		if !utf8.ValidString(a) || !utf8.ValidString(b) {
			return
		}
		c := Change{Key: keys[int(n&63)%len(keys)]}
		switch list := c.Key[strings.LastIndexByte(c.Key, '.'):]; {
		case n >= 192:
		case list == ".base_dns" || list == ".exclude_dns" || list == ".full":
			c.Value = [][]string{{a, b}, {b}, {}}[int(n>>6)%3]
		default:
			c.Value = a
		}
		checkEdit(t, src, c)
	})
}

// failer has the methods that *testing.T and *rapid.T share.
type failer interface {
	Errorf(string, ...any)
	Fatalf(string, ...any)
}

func checkEdit(t failer, src string, c Change) {
	out, err := Edit([]byte(src), c)
	if err != nil {
		return
	}
	before, after := parse([]byte(src), newReport()), newReport()
	tree := parse(out, after)
	if len(after.problems) > 0 {
		t.Fatalf("%v makes %q of %q: %v", c, out, src, after.err(""))
	}
	key, err := (editor{document: tree}).canonical(c.Key)
	if err != nil {
		t.Fatalf("%v makes %q of %q: %v", c, out, src, err)
	}
	n := tree.root.at(key)
	if (n == nil) != (c.Value == nil) {
		t.Fatalf("%v makes %q of %q: it is there: %v", c, out, src, n != nil)
	}
	if n != nil {
		value, err := spell(c.Value)
		if err != nil || !same(n, value, c.Value) {
			t.Fatalf("%v makes %q of %q: it reads %q, %v", c, out, src, n.text, err)
		}
	}
	old, now := leaves(before.root, "", key), leaves(tree.root, "", key)
	if d := cmp.Diff(old, now); d != "" {
		t.Errorf("%v makes %q of %q: other values change: %s", c, out, src, d)
	}
	was, is := allComments(before), allComments(tree)
	slices.Sort(was)
	slices.Sort(is)
	if d := cmp.Diff(was, is); d != "" {
		t.Errorf("%v makes %q of %q: comments change: %s", c, out, src, d)
	}
}

// leaves returns the values of a tree by path, except for one.
func leaves(n *node, path, except string) map[string]string {
	all := map[string]string{}
	if path == except {
		return all
	}
	add := func(n *node, path string) {
		for k, v := range leaves(n, path, except) {
			all[k] = v
		}
	}
	for _, k := range n.keys {
		add(n.fields[k], join(path, k))
	}
	for i, item := range n.items {
		add(item, path+"["+string(rune('0'+i))+"]")
	}
	if n.form != table && n.form != list {
		all[path] = n.form.String() + n.text
	}
	return all
}

// allComments returns the comments of a document: text after a # outside of every key and value.
func allComments(d *document) []string {
	var taken [][2]int
	var walk func(n *node)
	walk = func(n *node) {
		for _, item := range n.items {
			walk(item)
		}
		for _, k := range n.keys {
			c := n.fields[k]
			if c.end > 0 {
				taken = append(taken, [2]int{c.entry, c.start})
			}
			walk(c)
		}
		if n.form != table && n.form != list {
			taken = append(taken, [2]int{n.start, n.end})
		}
	}
	walk(d.root)
	var all []string
	src := slices.Clone(d.src)
	for _, t := range taken {
		for i := t[0]; i < t[1]; i++ {
			src[i] = 'x'
		}
	}
	for line := range strings.Lines(string(src)) {
		line = strings.TrimRight(line, "\r\n")
		if strings.HasPrefix(strings.TrimLeft(line, " \t"), "[") && strings.ContainsAny(line, `"'`) {
			return nil // a header with a quoted name may have a # in it
		}
		if i := strings.IndexByte(line, '#'); i >= 0 {
			all = append(all, line[i:])
		}
	}
	return all
}

// TestEditsKeepEverythingElse checks the same for realistic files with several edits.
func TestEditsKeepEverythingElse(t *testing.T) {
	comment := rapid.SampledFrom([]string{"", "", " # note", "# \"quoted\" [x] = 1", "\t#"})
	value := rapid.OneOf(rapid.SampledFrom([]string{"", "OU=a,DC=c", "OU=b,DC=c", "#", `\`, `"`, "'", "é", "\t", "a = 1"}),
		rapid.StringMatching(`[ -~]{0,12}`))
	list := rapid.SliceOfN(value, 0, 4)
	rapid.Check(t, func(t *rapid.T) {
		var b strings.Builder
		note := func() string { return comment.Draw(t, "comment") }
		b.WriteString("# head\n[[directory]]" + note() + "\nname = \"corp\"" + note() + "\n")
		if rapid.Bool().Draw(t, "has base_dns") {
			b.WriteString("  base_dns = [" + note() + "\n")
			for _, v := range list.Draw(t, "base_dns") {
				b.WriteString("    " + note() + "\n    " + tomlString(v) + "," + note() + "\n")
			}
			b.WriteString(note() + "\n  ]" + note() + "\n")
		}
		b.WriteString("\n[mapping]" + note() + "\n")
		for _, k := range []string{"title", "sn", `"a#b"`} {
			if rapid.Bool().Draw(t, "has "+k) {
				b.WriteString(k + " = " + tomlString(value.Draw(t, k)) + note() + "\n" + note() + "\n")
			}
		}
		src := b.String()
		for range 3 {
			c := Change{Key: rapid.SampledFrom([]string{"mapping.title", "mapping.sn", "mapping.a#b",
				"directory[corp].base_dns", "policy.on_missing"}).Draw(t, "key")}
			if rapid.IntRange(0, 3).Draw(t, "keep") > 0 {
				if strings.HasSuffix(c.Key, "_dns") {
					c.Value = list.Draw(t, "value")
				} else {
					c.Value = value.Draw(t, "value")
				}
			}
			checkEdit(t, src, c)
			out, err := Edit([]byte(src), c)
			if err != nil {
				t.Fatalf("%q: %v", src, err)
			}
			src = string(out)
		}
	})
}
