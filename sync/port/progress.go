package port

import (
	"time"

	"dirbridge/sync/record"
)

// Phase is what a run is doing. The words are shown as they stand.
type Phase string

const (
	Idle             Phase = "idle"
	Connecting       Phase = "connecting"
	Recovering       Phase = "checking unfinished writes"
	ReadingDirectory Phase = "reading the directory"
	ReadingCloud     Phase = "reading the cloud"
	Matching         Phase = "matching"
	Planning         Phase = "planning"
	Verifying        Phase = "verifying the plan"
	Applying         Phase = "applying"
	Recording        Phase = "recording"
)

// Progress is a snapshot of what the engine is doing. Done counts within Phase; Total is 0 if it is
// not known. The user interfaces poll it.
type Progress struct {
	Run          int64         `json:"run,omitempty"`
	Mode         record.Mode   `json:"mode,omitempty"`
	Phase        Phase         `json:"phase"`
	Started      time.Time     `json:"started,omitzero"`
	PhaseStarted time.Time     `json:"phase_started,omitzero"`
	Done         int64         `json:"done"`
	Total        int64         `json:"total"`
	People       int64         `json:"people"` // read from the directory
	Accounts     int64         `json:"accounts"`
	Counts       record.Counts `json:"counts"` // applied so far
	Failed       int64         `json:"failed"`
	Skipped      int64         `json:"skipped"`
	Waiting      string        `json:"waiting,omitempty"` // "429: resuming in 12 s"
}

// Rate is the phase's average number per second; 0 if nothing is known yet.
func (p Progress) Rate(now time.Time) float64 {
	s := now.Sub(p.PhaseStarted).Seconds()
	if s <= 0 || p.Done == 0 {
		return 0
	}
	return float64(p.Done) / s
}

// Left is how long the rest of the phase takes at that rate; 0 if unknown.
func (p Progress) Left(now time.Time) time.Duration {
	r := p.Rate(now)
	if r == 0 || p.Total <= p.Done {
		return 0
	}
	return time.Duration(float64(p.Total-p.Done) / r * float64(time.Second))
}
