package scimtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Server is a running cloud. All methods may be called from any goroutine.
type Server struct {
	opt    Options
	prefix string // path of the SCIM root
	url    string
	store  *store
	faults *faults
	tally  *tally
	oauth  *oauth
	http   *http.Server
	// expired counts the cursors that were asked for.
	expired atomic.Int64
	ctx     context.Context // ends when the server closes
	cancel  context.CancelFunc
	served  sync.WaitGroup

	mu      sync.Mutex
	closing bool
	running sync.WaitGroup // requests; added to under mu, and only while not closing
}

// Start listens and serves until Close, or until ctx ends.
func Start(ctx context.Context, opt Options) (*Server, error) {
	opt = opt.withDefaults()
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", opt.Addr)
	if err != nil {
		return nil, fmt.Errorf("start the embedded cloud: %w", err)
	}
	s := &Server{opt: opt, prefix: "/identity/scim/" + opt.Org + "/v2"}
	s.url = "http://" + l.Addr().String() + s.prefix
	s.ctx, s.cancel = context.WithCancel(ctx)
	s.tally = newTally(opt.Clock)
	s.faults = newFaults(s.tally)
	s.store = newStore(opt, s.url, s.faults, s.tally)
	s.oauth = newOAuth(opt, "http://"+l.Addr().String(), s.tally)
	s.http = &http.Server{Handler: http.HandlerFunc(s.serve), ReadHeaderTimeout: 10 * time.Second,
		ErrorLog: log.New(io.Discard, "", 0)} // a client that disconnects is not an error
	s.served.Add(2)
	go func() {
		defer s.served.Done()
		if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.cancel()
		}
	}()
	go func() {
		defer s.served.Done()
		<-s.ctx.Done()
		s.mu.Lock()
		s.closing = true
		s.mu.Unlock()
		_ = s.http.Close() // open connections are of no use any more
		s.running.Wait()
	}()
	return s, nil
}

// enter admits a request; false once the server closes.
func (s *Server) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return false
	}
	s.running.Add(1)
	return true
}

// URL is the root of the SCIM API, without a trailing slash.
func (s *Server) URL() string { return s.url }

// Token is the required bearer token.
func (s *Server) Token() string { return s.opt.Token }

// Org is the organization's UUID.
func (s *Server) Org() string { return s.opt.Org }

// Close stops the server, and waits for its requests. Its data can still be read. It may be called
// again.
func (s *Server) Close() error {
	s.cancel()
	s.served.Wait()
	return nil
}
