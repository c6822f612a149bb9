package app

import (
	"fmt"
	"time"

	"dirbridge/sync/identity"
)

// fault is the last error, shown until it is acknowledged (P13).
type fault struct {
	at     time.Time
	what   string
	remedy string
	of     reason
}

// reason is the condition behind an error that can end without the operator; "" is an error that
// stays until it is acknowledged.
type reason string

const (
	ofState   reason = "state"   // until the state can be read
	ofRequest reason = "request" // until another request succeeds
)

// failOf is fail for an error that over removes.
func (r *root) failOf(of reason, what string, err error) {
	before := r.fault
	if r.fail(what, err); r.fault != nil && r.fault != before {
		r.fault.of = of
	}
}

// over removes the error if its reason has ended.
func (r *root) over(of reason) {
	if r.fault != nil && r.fault.of == of {
		r.fault = nil
	}
}

// say shows a message in the status line, for a while.
func (r *root) say(format string, args ...any) {
	r.note, r.noted, r.refused = fmt.Sprintf(format, args...), r.now(), false
}

// noteFor is how long a message stays; errors stay until they are acknowledged.
const noteFor = 10 * time.Second

// fade removes a message that was shown long enough.
func (r *root) fade() {
	if r.note != "" && r.now().Sub(r.noted) >= noteFor {
		r.note = ""
	}
}

// fail shows an error with its remedy until it is acknowledged.
func (r *root) fail(what string, err error) {
	if err == nil || r.ctx.Err() != nil {
		return
	}
	r.fault = &fault{at: r.now(), what: what + ": " + err.Error(), remedy: identity.Remedy(err)}
}
