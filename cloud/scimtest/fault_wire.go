package scimtest

import (
	"context"
	"net/http"
	"strconv"
	"time"
)

const htmlPage = `<!DOCTYPE html><html><head><title>Service</title></head><body><h1>Please sign in</h1></body></html>`

// around answers a request under the faults that apply to it. It returns the status that was sent,
// 0 for none.
func (f *faults) around(ctx context.Context, w http.ResponseWriter, r *http.Request, e *exchange,
	handle func() answer) int {
	var healed <-chan struct{}
	e.faults, healed = f.active(e)
	for _, x := range e.faults {
		if x.Effect != StallAfter && !x.wait(ctx, r.Context(), healed) {
			return drop(w)
		}
	}
	for _, x := range e.faults {
		switch x.Effect {
		case DropBefore:
			return drop(w)
		case Refuse:
			return x.refusal(e).send(w, e)
		case HTML:
			a := answer{status: x.Status, body: []byte(htmlPage)}.with("Content-Type", "text/html; charset=utf-8")
			if a.status == 0 {
				a.status = http.StatusOK
			}
			return a.send(w, e)
		}
	}
	a := handle()
	for _, x := range e.faults {
		switch x.Effect {
		case StallAfter:
			if !x.wait(ctx, r.Context(), healed) {
				return drop(w)
			}
		case DropAfter:
			return drop(w)
		case TruncateJSON:
			a.body = a.body[:len(a.body)/2]
		case CutBody:
			return a.sendHalf(w, e)
		}
	}
	return a.send(w, e)
}

// wait delays a request; false means that the client no longer waits for the answer.
func (x Fault) wait(ctx, client context.Context, healed <-chan struct{}) bool {
	var done <-chan time.Time
	switch x.Effect {
	case Delay:
		t := time.NewTimer(x.For)
		defer t.Stop()
		done = t.C
	case Stall, StallAfter:
	default:
		return true
	}
	select {
	case <-done:
	case <-healed:
	case <-client.Done():
		return false
	case <-ctx.Done():
		return false
	}
	return true
}

// refusal is the answer of the effect Refuse.
func (x Fault) refusal(e *exchange) answer {
	status := x.Status
	if status == 0 {
		status = http.StatusServiceUnavailable
	}
	failed := refuse(status, "", "%s", http.StatusText(status))
	if status == http.StatusConflict {
		failed.scimType = "uniqueness"
	}
	a := ok(status, failed.body(e.tracking))
	if status == http.StatusUnauthorized {
		a = a.with("WWW-Authenticate", `Bearer realm="sandbox", error="invalid_token"`)
	}
	if x.RetryAfter <= 0 {
		return a
	}
	if x.RetryAsDate {
		return a.with("Retry-After", time.Now().Add(x.RetryAfter).UTC().Format(http.TimeFormat))
	}
	return a.with("Retry-After", strconv.Itoa(int((x.RetryAfter+time.Second-1)/time.Second)))
}

func (a answer) send(w http.ResponseWriter, e *exchange) int {
	a.write(w, e.tracking)
	return a.status
}

// sendHalf announces the complete body, sends half of it and closes the connection.
func (a answer) sendHalf(w http.ResponseWriter, e *exchange) int {
	whole := len(a.body)
	a.body = a.body[:whole/2]
	if whole > 0 {
		a = a.with("Content-Length", strconv.Itoa(whole))
	}
	a.write(w, e.tracking)
	_ = http.NewResponseController(w).Flush()
	drop(w)
	return a.status
}

// drop closes the connection without an answer.
func drop(w http.ResponseWriter) int {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // closes the connection without an answer
	}
	_ = conn.Close()
	return 0
}
