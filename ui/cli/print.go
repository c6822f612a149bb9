package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/sync/record"
	"dirbridge/ui/look"
	"dirbridge/ui/view"
)

// document prints one JSON document.
func (a *app) document(v any) error {
	e := json.NewEncoder(a.out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// line prints one line of JSON.
func (a *app) line(v any) error {
	e := json.NewEncoder(a.out)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// planDocument is plan --json.
type planDocument struct {
	ID          string              `json:"id"`
	Digest      string              `json:"digest"`
	Mode        record.Mode         `json:"mode"`
	Made        string              `json:"made"`
	Instead     string              `json:"instead,omitempty"` // why everything was read instead of changes only
	Complete    bool                `json:"complete"`
	Removals    int64               `json:"removals"`
	Counts      record.Counts       `json:"counts"`
	Drift       control.DriftCounts `json:"drift"`             // changes made in the cloud by hand
	UndoOf      int64               `json:"undo_of,omitempty"` // the run that it undoes
	Again       int64               `json:"again,omitempty"`   // how many of its changes the next run would redo
	Notes       []string            `json:"notes,omitempty"`
	Directories []directoryDocument `json:"directories"`
	Holds       []control.Hold      `json:"holds"`
	Problems    []identity.Problem  `json:"problems"`
	Unmatched   []control.Unmatched `json:"unmatched"`
	Withheld    []control.Withheld  `json:"withheld"`
	aloneDocument
}

// directoryDocument says how one directory was read.
type directoryDocument struct {
	Name     string       `json:"name"`
	Server   string       `json:"server,omitempty"`
	Product  string       `json:"product,omitempty"`
	Way      identity.Way `json:"way,omitempty"` // how changes were read; omitted if everything was read
	Whole    bool         `json:"whole"`
	Error    string       `json:"error,omitempty"` // why it is incomplete
	Note     string       `json:"note,omitempty"`
	Warnings []string     `json:"warnings"`
	Untold   string       `json:"untold,omitempty"` // why incremental runs do not see deletions
	Remedy   string       `json:"remedy,omitempty"` // for that
}

func directoryDocuments(h control.Header) []directoryDocument {
	docs := []directoryDocument{}
	for _, d := range h.Directories {
		docs = append(docs, directoryDocument{Name: d.Name, Server: d.Server, Product: d.Product, Way: d.Way,
			Whole: d.Whole, Error: d.Error,
			Note: d.Note, Warnings: append([]string{}, d.Warnings...), Untold: d.NoDeletions, Remedy: d.Remedy})
	}
	return docs
}

func (a *app) printPlan(ctx context.Context, p *control.Plan) error {
	h := p.Header()
	if a.json {
		d := planDocument{ID: h.ID, Digest: h.Digest, Mode: h.Mode, Made: h.Made.Format("2006-01-02T15:04:05Z07:00"),
			Complete: h.Complete, Instead: h.Instead,
			Removals: h.Removals, Counts: h.Counts, Drift: h.Drift, UndoOf: h.UndoOf, Again: h.Again, Notes: h.Notes,
			Holds:    h.Holds,
			Problems: []identity.Problem{}, Unmatched: []control.Unmatched{}, Withheld: []control.Withheld{},
			Directories: directoryDocuments(h), aloneDocument: newAlone(h)}
		if d.Holds == nil {
			d.Holds = []control.Hold{}
		}
		if err := p.Problems(ctx, func(_ identity.Kind, pr identity.Problem) error {
			d.Problems = append(d.Problems, pr)
			return nil
		}); err != nil {
			return err
		}
		if err := p.Unmatched(ctx, func(u control.Unmatched) error {
			if !d.add(u) {
				d.Unmatched = append(d.Unmatched, u)
			}
			return nil
		}); err != nil {
			return err
		}
		if err := p.Withheld(ctx, func(h control.Withheld) error {
			d.Withheld = append(d.Withheld, h)
			return nil
		}); err != nil {
			return err
		}
		return a.document(d)
	}
	return a.summary(ctx, p, h)
}

// summary prints a plan as text.
func (a *app) summary(ctx context.Context, p *control.Plan, h control.Header) error {
	w := &errWriter{w: a.out}
	w.printf("%s, plan %s, made %s\n\n", view.PlanName(h), h.ID, asVerb().Clock(h.Made))
	for _, row := range view.CountTable(h.Counts) {
		w.printf("%s\n", row)
	}
	noteLines(w, view.Notes(h, view.Verb))
	if err := a.driftSummary(ctx, w, p, h.Drift); err != nil {
		return err
	}
	for _, d := range h.Directories {
		if d.Note != "" {
			w.printf("\n  Directory %s, %s: %s.\n", d.Name, d.Server, d.Note)
		}
		for _, warning := range d.Warnings {
			w.printf("\n! Directory %s: %s.\n", d.Name, warning)
		}
	}
	for _, hold := range h.Holds {
		w.printf("\n! HELD (%s): %s\n%s  %s\n", hold.Rule, hold.Detail, causeLines(hold), hold.Remedy)
	}
	if err := summaryWithheld(ctx, w, p, h); err != nil {
		return err
	}
	if err := a.summaryAlone(ctx, w, p, h); err != nil {
		return err
	}
	const shown = 20
	n := 0
	err := p.Problems(ctx, func(_ identity.Kind, pr identity.Problem) error {
		if n++; n == 1 {
			w.printf("\nProblems\n")
		}
		if n <= shown {
			noteLine(w, view.Fact{Text: pr.Message, Tone: view.Bad, Remedy: pr.Remedy})
		}
		return w.err
	})
	if n > shown {
		w.printf("  and %d more: --json lists all of them\n", n-shown)
	}
	if err != nil {
		return err
	}
	return w.err
}

// noteLines prints facts about a plan in paragraphs; those that need attention are marked.
func noteLines(w *errWriter, all []view.Fact) {
	for _, f := range all {
		w.printf("\n")
		noteLine(w, f)
	}
}

// noteLine prints a fact, with its remedy below.
func noteLine(w *errWriter, f view.Fact) {
	mark := ""
	if f.Tone != view.Normal {
		mark = "! "
	}
	w.printf("%s%s\n", mark, f.Text)
	if f.Remedy != "" {
		w.printf("  %s\n", f.Remedy)
	}
}

// causeLines returns the causes that a hold counted, one per line.
func causeLines(h control.Hold) look.Lines {
	var b strings.Builder
	for _, c := range h.Causes {
		fmt.Fprintf(&b, "    %s\n", look.Clean(c.String()))
	}
	return look.Lines(b.String())
}

func (a *app) printChanges(ctx context.Context, p *control.Plan, v control.View) error {
	each := p.Changes
	if v.OnlyDrift {
		each = func(ctx context.Context, fn func(control.Change) error) error { return chosen(ctx, p, v, fn) }
	}
	return each(ctx, func(c control.Change) error {
		if !a.json {
			return a.printChange(c)
		}
		return a.line(control.ChangeRow(c))
	})
}

// chosen reads the changes of a view, some at a time.
func chosen(ctx context.Context, p *control.Plan, v control.View, fn func(control.Change) error) error {
	const many = 500
	for from := int64(0); ; from += many {
		some, err := p.WindowAt(ctx, v, from, many)
		if err != nil || len(some) == 0 {
			return err
		}
		for _, c := range some {
			if err := fn(c); err != nil {
				return err
			}
		}
	}
}

func (a *app) printChange(c control.Change) error {
	w := &errWriter{w: a.out}
	w.printf("%s  (%s)\n", view.ChangeTitle(&c), c.Reason)
	if c.DN != "" {
		w.printf("    %s\n", c.DN)
	}
	for _, f := range c.Fields {
		why := view.FieldSource(f)
		if why != "" {
			why = "  [" + why + "]"
		}
		w.printf("    %s%s\n", view.FieldWords(f, view.Verb), why)
	}
	if c.Cause != "" {
		w.printf("    cause: %s\n", c.Cause)
	}
	return w.err
}

// errWriter keeps the first error of many prints. It treats values as external text, which cannot
// start a new line (see look.Args), unless own is set.
type errWriter struct {
	w   io.Writer
	own bool // the values come from the program and may contain line ends
	err error
}

func (w *errWriter) printf(format string, args ...any) {
	if w.err != nil {
		return
	}
	if !w.own {
		args = look.Args(args)
	}
	_, w.err = fmt.Fprintf(w.w, format, args...)
}

// warnf prints to standard error; if that fails, there is nowhere to report it.
func (a *app) warnf(format string, args ...any) {
	_ = look.Printf(a.err, format, args...)
}
