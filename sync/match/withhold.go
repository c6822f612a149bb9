package match

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/stage"
	"dirbridge/sync/workdb"
)

// Some decisions concern one record and must not be made by a program: who gets the account of an
// administrator, who takes over the account of a person who is gone, and the renaming of an
// administrator (P15). Such a record is withheld: its match is dropped, so that nothing of it is
// written, and the rest of the plan goes on. An operator confirms the pair, and the next plan
// applies it.

// dubious is a match that may have to be withheld, with everything that is shown of it.
type dubious struct {
	anchor   identity.Anchor
	how      string
	was      identity.Anchor // previous owner of the account, if the match takes it over
	rdn, key string
	attrs    identity.Attrs // of the person, mapped
	res      identity.Resource
	owner    *identity.Shadow // linked owner of the account, if that is another anchor
	// privileged says that the account has an administrative role, or that its roles are not shown
	// although this cloud shows those of others.
	privileged bool
	w          plan.Withheld
}

// withhold drops the matches that wait for an operator's confirmation.
func withhold(ctx context.Context, d *stage.Draft) error {
	known, err := rolesShown(ctx, d)
	if err != nil {
		return err
	}
	renames := map[string][]dubious{} // by directory, of administrators
	for after := identity.Anchor(""); ; {
		page, err := d.Work.Doubts(ctx, after, known)
		if err != nil {
			return err
		}
		if len(page) == 0 {
			break
		}
		after = page[len(page)-1].Anchor
		for _, doubt := range page {
			x := newDubious(doubt)
			x.privileged = x.res.Privileged() || x.res.Admin == identity.Unknown && known
			if x.how == workdb.ByLink {
				renames[x.anchor.Directory()] = append(renames[x.anchor.Directory()], x)
			} else if err := doubtLink(ctx, d, x); err != nil {
				return err
			}
		}
	}
	if err := withholdRenames(ctx, d, renames); err != nil {
		return err
	}
	return dateWithheld(ctx, d)
}

// withholdRenames withholds new keys for linked administrators, if a directory has more of them
// than the guard allows.
func withholdRenames(ctx context.Context, d *stage.Draft, renames map[string][]dubious) error {
	if len(renames) == 0 {
		return nil
	}
	all, err := activeAdmins(ctx, d)
	if err != nil {
		return err
	}
	for _, dir := range slices.Sorted(maps.Keys(renames)) {
		some := renames[dir]
		if !d.Env.Policy.GuardsOf(dir).Administrators.Exceeded(int64(len(some)), all) {
			continue
		}
		for _, x := range some {
			p, a := x.w.Person, x.w.Account
			x.w.Rule = plan.RuleAdminKey
			x.w.Reason = fmt.Sprintf("The full administrator [%s] would be renamed from %s to %s and would sign in with the "+
				"new name.", p.DN,
				a.Key, p.Key)
			x.w.Remedy = "If that is right, let it go on: " + confirmVerb(x.anchor) +
				". If not, correct the e-mail address in the directory."
			x.w.Seal()
			if err := withholdOne(ctx, d, x); err != nil {
				return err
			}
		}
	}
	return nil
}

// confirmVerb is the command that confirms a person's record.
func confirmVerb(a identity.Anchor) string { return "dirbridge confirm " + string(a) }

// withholdOne drops the match, unless an operator confirmed this very pair.
func withholdOne(ctx context.Context, d *stage.Draft, x dubious) error {
	var word facts.Confirmation
	if err := facts.ReadValue(ctx, d.Env.Store, facts.ConfirmationValue(x.anchor), &word); err != nil {
		return err
	}
	if word.Fingerprint != "" {
		// Used or not: it is for this pair, or for one that has changed.
		if err := d.Work.EndConfirmation(ctx, x.anchor); err != nil {
			return err
		}
	}
	if word.Covers(x.w) {
		return nil
	}
	if err := d.Work.Withhold(ctx, x.w); err != nil {
		return err
	}
	if x.w.Rule == plan.RuleAdminKey || x.how == workdb.ByHistory {
		// The guard counts all of them together, and two objects tied by their history need not
		// share a key.
		if err := d.LookNextTime(ctx, x.anchor, identity.User); err != nil {
			return err
		}
	}
	if x.res.Admin != identity.Yes {
		return nil // a leaver is deactivated all the same: see protectWithheld
	}
	// Full administrators who are gone are never removed; this one counts as matched.
	return d.Work.Want(ctx, identity.User, x.res.ID)
}

