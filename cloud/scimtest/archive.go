package scimtest

import (
	"net/http"
	"strings"
	"time"
)

// archive has the deleted users, as Webex keeps them. Its caller holds the store's lock.
type archive struct {
	byID map[string]archivedUser
	held map[string]string // the last deleted user of an address in lower case, by id
}

type archivedUser struct {
	id, name string
	deleted  time.Time
}

func (a *archive) add(r *resource, now time.Time) {
	if a.byID == nil {
		a.byID, a.held = map[string]archivedUser{}, map[string]string{}
	}
	a.byID[r.id] = archivedUser{r.id, r.key, now}
	a.held[strings.ToLower(r.key)] = r.id
}

// refuse returns the failure for a write with an address that a deleted user still has, or nil.
func (a *archive) refuse(name string, held time.Duration, now time.Time) *failure {
	u, ok := a.byID[a.held[strings.ToLower(name)]]
	if !ok || held <= 0 || now.Sub(u.deleted) >= held {
		return nil
	}
	return refuse(http.StatusConflict, "uniqueness", "%s is in use by a deleted user", name)
}

// archivedUser is the only documented look at a deleted user.
func (s *Server) archivedUser(e *exchange) (answer, error) {
	s.store.mu.RLock()
	defer s.store.mu.RUnlock()
	u, there := s.store.archive.byID[e.id]
	if !there {
		return answer{}, notFound("ArchivedUser", e.id)
	}
	b := []byte{'{'}
	b = field(b, "schemas", []any{UserURN})
	b = field(b, "id", u.id)
	b = field(b, "userName", u.name)
	b = field(b, "active", false)
	b = field(b, "meta", map[string]any{"resourceType": "ArchivedUser", "organizationId": s.opt.Org,
		"deleted": u.deleted.UTC().Format(time.RFC3339)})
	return ok(http.StatusOK, append(b, '}')), nil
}
