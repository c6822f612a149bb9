package control

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
)

// Provisioner is another program that provisions the organization, with the operator that confirmed
// that Dirbridge works beside it; At is zero without one.
type Provisioner struct {
	facts.Provisioner
	By string    `json:"confirmed_by,omitempty"`
	At time.Time `json:"confirmed_at,omitzero"`
}

// ProvisionerSentence says what was noticed of it, without the final period.
func ProvisionerSentence(p Provisioner) string { return facts.ProvisionerSentence(p.Provisioner) }

// ProvisionerRemedy is what to do about another program.
const ProvisionerRemedy = "Two programs that write the same people undo each other's work. Stop the other one, " +
	"or take out of the scope of one what belongs to the other. Its accounts are matched, not written again."

// remedyBeside is how to go on beside it.
const remedyBeside = "If both are meant to write: dirbridge enable --beside-provisioners."

// Unconfirmed lists the other programs that no operator has confirmed.
func (m ModeStatus) Unconfirmed() (all []Provisioner) {
	for _, p := range m.Provisioners {
		if p.At.IsZero() {
			all = append(all, p)
		}
	}
	return all
}

// Accepting is what an operator accepts that enables synchronization knowing all that m says.
func (m ModeStatus) Accepting() EnableOptions {
	return EnableOptions{WithoutDeletions: len(m.Unseen) > 0, BesideProvisioners: len(m.Unconfirmed()) > 0}
}

// provisioners lists what was found when the cloud was last read completely.
func (l *Local) provisioners(ctx context.Context) (all []Provisioner, err error) {
	var cloud facts.CloudStatistics
	if err := facts.ReadValue(ctx, l.opt.Store, facts.StatisticsValue, &cloud); err != nil {
		return nil, err
	}
	confirmed, err := l.confirmedProvisioners(ctx)
	for _, p := range cloud.Provisioners {
		one := Provisioner{Provisioner: p}
		for _, c := range confirmed {
			if c.Key == p.Key() {
				one.By, one.At = c.By, c.At
			}
		}
		all = append(all, one)
	}
	return all, err
}

func (l *Local) confirmedProvisioners(ctx context.Context) (all []facts.ConfirmedProvisioner, err error) {
	return all, facts.ReadValue(ctx, l.opt.Store, facts.ConfirmedProvisionersValue, &all)
}

// mayGoBeside refuses to enable synchronization beside another program that is not confirmed.
func mayGoBeside(m ModeStatus, opt EnableOptions) error {
	open := m.Unconfirmed()
	if len(open) == 0 || opt.BesideProvisioners {
		return nil
	}
	var why []string
	for _, p := range open {
		why = append(why, ProvisionerSentence(p))
	}
	return &identity.Failure{Class: identity.GiveUp, Remedy: ProvisionerRemedy + " " + remedyBeside,
		Err: fmt.Errorf("synchronization is not enabled: %s", strings.Join(why, ". "))}
}

// confirmProvisioners stores the operator's confirmation of the programs that have none.
func (l *Local) confirmProvisioners(ctx context.Context, m ModeStatus, opt EnableOptions) error {
	open := m.Unconfirmed()
	if len(open) == 0 || !opt.BesideProvisioners {
		return nil
	}
	all, err := l.confirmedProvisioners(ctx)
	if err != nil {
		return err
	}
	now := time.Now().UTC()
	var events []record.Event
	for _, p := range open {
		all = slices.DeleteFunc(all, func(c facts.ConfirmedProvisioner) bool { return c.Key == p.Key() })
		all = append(all, facts.ConfirmedProvisioner{Key: p.Key(), By: l.opt.Operator, At: now})
		events = append(events, record.Event{Time: now, Level: record.Info, Code: "provisioner-confirmed",
			Message: l.by("Working beside another program was confirmed", ProvisionerSentence(p))})
	}
	text, err := facts.TextOf(all)
	if err != nil {
		return err
	}
	return l.opt.Store.Commit(ctx, port.Batch{Values: map[string]string{facts.ConfirmedProvisionersValue: text},
		Events: events})
}

// ScheduleWarnings are the warnings of a process that begins to serve the schedule.
func ScheduleWarnings(m ModeStatus) (events []record.Event) {
	events = unseenEvents(m)
	for _, p := range m.Unconfirmed() {
		events = append(events, record.Event{Level: record.Warn, Code: "another-provisioner", Side: identity.InCloud,
			Message: ProvisionerSentence(p) + ".", Remedy: ProvisionerRemedy + " " + remedyBeside})
	}
	return events
}
