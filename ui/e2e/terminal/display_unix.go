//go:build unix

package terminal

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// display is the screen of a terminal, as far as the console uses one: it receives a program's
// output and holds the resulting screen. It ignores colors; all marks are one cell wide. It reports
// unknown sequences, so that no test trusts a wrong screen.
type display struct {
	parser  *ansi.Parser
	cells   [][]rune
	x, y    int
	top     int // first of the lines that scroll
	bottom  int // the line after them
	last    rune
	unknown []string
}

func newDisplay(width, height int) *display {
	d := &display{parser: ansi.NewParser(), cells: make([][]rune, height), bottom: height}
	for i := range d.cells {
		d.cells[i] = blank(width)
	}
	d.parser.SetHandler(ansi.Handler{Print: d.print, Execute: d.control, HandleCsi: d.order, HandleEsc: d.escape})
	return d
}

func blank(width int) []rune { return []rune(strings.Repeat(" ", width)) }

func (d *display) width() int { return len(d.cells[0]) }

// write processes output, which may end in the middle of a sequence.
func (d *display) write(sent []byte) {
	for _, b := range sent {
		d.parser.Advance(b)
	}
}

func (d *display) text() string {
	var b strings.Builder
	for _, line := range d.cells {
		b.WriteString(strings.TrimRight(string(line), " "))
		b.WriteByte('\n')
	}
	for _, s := range d.unknown {
		fmt.Fprintf(&b, "(this display does not know %s)\n", s)
	}
	return b.String()
}

func (d *display) print(r rune) {
	if d.x >= d.width() { // it wraps only when more output comes
		d.x = 0
		d.down()
	}
	d.cells[d.y][d.x] = r
	d.x, d.last = d.x+1, r
}

func (d *display) control(b byte) {
	switch b {
	case '\r':
		d.x = 0
	case '\n':
		d.down()
	case '\b':
		d.x = max(min(d.x, d.width()-1)-1, 0)
	case '\t':
		d.x = min((d.x/8+1)*8, d.width()-1)
	}
}

func (d *display) down() {
	if d.y == d.bottom-1 {
		d.scroll(d.top, 1)
		return
	}
	d.y = min(d.y+1, len(d.cells)-1)
}

// scroll moves the lines from one on up, or down if by is negative.
func (d *display) scroll(from, by int) {
	lines := d.cells[from:d.bottom]
	for range min(max(by, -by), len(lines)) {
		if by > 0 {
			copy(lines, lines[1:])
			lines[len(lines)-1] = blank(d.width())
		} else {
			copy(lines[1:], lines)
			lines[0] = blank(d.width())
		}
	}
}

func (d *display) escape(cmd ansi.Cmd) {
	switch cmd.Final() {
	case 'M':
		if d.y == d.top {
			d.scroll(d.top, -1)
		} else {
			d.y = max(d.y-1, 0)
		}
	case '=', '>', '\\', 'B': // the keypad, the end of a string, the character set
	default:
		d.unknown = append(d.unknown, fmt.Sprintf("ESC %c", cmd.Final()))
	}
}

// order executes a control sequence (ECMA-48).
func (d *display) order(cmd ansi.Cmd, p ansi.Params) {
	if cmd.Prefix() != 0 || cmd.Intermediate() != 0 {
		if n, _, _ := p.Param(0, 0); cmd.Prefix() == '?' && n == 1049 {
			d.erase(0, len(d.cells))
			d.x, d.y = 0, 0
		}
		return // modes and queries change nothing on the screen
	}
	n, _, _ := p.Param(0, 1)
	n = max(n, 1)
	kind, _, _ := p.Param(0, 0)
	second, _, _ := p.Param(1, 1)
	switch cmd.Final() {
	case 'A':
		d.y -= n
	case 'B', 'e':
		d.y += n
	case 'C', 'a':
		d.x += n
	case 'D':
		d.x = min(d.x, d.width()-1) - n
	case 'E':
		d.x, d.y = 0, d.y+n
	case 'F':
		d.x, d.y = 0, d.y-n
	case 'G', '`':
		d.x = n - 1
	case 'd':
		d.y = n - 1
	case 'H', 'f':
		d.y, d.x = n-1, max(second, 1)-1
	case 'I':
		d.x = (d.x/8 + n) * 8
	case 'Z':
		d.x = ((d.x+7)/8 - n) * 8
	case 'J':
		d.eraseScreen(kind)
	case 'K':
		d.eraseLine(kind)
	case 'X':
		d.fill(d.x, d.x+n)
	case 'P':
		line := d.cells[d.y]
		copy(line[d.x:], line[min(d.x+n, len(line)):])
		d.fill(len(line)-n, len(line))
	case '@':
		line := d.cells[d.y]
		copy(line[min(d.x+n, len(line)):], line[d.x:])
		d.fill(d.x, d.x+n)
	case 'L':
		d.scroll(d.y, -n)
	case 'M':
		d.scroll(d.y, n)
	case 'S':
		d.scroll(d.top, n)
	case 'T':
		d.scroll(d.top, -n)
	case 'b':
		for range n {
			d.print(d.last)
		}
		return
	case 'r':
		d.top, d.bottom, d.x, d.y = n-1, len(d.cells), 0, 0
		if last, _, ok := p.Param(1, len(d.cells)); ok {
			d.bottom = last
		}
	case 'm', 'n', 'c', 't', 'h', 'l': // colors, queries, modes
		return
	default:
		d.unknown = append(d.unknown, fmt.Sprintf("CSI %c", cmd.Final()))
	}
	d.x, d.y = min(max(d.x, 0), d.width()-1), min(max(d.y, 0), len(d.cells)-1)
}

func (d *display) eraseScreen(kind int) {
	switch kind {
	case 0:
		d.eraseLine(0)
		d.erase(d.y+1, len(d.cells))
	case 1:
		d.eraseLine(1)
		d.erase(0, d.y)
	default:
		d.erase(0, len(d.cells))
	}
}

func (d *display) eraseLine(kind int) {
	switch kind {
	case 0:
		d.fill(d.x, d.width())
	case 1:
		d.fill(0, d.x+1)
	default:
		d.fill(0, d.width())
	}
}

func (d *display) erase(from, to int) {
	for i := from; i < to; i++ {
		d.cells[i] = blank(d.width())
	}
}

// fill blanks cells of the cursor's line.
func (d *display) fill(from, to int) {
	for i := max(from, 0); i < min(to, d.width()); i++ {
		d.cells[d.y][i] = ' '
	}
}
