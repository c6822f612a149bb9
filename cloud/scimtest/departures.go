package scimtest

import (
	"encoding/json"
	"net/http"
	"strings"
)

// Departures are where a provider departs from RFC 7644, each as a real one does. The zero value
// departs nowhere.
type Departures struct {
	NoPatch           bool     // PATCH does not exist, and is not announced
	PatchState        bool     // but for active, despite NoPatch
	NoPath            bool     // an addition or replacement with a path is refused, except of members
	NoValueFilter     bool     // a path with a filter is refused, except of members
	RemoveByValue     bool     // so it is of members, too
	Capitals          bool     // operations and booleans must be spelled as Replace and "True"
	RequireVersion    bool     // a change must carry If-Match
	Filters           []string // any other attribute is refused; nil for none
	RequireFilter     bool     // a listing without a filter is refused
	HideMembers       bool     // groups are shown without members
	Chunk             int      // more members in one request are refused
	ExpiredCursors    int      // so many cursors are no longer known
	DeleteDeactivates bool     // DELETE of a user only deactivates it
	NoGroups          bool
}

// depart refuses, or rewrites, a request as the provider would.
func (s *Server) depart(e *exchange) error {
	d := &s.opt.Departures
	switch {
	case d.NoGroups && strings.HasPrefix(e.kind, "Groups"):
		return refuse(http.StatusNotFound, "", "there are no groups")
	case e.method == http.MethodGet && (e.kind == "Users" || e.kind == "Groups"):
		return s.departList(e)
	case e.method == http.MethodPatch:
		return s.departPatch(e)
	case e.method == http.MethodPut && d.RequireVersion && e.header.Get("If-Match") == "":
		return refuse(http.StatusPreconditionRequired, "", "If-Match is missing")
	}
	return nil
}

func (s *Server) departList(e *exchange) error {
	d := &s.opt.Departures
	filter := e.query.Get("filter")
	attribute, _, _ := strings.Cut(filter, " ")
	switch {
	case filter == "" && d.RequireFilter:
		return refuse(http.StatusBadRequest, "tooMany", "a filter is required")
	case filter != "" && d.Filters != nil && !named(d.Filters, attribute):
		return refuse(http.StatusBadRequest, "invalidFilter", "%s cannot be searched for", attribute)
	case e.query.Get("cursor") != "" && s.expired.Add(1) <= int64(d.ExpiredCursors):
		return refuse(http.StatusBadRequest, "expiredCursor", "the cursor is too old")
	}
	return nil
}

func (s *Server) departPatch(e *exchange) error {
	d := &s.opt.Departures
	var req struct {
		Schemas    []string
		Operations []map[string]any
	}
	if json.Unmarshal(e.body, &req) != nil {
		return nil // the server says what is wrong
	}
	if d.RequireVersion && e.header.Get("If-Match") == "" && e.rt == s.store.cat.users {
		return refuse(http.StatusPreconditionRequired, "", "If-Match is missing")
	}
	for _, op := range req.Operations {
		if err := d.operation(op, e.rt == s.store.cat.groups); err != nil {
			return err
		}
	}
	body, err := json.Marshal(map[string]any{"schemas": req.Schemas, "Operations": req.Operations})
	e.body = body
	return err
}

// operation refuses one operation of a PATCH, or rewrites it as RFC 7644 has it.
func (d *Departures) operation(op map[string]any, group bool) error {
	path, _ := op["path"].(string)
	verb, _ := op["op"].(string)
	value, _ := json.Marshal(op["value"])
	list, _ := op["value"].([]any)
	members := strings.HasPrefix(path, "members")
	switch text, isText := op["value"].(string); {
	case d.NoPatch && !(d.PatchState && !group && (path == "active" || strings.Contains(string(value), `"active"`))):
		return refuse(http.StatusNotImplemented, "", "PATCH is not supported")
	case d.NoPath && path != "" && !members && verb != "remove":
		return refuse(http.StatusBadRequest, "invalidPath", "an operation has no path here")
	case strings.Contains(path, "[") && (!members && d.NoValueFilter || members && d.RemoveByValue):
		return refuse(http.StatusBadRequest, "invalidPath", "a path has no filter here")
	case members && d.Chunk > 0 && len(list) > d.Chunk:
		return refuse(http.StatusBadRequest, "invalidValue", "at most %d members are changed at a time", d.Chunk)
	case d.Capitals && verb == strings.ToLower(verb):
		return refuse(http.StatusBadRequest, "invalidSyntax", "unknown operation %q", verb)
	case d.Capitals && path == "active" && !isText:
		return refuse(http.StatusBadRequest, "invalidValue", "active is a text")
	case d.Capitals && path == "active":
		op["value"] = text == "True"
	}
	return nil
}

func named(names []string, name string) bool {
	for _, n := range names {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}