// ProtectWithheld makes the accounts of withheld records count as matched.
func ProtectWithheld(ctx context.Context, d *stage.Draft) error {
	return d.Work.ProtectWithheld(ctx)
}

func newDubious(m workdb.Doubt) dubious {
	x := dubious{anchor: m.Anchor, how: m.How, was: m.Was, rdn: m.RDN, key: m.Key, attrs: m.Mapped, res: m.Resource,
		owner: m.Owner}
	p, a := &x.w.Person, &x.w.Account
	p.DN, p.Active = m.DN, m.Active
	p.Anchor, p.Key, p.Name, p.EmployeeNumber = x.anchor, x.key, x.attrs.First(attrDisplayName),
		x.attrs.First(attrEmployeeNumber)
	if p.Name == "" {
		p.Name = strings.TrimSpace(x.attrs.First(attrGivenName) + " " + x.attrs.First(attrSurname))
	}
	*a = plan.WithheldAccount{ID: x.res.ID, Key: x.res.Key, Name: x.res.Name,
		EmployeeNumber: x.res.Attrs.First(attrEmployeeNumber), Active: x.res.Active,
		Admin: triWord(x.res.Admin), ExternalID: x.res.ExternalID}
	if x.owner != nil {
		a.Owner, a.OwnerDN, a.Linked = x.owner.Anchor, x.owner.DN, x.owner.Linked
	}
	return x
}

func triWord(t identity.Tri) string {
	switch t {
	case identity.Yes:
		return "yes"
	case identity.No:
		return "no"
	case identity.Partly:
		return "partly"
	}
	return "unknown"
}

// rolesShown says whether this cloud shows roles at all. An incremental plan reads few accounts, so
// it also uses what the last full one found.
func rolesShown(ctx context.Context, d *stage.Draft) (bool, error) {
	if d.AdminsKnown || d.Coverage.Listed() {
		return d.AdminsKnown, nil
	}
	was, err := lastStatistics(ctx, d)
	return was != nil && was.Admins >= 0, err
}

// activeAdmins is how many full administrators are active.
func activeAdmins(ctx context.Context, d *stage.Draft) (int64, error) {
	if d.Coverage.Listed() {
		return d.AdminsActive, nil
	}
	was, err := lastStatistics(ctx, d)
	if was == nil || err != nil {
		return 0, err
	}
	return max(was.Admins, 0), nil
}

func lastStatistics(ctx context.Context, d *stage.Draft) (was *facts.CloudStatistics, err error) {
	return was, facts.ReadValue(ctx, d.Env.Store, facts.StatisticsValue, &was)
}

// doubtLink withholds one first link if it must.
func doubtLink(ctx context.Context, d *stage.Draft, x dubious) error {
	reason, inherits, err := inheritsAccount(ctx, d, &x)
	if err != nil {
		return err
	}
	p, a := &x.w.Person, &x.w.Account
	switch {
	case x.privileged:
		x.w.Rule = plan.RulePrivilegedLink
		what := "of a full administrator"
		switch x.res.Admin {
		case identity.Partly:
			what = "which has an administrative role"
		case identity.Unknown:
			what = "whose roles the cloud does not show, although it shows those of others"
		}
		x.w.Reason = fmt.Sprintf("[%s] would get the account %s, %s.", p.DN, a.Key, what)
		if inherits {
			x.w.Reason += " " + reason
		}
		x.w.Remedy = "If it is the same person, let it go on: " + confirmVerb(x.anchor) +
			". If not, give the person of the directory another e-mail address."
	case inherits:
		x.w.Rule = plan.RuleInheritance
		x.w.Reason = fmt.Sprintf("[%s] would take over the account %s of another object, which is gone. %s", p.DN, a.Key,
			reason)
		x.w.Remedy = "If it is the same person, let it go on: " + confirmVerb(x.anchor) +
			". If not, rename or remove that account in the cloud: the person then gets an account of their own."
	default:
		return nil
	}
	x.w.Seal()
	return withholdOne(ctx, d, x)
}
