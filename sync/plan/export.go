package plan

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"

	"dirbridge/sync/identity"
	"dirbridge/sync/scratch"
)

// Export writes everything that the plan shows to a file that only its owner may read: as CSV if
// the name ends in .csv, as JSON if it ends in .json. Changes in left are marked as left out. The
// file is complete or does not exist; an existing file is not overwritten. Memory does not grow
// with the plan.
func (p *Plan) Export(ctx context.Context, path string, left *Set) error {
	write := p.WriteCSV
	switch strings.ToLower(filepath.Ext(path)) {
	case ".csv":
	case ".json":
		write = p.WriteJSON
	default:
		return notExported("The name must end in .csv or .json.", fmt.Errorf("%s: the name says neither CSV nor JSON", path))
	}
	if err := scratch.Save(path, func(w io.Writer) error { return write(ctx, w, left) }); err != nil {
		return fmt.Errorf("the results were not saved: %w", err)
	}
	return nil
}

func notExported(remedy string, err error) error {
	return &identity.Failure{Class: identity.GiveUp, Remedy: remedy,
		Err: fmt.Errorf("the results were not saved: %w", err)}
}

// WriteCSV writes a line for each field of each change, then one for each problem, each listed
// account and each withheld record, below a line of headings (RFC 4180). A value that a spreadsheet
// would take for a formula gets an apostrophe before it.
func (p *Plan) WriteCSV(ctx context.Context, to io.Writer, left *Set) error {
	w := csv.NewWriter(to)
	w.UseCRLF = true
	line := func(values ...string) error {
		for i, v := range values {
			if v != "" && strings.ContainsRune("=+-@\t\r", rune(v[0])) {
				values[i] = "'" + v
			}
		}
		return w.Write(values)
	}
	err := line("what", "seq", "action", "kind", "key", "member", "dn", "field", "old", "new", "changed_in", "reason",
		"cause", "left_out", "remedy")
	if err != nil {
		return err
	}
	err = p.Changes(ctx, func(c Change) error {
		out := map[bool]string{true: "yes"}[left.Has(c.Seq)]
		some := c.Fields
		if len(some) == 0 {
			some = []FieldDiff{{}}
		}
		for _, f := range some {
			side := f.Side()
			if f.Name == "" {
				side = FieldDiff{Drift: c.Drift}.Side()
			}
			if err := line("change", strconv.FormatInt(c.Seq, 10), string(c.Action), string(c.Kind), c.Key, c.MemberKey,
				c.DN, f.Name,
				strings.Join(f.Old, "; "), strings.Join(f.New, "; "), side, c.Reason, c.Cause, out, ""); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = p.Problems(ctx, func(kind identity.Kind, r identity.Problem) error {
		return line("problem", "", "", string(kind), "", "", r.DN, r.Attribute, "", "", string(r.Side), r.Message, "",
			"", r.Remedy)
	})
	if err != nil {
		return err
	}
	err = p.Unmatched(ctx, func(u Unmatched) error {
		return line(u.Sort(), "", "", string(u.Kind), u.Key, "", "", "", "", "", "cloud", u.Kept, "", "", "")
	})
	if err != nil {
		return err
	}
	err = p.Withheld(ctx, func(h Withheld) error {
		return line("withheld", "", "", string(identity.User), h.Account.Key, "", h.Person.DN, "", "", "", "", h.Reason,
			h.Rule, "", h.Remedy)
	})
	if err != nil {
		return err
	}
	w.Flush()
	return w.Error()
}

// WriteJSON writes one document: the plan's header, and lists of its changes, problems and
// accounts, with one element per line.
func (p *Plan) WriteJSON(ctx context.Context, to io.Writer, left *Set) error {
	w := bufio.NewWriter(to)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	fmt.Fprint(w, `{"plan": `)
	if err := e.Encode(p.header); err != nil {
		return err
	}
	list := func(name string, each func(element func(any) error) error) error {
		fmt.Fprintf(w, ", %q: [\n", name)
		between := ""
		err := each(func(v any) error {
			fmt.Fprint(w, between)
			between = ","
			return e.Encode(v)
		})
		fmt.Fprint(w, "]\n")
		return err
	}
	err := list("changes", func(element func(any) error) error {
		return p.Changes(ctx, func(c Change) error {
			r := RowOf(c)
			r.LeftOut = left.Has(c.Seq)
			return element(r)
		})
	})
	if err != nil {
		return err
	}
	err = list("problems", func(element func(any) error) error {
		return p.Problems(ctx, func(_ identity.Kind, r identity.Problem) error { return element(r) })
	})
	if err != nil {
		return err
	}
	err = list("unmatched", func(element func(any) error) error {
		return p.Unmatched(ctx, func(u Unmatched) error { return element(u) })
	})
	if err != nil {
		return err
	}
	err = list("withheld", func(element func(any) error) error {
		return p.Withheld(ctx, func(h Withheld) error { return element(h) })
	})
	fmt.Fprint(w, "}\n")
	return errors.Join(err, w.Flush())
}
