//go:build ignore

// Command picture turns a captured terminal screen, with its escape sequences, into an SVG as wide as
// its number of columns: picture 100 <screen >console.svg. See picture.sh.
package main

import (
	"bufio"
	"fmt"
	"html"
	"os"
	"strconv"
	"strings"
)

const (
	width  = 8.4 // of a cell
	height = 17
	margin = 12
)

// style is how a cell is drawn (ECMA-48 section 8.3.117).
type style struct {
	bold, dim, italic, underline, inverse bool
	front, back                           string // "" is the terminal's own
}

const paper, ink = "#16181d", "#d8dbe2"

func main() {
	columns, err := strconv.Atoi(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, "picture:", err)
		os.Exit(1)
	}
	var lines []string
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		lines = append(lines, in.Text())
	}
	if err := in.Err(); err != nil {
		fmt.Fprintln(os.Stderr, "picture:", err)
		os.Exit(1)
	}
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	w, h := float64(columns)*width+2*margin, float64(len(lines)*height+2*margin)
	fmt.Fprintf(out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" width="%.0f" height="%.0f" font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="14">`+"\n", w, h, w, h)
	fmt.Fprintf(out, `<rect width="100%%" height="100%%" rx="6" fill="%s"/>`+"\n", paper)
	var s style
	for row, line := range lines {
		column := 0
		for line != "" {
			if params, rest, ok := sequence(line); ok {
				s = s.with(params)
				line = rest
				continue
			}
			text, rest, _ := strings.Cut(line, "\x1b")
			if line = rest; rest != "" {
				line = "\x1b" + rest
			}
			s.draw(out, text, column, row)
			column += len([]rune(text))
		}
	}
	fmt.Fprintln(out, "</svg>")
}

// sequence takes a sequence that selects a rendition off the front of s.
func sequence(s string) (params, rest string, ok bool) {
	if !strings.HasPrefix(s, "\x1b[") {
		return "", s, false
	}
	end := strings.IndexByte(s, 'm')
	return s[2:end], s[end+1:], true
}

func (s style) with(params string) style {
	codes := strings.Split(params, ";")
	for i := 0; i < len(codes); i++ {
		n, _ := strconv.Atoi(codes[i]) // nothing is 0
		switch {
		case n == 0:
			s = style{}
		case n == 1:
			s.bold = true
		case n == 2:
			s.dim = true
		case n == 3:
			s.italic = true
		case n == 4:
			s.underline = true
		case n == 7:
			s.inverse = true
		case n == 22:
			s.bold, s.dim = false, false
		case n == 23:
			s.italic = false
		case n == 24:
			s.underline = false
		case n == 27:
			s.inverse = false
		case n >= 30 && n <= 37:
			s.front = indexed(n - 30)
		case n >= 90 && n <= 97:
			s.front = indexed(n - 90 + 8)
		case n == 39:
			s.front = ""
		case n >= 40 && n <= 47:
			s.back = indexed(n - 40)
		case n >= 100 && n <= 107:
			s.back = indexed(n - 100 + 8)
		case n == 49:
			s.back = ""
		case n == 38 || n == 48:
			colour, used := extended(codes[i+1:])
			i += used
			if n == 38 {
				s.front = colour
			} else {
				s.back = colour
			}
		}
	}
	return s
}

// extended reads 5;N or 2;R;G;B.
func extended(codes []string) (colour string, used int) {
	number := func(i int) int {
		n, _ := strconv.Atoi(codes[i])
		return n
	}
	if codes[0] == "2" {
		return fmt.Sprintf("#%02x%02x%02x", number(1), number(2), number(3)), 4
	}
	return indexed(number(1)), 2
}

// indexed is a colour of the 256: sixteen names, a cube of six, and greys.
func indexed(n int) string {
	names := [...]string{"#3b4048", "#e06c75", "#8ec07c", "#e5c07b", "#6ea8e0", "#c58fd6", "#62b8c2", "#c8ccd4",
		"#6b717d", "#ff8b94", "#a9dc96", "#ffd98f", "#8fc1f5", "#dfa9ee", "#84d6df", "#ffffff"}
	if n < 16 {
		return names[n]
	}
	if n >= 232 {
		grey := 8 + (n-232)*10
		return fmt.Sprintf("#%02x%02x%02x", grey, grey, grey)
	}
	level := func(n int) int {
		if n == 0 {
			return 0
		}
		return 55 + 40*n
	}
	n -= 16
	return fmt.Sprintf("#%02x%02x%02x", level(n/36), level(n/6%6), level(n%6))
}

func (s style) draw(out *bufio.Writer, text string, column, row int) {
	front, back := s.front, s.back
	if front == "" {
		front = ink
	}
	if s.inverse {
		if back == "" {
			back = paper
		}
		front, back = back, front
	}
	x, y := margin+float64(column)*width, margin+row*height
	n := float64(len([]rune(text)))
	if back != "" {
		fmt.Fprintf(out, `<rect x="%.1f" y="%d" width="%.1f" height="%d" fill="%s"/>`+"\n", x, y, n*width, height, back)
	}
	if strings.TrimSpace(text) == "" {
		return
	}
	attrs := ""
	if s.bold {
		attrs += ` font-weight="bold"`
	}
	if s.dim {
		attrs += ` opacity="0.6"`
	}
	if s.italic {
		attrs += ` font-style="italic"`
	}
	if s.underline {
		attrs += ` text-decoration="underline"`
	}
	// Each stretch of words has a place of its own: not every viewer keeps blanks.
	for at, rest := 0, text; rest != ""; {
		words, gap, after := stretch(rest)
		if words != "" {
			fmt.Fprintf(out, `<text x="%.1f" y="%d" fill="%s" textLength="%.1f" lengthAdjust="spacingAndGlyphs"%s>%s</text>`+"\n",
				x+float64(at)*width, y+height-5, front, float64(len([]rune(words)))*width, attrs, html.EscapeString(words))
		}
		at += len([]rune(words)) + gap
		rest = after
	}
}

// stretch takes words apart by single blanks off the front of s, and the blanks
// that follow.
func stretch(s string) (words string, gap int, rest string) {
	end := strings.Index(s, "  ")
	if end < 0 {
		end = len(strings.TrimRight(s, " "))
	}
	if s[0] == ' ' {
		end = 0
	}
	rest = strings.TrimLeft(s[end:], " ")
	return s[:end], len(s) - end - len(rest), rest
}
