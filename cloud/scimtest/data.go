package scimtest

import (
	"net/http"
	"strings"
	"time"
)

// User is a user in the cloud. Attrs has all attributes, decoded: core attributes by name,
// extensions under their URN.
type User struct {
	ID          string
	UserName    string
	ExternalID  string
	Active      bool
	DisplayName string
	Title       string
	Manager     string   // id of a user
	Roles       []string // values, such as "id_full_admin"
	Version     string
	Created     time.Time
	Modified    time.Time
	Attrs       map[string]any
}

// Group is a group in the cloud.
type Group struct {
	ID          string
	DisplayName string
	ExternalID  string
	Members     []string // ids, in the order of addition
	Version     string
}

// FullAdmin is Webex's role of a full administrator.
const FullAdmin = "id_full_admin"

func roleValues(roles []string) []any {
	var out []any
	for _, v := range roles {
		display := v
		if v == FullAdmin {
			display = "Full administrator"
		}
		out = append(out, map[string]any{"value": v, "type": "cirole", "display": display})
	}
	return out
}

// Add stores a user with the given Attrs, overlaid with the other fields that are set. Active comes
// from Attrs and is true by default, so false must be set there; the server assigns ID, Version and
// times. It returns the id. Faults do not apply, and Stats do not count it.
func (s *Server) Add(u User) (string, error) {
	raw, _ := clone(u.Attrs).(map[string]any)
	if raw == nil {
		raw = map[string]any{}
	}
	for name, v := range map[string]string{"userName": u.UserName, "externalId": u.ExternalID,
		"displayName": u.DisplayName, "title": u.Title} {
		if v != "" {
			raw[name] = v
		}
	}
	if len(u.Roles) > 0 {
		raw["roles"] = roleValues(u.Roles)
	}
	attrs, err := s.store.cat.users.accept(raw)
	if err != nil {
		return "", err
	}
	if u.Manager != "" {
		ext, _ := attrs[EnterpriseURN].(map[string]any)
		if ext == nil {
			ext = map[string]any{}
			attrs[EnterpriseURN] = ext
		}
		ext["manager"] = map[string]any{"value": u.Manager}
	}
	return s.add(s.store.cat.users, u.ID, attrs)
}

// AddGroup stores a group with its members.
func (s *Server) AddGroup(g Group) (string, error) {
	attrs := map[string]any{"displayName": g.DisplayName}
	if g.ExternalID != "" {
		attrs["externalId"] = g.ExternalID
	}
	var members []any
	for _, id := range g.Members {
		members = append(members, map[string]any{"value": id})
	}
	attrs["members"] = members
	return s.add(s.store.cat.groups, g.ID, attrs)
}

func (s *Server) add(rt *resourceType, id string, attrs map[string]any) (string, error) {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	r, err := s.store.createAs(byHand, rt, id, attrs)
	if err != nil {
		return "", err
	}
	return r.id, nil
}

// Edit changes a user or group like a PATCH, all operations or none, without faults and not
// counted.
func (s *Server) Edit(id string, ops ...Op) error {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	r := s.store.byID[id]
	if r == nil {
		return notFound("Resource", id)
	}
	for i := range ops {
		ops[i].Value = clone(ops[i].Value)
	}
	return s.store.patch(byHand, r, ops)
}

// Set replaces one attribute, by PATCH path.
func (s *Server) Set(id, path string, value any) error {
	return s.Edit(id, Op{Op: "replace", Path: path, Value: value})
}

// Delete removes a user or group, and its memberships.
func (s *Server) Delete(id string) error {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	r := s.store.byID[id]
	if r == nil {
		return notFound("Resource", id)
	}
	s.store.remove(byHand, r)
	return nil
}

// Users lists every user in order of creation, including those that listings do not show yet.
func (s *Server) Users() []User {
	s.store.mu.RLock()
	defer s.store.mu.RUnlock()
	list := s.store.order[s.store.cat.users]
	out := make([]User, len(list))
	for i, r := range list {
		out[i] = r.user()
	}
	return out
}

// User finds a user by id, or by userName case-insensitively.
func (s *Server) User(idOrName string) (User, bool) {
	s.store.mu.RLock()
	defer s.store.mu.RUnlock()
	r := s.store.byID[idOrName]
	if r == nil {
		r = s.store.byName[strings.ToLower(idOrName)]
	}
	if r == nil || r.rt != s.store.cat.users {
		return User{}, false
	}
	return r.user(), true
}

func (r *resource) user() User {
	attrs := r.attrs()
	u := User{ID: r.id, UserName: r.key, ExternalID: r.externalID, Active: r.active, DisplayName: r.display,
		Title:   textOf(attrs, "title"),
		Manager: managerOf(attrs), Version: r.etag(), Created: r.created, Modified: r.modified, Attrs: attrs}
	for _, v := range asList(attrs["roles"]) {
		m, _ := v.(map[string]any)
		u.Roles = append(u.Roles, textOf(m, "value"))
	}
	return u
}

// Groups lists every group in order of creation.
func (s *Server) Groups() []Group {
	s.store.mu.RLock()
	defer s.store.mu.RUnlock()
	var out []Group
	for _, r := range s.store.order[s.store.cat.groups] {
		out = append(out, r.group())
	}
	return out
}

// Group finds a group by id, or the first one with a displayName, case-insensitively.
func (s *Server) Group(idOrName string) (Group, bool) {
	s.store.mu.RLock()
	defer s.store.mu.RUnlock()
	r := s.store.byID[idOrName]
	if r == nil {
		if named := s.store.byGroup[strings.ToLower(idOrName)]; len(named) > 0 {
			r = named[0]
		}
	}
	if r == nil || r.members == nil {
		return Group{}, false
	}
	return r.group(), true
}

func (r *resource) group() Group {
	g := Group{ID: r.id, DisplayName: r.display, ExternalID: r.externalID, Version: r.etag()}
	for _, m := range r.members.all() {
		g.Members = append(g.Members, m.id)
	}
	return g
}

// Stats returns the statistics so far.
func (s *Server) Stats() Stats { return s.tally.snapshot() }

// Writes lists every completed write, in order (the last million of them).
func (s *Server) Writes() []Write { return s.tally.writes() }

// ResetStats clears Stats and Writes.
func (s *Server) ResetStats() { s.tally.reset() }

// Status returns the HTTP status in an error of this package; 500 for others.
func Status(err error) int {
	if err == nil {
		return http.StatusOK
	}
	return asFailure(err).status
}
