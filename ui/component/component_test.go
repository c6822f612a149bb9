package component

import (
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"dirbridge/ui/look"
)

func ascii(t testing.TB) look.Look {
	t.Helper()
	l, err := look.New("mono", true)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func text(lines ...string) string { return ansi.Strip(strings.Join(lines, "\n")) }

func TestAPanelHasTitleCountAndScrollBar(t *testing.T) {
	p := Panel{Look: ascii(t), Width: 20, Height: 6, Title: "Changes", Foot: "2 of 139",
		Scroll: Extent{From: 135, Shown: 4, Total: 139}}
	want := "+- Changes --------+\n|~ Aasa            |\n" +
		"|                  |\n|                  |\n|                  #\n" +
		"+------- 2 of 139 -+"
	if got := text(p.View([]string{"~ Aasa"})...); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestAPanelFitsInAnySize(t *testing.T) {
	for width := range 30 {
		for height := range 8 {
			p := Panel{Look: ascii(t), Width: width, Height: height, Title: "A title", Foot: "1 of 1,000"}
			lines := p.View([]string{strings.Repeat("x", 50)})
			if width >= 2 && height >= 2 && len(lines) != height {
				t.Fatalf("%d lines of %d", len(lines), height)
			}
			for _, line := range lines {
				if look.Width(line) != width {
					t.Fatalf("%d cells of %d: %q", look.Width(line), width, line)
				}
			}
		}
	}
}

func TestTheScrollBarShowsWhereTheListIs(t *testing.T) {
	for _, tt := range []struct {
		e        Extent
		from, to int
	}{
		{Extent{0, 10, 10}, 0, 0}, {Extent{0, 10, 100}, 0, 1}, {Extent{90, 10, 100}, 9, 10}, {Extent{45, 10, 100}, 5, 6},
		{Extent{0, 10, 1_000_000}, 0, 1}, {Extent{0, 50, 100}, 0, 5},
	} {
		if from, to := tt.e.thumb(10); from != tt.from || to != tt.to {
			t.Errorf("%+v: %d to %d, want %d to %d", tt.e, from, to, tt.from, tt.to)
		}
	}
	if at := (Extent{0, 10, 100}).At(9, 10); at != 90 {
		t.Errorf("a click at the end goes to %d", at)
	}
}

func TestColumnsDropFromTheRight(t *testing.T) {
	table := Table{Look: ascii(t), Columns: []Column{{Title: "Name", Width: 8, Grow: 1, Sort: Rising},
		{Title: "Added", Width: 7, Right: true}, {Title: "Result", Width: 8}}}
	cells := []Cell{Text("Aasa Strand"), Text("4,164"), Text("ok")}
	for width, want := range map[int][2]string{
		32: {" Name ^         Added  Result  ", " Aasa Strand    4,164  ok      "},
		20: {" Name ^       Added", " Aasa S...    4,164"},
		12: {" Name ^     ", " Aasa St..."},
	} {
		table := NewTable(table.Look, width, table.Columns...)
		if got := text(table.Header()); strings.TrimRight(got, " ") != strings.TrimRight(want[0], " ") {
			t.Errorf("%d: header %q, want %q", width, got, want[0])
		}
		if got := text(table.Row(cells, false)); strings.TrimRight(got, " ") != strings.TrimRight(want[1], " ") {
			t.Errorf("%d: row %q, want %q", width, got, want[1])
		}
	}
}

func FuzzARowIsAsWideAsItsTable(f *testing.F) {
	f.Add("Aasa", "漢字漢字", 20)
	f.Add("e\u0301\u200d\x1b[31m", "", 3)
	f.Fuzz(func(t *testing.T, a, b string, width int) {
		width = min(max(width, 1), 200)
		table := NewTable(ascii(t), width, Column{Width: 5, Grow: 2}, Column{Width: 4, Grow: 1, Right: true})
		row := table.Row([]Cell{{{Text: a}, {Text: b}}, Text(b)}, false)
		if look.Width(row) > width || strings.ContainsAny(row, "\x1b\n") {
			t.Fatalf("%q takes %d cells of %d", row, look.Width(row), width)
		}
	})
}

func TestLettersAreFolded(t *testing.T) {
	for in, query := range map[string]string{"Gonçalo Pérez": "goncalo", "Åse Ødegård": "ase odeg", "Łukasz": "lukasz",
		"Straße": "STRASE", "Ana": ""} {
		if !Contains(in, query) {
			t.Errorf("%q is not found by %q", in, query)
		}
	}
	if Contains("Ana Silva", "silvia") {
		t.Error("found what is not there")
	}
	var marked string
	for _, run := range Marked("Gonçalo Silva", "goncalo", nil, look.Look{}.Style.Match) {
		if run.Style != nil {
			marked += run.Text
		}
	}
	if marked != "Gonçalo" {
		t.Errorf("marked %q", marked)
	}
}

func TestABarIsHitWhereItIsDrawn(t *testing.T) {
	bar := Bar{Width: 20, Items: []Item{{"1", " 1 Dashboard "}, {"2", " 2 Objects "}}}
	if got := bar.View(); got != " 1 Dashboard " {
		t.Errorf("%q", got)
	}
	for x, want := range map[int]string{0: "1", 12: "1", 13: "", 40: ""} {
		if got := bar.Hit(x); got != want {
			t.Errorf("cell %d is %q, want %q", x, got, want)
		}
	}
}

func TestABoxIsDrawnOverThePage(t *testing.T) {
	page := []string{"aaaaaaaaaa", "bbbbbbbbbb", "cccccccccc"}
	box := Middle([]string{"+--+"}, 10, 3)
	got := text(Over(page, 10, 3, box)...)
	if want := "aaaaaaaaaa\nbbb+--+bbb\ncccccccccc"; got != want {
		t.Errorf("got\n%s", got)
	}
	if id, x, y := Hit(4, 1, box); id != "dialog" || x != 1 || y != 0 {
		t.Errorf("hit %q at %d, %d", id, x, y)
	}
	if id, _, _ := Hit(0, 0, box); id != "" {
		t.Errorf("hit %q beside it", id)
	}
}

func TestStepsStayInSight(t *testing.T) {
	steps := []Step{{"AD", "5,000", Done}, {"Cloud", "4,474", Done}, {"Compare", "41%", Now}, {"Guards", "", Later}}
	if got := text(Steps(ascii(t), steps, 80)...); got != " ok AD 5,000  ok Cloud 4,474  > Compare 41%  . Guards" {
		t.Errorf("%q", got)
	}
	if lines := Steps(ascii(t), steps, 30); len(lines) != 2 {
		t.Errorf("%d lines in 30 cells", len(lines))
	}
}

func TestTheViewportFindsText(t *testing.T) {
	lines := strings.Split(strings.Repeat("x\n", 30)+"Gonçalo\n"+strings.Repeat("x\n", 9), "\n")
	var v Viewport
	v.Lines(lines, 10)
	if !v.Find("goncalo") || !v.Sees(30, 10) {
		t.Errorf("not found: at %d", v.Top())
	}
	if v.Find("y") {
		t.Error("found what is not there")
	}
}

func TestALongTextIsShownInSeveralLines(t *testing.T) {
	in := NewInput("(&(department=Sales)(!(title=Intern)))")
	plain := func(s string) string { return s }
	lines := in.Lines(16, 3, plain)
	x, y, ok := TakeCursor(lines)
	want := []string{"(&(department=Sa", "les)(!(title=Int", "ern)))"}
	if !slices.Equal(lines, want) || !ok || x != 6 || y != 2 {
		t.Errorf("%q, the cursor at %d, %d", lines, x, y)
	}
	in.Key(tea.KeyPressMsg{Code: tea.KeyHome})
	lines = in.Lines(16, 2, plain)
	if x, y, _ := TakeCursor(lines); lines[0] != "(&(department=Sa" || x != 0 || y != 0 {
		t.Errorf("%q, the cursor at %d, %d", lines, x, y)
	}
}
