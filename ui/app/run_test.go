package app

import (
	"bytes"
	"context"
	"io"
	stdsync "sync"
	"testing"

	"dirbridge/sync/control"
)

// sink records what the program sends, and signals each write.
type sink struct {
	mu   stdsync.Mutex
	buf  bytes.Buffer
	some chan struct{}
	once stdsync.Once
}

func (s *sink) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.once.Do(func() { close(s.some) })
	return s.buf.Write(p)
}

func TestRunEndsByQ(t *testing.T) {
	in, keyboard := io.Pipe()
	out := &sink{some: make(chan struct{})}
	opened := make(chan struct{})
	ended := make(chan error, 1)
	go func() {
		ended <- Run(t.Context(), Options{Input: in, Output: out, Opened: func() (control.Connector, error) {
			close(opened)
			return newFake(), nil
		}})
	}()
	<-out.some
	<-opened
	go io.WriteString(keyboard, "q")
	if err := <-ended; err != nil {
		t.Error(err)
	}
	keyboard.Close()
}

func TestRunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	in, keyboard := io.Pipe()
	defer keyboard.Close()
	out := &sink{some: make(chan struct{})}
	ended := make(chan error, 1)
	go func() { ended <- Run(ctx, Options{Input: in, Output: out, Connector: newFake()}) }()
	<-out.some
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestRunRefusesAnUnknownTheme(t *testing.T) {
	if err := Run(t.Context(), Options{Theme: "pink"}); err == nil {
		t.Error("it was taken")
	}
}
