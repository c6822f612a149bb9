package control

import (
	"context"
	"errors"
	"fmt"
	"time"

	"dirbridge/sync"
	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
)

// DryRun is what is remembered of the last dry run.
type DryRun = facts.DryRun

// Mode switches scheduled synchronization on and off. Requests by hand are allowed either way.
type Mode interface {
	// Mode reads only the state.
	Mode(ctx context.Context) (ModeStatus, error)
	// Enable turns the schedule on. It is refused, with the remedy, without a dry run since the
	// last change of the configuration, while a step of a guided procedure is missing, or if
	// ModeStatus.Unseen is not accepted, or another provisioner not confirmed. If the schedule is on
	// already, Enable only records what is accepted.
	Enable(ctx context.Context, opt EnableOptions) error
	// Disable stops the schedule from starting anything, in every process that serves it. A current
	// run goes on.
	Disable(ctx context.Context, reason string) error
}

// ModeStatus says whether synchronization is enabled, or could be.
type ModeStatus struct {
	Enabled bool      `json:"enabled"`
	By      string    `json:"by,omitempty"`     // who changed it last
	At      time.Time `json:"at,omitzero"`      // when
	Reason  string    `json:"reason,omitempty"` // why it was disabled, for people
	// MayEnable says whether enabling is allowed. If not, WhyNot and Remedy give the obstacle; if
	// it is enabled already, they say what is wrong with that.
	MayEnable bool   `json:"may_enable"`
	WhyNot    string `json:"why_not,omitempty"`
	Remedy    string `json:"remedy,omitempty"`
	// DryRun is the last one, under any configuration; nil before the first.
	DryRun *DryRun `json:"dry_run,omitempty"`
	// Procedure is the guided procedure in progress, if any.
	Procedure *Procedure `json:"procedure,omitempty"`
	// Unseen are the directories whose deletions no scheduled run sees; enabling requires that this
	// is accepted. WithoutDeletions says that By has accepted it.
	Unseen           []UnseenDeletions `json:"unseen_deletions,omitempty"`
	WithoutDeletions bool              `json:"without_deletions,omitempty"`
	// Provisioners are the other programs that were noticed when the cloud was last read completely.
	// Enabling requires that each is confirmed.
	Provisioners []Provisioner `json:"provisioners,omitempty"`
}

// remedyDryRun is the remedy before enabling.
const remedyDryRun = "Make a dry run first, and check what it shows: dirbridge plan."

// fingerprint is the digest of the saved configuration.
func (l *Local) fingerprint() string {
	if l.opt.Fingerprint == nil {
		return ""
	}
	return l.opt.Fingerprint()
}

func (l *Local) Mode(ctx context.Context) (ModeStatus, error) {
	var is facts.Synchronization
	if err := facts.ReadValue(ctx, l.opt.Store, facts.ModeValue, &is); err != nil {
		return ModeStatus{}, err
	}
	m := ModeStatus{Enabled: is.Enabled, By: is.By, At: is.At, Reason: is.Reason, WithoutDeletions: is.Enabled &&
		is.WithoutDeletions}
	config := l.fingerprint()
	var err error
	if m.DryRun, err = facts.LastDryRun(ctx, l.opt.Store, config); err != nil {
		return m, err
	}
	switch {
	case m.DryRun == nil:
		m.WhyNot, m.Remedy = "no dry run yet", remedyDryRun
	case m.DryRun.Config != config:
		m.WhyNot, m.Remedy = "the configuration changed since the last dry run", remedyDryRun
	}
	if m.Unseen, err = l.unseen(ctx, m.DryRun); err != nil {
		return m, err
	}
	if m.Provisioners, err = l.provisioners(ctx); err != nil {
		return m, err
	}
	if m.Procedure, err = l.procedure(ctx, m); err != nil {
		return m, err
	}
	if m.Procedure != nil && !m.Enabled && m.WhyNot == "" {
		for i, s := range m.Procedure.Steps[:len(m.Procedure.Steps)-1] {
			if !s.Done {
				m.WhyNot, m.Remedy = fmt.Sprintf("step %d of the conversion is missing (%s): %s", i+1, s.Title, s.Detail), s.Remedy
				break
			}
		}
	}
	m.MayEnable = m.WhyNot == ""
	return m, nil
}

