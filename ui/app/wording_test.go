package app

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestScreensSpeakPlainly reads the golden screens: no sentence of the console has a flag of the command
// line, a key of the configuration file, an id where the organization has a name, or a word that the
// rules of wording forbid.
func TestScreensSpeakPlainly(t *testing.T) {
	t.Parallel()
	screens, err := filepath.Glob("testdata/*.golden")
	if err != nil || len(screens) == 0 {
		t.Fatal(screens, err)
	}
	for _, path := range screens {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for line := range strings.Lines(string(text)) {
			line = strings.TrimSpace(line)
			for what, wrong := range unspoken {
				found := wrong.FindString(line)
				if what == "a page's number" && (strings.Contains(path, "faq") || strings.Contains(path, "help")) {
					continue // the pages of help number the pages of the console
				}
				if what == "a key" && strings.Contains(path, "settings-search") {
					continue // its third column is the keys
				}
				if found == "" || seen[what+found] || allowed(line) {
					continue
				}
				seen[what+found] = true
				t.Errorf("%s: %s %q in %s", filepath.Base(path), what, found, line)
			}
		}
	}
}

// unspoken is what no screen says.
var unspoken = map[string]*regexp.Regexp{
	"a flag":           regexp.MustCompile(` --[a-z][a-z-]+`),
	"a key":            regexp.MustCompile(`\b(` + strings.Join(keys, "|") + `)\b`),
	"an id":            regexp.MustCompile(`(run will|Organization|in) [0-9a-f]{8}-[0-9a-f]{4}`),
	"a page's number":  regexp.MustCompile(`\b[Pp]ages? [1-9]\b`),
	"a forbidden word": regexp.MustCompile(`(?i)\b(anew|mend(ed)?|thereof|nobody|somebody|whoever|taken away)\b|\(not now|Not now[:(]`),
}

// keys are keys of the configuration file.
var keys = []string{"bind_user", "bind_password", "base_dns", "exclude_dns", "user_filter", "group_filter",
	"delete_threshold", "purge_after", "on_missing", "on_unmatched", "ca_file", "base_url", "state_dir",
	"incremental_every", "requests_per_second"}

// allowed reports whether a line shows the name of a key, or a command to run.
func allowed(line string) bool {
	for _, column := range []string{"config key", "dirbridge run --config", "dirbridge --config"} {
		if strings.Contains(line, column) {
			return true
		}
	}
	return false
}
