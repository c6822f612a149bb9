package check

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"dirbridge/sync/identity"
	"dirbridge/sync/scratch"
)

// document is the JSON of a report without the findings, which follow it one by one.
type document struct {
	Started     time.Time `json:"started"`
	Ended       time.Time `json:"ended"`
	Directories []Read    `json:"directories"`
	Counts      Counts    `json:"counts"`
	Problems    int64     `json:"problems"`
	Classes     []Count   `json:"classes"`
}

// WriteJSON writes one document: when and what was read, the counts by class, and "findings", at
// most limit of each class (0: all), of the given classes only, if any. Memory does not grow with
// the findings.
func (r *Report) WriteJSON(ctx context.Context, to io.Writer, classes []ClassID, limit int64) error {
	w := bufio.NewWriter(to)
	d := document{Started: r.Started, Ended: r.Ended, Directories: r.Directories, Counts: r.Counts,
		Classes: r.only(classes)}
	for _, c := range d.Classes {
		if c.Severity == Problem {
			d.Problems += c.Count
		}
	}
	head, err := encode(d, "  ")
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%s,\n  \"findings\": [", strings.TrimSuffix(strings.TrimRight(head, "\n"), "\n}"))
	between := "\n    "
	err = r.Each(ctx, classes, limit, func(f Finding) error {
		line, err := encode(f, "")
		if err != nil {
			return err
		}
		_, err = w.WriteString(between + strings.TrimSuffix(line, "\n"))
		between = ",\n    "
		return err
	})
	if err != nil {
		return err
	}
	if between != "\n    " {
		w.WriteString("\n  ")
	}
	w.WriteString("]\n}\n") // the writer keeps an error, and Flush returns it
	return w.Flush()
}

func encode(v any, indent string) (string, error) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	err := e.Encode(v)
	return b.String(), err
}

// WriteCSV writes a line for each finding, below a line of headings (RFC 4180). A value that a
// spreadsheet would take for a formula gets an apostrophe before it.
func (r *Report) WriteCSV(ctx context.Context, to io.Writer) error {
	w := csv.NewWriter(to)
	w.UseCRLF = true
	if err := w.Write([]string{"severity", "class", "kind", "directory", "dn", "attribute", "value", "detail",
		"remedy"}); err != nil {
		return err
	}
	err := r.Each(ctx, nil, 0, func(f Finding) error {
		line := []string{string(f.Severity), string(f.Class), string(f.Kind), f.Directory, f.DN, f.Attribute, f.Value,
			f.Detail, f.Remedy}
		for i, v := range line {
			if v != "" && strings.ContainsRune("=+-@\t\r", rune(v[0])) {
				line[i] = "'" + v
			}
		}
		return w.Write(line)
	})
	if err != nil {
		return err
	}
	w.Flush()
	return w.Error()
}

// SaveAs writes the report to a file that only its owner may read: as CSV if the name ends in .csv,
// as JSON if it ends in .json. The file is complete or does not exist; an existing file is not
// overwritten.
func (r *Report) SaveAs(ctx context.Context, path string) error {
	var write func(io.Writer) error
	switch strings.ToLower(filepath.Ext(path)) {
	case ".json":
		write = func(w io.Writer) error { return r.WriteJSON(ctx, w, nil, 0) }
	case ".csv":
		write = func(w io.Writer) error { return r.WriteCSV(ctx, w) }
	default:
		return refusal("End the name in .json or .csv.", fmt.Errorf("%s: the name says neither JSON nor CSV", path))
	}
	if err := scratch.Save(path, write); err != nil {
		return fmt.Errorf("the results were not saved: %w", err)
	}
	return nil
}

func refusal(remedy string, err error) error {
	return &identity.Failure{Class: identity.GiveUp, Remedy: remedy,
		Err: fmt.Errorf("the results were not saved: %w", err)}
}
