package app

import (
	"dirbridge/config"
	"dirbridge/sync/check"
	"dirbridge/sync/control"
)

// checks is the part of the fake for checks.
type checks struct {
	progress control.CheckProgress
	last     control.Checked
	number   int64
	started  int
	drafts   []*config.Draft
	cancels  int
}

func (f *fake) StartCheck(draft *config.Draft) error {
	if err := f.call("StartCheck"); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.checks.started++
	f.checks.drafts = append(f.checks.drafts, draft)
	f.checks.progress = control.CheckProgress{Phase: check.People, Directory: "corp", Started: noon, Done: 29300,
		Findings: 112}
	return nil
}

func (f *fake) CancelCheck() { f.mu.Lock(); f.checks.cancels++; f.mu.Unlock() }

func (f *fake) CheckProgress() control.CheckProgress {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.checks.progress.Phase == "" {
		return control.CheckProgress{Phase: control.CheckIdle}
	}
	return f.checks.progress
}

func (f *fake) Checked() (control.Checked, int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.checks.last, f.checks.number
}

// endCheck ends the current check.
func (f *fake) endCheck(c control.Checked) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.checks.progress = control.CheckProgress{Phase: control.CheckIdle}
	f.checks.last, f.checks.number = c, f.checks.number+1
}
