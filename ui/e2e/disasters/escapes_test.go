package disasters

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"unicode"

	"dirbridge/cloud/scimtest"
	"dirbridge/program"
	"dirbridge/ui/cli"
	"dirbridge/ui/e2e/site"
)

func escapeDisasters() []disaster {
	return []disaster{{"names that write to the terminal", namesWriteToTheTerminal, false}}
}

// poison contains what a terminal obeys: an escape sequence, its one-byte form (C1), DEL, a text
// direction mark, a zero-width character, and a line end with a forged line.
const poison = "\x1b]0;owned\x07\u009b2J\x7f\u202egpj\u200b\nrun 99: done"

// namesWriteToTheTerminal puts such names in the directory and the cloud, and in their answers. No
// verb lets one through, as text or as JSON, and no value starts a line.
func namesWriteToTheTerminal(t *testing.T) {
	s := newDrill(t, drillOptions{people: 3})
	s.hire(t, "eve", "title", poison, "givenName", "Eve"+poison, "sn", "E")
	s.set(t, "p1", "displayName", "P1"+poison)
	s.set(t, "p2", "mail", "p2"+poison+"@example.com")
	_, err := s.sky.Add(scimtest.User{UserName: "stranger@example.com", DisplayName: "Stranger" + poison})
	s.must1(t, err)
	_, err = s.sky.AddGroup(scimtest.Group{DisplayName: "Group" + poison})
	s.must1(t, err)
	s.sky.Inject(scimtest.Fault{Effect: scimtest.RefuseKey, Key: "eve@example.com", Status: 400})
	file := s.Home + "/poisoned.plan"
	shown := false
	for _, verb := range [][]string{
		{"plan", "--full", "--out", file}, {"show", file}, {"show", file, "--changes"}, {"sync", "--full"}, {"sync"},
		{"status"}, {"events"},
		{"history"}, {"history", "2"}, {"explain", "eve@example.com"}, {"explain", "P1" + poison}, {"check"}, {"tree"},
		{"purge", "--list"},
		{"undo", "1"}, {"config", "check"}, {"config", "show"}, {"confirm", "x" + poison}, {"apply", "none" + poison},
		{"no-verb" + poison}, {"plan", "--no-flag" + poison},
	} {
		for _, form := range [][]string{nil, {"--json"}} {
			var out, errs bytes.Buffer
			cli.Main(t.Context(), slices.Concat(verb, form, []string{"--no-input", "--config", s.Config}),
				cli.Program{Version: "test", Open: s.Open, Check: program.CheckMapping, Stdout: &out, Stderr: &errs})
			for name, text := range map[string]string{"standard output": out.String(), "standard error": errs.String()} {
				if i := strings.IndexFunc(text, obeyed); i >= 0 {
					t.Errorf("%q %v: %s holds %q", verb, form, name, text[max(0, i-40):min(len(text), i+40)])
				}
				if strings.HasPrefix(text, "run 99") || strings.Contains(text, "\nrun 99") {
					t.Errorf("%q %v: a value makes a line of %s:\n%s", verb, form, name, text)
				}
			}
			if form != nil {
				site.Documents(t, out.Bytes()) // it is still JSON
				shown = shown || strings.Contains(out.String(), `\u009b`)
			}
		}
	}
	if !shown {
		t.Error("no verb shows such a name in JSON, escaped")
	}
}

func obeyed(r rune) bool {
	return r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r))
}
