package control

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"dirbridge/sync"
	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
)

// Converted is one account of a guided conversion.
type Converted = facts.Converted

// Fate is what a dry run would do to a converted account.
type Fate = facts.Fate

const (
	FateMatched   = facts.FateMatched
	FateAdded     = facts.FateAdded
	FateRemoved   = facts.FateRemoved
	FateUnmatched = facts.FateUnmatched
	FateProblem   = facts.FateProblem
	FateAbsent    = facts.FateAbsent
)

// Procedure is a guided procedure in progress: which steps are done and which are not, determined
// from facts alone.
type Procedure struct {
	Name     string      `json:"name"` // "convert"
	Begun    time.Time   `json:"begun"`
	By       string      `json:"by,omitempty"`
	Steps    []Step      `json:"steps"`
	Accounts []Converted `json:"accounts"`
}

// Step is one step of a procedure.
type Step struct {
	Title  string `json:"title"`
	Done   bool   `json:"done"`
	Detail string `json:"detail,omitempty"` // why it is not done
	Remedy string `json:"remedy,omitempty"`
}

// Procedures are what the guide describes step by step.
type Procedures interface {
	// Convert begins the conversion of accounts that another organization has, or adds accounts to
	// the current one: it disables synchronization, and Enable is refused until the last dry run
	// shows that none of them would be removed. Without mails it takes the accounts of the naming
	// conflicts that the last dry run and the last runs met.
	Convert(ctx context.Context, mails []string) error
	// Abandon ends the current conversion; synchronization stays disabled.
	Abandon(ctx context.Context) error
}

func (l *Local) Convert(ctx context.Context, mails []string) error {
	var c facts.Conversion
	if err := facts.ReadValue(ctx, l.opt.Store, facts.ConversionValue, &c); err != nil {
		return err
	}
	if len(mails) == 0 {
		var err error
		if mails, err = l.conflicts(ctx); err != nil {
			return err
		}
	}
	if len(mails) == 0 {
		return &identity.Failure{Class: identity.GiveUp,
			Err:    fmt.Errorf("no naming conflict is known of, whose account could be converted"),
			Remedy: "Name the mail addresses: dirbridge disable --convert MAIL..."}
	}
	for _, m := range mails {
		if !slices.ContainsFunc(c.Accounts, func(a Converted) bool { return identity.Fold(a.Mail) == identity.Fold(m) }) {
			c.Accounts = append(c.Accounts, Converted{Mail: m})
		}
	}
	if n := len(c.Accounts); n > facts.MaxConverted {
		return &identity.Failure{Class: identity.GiveUp,
			Err:    fmt.Errorf("%d accounts are more than one conversion takes, which is %d", n, facts.MaxConverted),
			Remedy: "Name some of them, and the rest once these are done."}
	}
	c.Begun, c.By, c.Plan = time.Now().UTC(), l.opt.Operator, ""
	return l.begun(ctx, c)
}

// begun disables synchronization and stores the conversion, both or neither.
func (l *Local) begun(ctx context.Context, c facts.Conversion) error {
	const reason = "accounts are being converted"
	conversion, err := facts.TextOf(c)
	if err != nil {
		return err
	}
	mode, err := facts.TextOf(facts.Synchronization{By: c.By, At: c.Begun, Reason: reason})
	if err != nil {
		return err
	}
	return l.opt.Store.Commit(ctx, port.Batch{Values: map[string]string{facts.ConversionValue: conversion,
		facts.ModeValue: mode},
		Events: []record.Event{{Time: c.Begun, Level: record.Info, Code: "mode-disabled",
			Message: l.by("Synchronization was disabled", reason)},
			{Time: c.Begun, Level: record.Info, Code: "conversion-begun",
				Message: l.by("The conversion of "+howMany(len(c.Accounts), "account")+" was begun", "")}}})
}

// by says who did something, and why.
func (l *Local) by(message, reason string) string {
	if l.opt.Operator != "" {
		message += " by " + l.opt.Operator
	}
	if reason != "" {
		message += ": " + reason
	}
	return message + "."
}

