package pac

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/metrics"
	"strings"
	"time"

	"github.com/dop251/goja"
)

// Serve is the child process: it reads one request and writes one reply. It ends the process itself where a
// script needs too much memory, and gives up after the limit.
func Serve(in io.Reader, out io.Writer, limit time.Duration) error {
	limitMemory()
	// The interpreter cannot be interrupted within its own functions, and the parent may be gone.
	time.AfterFunc(childTimeout, func() { os.Exit(1) })
	stop := make(chan struct{})
	done := make(chan struct{})
	go func() { defer close(done); watchMemory(stop) }()
	defer func() { close(stop); <-done }()
	var q request
	if err := json.NewDecoder(in).Decode(&q); err != nil {
		return err
	}
	var a reply
	s, err := load(q.Script, limit)
	if err == nil {
		a.Answer, err = s.find(q.URL, q.Host)
	}
	if err != nil {
		a.Error = oneLine(err.Error())
	}
	return json.NewEncoder(out).Encode(a)
}

// watchMemory ends the process if it has more memory than it may. The limits of the operating system are
// not the same everywhere; this one is.
func watchMemory(stop <-chan struct{}) {
	sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
		}
		if metrics.Read(sample); sample[0].Value.Uint64() > maxMemory {
			os.Exit(1)
		}
	}
}

// script is a loaded file.
type script struct {
	vm    *goja.Runtime
	limit time.Duration // of one answer
	find  func(url, host string) (string, error)
}

// load runs the file once, which defines its functions.
func load(text string, limit time.Duration) (*script, error) {
	return loadWith(helpers{now: time.Now, resolve: resolve, own: ownAddresses}, text, limit)
}

func loadWith(h helpers, text string, limit time.Duration) (*script, error) {
	s := &script{vm: goja.New(), limit: limit}
	s.vm.SetMaxCallStackSize(1000)
	h.define(s.vm)
	if _, err := s.run(func() (goja.Value, error) { return s.vm.RunScript("the file", text) }); err != nil {
		return nil, err
	}
	name := "FindProxyForURL"
	call, ok := goja.AssertFunction(s.vm.Get(name))
	if !ok {
		name = "FindProxyForURLEx"
		if call, ok = goja.AssertFunction(s.vm.Get(name)); !ok {
			return nil, errors.New("it has no function FindProxyForURL")
		}
	}
	s.find = func(url, host string) (string, error) {
		answer := "DIRECT" // as browsers read null
		_, err := s.run(func() (goja.Value, error) {
			v, err := call(goja.Undefined(), s.vm.ToValue(url), s.vm.ToValue(host))
			if err == nil && v != nil && !goja.IsNull(v) && !goja.IsUndefined(v) {
				answer = v.String() // runs the script too, if it is an object
			}
			return v, err
		})
		return answer, err
	}
	return s, nil
}

// run runs JavaScript within the time limit, and turns what it throws into an error.
func (s *script) run(fn func() (goja.Value, error)) (v goja.Value, err error) {
	timer := time.AfterFunc(s.limit, func() { s.vm.Interrupt("") })
	thrown := s.try(func() { v, err = fn() })
	timer.Stop()
	s.vm.ClearInterrupt()
	if err == nil && thrown != nil {
		err = thrown
	}
	var interrupted *goja.InterruptedError
	var deep *goja.StackOverflowError
	switch {
	case errors.As(err, &interrupted):
		return nil, fmt.Errorf("it gave no answer within %s", s.limit)
	case errors.As(err, &deep):
		return nil, errors.New("it calls itself without end")
	case err != nil:
		return nil, fmt.Errorf("it fails: %w", err)
	}
	return v, nil
}

// try returns what a function throws. Outside of a call, the interpreter panics when it is interrupted.
func (s *script) try(fn func()) (err error) {
	defer func() {
		if p := recover(); p != nil {
			var ok bool
			if err, ok = p.(error); !ok {
				err = fmt.Errorf("%v", p)
			}
		}
	}()
	if thrown := s.vm.Try(fn); thrown != nil {
		return thrown
	}
	return nil
}

func oneLine(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	if len(s) > 500 {
		s = s[:500]
	}
	return s
}
