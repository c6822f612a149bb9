package view

import "dirbridge/sync/control"

// BesideAsk is the question before the schedule runs beside another program.
const BesideAsk = "Turn the schedule on although another program provisions this organization?"

// Beside says which other programs no operator has confirmed, one sentence for each.
func Beside(all []control.Provisioner) (lines []string) {
	for _, p := range all {
		lines = append(lines, control.ProvisionerSentence(p)+".")
	}
	return lines
}

// EnableRisks says what an operator accepts by turning the schedule on, with the remedies.
func EnableRisks(m control.ModeStatus) []string {
	lines := Unseen(m.Unseen)
	if len(m.Unseen) > 0 {
		lines = append(lines, UnseenRemedy(m.Unseen))
	}
	if open := m.Unconfirmed(); len(open) > 0 {
		lines = append(append(lines, Beside(open)...), control.ProvisionerRemedy)
	}
	return lines
}

// EnableAnyway is the choice that accepts them; "" if there is nothing to accept.
func EnableAnyway(m control.ModeStatus) string {
	switch unseen, beside := len(m.Unseen) > 0, len(m.Unconfirmed()) > 0; {
	case unseen && beside:
		return "without seeing deletions, and beside another program"
	case unseen:
		return "without seeing deletions"
	case beside:
		return "beside another program"
	}
	return ""
}