func howMany(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func (l *Local) Abandon(ctx context.Context) error {
	p, err := l.procedure(ctx, ModeStatus{})
	if err != nil || p == nil {
		return err
	}
	return l.opt.Store.Commit(ctx, port.Batch{Values: map[string]string{facts.ConversionValue: ""},
		Events: []record.Event{{Time: time.Now().UTC(), Level: record.Info, Code: "conversion-abandoned",
			Message: l.by("The conversion was abandoned", "")}}})
}

// conflicts returns the mail addresses with a conflict in the last dry run, and those whose last
// write the cloud refused because another organization has them.
func (l *Local) conflicts(ctx context.Context) ([]string, error) {
	last, err := facts.LastDryRun(ctx, l.opt.Store, l.fingerprint())
	if err != nil {
		return nil, err
	}
	var mails []string
	if last != nil {
		mails = last.Conflicts
	}
	failing, err := l.opt.Store.Failing(ctx, 1, 50*facts.MaxConverted)
	for _, f := range failing {
		if key, ok := facts.ConflictKey(f.Message); ok && f.Kind == identity.User {
			mails = append(mails, key)
		}
	}
	return sorted(mails), err
}

// converted returns the failing records whose naming conflicts a conversion solved.
func (l *Local) converted(ctx context.Context, accounts []Converted) (solved []record.Subject, err error) {
	failing, err := l.opt.Store.Failing(ctx, 1, 50*facts.MaxConverted)
	for _, f := range failing {
		key, ok := facts.ConflictKey(f.Message)
		named := func(a Converted) bool { return identity.Fold(a.Mail) == identity.Fold(key) }
		if ok && slices.ContainsFunc(accounts, named) {
			solved = append(solved, f.Subject)
		}
	}
	return solved, err
}

// procedure returns the current conversion, or nil; m is the mode otherwise.
func (l *Local) procedure(ctx context.Context, m ModeStatus) (*Procedure, error) {
	var c *facts.Conversion
	if err := facts.ReadValue(ctx, l.opt.Store, facts.ConversionValue, &c); err != nil || c == nil {
		return nil, err
	}
	judged := m.DryRun != nil && m.WhyNot == "" && c.Plan == m.DryRun.Plan && c.Plan != ""
	return &Procedure{Name: "convert", Begun: c.Begun, By: c.By, Accounts: c.Accounts, Steps: []Step{
		disabledStep(m), convertedStep(*c, judged), dryRunStep(m, judged), checkedStep(*c, judged),
		{Title: "Enable synchronization", Detail: "it is disabled", Remedy: "dirbridge enable"},
	}}, nil
}

// Conflicts returns the accounts whose naming conflicts a conversion may solve, as far as a status names
// them: those of the last dry run and those of the records that fail.
func Conflicts(s Status) (mails []string) {
	if s.Mode.DryRun != nil {
		mails = slices.Clone(s.Mode.DryRun.Conflicts)
	}
	for _, f := range s.Failing {
		if key, ok := facts.ConflictKey(f.Message); ok && f.Kind == identity.User {
			mails = append(mails, key)
		}
	}
	return sorted(mails)
}

// sorted returns mail addresses in their order, each once.
func sorted(mails []string) []string {
	slices.SortFunc(mails, func(a, b string) int { return cmp.Compare(identity.Fold(a), identity.Fold(b)) })
	return slices.CompactFunc(mails, func(a, b string) bool { return identity.Fold(a) == identity.Fold(b) })
}

// ConversionSteps are the steps of a conversion that has not begun.
func ConversionSteps() []Step {
	steps := []Step{disabledStep(ModeStatus{}), convertedStep(facts.Conversion{}, false), dryRunStep(ModeStatus{}, false),
		checkedStep(facts.Conversion{}, false), {Title: "Enable synchronization"}}
	for i := range steps {
		steps[i] = Step{Title: steps[i].Title}
	}
	return steps
}

func disabledStep(m ModeStatus) Step {
	s := Step{Title: "Disable synchronization", Done: !m.Enabled}
	if !s.Done {
		s.Detail, s.Remedy = "it was enabled meanwhile", "dirbridge disable"
	}
	return s
}

func convertedStep(c facts.Conversion, judged bool) Step {
	s := Step{Title: "Convert the users to your organization, in Control Hub"}
	absent := those(c, func(a Converted) bool { return !a.InCloud })
	switch {
	case !judged:
		s.Detail, s.Remedy = "the dry run looks whether the accounts are there", "Convert them, then: dirbridge plan"
	case absent != "":
		s.Detail, s.Remedy = "not in the organization: "+absent, "Convert them in Control Hub (Users, Convert users), "+
			"then make a dry run again: dirbridge plan"
	default:
		s.Done = true
	}
	return s
}

func dryRunStep(m ModeStatus, judged bool) Step {
	s := Step{Title: "Make a dry run", Done: judged}
	switch {
	case judged:
	case m.WhyNot != "":
		s.Detail, s.Remedy = m.WhyNot, "dirbridge plan"
	default:
		s.Detail, s.Remedy = "none was made since the conversion was begun", "dirbridge plan"
	}
	return s
}

func checkedStep(c facts.Conversion, judged bool) Step {
	s := Step{Title: "Check that none of them would be removed"}
	if !judged {
		s.Detail, s.Remedy = "the dry run tells", "dirbridge plan"
		return s
	}
	for _, fate := range []facts.Fate{facts.FateRemoved, facts.FateUnmatched, facts.FateProblem, facts.FateAbsent} {
		if list := those(c, func(a Converted) bool { return a.Fate == fate }); list != "" {
			s.Detail = strings.TrimPrefix(s.Detail+"; "+string(fate)+": "+list, "; ")
		}
	}
	if absent := those(c, func(a Converted) bool { return !a.InCloud }); s.Detail == "" && absent != "" {
		s.Detail, s.Remedy = "waits for the conversion of "+absent, "dirbridge plan, once they are converted"
		return s
	}
	if s.Done = s.Detail == ""; !s.Done {
		s.Remedy = "Read what is said about each account, correct it, and make a dry run again: dirbridge plan"
	}
	return s
}

// those lists the mail addresses of accounts; only some of them if there are many.
func those(c facts.Conversion, which func(Converted) bool) string {
	const shown = 5
	var mails []string
	n := 0
	for _, a := range c.Accounts {
		if which(a) {
			if n++; n <= shown {
				mails = append(mails, a.Mail)
			}
		}
	}
	text := strings.Join(mails, ", ")
	if n > shown {
		text += fmt.Sprintf(" and %d more", n-shown)
	}
	return text
}

// conversionOutcome returns, from a dry run, what happens to the accounts of the current conversion. "" means
// that there is none.
func (l *Local) conversionOutcome(ctx context.Context, e *sync.Engine, p *Plan) (string, error) {
	var c *facts.Conversion
	if err := facts.ReadValue(ctx, l.opt.Store, facts.ConversionValue, &c); err != nil || c == nil ||
		p.Header().Made.Before(c.Begun) {
		return "", err
	}
	var mails []string
	for _, a := range c.Accounts {
		mails = append(mails, a.Mail)
	}
	accounts, err := e.ConversionFates(ctx, p, mails)
	if err != nil {
		return "", fmt.Errorf("the accounts that are being converted could not be looked at: %w", err)
	}
	c.Accounts, c.Plan = accounts, p.Header().ID
	return facts.TextOf(c)
}
