package cloud

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"

	"dirbridge/cloud/webex"
	"dirbridge/sync/identity"
)

var errNoListing = errors.New("the answer is not a SCIM list: it has neither Resources nor totalResults")

// refusal is the reason why a request failed: an unsuccessful answer, or no answer.
type refusal struct {
	status         int // 0 without an answer
	originalStatus int // the original status, if the message implies another one; else 0
	detail         string
	scimType       string
	tracking       string
	html           bool
	// retryAfter is the value of Retry-After; retryAfterSet means that the header was present.
	retryAfter    time.Duration
	retryAfterSet bool
	// unknown means that the request may have been carried out.
	unknown bool
	cause   error
}

func (r *refusal) Error() string {
	var b strings.Builder
	switch {
	case r.html:
		b.WriteString("the cloud answered with a web page instead of SCIM")
		if r.status != 0 {
			fmt.Fprintf(&b, " (%d)", r.status)
		}
	case r.status != 0:
		status := r.status
		if r.originalStatus != 0 {
			status = r.originalStatus
		}
		fmt.Fprintf(&b, "the cloud answered %d", status)
		if s := http.StatusText(status); s != "" {
			b.WriteString(" " + s)
		}
		if r.scimType != "" {
			b.WriteString(" (" + r.scimType + ")")
		}
	case r.cause != nil:
		b.WriteString(r.cause.Error())
	}
	if r.status != 0 && r.detail != "" {
		b.WriteString(": " + r.detail)
	}
	if r.status != 0 && r.cause != nil {
		b.WriteString(": " + r.cause.Error())
	}
	if r.tracking != "" {
		b.WriteString(" [tracking id " + r.tracking + "]")
	}
	return b.String()
}

// short is the refusal in a word or two.
func (r *refusal) short() string {
	if r.status != 0 {
		return strconv.Itoa(r.status)
	}
	return "no answer"
}

func (r *refusal) Unwrap() error { return r.cause }

// refusalOf returns the refusal in the chain of err, or nil.
func refusalOf(err error) *refusal {
	var r *refusal
	if errors.As(err, &r) {
		return r
	}
	return nil
}

// status returns the HTTP status in the chain of err, or 0.
func status(err error) int {
	if r := refusalOf(err); r != nil {
		return r.status
	}
	return 0
}

// class returns the class of an error of this package.
func class(err error) identity.Class {
	var f *identity.Failure
	if errors.As(err, &f) {
		return f.Class
	}
	return identity.Retry
}

// fail makes an error with its remedy.
func fail(c identity.Class, remedy string, err error) error {
	return &identity.Failure{Class: c, Side: identity.InCloud, Remedy: remedy, Err: err}
}

// failure wraps a refusal with class and remedy.
func (r *refusal) failure() error {
	if class, remedy := identity.Shortage(r.cause); remedy != "" { // the request never reached the cloud
		return &identity.Failure{Class: class, Remedy: remedy, Err: r}
	}
	c, remedy := r.verdict()
	return fail(c, remedy, r)
}

// verdict returns the class and the remedy of a refusal.
func (r *refusal) verdict() (identity.Class, string) {
	switch {
	case r.status == http.StatusUnauthorized:
		return identity.Hold, "The token is wrong or has expired. Make a new one and store it where [cloud] token points."
	case r.html:
		return identity.GiveUp, "Check base_url, and that no proxy or sign-in page answers in the cloud's place."
	case r.status == 0:
		return r.lostVerdict()
	case r.status >= 300 && r.status < 400:
		return identity.GiveUp,
			"Redirects are not followed, as they would carry the token to another place. Set base_url to the address itself."
	}
	switch r.status {
	case http.StatusBadRequest:
		return identity.GiveUp, "Correct the value in the directory, or its mapping; the cloud's words say which it is."
	case http.StatusProxyAuthRequired:
		return identity.GiveUp,
			"The proxy asks for a sign-in. Set proxy_user and proxy_password, or let the cloud's host pass without one."
	case http.StatusForbidden:
		return identity.GiveUp,
			"Give the account behind the token the right to read and write users and groups (Webex: the scope " +
				"identity:people_rw, and full or user administrator)."
	case http.StatusNotFound:
		return identity.GiveUp, "Check base_url; for one record, that it still exists in the cloud."
	case http.StatusConflict:
		return identity.GiveUp, "Another entry in the cloud has this value already. Change one of them."
	case http.StatusRequestEntityTooLarge:
		return identity.GiveUp, "The record is larger than the cloud accepts. Shorten its values."
	case http.StatusRequestTimeout, http.StatusLocked, http.StatusTooManyRequests:
		return identity.Retry, "The cloud asks to slow down. Try again later, or set requests_per_second."
	}
	if r.status >= 500 && r.status != http.StatusNotImplemented {
		return identity.Retry,
			"The cloud has a problem of its own. Try again later; if it stays, give the tracking id to its support."
	}
	return identity.GiveUp, "Check that base_url points to a SCIM 2.0 service and that it supports this."
}

