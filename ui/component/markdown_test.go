package component

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"dirbridge/ui/look"
)

const sample = `# Head

One **bold** word and ` + "`F5`" + `, which wraps
here.

- an item that goes
  on for a while
2. second

| ` + "`+`" + ` | added or reactivated somewhere |
| **long** | short |

    code  stays

See [Control Hub](https://admin.webex.com/).`

func TestMarkdown(t *testing.T) {
	l, err := look.New("dark", true)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{" Head", "", " One bold word and F5,", " which wraps here.", "", " - an item that goes on",
		"   for a while", " 2. second", "", " +     added or", "       reactivated", "       somewhere", " long  short", "",
		"     code  stays", "", " See Control Hub", " (https://admin.webex..."}
	lines := Markdown(l, sample, 25)
	for i := range lines {
		if look.Width(lines[i]) > 25 {
			t.Errorf("too wide: %q", lines[i])
		}
		lines[i] = strings.TrimRight(ansi.Strip(lines[i]), " ")
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
	if all := strings.Join(Markdown(l, sample, 80), "\n"); strings.Contains(all, "\x1b]8;") {
		t.Error("a terminal without links got one")
	}
	l.Links = true
	all := strings.Join(Markdown(l, sample, 80), "\n")
	if !strings.Contains(all, "\x1b]8;;https://admin.webex.com/") || strings.Contains(ansi.Strip(all), "https") {
		t.Errorf("the address is not behind the text: %q", all)
	}
}
