package look

import (
	"strings"
	"testing"
	"time"
)

func TestNumbersHaveSeparators(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 48120: "48,120", 1234567: "1,234,567",
		-1234: "-1,234", -999: "-999"} {
		if got := Number(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}

func TestTimesAreLocalAndBrief(t *testing.T) {
	zone := time.FixedZone("test", 2*3600)
	now := time.Date(2026, 10, 5, 14, 0, 0, 0, zone)
	for _, tt := range []struct {
		t    time.Time
		want string
	}{
		{now.Add(-10 * time.Minute).UTC(), "13:50"},
		{now.Add(-24 * time.Hour), "Sun 14:00"},
		{now.Add(-100 * 24 * time.Hour), "2026-06-27 14:00"},
		{time.Time{}, "never"},
	} {
		if got := Clock(now, tt.t); got != tt.want {
			t.Errorf("%v is %q, want %q", tt.t, got, tt.want)
		}
	}
	for d, want := range map[time.Duration]string{12 * time.Second: "12 s", 4 * time.Minute: "4 min",
		6 * 24 * time.Hour: "6 days", -1: "0 s", 1: "<1 s", 0: "0 s"} {
		if got := Length(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}

func TestASCIITwinsTakeAsManyCells(t *testing.T) {
	a, u := marks(true), marks(false)
	for _, p := range [][2]string{{a.Rule, u.Rule}, {string(a.Full), string(u.Full)},
		{string(a.Empty), string(u.Empty)}, {a.Open, u.Open},
		{a.Closed, u.Closed}, {a.On, u.On}, {a.Column, u.Column}} {
		if Width(p[0]) != Width(p[1]) {
			t.Errorf("%q and %q differ in width", p[0], p[1])
		}
	}
	all := a.Rule + string(a.Full) + string(a.Empty) + a.Ellipsis + a.Arrow + a.Open + a.Closed + a.On +
		a.Off + a.Part + a.Column +
		strings.Join(a.Levels, "")
	for _, r := range all {
		if r > 126 {
			t.Errorf("%q among the ASCII marks", r)
		}
	}
}

func TestTerminalIsKnownByItsEnvironment(t *testing.T) {
	for _, tt := range []struct {
		env             map[string]string
		sevenBit, ascii bool
	}{
		{map[string]string{"LANG": "en_US.UTF-8", "TERM": "xterm"}, false, false},
		{map[string]string{"LANG": "de_DE.ISO-8859-15", "TERM": "xterm"}, true, true},
		{map[string]string{"LANG": "en_US.UTF-8", "LC_ALL": "C", "TERM": "xterm"}, false, true},
		{map[string]string{"LANG": "en_US.UTF-8", "TERM": "linux"}, false, true},
		{map[string]string{"LANG": "en_US.utf8", "TERM": "vt220"}, false, true},
	} {
		sevenBit, ascii := Terminal(func(name string) string { return tt.env[name] })
		if sevenBit != tt.sevenBit || ascii != tt.ascii {
			t.Errorf("%v: seven bit %v, ASCII %v", tt.env, sevenBit, ascii)
		}
	}
}

func TestQuietTerminals(t *testing.T) {
	for _, tt := range []struct {
		env  map[string]string
		want bool
	}{
		{map[string]string{"TERM": "xterm-256color"}, false},
		{map[string]string{"TERM": "xterm-256color", "DIRBRIDGE_NO_TERM_QUERIES": "1"}, true},
		{map[string]string{"TERM": "vt220"}, true},
		{map[string]string{"TERM": "screen.xterm-256color"}, true},
		{map[string]string{}, true},
		{map[string]string{"WT_SESSION": "1"}, false},
	} {
		if got := Quiet(func(name string) string { return tt.env[name] }); got != tt.want {
			t.Errorf("%v: %v", tt.env, got)
		}
	}
}

func TestUnknownThemeIsRefused(t *testing.T) {
	if _, err := New("solarized", false); err == nil || !strings.Contains(err.Error(), "high-contrast") {
		t.Errorf("error %v", err)
	}
	for _, theme := range Themes() {
		if _, err := New(theme, true); err != nil {
			t.Error(err)
		}
	}
}

func TestMonochromeUsesNoColour(t *testing.T) {
	l, _ := New("mono", true)
	for _, s := range []interface{ Render(...string) string }{l.Style.Good, l.Style.Warn, l.Style.Bad, l.Style.Select,
		l.Style.Add, l.Style.Key, l.Style.Dim} {
		if out := s.Render("x"); strings.Contains(out, "[3") || strings.Contains(out, "[9") {
			t.Errorf("%q", out)
		}
	}
}

func FuzzFitIsExact(f *testing.F) {
	f.Add("Ana Silva", 5)
	f.Add("漢字漢字", 3)
	f.Add("a\x1b[31mb\u202e\n", 4)
	l, _ := New("auto", true)
	f.Fuzz(func(t *testing.T, s string, width int) {
		width = min(max(width, 0), 300)
		text := l.Clean(s)
		if strings.ContainsAny(text, "\x1b\n\r\t\x07\x00") {
			t.Fatalf("%q is not clean: %q", s, text)
		}
		if w := Width(l.Fit(text, width)); w != width {
			t.Fatalf("%q takes %d cells of %d", l.Fit(text, width), w, width)
		}
		if w := Width(l.Right(text, width)); w != width {
			t.Fatalf("%q takes %d cells of %d", l.Right(text, width), w, width)
		}
	})
}

func TestPlotsRise(t *testing.T) {
	l, _ := New("mono", true)
	if got, want := strings.Join(l.Plot([]int64{0, 1, 50, 100}, 2), "|"), "   #|"+" _##"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := l.Plot([]int64{0, 0}, 1)[0]; got != "  " {
		t.Errorf("nothing is drawn as %q", got)
	}
}

func TestArrowsAreDrawnAsTheTerminalCan(t *testing.T) {
	for ascii, want := range map[bool]string{false: "20 → 10", true: "20 -> 10"} {
		l, err := New("mono", ascii)
		if err != nil {
			t.Fatal(err)
		}
		if got := l.Wrap("20 -> 10", 40)[0]; got != want {
			t.Errorf("ASCII %v: %q", ascii, got)
		}
	}
}