func (l *Local) Enable(ctx context.Context, opt EnableOptions) error {
	m, err := l.Mode(ctx)
	if err != nil {
		return err
	}
	accepts := len(m.Unseen) > 0 && opt.WithoutDeletions
	if m.Enabled {
		if err := l.confirmProvisioners(ctx, m, opt); err != nil {
			return err
		}
		if !accepts || m.WithoutDeletions {
			return nil
		}
		var is facts.Synchronization
		if err := facts.ReadValue(ctx, l.opt.Store, facts.ModeValue, &is); err != nil {
			return err
		}
		is.WithoutDeletions = true
		return l.turn(ctx, is, "mode-enabled", "Synchronization without deletions was accepted", nil)
	}
	if !m.MayEnable {
		return &identity.Failure{Class: identity.GiveUp, Remedy: m.Remedy,
			Err: fmt.Errorf("synchronization is not enabled: %s", m.WhyNot)}
	}
	if err := errors.Join(mayGoUnseen(m, opt), mayGoBeside(m, opt)); err != nil {
		return err
	}
	if err := l.confirmProvisioners(ctx, m, opt); err != nil {
		return err
	}
	message := "Synchronization was enabled"
	if accepts {
		message = "Synchronization was enabled without deletions being seen"
	}
	to := facts.Synchronization{Enabled: true, Config: l.fingerprint(), WithoutDeletions: accepts}
	return l.turn(ctx, to, "mode-enabled", message, m.Procedure)
}

func (l *Local) Disable(ctx context.Context, reason string) error {
	m, err := l.Mode(ctx)
	if err != nil {
		return err
	}
	if !m.Enabled && !m.At.IsZero() && (reason == "" || reason == m.Reason) {
		return nil
	}
	return l.turn(ctx, facts.Synchronization{Reason: reason}, "mode-disabled", "Synchronization was disabled", nil)
}

// turn switches the mode and logs who did it, both or neither. It also ends a completed procedure.
func (l *Local) turn(ctx context.Context, to facts.Synchronization, code, message string, done *Procedure) error {
	to.By, to.At = l.opt.Operator, time.Now().UTC()
	text, err := facts.TextOf(to)
	if err != nil {
		return err
	}
	b := port.Batch{Values: map[string]string{facts.ModeValue: text},
		Events: []record.Event{{Time: to.At, Level: record.Info, Code: code, Message: l.by(message, to.Reason)}}}
	if done != nil {
		if b.Recovered, err = l.converted(ctx, done.Accounts); err != nil {
			return err
		}
		b.Values[facts.ConversionValue] = ""
		b.Events = append(b.Events, record.Event{Time: to.At, Level: record.Info, Code: "conversion-done",
			Message: "The conversion of " + howMany(len(done.Accounts), "account") + " is done."})
	}
	return l.opt.Store.Commit(ctx, b)
}

// noteDryRun remembers a plan of everything that was made under the saved configuration, or under a
// draft, whose digest was config at the time: Enable decides by it. It ignores plans of the changes alone,
// or with a directory that could not be read.
func (l *Local) noteDryRun(e *sync.Engine, r Request, p *Plan, run record.Run, config string) error {
	if p == nil || config == "" || r.Mode != record.DryRun && r.Mode != record.Full &&
		r.Mode != record.Incremental {
		return nil
	}
	h := p.Header()
	if h.Mode != record.Full || !h.Complete {
		return nil
	}
	d := DryRun{Config: config, At: h.Made, Plan: h.ID, Run: run.ID, By: l.opt.Operator, Counts: h.Counts,
		Removals: h.Removals, Holds: facts.HoldsOf(h.Holds)}
	for _, dir := range h.Directories {
		if dir.NoDeletions != "" {
			d.Unseen = append(d.Unseen, UnseenDeletions{Directory: dir.Name, Reason: dir.NoDeletions, Remedy: dir.Remedy})
		}
	}
	// The request's own context may have ended; the plan was made all the same.
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err := p.Problems(ctx, func(_ identity.Kind, problem identity.Problem) error {
		if key, ok := facts.ConflictKey(problem.Message); ok && len(d.Conflicts) < facts.MaxConverted {
			d.Conflicts = append(d.Conflicts, key)
		}
		return nil
	})
	if err != nil {
		return err
	}
	text, err := facts.TextOf(d)
	if err != nil {
		return err
	}
	if r.Draft != nil {
		return l.opt.Store.Commit(ctx, port.Batch{Values: map[string]string{facts.DraftDryRunValue: text}})
	}
	values := map[string]string{facts.DryRunValue: text}
	if err := l.noteRead(ctx, p, run, values); err != nil {
		return err
	}
	conversion, err := l.conversionOutcome(ctx, e, p)
	if conversion != "" {
		values[facts.ConversionValue] = conversion
	}
	if e := l.opt.Store.Commit(ctx, port.Batch{Values: values}); e != nil {
		err = errors.Join(err, fmt.Errorf("the plan was made, but the state did not take note of it: %w", e))
	}
	return err
}

// patience is how long recording a dry run may take: each account in a conversion is looked up.
const patience = 2 * time.Minute
