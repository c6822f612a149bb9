package view

import (
	"time"

	"dirbridge/ui/look"
)

// Tone says how a fact is meant; the front end chooses the colour or the word for it.
type Tone int

// The tones.
const (
	Normal Tone = iota
	Good
	Warn
	Bad
	Dim
)

// Fact is one statement. A fact without a label continues the one above it.
type Fact struct {
	Label, Text string
	Tone        Tone
	Remedy      string // what to do about it
}

// facts collects facts, and skips those without a text.
type facts []Fact

func (f *facts) add(label, text string) { f.tone(Normal, label, text) }

func (f *facts) tone(t Tone, label, text string) {
	if text != "" {
		*f = append(*f, Fact{Label: label, Text: text, Tone: t})
	}
}

// problem adds a fact that needs a fix, with its remedy.
func (f *facts) problem(label, text, remedy string) {
	if text != "" {
		*f = append(*f, Fact{Label: label, Text: text, Tone: Bad, Remedy: remedy})
	}
}

func day(t time.Time) string    { return t.Local().Format(time.DateOnly) }
func moment(t time.Time) string { return t.Local().Format("2006-01-02 15:04") }

// number and count write numbers as every page does.
func number(n int64) string                  { return look.Number(n) }
func count(n int64, one, many string) string { return look.Count(n, one, many) }

// of returns one of two words for a number.
func of(n int64, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
