package control

import (
	"context"
	"fmt"
	"time"

	"dirbridge/sync"
	"dirbridge/sync/identity"
	"dirbridge/sync/record"
)

// DryRun is what is remembered of the last dry run.
type DryRun = sync.DryRun

// Mode switches synchronization by the schedule on and off. What somebody asks for by
// hand is done either way.
type Mode interface {
	// Mode reads the state alone.
	Mode(ctx context.Context) (ModeStatus, error)
	// Enable has the schedule served. It is refused, with the remedy, without a dry run
	// since the last change of the configuration, and while a step of a guided procedure
	// is missing; where it is enabled already nothing happens.
	Enable(ctx context.Context) error
	// Disable has nothing started by the schedule any more, by whichever process serves
	// it. A run that is under way goes on.
	Disable(ctx context.Context, reason string) error
}

// ModeStatus is whether synchronization is enabled, or could be.
type ModeStatus struct {
	Enabled bool      `json:"enabled"`
	By      string    `json:"by,omitempty"`     // who did it last
	At      time.Time `json:"at,omitzero"`      // when
	Reason  string    `json:"reason,omitempty"` // why it was disabled, for people
	// MayEnable: WhyNot and Remedy say what is in the way where it is not so. Where it
	// is enabled they say what is wrong with that.
	MayEnable bool   `json:"may_enable"`
	WhyNot    string `json:"why_not,omitempty"`
	Remedy    string `json:"remedy,omitempty"`
	// DryRun is the last one, under whichever configuration; nil before the first.
	DryRun *DryRun `json:"dry_run,omitempty"`
}

// remedyDryRun is what to do before enabling.
const remedyDryRun = "Make a dry run first (dirbridge plan, or d in the console), and look at it."

// fingerprint is the digest of the saved configuration.
func (l *Local) fingerprint() string {
	if l.opt.Fingerprint == nil {
		return ""
	}
	return l.opt.Fingerprint()
}

func (l *Local) Mode(ctx context.Context) (ModeStatus, error) {
	var is sync.Synchronization
	if err := sync.ReadValue(ctx, l.opt.Store, sync.ModeValue, &is); err != nil {
		return ModeStatus{}, err
	}
	m := ModeStatus{Enabled: is.Enabled, By: is.By, At: is.At, Reason: is.Reason}
	if err := sync.ReadValue(ctx, l.opt.Store, sync.DryRunValue, &m.DryRun); err != nil {
		return m, err
	}
	switch {
	case m.DryRun == nil:
		m.WhyNot, m.Remedy = "there was no dry run yet", remedyDryRun
	case m.DryRun.Config != l.fingerprint():
		m.WhyNot, m.Remedy = "the configuration was changed since the last dry run", remedyDryRun
	}
	m.MayEnable = m.WhyNot == ""
	return m, nil
}

func (l *Local) Enable(ctx context.Context) error {
	m, err := l.Mode(ctx)
	if err != nil || m.Enabled {
		return err
	}
	if !m.MayEnable {
		return &identity.Failure{Class: string(record.GiveUp), Remedy: m.Remedy, Err: fmt.Errorf("synchronization is not enabled: %s", m.WhyNot)}
	}
	return l.turn(ctx, sync.Synchronization{Enabled: true, Config: l.fingerprint()}, "mode-enabled", "Synchronization was enabled")
}

func (l *Local) Disable(ctx context.Context, reason string) error {
	m, err := l.Mode(ctx)
	if err != nil {
		return err
	}
	if !m.Enabled && !m.At.IsZero() && (reason == "" || reason == m.Reason) {
		return nil
	}
	return l.turn(ctx, sync.Synchronization{Reason: reason}, "mode-disabled", "Synchronization was disabled")
}

// turn switches, and puts who did it into the event log, both or neither.
func (l *Local) turn(ctx context.Context, to sync.Synchronization, code, message string) error {
	to.By, to.At = l.opt.Operator, time.Now().UTC()
	text, err := sync.TextOf(to)
	if err != nil {
		return err
	}
	if to.By != "" {
		message += " by " + to.By
	}
	if to.Reason != "" {
		message += ": " + to.Reason
	}
	return l.opt.Store.Commit(ctx, sync.Batch{Values: map[string]string{sync.ModeValue: text},
		Events: []record.Event{{Time: to.At, Level: record.Info, Code: code, Message: message + "."}}})
}

// noteDryRun remembers a plan of everything that was made under the saved configuration,
// whose digest was config then: by it Enable judges. One of a draft, of the changes
// alone, or of directories of which one could not be read, is none.
func (l *Local) noteDryRun(r Request, p *Plan, run record.Run, config string) error {
	if p == nil || r.Draft != nil || config == "" || r.Mode != record.DryRun && r.Mode != record.Full && r.Mode != record.Incremental {
		return nil
	}
	h := p.Header()
	if h.Mode != record.Full || !h.Complete {
		return nil
	}
	d := DryRun{Config: config, At: h.Made, Plan: h.ID, Run: run.ID, By: l.opt.Operator, Counts: h.Counts, Removals: h.Removals, Holds: sync.HoldsOf(h.Holds)}
	text, err := sync.TextOf(d)
	if err != nil {
		return err
	}
	// The request's own context may be what ended; the plan was made all the same.
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := l.opt.Store.Commit(ctx, sync.Batch{Values: map[string]string{sync.DryRunValue: text}}); err != nil {
		return fmt.Errorf("the plan was made, but the state did not take note of it: %w", err)
	}
	return nil
}
