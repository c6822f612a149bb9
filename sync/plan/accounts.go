package plan

import (
	"context"
	"strings"

	"dirbridge/sync/identity"
)

// AccountView selects cloud accounts that are listed beside the changes.
type AccountView struct {
	// Apart selects accounts that a rule or an operator protects, see Unmatched.Alone; without it,
	// unmatched accounts are selected.
	Apart  bool
	Filter string // as in UnmatchedCount
}

func (v AccountView) query() (string, []any) {
	condition := "(instr(kept, ?) = 1 OR instr(kept, ?) = 1 OR instr(kept, ?) = 1 OR instr(kept, ?) = 1)"
	if !v.Apart {
		condition = "NOT " + condition
	}
	query, args := "SELECT seq FROM unmatched WHERE "+condition, []any{KeptUnmanaged, KeptByHand, KeptProtected, KeptAdmin}
	if v.Filter != "" {
		query, args = query+" AND instr(search, ?) > 0", append(args, identity.Fold(v.Filter))
	}
	return query + " ORDER BY seq", args
}

// AccountCount returns the number of accounts in the view.
func (p *Plan) AccountCount(ctx context.Context, v AccountView) (int64, error) {
	query, args := v.query()
	x, err := p.index(ctx, tblUnmatched, query, args)
	if err != nil {
		return 0, err
	}
	return x.count, nil
}

// AccountWindow reads up to n accounts of the view, from offset on, counted from 0.
func (p *Plan) AccountWindow(ctx context.Context, v AccountView, offset int64, n int) ([]Unmatched, error) {
	query, args := v.query()
	x, err := p.index(ctx, tblUnmatched, query, args)
	if err != nil {
		return nil, err
	}
	var found []Unmatched
	err = p.rows(ctx, unmatchedColumns, x.at(offset, n), taking(&found, scanUnmatched))
	return found, err
}

// Sort says in a word or two why the account is listed.
func (u Unmatched) Sort() string {
	switch unmanaged, kept := u.Reason(); {
	case unmanaged:
		return strings.TrimSuffix(KeptUnmanaged, ": ")
	case kept:
		return strings.TrimSuffix(KeptByHand, ": ")
	case u.Protected():
		return strings.TrimSuffix(KeptProtected, ": ")
	case u.KeptAdmin():
		return strings.TrimSuffix(KeptAdmin, ": ")
	}
	return "unmatched"
}