// lostVerdict classifies a request without an answer.
func (r *refusal) lostVerdict() (identity.Class, string) {
	if class, remedy, is := tlsFailure(r.cause); is {
		return class, remedy
	}
	var dns *net.DNSError
	var known *identity.Failure
	switch {
	case errors.As(r.cause, &known):
		return known.Class, known.Remedy
	case errors.As(r.cause, &dns):
		return identity.Retry, "The host's name could not be resolved. Check base_url and DNS."
	case errors.Is(r.cause, context.DeadlineExceeded):
		return identity.Retry, "The cloud did not answer in time. Check the network and the proxy, and try again."
	}
	return identity.Retry, "Check the network, the proxy and base_url, and try again."
}

// refuse reads an unsuccessful answer. It removes secrets from the text before shortening it: half
// a token is still a secret.
func (c *client) refuse(status int, h http.Header, body []byte) *refusal {
	clean := func(s string) string { return clean(c.secrets.Said(s)) }
	redirect := status >= 300 && status < 400 // its body, usually a page, does not matter
	r := &refusal{status: status, html: isHTML(h, body) && !redirect, tracking: clean(webex.TrackingID(h, body))}
	if r.html {
		return r
	}
	var e struct {
		Detail   string
		ScimType string
		Message  string
		Errors   []struct{ Description string }
	}
	// Another format, such as a list or plain text, has nothing to show.
	_ = json.Unmarshal(body, &e)
	r.scimType, r.detail = clean(e.ScimType), clean(e.Detail)
	if r.detail == "" {
		r.detail = clean(e.Message)
	}
	if meant := meaning(r.scimType); status == http.StatusInternalServerError && meant != 0 {
		r.status, r.originalStatus = meant, status
	}
	for _, more := range e.Errors {
		if d := clean(more.Description); d != "" && d != r.detail {
			r.detail = strings.TrimPrefix(r.detail+"; "+d, "; ")
		}
	}
	if redirect {
		r.detail = "it redirects to " + clean(h.Get("Location"))
	}
	return r
}

// tracking is the id by which the provider finds an answer, or "".
func (c *client) tracking(h http.Header) string {
	return clean(c.secrets.Said(webex.TrackingID(h, nil)))
}

// tracked adds the tracking id of an answer to an error about it that has none.
func tracked(err error, id string) error {
	if err == nil || id == "" || strings.Contains(err.Error(), "[tracking id ") {
		return err
	}
	return fmt.Errorf("%w [tracking id %s]", err, id)
}

// meaning is the status that belongs to a scimType (RFC 7644 section 3.12). Some clouds send it
// with a 500, although it is an answer about the record and no failure of the cloud. It is 0 for
// any other text.
func meaning(scimType string) int {
	switch strings.ToLower(scimType) {
	case "uniqueness":
		return http.StatusConflict
	case "toomany", "invalidfilter", "mutability", "invalidsyntax", "invalidpath", "notarget", "invalidvalue",
		"invalidvers", "sensitive":
		return http.StatusBadRequest
	}
	return 0
}

// isHTML recognises the answer of a proxy or a sign-in page.
func isHTML(h http.Header, body []byte) bool {
	if strings.Contains(strings.ToLower(h.Get("Content-Type")), "html") {
		return true
	}
	for _, c := range body {
		switch c {
		case ' ', '\n', '\r', '\t', 0xEF, 0xBB, 0xBF:
		default:
			return c == '<'
		}
	}
	return false
}

// clean makes a server's text safe to show: without control characters, and short.
func clean(s string) string {
	s = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD")))
	if words := []rune(s); len(words) > 400 {
		s = string(words[:400]) + "…"
	}
	return s
}
