package stage

import (
	stdsync "sync"
	"time"

	"dirbridge/sync/port"
	"dirbridge/sync/record"
)

// Meter holds the engine's progress.
type Meter struct {
	mu      stdsync.Mutex
	p       port.Progress
	depth   int
	Clock   func() time.Time
	Waiting func() string
}

func (m *Meter) Begin(mode record.Mode) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.depth++; m.depth == 1 {
		m.p = port.Progress{Mode: mode, Started: m.Clock(), Phase: port.Connecting, PhaseStarted: m.Clock()}
	}
}

func (m *Meter) End() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.depth--; m.depth == 0 {
		m.p.Phase = port.Idle
	}
}

func (m *Meter) Phase(p port.Phase, total int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.p.Phase, m.p.PhaseStarted, m.p.Done, m.p.Total = p, m.Clock(), 0, total
}

func (m *Meter) Add(n int64) {
	m.mu.Lock()
	m.p.Done += n
	m.mu.Unlock()
}

func (m *Meter) Update(fn func(*port.Progress)) {
	m.mu.Lock()
	fn(&m.p)
	m.mu.Unlock()
}

func (m *Meter) Snapshot() port.Progress {
	m.mu.Lock()
	p := m.p
	m.mu.Unlock()
	if p.Phase != port.Idle && m.Waiting != nil {
		p.Waiting = m.Waiting()
	}
	if p.Phase == "" {
		p.Phase = port.Idle
	}
	return p
}
