package proxy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"dirbridge/cloud/proxy/pac"
)

// Bounds on an auto-configuration file.
const (
	maxPAC     = 1 << 20 // bytes
	pacTimeout = 10 * time.Second
	pacFresh   = 5 * time.Minute // after which it is read again
	pacAnswer  = time.Minute     // for which an answer about a host holds: files may ask for the time
)

// pacFile chooses by an auto-configuration file. The file is a program of others: a child process runs
// it, with bounds of time and memory. Its methods may be called from several goroutines; one at a time runs
// the file.
type pacFile struct {
	where    string // URL or path
	command  []string
	warn     func(error)
	now      func() time.Time
	fetching *http.Client

	mu      sync.Mutex
	script  string    // "" before the first success
	read    time.Time // when the script was read, or last tried
	answers map[string]pacChoice
}

type pacChoice struct {
	choice Choice
	until  time.Time
}

func newPAC(s *Settings) *pacFile {
	warn := s.Warn
	if warn == nil {
		warn = func(error) {}
	}
	direct := http.DefaultTransport.(*http.Transport).Clone()
	direct.Proxy = nil // the file says which proxy there is, so it cannot be behind one
	return &pacFile{where: s.Proxy[len("pac:"):], command: s.Evaluator, warn: warn, now: time.Now,
		fetching: &http.Client{Transport: direct, Timeout: pacTimeout}, answers: map[string]pacChoice{}}
}

func (p *pacFile) choose(ctx context.Context, target *url.URL) (Choice, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.refresh(ctx); err != nil {
		return Choice{}, err
	}
	key := target.Scheme + "://" + target.Host
	if a, ok := p.answers[key]; ok && p.now().Before(a.until) {
		return a.choice, nil
	}
	// As browsers do, the file sees the host alone: a path may hold what is confidential.
	answer, err := pac.Find(ctx, p.command, p.script, key+"/", target.Hostname())
	if err != nil {
		return Choice{}, fmt.Errorf("the proxy auto-configuration file %s: %w", p.where, err)
	}
	routes, err := parsePAC(answer)
	if err != nil {
		return Choice{}, err
	}
	c := Choice{routes, p.where + " answers " + fmt.Sprintf("%q", answer)}
	if len(p.answers) > 1000 {
		clear(p.answers)
	}
	p.answers[key] = pacChoice{c, p.now().Add(pacAnswer)}
	return c, nil
}

// refresh reads the file again if it is old. If that fails, the copy from before stays in use, with a
// warning; without one, it is an error.
func (p *pacFile) refresh(ctx context.Context) error {
	if p.script != "" && p.now().Sub(p.read) < pacFresh {
		return nil
	}
	script, err := p.fetch(ctx)
	if err != nil {
		err = fmt.Errorf("the proxy auto-configuration file %s cannot be read: %w", p.where, err)
		if p.script == "" {
			return err
		}
		p.read = p.now()
		p.warn(fmt.Errorf("%w; the copy from before stays in use", err))
		return nil
	}
	p.read = p.now()
	if script != p.script {
		p.script = script
		clear(p.answers)
	}
	return nil
}

func (p *pacFile) fetch(ctx context.Context) (string, error) {
	u, err := url.Parse(p.where)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		// A pipe would wait for its other end.
		if info, err := os.Stat(p.where); err == nil && !info.Mode().IsRegular() {
			return "", errors.New("it is not a file")
		}
		f, err := os.Open(p.where)
		if err != nil {
			return "", err
		}
		defer func() { _ = f.Close() }()
		return bounded(f)
	}
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, p.where, nil)
	if err != nil {
		return "", err
	}
	res, err := p.fetching.Do(q)
	if err != nil {
		var dns *net.DNSError
		if errors.As(err, &dns) {
			return "", fmt.Errorf("the name %s is not known", u.Hostname())
		}
		return "", err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return "", fmt.Errorf("the server answers %s", res.Status)
	}
	return bounded(res.Body)
}

func bounded(r io.Reader) (string, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxPAC+1))
	switch {
	case err != nil:
		return "", err
	case len(text) > maxPAC:
		return "", fmt.Errorf("it is larger than %d bytes", maxPAC)
	case strings.HasPrefix(strings.TrimSpace(string(text)), "<"):
		return "", errors.New("it is a web page, not a script")
	case len(text) == 0:
		return "", errors.New("it is empty")
	}
	return string(text), nil
}
