package config

import (
	"cmp"
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestTheManualHasEveryKey checks that the key tables in docs/configuration.md match the schema;
// -update rewrites them.
func TestTheManualHasEveryKey(t *testing.T) {
	const path = "../docs/configuration.md"
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := string(page)
	for _, s := range every().sections() {
		begin := "<!-- keys of " + s.head + ", made from config/schema*.go -->\n"
		before, rest, ok := strings.Cut(text, begin)
		_, after, closed := strings.Cut(rest, "<!-- end of keys -->")
		if !ok || !closed {
			t.Fatalf("%s has no place for the keys of %s", path, s.head)
		}
		text = before + begin + manual(s) + "<!-- end of keys -->" + after
	}
	golden(t, path, text)
}

// manual returns the Markdown table of a section.
func manual(s section) string {
	var b strings.Builder
	fmt.Fprintf(&b, "| key | default |%s |\n|---|---|%s\n", s.columns, strings.Repeat("---|", 1+strings.Count(s.columns,
		"|")))
	reset(s.list)
	for _, f := range s.list {
		usual := f.usual
		if f.need {
			usual = "required"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", f.key, cmp.Or(usual, "`"+tomlValue(f.ptr)+"`"), f.manual)
	}
	return b.String()
}
