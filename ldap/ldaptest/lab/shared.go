package lab

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Shared are the servers that the tests of a package have in common: each is started by the first
// test that asks for it, without people, and runs until Close. A test keeps to containers of its
// own (Scratch), and changes nothing that others notice; one that has to, or that restarts or cuts
// the server, or needs a whole company, starts its own by Samba or Slapd.
type Shared struct {
	mu      sync.Mutex
	servers map[string]map[string]string // settings, by server and configuration
	ends    []func() error
}

// Samba is the shared domain controller.
func (s *Shared) Samba(t testing.TB) *Directory {
	t.Helper()
	return lent(t, sambaDirectory(s.once("samba", func() map[string]string { return startSamba(t, s, Empty) })))
}

// Slapd is the shared OpenLDAP server, one for each SLAPD_SYNC, which is log by default.
func (s *Shared) Slapd(t testing.TB, env ...string) *Directory {
	t.Helper()
	if len(env) == 0 {
		env = []string{"SLAPD_SYNC=log"}
	}
	return lent(t, slapdDirectory(s.once("slapd "+strings.Join(env, " "),
		func() map[string]string { return startSlapd(t, s, Empty, env) })))
}

// Scimmy is an empty organization of its own on the shared SCIM server, one for each configuration.
// env are settings such as "MAX_RESULTS=7"; testdata/lab/scimmy/server.js lists them.
func (s *Shared) Scimmy(t testing.TB, env ...string) Cloud {
	t.Helper()
	settings := s.once("scimmy "+strings.Join(env, " "), func() map[string]string { return startScimmy(t, s, env) })
	return Cloud{URL: settings["SCIM_URL"], Token: settings["SCIM_TOKEN"] + "-" + hex.EncodeToString(random(6))}
}

// lent ends the session of the test with it.
func lent(t testing.TB, d *Directory) *Directory {
	t.Cleanup(d.Close)
	return d
}

// once starts a server, unless it runs. A test that skips or fails in start leaves it to the next.
func (s *Shared) once(name string, start func() map[string]string) map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.servers[name] == nil {
		settings := start()
		if s.servers == nil {
			s.servers = map[string]map[string]string{}
		}
		s.servers[name] = settings
	}
	return s.servers[name]
}

// Run runs the tests of a package, and stops the servers after them.
func (s *Shared) Run(m interface{ Run() int }) int {
	code := m.Run()
	if err := s.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	return code
}

// Close stops the servers, the last first.
func (s *Shared) Close() (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, end := range slices.Backward(s.ends) {
		err = errors.Join(err, end())
	}
	s.servers, s.ends = nil, nil
	return err
}

// atEnd is called by once.
func (s *Shared) atEnd(end func() error) { s.ends = append(s.ends, end) }

// owner is what a server belongs to: a test, or the tests of a package.
type owner interface{ atEnd(end func() error) }

type own struct{ testing.TB }

func (o own) atEnd(end func() error) {
	o.Cleanup(func() {
		if err := end(); err != nil {
			o.Error(err)
		}
	})
}
