package component

import (
	"strings"
	"time"

	"charm.land/bubbles/v2/spinner"

	"dirbridge/ui/look"
)

// Step is a part of a long job. Steps that are done stay in sight with their numbers.
type Step struct {
	Name  string
	Note  string // "5,000", "41%"
	State State
}

// State is how far a step is.
type State int

// States of a step.
const (
	Later State = iota
	Now
	Done
)

// Steps draws steps one after another, in as many lines as they need:
// "ok AD 5,000  ok Cloud 4,474  > Compare 41%".
func Steps(l look.Look, steps []Step, width int) []string {
	var lines []string
	line, used := "", 0
	for _, s := range steps {
		text := strings.TrimSpace(l.Clean(s.Name) + " " + l.Clean(s.Note))
		mark, style := l.Mark.Later, l.Style.Dim
		switch s.State {
		case Done:
			mark, style = l.Style.Good.Render(l.Mark.Ok), l.Style.Tab.Faint(false)
		case Now:
			mark, style = l.Style.Key.Render(l.Mark.Now), l.Style.Title
		}
		text = mark + " " + style.Render(text)
		n := look.Width(text)
		if line != "" && used+2+n > width-1 {
			lines, line, used = append(lines, line), "", 0
		}
		if line == "" {
			line, used = " "+text, n+1
			continue
		}
		line, used = line+"  "+text, used+2+n
	}
	return append(lines, line)
}

// Working returns the mark of what is being waited for. It turns with the ticks of the console: without a
// tick, the frame is the same. The steps of a run move by themselves.
func Working(l look.Look, now time.Time) string {
	frames := spinner.MiniDot.Frames
	if l.Mark.ASCII {
		frames = spinner.Line.Frames
	}
	return frames[now.UnixMilli()/200%int64(len(frames))]
}
