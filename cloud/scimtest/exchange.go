package scimtest

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

const contentType = "application/scim+json"

// maxBody bounds the body of a request other than bulk, in bytes.
const maxBody = 16 << 20

// exchange is one parsed request.
type exchange struct {
	method   string
	kind     string // "Users", "Users/{id}", "Groups/{id}/Members", ...
	rt       *resourceType
	id       string
	query    url.Values
	header   http.Header
	body     []byte
	tracking string
	faults   activeFaults
}

// answer is the response to be written.
type answer struct {
	status int
	header map[string]string
	body   []byte
}

func ok(status int, body []byte) answer { return answer{status: status, body: body} }

func (a answer) with(name, value string) answer {
	h := map[string]string{name: value}
	for k, v := range a.header {
		h[k] = v
	}
	a.header = h
	return a
}

// serve processes every request: count, authorize, route, apply faults, handle, answer.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if !s.enter() {
		drop(w)
		return
	}
	defer s.running.Done()
	e := s.parse(r)
	if kind := oauthKind(r.URL.Path); kind != "" {
		s.serveOAuth(w, r, e, kind)
		return
	}
	s.tally.began(e.method, e.kind)
	status := 0
	defer func() { s.tally.ended(status) }()
	status = s.faults.around(s.ctx, w, r, e, func() answer {
		a, err := s.answer(w, r, e)
		if err != nil {
			return s.refusal(e, err)
		}
		return a
	})
}

func (s *Server) parse(r *http.Request) *exchange {
	e := &exchange{method: r.Method, query: r.URL.Query(), header: r.Header, kind: "other"}
	if !s.opt.Plain {
		e.tracking = fmt.Sprintf("SANDBOX_%s", s.store.tracking())
	}
	rest, ok := strings.CutPrefix(r.URL.Path, s.prefix)
	if second, is := strings.CutPrefix(r.URL.Path, "/v1/scim/"+s.opt.Org); is && !s.opt.Plain {
		rest, ok = second, true // the base of Entra's gallery application
	}
	if !ok {
		s.outside(e, r.URL.Path)
		return e
	}
	parts := strings.Split(strings.Trim(rest, "/"), "/")
	switch strings.ToLower(parts[0]) {
	case "users":
		e.rt, parts[0] = s.store.cat.users, "Users"
	case "groups":
		e.rt, parts[0] = s.store.cat.groups, "Groups"
	case "bulk":
		parts[0] = "Bulk"
	}
	switch {
	case len(parts) == 1 && parts[0] != "":
		e.kind = parts[0]
	case len(parts) == 2 && parts[1] == ".search" && e.rt != nil:
		e.kind = parts[0] + "/.search"
	case len(parts) == 2:
		e.kind, e.id = parts[0]+"/{id}", parts[1]
	case len(parts) == 3 && e.rt == s.store.cat.groups && parts[2] == "Members":
		e.kind, e.id = "Groups/{id}/Members", parts[1]
	}
	return e
}

// outside recognizes a path that is not below the SCIM root.
func (s *Server) outside(e *exchange, path string) {
	if id, ok := strings.CutPrefix(path, "/v1/organizations/"); ok {
		e.kind, e.id = "organizations/{id}", id
	}
	if id, ok := strings.CutPrefix(path, "/identity/organizations/"+s.opt.Org+"/v1/ArchivedUser/"); ok && !s.opt.Plain {
		e.kind, e.id = "ArchivedUser/{id}", id
	}
}

// writes reports whether the request changes something.
func (e *exchange) writes() bool {
	return e.method != http.MethodGet && e.method != http.MethodHead && !strings.HasSuffix(e.kind, ".search")
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request, e *exchange) (answer, error) {
	known, elsewhere := s.authorized(r)
	if !known {
		return answer{}, refuse(http.StatusUnauthorized, "", "the bearer token is missing, unknown or expired")
	}
	if elsewhere {
		return answer{}, refuse(http.StatusForbidden, "", "the token does not belong to this organization")
	}
	if e.kind == "other" && strings.HasPrefix(r.URL.Path, "/identity/scim/") && !strings.HasPrefix(r.URL.Path, s.prefix) {
		return answer{}, refuse(http.StatusForbidden, "", "the token does not belong to this organization")
	}
	if err := s.readBody(w, r, e); err != nil {
		return answer{}, err
	}
	if err := s.depart(e); err != nil {
		return answer{}, err
	}
	return s.route(e)
}

// authorized reports whether the request has a valid token, and whether that is another
// organization's.
func (s *Server) authorized(r *http.Request) (known, elsewhere bool) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return false, false
	}
	token = strings.TrimSpace(token)
	if subtle.ConstantTimeCompare([]byte(token), []byte(s.opt.Token)) == 1 {
		return true, false
	}
	return s.oauth.valid(token)
}

func (s *Server) readBody(w http.ResponseWriter, r *http.Request, e *exchange) error {
	limit, named := int64(maxBody), "the largest body"
	if e.kind == "Bulk" {
		limit, named = s.opt.MaxPayload, "maxPayloadSize"
	}
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return refuse(http.StatusRequestEntityTooLarge, "tooMany", "the size of the request exceeds %s (%d)", named, limit)
	}
	if err != nil {
		return refuse(http.StatusBadRequest, "invalidSyntax", "the body could not be read: %v", err)
	}
	if ct := r.Header.Get("Content-Type"); len(b) > 0 && ct != "" {
		mt, _, err := mime.ParseMediaType(ct)
		if err != nil || mt != contentType && mt != "application/json" {
			return refuse(http.StatusUnsupportedMediaType, "", "the content type %s is not supported", ct)
		}
	}
	e.body = b
	return nil
}

// refusal is the answer to a failed request.
func (s *Server) refusal(e *exchange, err error) answer {
	f := asFailure(err)
	a := ok(f.status, f.body(e.tracking))
	switch f.status {
	case http.StatusUnauthorized:
		a = a.with("WWW-Authenticate", `Bearer realm="sandbox", error="invalid_token"`)
	case http.StatusMethodNotAllowed:
		a = a.with("Allow", allowed(e.kind))
	}
	return a
}

// write sends an answer, in Webex's form if there is a tracking id.
func (a answer) write(w http.ResponseWriter, tracking string) {
	h := w.Header()
	media := contentType // as registered, without parameters (RFC 7644 section 8.1)
	if tracking != "" {
		h.Set("TrackingID", tracking)
		media += ";charset=UTF-8"
	}
	if len(a.body) > 0 {
		h.Set("Content-Type", media)
		h.Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	for k, v := range a.header {
		h.Set(k, v)
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // the client may be gone; nothing is left to do then
}
