package sync

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/schema"
	"dirbridge/sync/stage"
)

// ConversionFates says what a plan of this engine does to accounts, by reading the plan and asking
// the cloud for each account.
func (e *Engine) ConversionFates(ctx context.Context, p *plan.Plan, mails []string) ([]facts.Converted, error) {
	j := conversionFates{at: map[string]int{}}
	for i, m := range mails {
		j.at[identity.Fold(m)] = i
		j.accounts = append(j.accounts, facts.Converted{Mail: m})
	}
	if err := p.Changes(ctx, j.change); err != nil {
		return nil, err
	}
	if err := p.Unmatched(ctx, j.unmatched); err != nil {
		return nil, err
	}
	if err := p.Problems(ctx, j.problem); err != nil {
		return nil, err
	}
	for i := range j.accounts {
		if err := lookUpFate(ctx, e.env, &j.accounts[i]); err != nil {
			return nil, err
		}
	}
	return j.accounts, nil
}

// conversionFates collects from a plan what becomes of each account.
type conversionFates struct {
	at       map[string]int // by folded mail
	accounts []facts.Converted
}

// change takes the fate from a change of an object that has the name, or will have it.
func (j *conversionFates) change(c plan.Change) error {
	if c.Kind != identity.User {
		return nil
	}
	keys := []string{c.Key}
	if f, ok := c.Field(schema.UID); ok {
		keys = append(keys, f.Old...)
	}
	for _, key := range slices.Compact(keys) {
		i, ok := j.at[identity.Fold(key)]
		if !ok {
			continue
		}
		a := &j.accounts[i]
		switch {
		case c.Action == plan.Deactivate || c.Action == plan.Delete:
			a.Fate, a.Detail = facts.FateRemoved, fmt.Sprintf("%s: %s", c.Action, c.Reason)
			a.Remedy = "Give the person this mail in the directory, or bring the person into scope; then make a dry run again."
		case a.Fate == facts.FateRemoved:
		case c.Action == plan.Add:
			a.Fate, a.Detail = facts.FateAdded, c.DN
		default:
			a.Fate, a.Detail = facts.FateMatched, c.DN
		}
	}
	return nil
}

func (j *conversionFates) unmatched(u plan.Unmatched) error {
	i, ok := j.at[identity.Fold(u.Key)]
	if !ok || u.Kind != identity.User || j.accounts[i].Fate == facts.FateRemoved {
		return nil
	}
	a := &j.accounts[i]
	a.Fate, a.Detail = facts.FateUnmatched, "no person in scope has this e-mail address"
	a.Remedy = "Give the person this mail in the directory, or bring the person into scope; then make a dry run again."
	return nil
}

// problem finds the reason for accounts without a planned change.
func (j *conversionFates) problem(kind identity.Kind, p identity.Problem) error {
	message := identity.Fold(p.Message)
	for mail, i := range j.at {
		if a := &j.accounts[i]; a.Fate == "" && kind != identity.Group && mentions(message, mail) {
			a.Fate, a.Detail, a.Remedy = facts.FateProblem, p.Message, p.Remedy
		}
	}
	return nil
}

// mentions says whether a text contains a mail address as a whole: b@x.org is not in ab@x.org, nor
// in b@x.org.uk.
func mentions(text, mail string) bool {
	part := func(r rune) bool {
		return r == '@' || r == '+' || r == '_' || r == '-' || unicode.IsLetter(r) || unicode.IsDigit(r)
	}
	for at := 0; ; {
		i := strings.Index(text[at:], mail)
		if i < 0 {
			return false
		}
		before, after := []rune(text[:at+i]), []rune(text[at+i+len(mail):])
		ends := len(after) == 0 || !part(after[0]) && (after[0] != '.' || len(after) == 1 || !part(after[1]))
		if ends && (len(before) == 0 || !part(before[len(before)-1]) && before[len(before)-1] != '.') {
			return true
		}
		at += i + len(mail)
	}
}

// lookUpFate asks the cloud, and the state, about accounts that the plan may not mention.
func lookUpFate(ctx context.Context, e *stage.Env, a *facts.Converted) error {
	found, err := e.Target.Find(ctx, identity.User, a.Mail)
	if err != nil {
		return fmt.Errorf("cloud: %w", err)
	}
	a.InCloud = len(found) > 0
	if a.Fate != "" {
		return nil
	}
	err = e.Store.Seek(ctx, port.ByKey, []string{a.Mail}, func(s identity.Shadow) error {
		if s.Kind == identity.User && s.State == identity.Live && s.ID != "" &&
			slices.ContainsFunc(found, func(r identity.Resource) bool { return r.ID == s.ID }) {
			a.Fate, a.Detail = facts.FateMatched, s.DN
		}
		return nil
	})
	if err != nil || a.Fate != "" {
		return err
	}
	a.Fate, a.Detail = facts.FateAbsent, "neither the directory nor the cloud has this mail address"
	a.Remedy = "Check the spelling. To start again, end the procedure: dirbridge disable --abandon"
	if a.InCloud {
		a.Detail, a.Remedy = "the cloud has the account, and did not list it yet", "Make a dry run again in a minute."
	}
	return nil
}
