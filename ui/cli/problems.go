package cli

import (
	"context"

	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/view"
)

// runDocument is a run that was started here.
type runDocument struct {
	record.Run
	Problems []record.Problem `json:"problems"` // of this run
}

func (a *app) runDocument(ctx context.Context, c control.History, run record.Run) error {
	d := runDocument{Run: run}
	var err error
	if d.Problems, err = problemsOf(ctx, c, run.ID); err != nil {
		return err
	}
	return a.document(d)
}

// problemsOf returns the problems of a run, the oldest first; never nil.
func problemsOf(ctx context.Context, c control.History, run int64) ([]record.Problem, error) {
	all := []record.Problem{}
	err := c.Problems(ctx, run, 0, func(p record.Problem) error { all = append(all, p); return nil })
	return all, err
}

// problemLines lists the problems of a run, up to a limit.
func problemLines(ctx context.Context, c control.History, r record.Run, shown int, w *errWriter) error {
	u, g := r.Counts.Users.Problem, r.Counts.Groups.Problem
	if u+g == 0 {
		return nil
	}
	w.printf("\nProblems: %s\n", view.ProblemCount(u, g))
	n := 0
	err := c.Problems(ctx, r.ID, 0, func(p record.Problem) error {
		if n++; n <= shown {
			problemLine(w, p)
		}
		return w.err
	})
	if n > shown {
		w.printf("  and %d more findings: dirbridge history %d --json lists all of them\n", n-shown, r.ID)
	}
	return err
}

func problemLine(w *errWriter, p record.Problem) {
	noteLine(w, view.OpenProblem(p, asVerb()))
}

// openProblems lists the problems in the status.
func openProblems(w *errWriter, p control.Problems) {
	if p.Total() == 0 {
		return
	}
	w.printf("\nProblems: %s, the oldest since %s\n", view.ProblemCount(p.Users, p.Groups),
		p.Since.Local().Format("2006-01-02 15:04"))
	for _, one := range p.List {
		problemLine(w, one)
	}
	if more := view.MoreProblems(p, view.Verb); more != "" {
		w.printf("  %s\n", more)
	}
}
