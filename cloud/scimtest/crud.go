package scimtest

import (
	"encoding/json"
	"net/http"
	"strings"
)

// decodeBody reads a JSON object.
func decodeBody(body []byte) (map[string]any, error) {
	var m map[string]any
	if err := json.Unmarshal(body, &m); err != nil {
		return nil, refuse(http.StatusBadRequest, "invalidSyntax", "the body is not a JSON object: %v", err)
	}
	if m == nil {
		return nil, refuse(http.StatusBadRequest, "invalidSyntax", "the body is empty")
	}
	return m, nil
}

// acceptBody reads a resource from a body, which must name the core schema.
func acceptBody(rt *resourceType, body []byte) (map[string]any, error) {
	m, err := decodeBody(body)
	if err != nil {
		return nil, err
	}
	named := false
	for key, v := range m {
		if strings.EqualFold(key, "schemas") {
			for _, urn := range asList(v) {
				text, _ := urn.(string)
				named = named || strings.EqualFold(text, rt.core.id)
			}
		}
	}
	if !named {
		return nil, refuse(http.StatusBadRequest, "invalidSyntax", "schemas must name %s", rt.core.id)
	}
	return rt.accept(m)
}

func (s *Server) create(e *exchange) (answer, error) {
	attrs, err := acceptBody(e.rt, e.body)
	if err != nil {
		return answer{}, err
	}
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	r, err := s.store.create(byRequest, e.rt, attrs)
	if err != nil {
		return answer{}, err
	}
	return s.show(http.StatusCreated, r, e).with("Location", s.store.location(r)), nil
}

func (s *Server) read(e *exchange) (answer, error) {
	s.store.mu.RLock()
	defer s.store.mu.RUnlock()
	r, err := s.store.get(e.rt, e.id)
	if err != nil {
		return answer{}, err
	}
	if e.header.Get("If-None-Match") == r.etag() {
		return ok(http.StatusNotModified, nil).with("ETag", r.etag()), nil
	}
	return s.show(http.StatusOK, r, e), nil
}

// show answers with one resource. The caller holds the lock.
func (s *Server) show(status int, r *resource, e *exchange) answer {
	look := selectionOf(e.query)
	look.members = true
	return ok(status, s.store.encodeSelected(r, look)).with("ETag", r.etag())
}

// precondition evaluates If-Match.
func precondition(e *exchange, r *resource) error {
	want := e.header.Get("If-Match")
	if want == "" || want == "*" || want == r.etag() {
		return nil
	}
	return refuse(http.StatusPreconditionFailed, "", "the version is %s, not %s", r.etag(), want)
}

func (s *Server) replace(e *exchange) (answer, error) {
	after, err := acceptBody(e.rt, e.body)
	if err != nil {
		return answer{}, err
	}
	return s.change(e, func(r *resource) (answer, error) {
		if err := s.store.replace(byRequest, r, after); err != nil {
			return answer{}, err
		}
		return s.show(http.StatusOK, r, e), nil
	})
}

// change applies fn to the resource of the request, under the write lock, if its precondition holds.
func (s *Server) change(e *exchange, fn func(*resource) (answer, error)) (answer, error) {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	r, err := s.store.get(e.rt, e.id)
	if err != nil {
		return answer{}, err
	}
	if err := precondition(e, r); err != nil {
		return answer{}, err
	}
	return fn(r)
}

// replace replaces everything that a client may write, members included. The caller holds the write
// lock.
func (s *store) replace(by origin, r *resource, after map[string]any) error {
	var edit *memberEdit
	if r.members != nil {
		edit = s.editMembers(r)
		edit.clear()
		if err := edit.addAll(after["members"]); err != nil {
			return err
		}
		delete(after, "members")
	}
	return s.update(by, http.MethodPut, r, r.attrs(), after, edit)
}

func (s *Server) patch(e *exchange) (answer, error) {
	ops, err := decodePatch(e.body)
	if err != nil {
		return answer{}, err
	}
	return s.change(e, func(r *resource) (answer, error) {
		if err := s.store.patch(byRequest, r, ops); err != nil {
			return answer{}, err
		}
		if s.opt.QuietPatch {
			return ok(http.StatusNoContent, nil).with("ETag", r.etag()), nil
		}
		return s.show(http.StatusOK, r, e), nil
	})
}

// patch executes all operations or none. The caller holds the write lock.
func (s *store) patch(by origin, r *resource, ops []Op) error {
	before := r.attrs()
	d := &draft{rt: r.rt, attrs: clone(before).(map[string]any)}
	if r.members != nil {
		d.edit = s.editMembers(r)
	}
	for _, op := range ops {
		if err := d.apply(op); err != nil {
			return err
		}
	}
	return s.update(by, http.MethodPatch, r, before, d.attrs, d.edit)
}

func (s *Server) delete(e *exchange) (answer, error) {
	return s.change(e, func(r *resource) (answer, error) {
		if s.opt.Departures.DeleteDeactivates && e.rt == s.store.cat.users {
			off := []Op{{Op: "replace", Path: "active", Value: false}}
			return ok(http.StatusNoContent, nil), s.store.patch(byRequest, r, off)
		}
		s.store.remove(byRequest, r)
		return ok(http.StatusNoContent, nil), nil
	})
}
