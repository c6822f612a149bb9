package look

import (
	"runtime"
	"strings"

	"charm.land/lipgloss/v2"
)

// Marks are the symbols of the console. Each has the same width as its ASCII counterpart, so that a
// screen has the same layout in both (TestASCIITwinsTakeAsManyCells).
type Marks struct {
	ASCII                      bool
	Rule                       string
	Full, Empty                rune // of a bar
	Ellipsis, Arrow            string
	Open, Closed               string // of a tree
	On, Off, Part              string // ticks
	Add, Change, Take, Problem string
	Match, Star                string
	Column                     string
	Ball                       string   // of a status, with a word beside it
	Cursor                     string   // of the line under the cursor
	Levels                     []string // of a sparkline, rising
	Frame                      lipgloss.Border
	Thumb                      string // of a scroll bar, which is the right side of a frame
	Up, Down                   string // the order of a column
	Ok, Now, Later             string // a step that is done, under way, and to come
	Under                      string // between the parts of a place in a tree
	Branch, Leaf, Stem         string // of tree lines
}

func marks(ascii bool) Marks {
	m := Marks{
		ASCII: true, Rule: "-", Full: '#', Empty: '-', Ellipsis: "...", Arrow: "->",
		Open: "v", Closed: ">", On: "[x]", Off: "[ ]", Part: "[-]",
		Add: "+", Change: "~", Take: "-", Problem: "!", Match: "=", Star: "*", Column: "|", Cursor: ">", Ball: "*",
		Levels: []string{"_", ".", ":", "#"}, Frame: lipgloss.ASCIIBorder(), Thumb: "#", Up: "^", Down: "v",
		Ok: "ok", Now: ">", Later: ".", Under: ">", Branch: "|-", Leaf: "`-", Stem: "| ",
	}
	if ascii {
		return m
	}
	m.ASCII = false
	m.Rule, m.Full, m.Empty, m.Ellipsis, m.Arrow = "─", '█', '░', "…", "→"
	m.Open, m.Closed, m.Column, m.Ball = "▾", "▸", "│", "●"
	m.Levels = []string{"▁", "▃", "▅", "█"}
	m.Frame, m.Thumb, m.Up, m.Down = lipgloss.RoundedBorder(), "┃", "▲", "▼"
	m.Ok, m.Later, m.Under = "✓", "○", "›"
	m.Branch, m.Leaf, m.Stem = "├─", "└─", "│ "
	return m
}

// Terminal returns what the environment says about the terminal: whether its character set is known
// not to be UTF-8, and whether it should get ASCII marks, which is also the case if nothing is
// known. env looks up a variable.
func Terminal(env func(string) string) (sevenBit, ascii bool) {
	ascii = runtime.GOOS != "windows" // the Windows console is written to in UTF-16
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := strings.ToLower(env(name)); v != "" {
			ascii = !strings.Contains(v, "utf-8") && !strings.Contains(v, "utf8")
			sevenBit = ascii && v != "c" && v != "posix"
			break
		}
	}
	return sevenBit, ascii || Plain(env("TERM"))
}

// Quiet reports whether the environment shows that the terminal is not known to answer queries:
// then the answer, or the query, would appear on the screen.
func Quiet(env func(string) string) bool {
	term := strings.ToLower(env("TERM"))
	return Plain(term) || strings.HasPrefix(term, "screen") || term == "" && env("WT_SESSION") == "" ||
		env("DIRBRIDGE_NO_TERM_QUERIES") != ""
}

// Plain reports whether a terminal of that name should get only basic sequences: no query that it
// may echo, and no drawing characters that it may lack.
func Plain(term string) bool {
	term = strings.ToLower(term)
	return term == "dumb" || term == "linux" || term == "cons25" || strings.HasPrefix(term, "vt")
}

// Taskbar reports whether the environment shows a terminal that takes OSC 9;4 as the progress of its
// window. Others take OSC 9 as a notification.
func Taskbar(env func(string) string) bool {
	switch env("TERM_PROGRAM") {
	case "ghostty", "WezTerm":
		return true
	}
	return env("WT_SESSION") != "" || env("ConEmuANSI") == "ON"
}
