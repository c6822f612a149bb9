package cli

import (
	"context"

	"dirbridge/sync/control"
	"dirbridge/sync/record"
)

// aloneDocument is the part of plan --json about accounts that stay unchanged, by an operator's
// decision or by a rule, and about the effect of a purge.
type aloneDocument struct {
	Warning        string                  `json:"warning,omitempty"`
	Kept           []control.Unmatched     `json:"kept"`      // kept from the purge by an operator
	Unmanaged      []control.Unmatched     `json:"unmanaged"` // by a rule
	UnmanagedRules []control.UnmanagedRule `json:"unmanaged_rules"`
	Protected      []control.Unmatched     `json:"protected"`   // by policy.protected
	KeptAdmins     []control.Unmatched     `json:"kept_admins"` // full administrators that would have been removed
}

func newAlone(h control.Header) aloneDocument {
	return aloneDocument{Warning: purgeWarning(h), Kept: []control.Unmatched{}, Unmanaged: []control.Unmatched{},
		Protected: []control.Unmatched{}, KeptAdmins: []control.Unmatched{},
		UnmanagedRules: append([]control.UnmanagedRule{}, h.UnmanagedRules...)}
}

// add adds an account that is not counted as unmatched.
func (d *aloneDocument) add(u control.Unmatched) bool {
	unmanaged, kept := u.Reason()
	switch {
	case u.Protected():
		d.Protected = append(d.Protected, u)
	case u.KeptAdmin():
		d.KeptAdmins = append(d.KeptAdmins, u)
	case unmanaged:
		d.Unmanaged = append(d.Unmanaged, u)
	case kept:
		d.Kept = append(d.Kept, u)
	}
	return u.ListedApart()
}

func purgeWarning(h control.Header) string {
	if h.Mode == record.Purge && h.Counts.Users.Delete > 0 {
		return control.PurgeWarning
	}
	return ""
}

// summaryAlone lists those accounts as text.
func (a *app) summaryAlone(ctx context.Context, w *errWriter, p *control.Plan, h control.Header) error {
	if h.Kept+h.Unmanaged+h.Protected+h.Counts.AdminsDelete == 0 {
		return w.err
	}
	const shown = 20
	n := 0
	err := p.Unmatched(ctx, func(u control.Unmatched) error {
		if !u.ListedApart() {
			return nil
		}
		if n++; n == 1 {
			w.printf("\n")
		}
		if n <= shown {
			w.printf("  %-40s %s\n", u.Key, u.Kept)
		}
		return w.err
	})
	if n > shown {
		w.printf("  and %d more: --json lists all of them\n", n-shown)
	}
	return err
}
