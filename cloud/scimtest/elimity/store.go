package elimity

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/elimity-com/scim"
	"github.com/elimity-com/scim/errors"
	"github.com/elimity-com/scim/optional"
)

// store has all resources of a server.
type store struct {
	mu   sync.Mutex
	last int
	byID map[string]map[string]any
	keys []string // ids in the order of creation
}

func newStore() *store { return &store{byID: map[string]map[string]any{}} }

// handler serves the users, or the groups, of a store.
type handler struct {
	store  *store
	page   int
	groups bool
}

func (h *handler) prefix() string {
	if h.groups {
		return "g"
	}
	return "u"
}

// mine reports whether an id is one of the handler's kind.
func (h *handler) mine(id string) bool { return strings.HasPrefix(id, h.prefix()) }

func (h *handler) Create(_ *http.Request, given scim.ResourceAttributes) (scim.Resource, error) {
	h.store.mu.Lock()
	defer h.store.mu.Unlock()
	attrs := copyOf(given)
	if h.taken("", attrs) {
		return scim.Resource{}, errors.ScimErrorUniqueness
	}
	h.store.last++
	id := h.prefix() + strconv.Itoa(h.store.last)
	h.store.byID[id] = attrs
	h.store.keys = append(h.store.keys, id)
	return resource(id, attrs), nil
}

// taken reports whether another user has the userName.
func (h *handler) taken(id string, attrs map[string]any) bool {
	name, _ := attrs["userName"].(string)
	if h.groups || name == "" {
		return false
	}
	for other, has := range h.store.byID {
		if theirs, _ := has["userName"].(string); other != id && strings.EqualFold(theirs, name) {
			return true
		}
	}
	return false
}

func (h *handler) Get(_ *http.Request, id string) (scim.Resource, error) {
	h.store.mu.Lock()
	defer h.store.mu.Unlock()
	attrs, ok := h.store.byID[id]
	if !ok || !h.mine(id) {
		return scim.Resource{}, errors.ScimErrorResourceNotFound(id)
	}
	return resource(id, attrs), nil
}

func (h *handler) GetAll(_ *http.Request, p scim.ListRequestParams) (scim.Page, error) {
	h.store.mu.Lock()
	defer h.store.mu.Unlock()
	all := []scim.Resource{}
	for _, id := range h.store.keys {
		r := resource(id, h.store.byID[id])
		if !h.mine(id) || p.FilterValidator != nil && p.FilterValidator.PassesFilter(r.Attributes) != nil {
			continue
		}
		all = append(all, r)
	}
	from := min(max(p.StartIndex, 1)-1, len(all))
	to := min(from+min(p.Count, h.page), len(all))
	return scim.Page{TotalResults: len(all), Resources: all[from:to]}, nil
}

func (h *handler) Replace(_ *http.Request, id string, given scim.ResourceAttributes) (scim.Resource, error) {
	return h.change(id, func(map[string]any) (map[string]any, error) { return copyOf(given), nil })
}

func (h *handler) Patch(_ *http.Request, id string, ops []scim.PatchOperation) (scim.Resource, error) {
	return h.change(id, func(attrs map[string]any) (map[string]any, error) {
		for _, op := range ops {
			if err := patch(attrs, op); err != nil {
				return nil, err
			}
		}
		return attrs, nil
	})
}

// change replaces what a resource is by what fn makes of a copy of it.
func (h *handler) change(id string, fn func(map[string]any) (map[string]any, error)) (scim.Resource, error) {
	h.store.mu.Lock()
	defer h.store.mu.Unlock()
	attrs, ok := h.store.byID[id]
	if !ok || !h.mine(id) {
		return scim.Resource{}, errors.ScimErrorResourceNotFound(id)
	}
	after, err := fn(copyOf(attrs))
	if err != nil {
		return scim.Resource{}, err
	}
	if h.taken(id, after) {
		return scim.Resource{}, errors.ScimErrorUniqueness
	}
	h.store.byID[id] = after
	return resource(id, after), nil
}

// Delete removes a resource, also from the groups that it is in.
func (h *handler) Delete(_ *http.Request, id string) error {
	h.store.mu.Lock()
	defer h.store.mu.Unlock()
	if _, ok := h.store.byID[id]; !ok || !h.mine(id) {
		return errors.ScimErrorResourceNotFound(id)
	}
	delete(h.store.byID, id)
	h.store.keys = slices.DeleteFunc(h.store.keys, func(k string) bool { return k == id })
	for _, attrs := range h.store.byID {
		if list, ok := attrs["members"].([]any); ok {
			attrs["members"] = slices.DeleteFunc(list, func(m any) bool { return m.(map[string]any)["value"] == id })
		}
	}
	return nil
}

func resource(id string, attrs map[string]any) scim.Resource {
	r := scim.Resource{ID: id, Attributes: copyOf(attrs)}
	if external, ok := attrs["externalId"].(string); ok {
		r.ExternalID = optional.NewString(external)
	}
	return r
}

// copyOf copies attributes by way of JSON, which also gives them one form.
func copyOf[M ~map[string]any](attrs M) map[string]any {
	raw, err := json.Marshal(attrs)
	if err != nil {
		panic(err) // they came from JSON
	}
	var out map[string]any
	if err := json.Unmarshal(raw, &out); err != nil {
		panic(err)
	}
	return out
}
