package scimtest

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/http"
	"reflect"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"
)

// store has the resources. Reads lock mu shared, writes exclusively.
type store struct {
	opt  Options
	base string
	cat  *catalogue

	mu                 sync.RWMutex
	ids                *rand.Rand
	seq                uint64
	byID               map[string]*resource
	byName             map[string]*resource   // users by userName, lower case
	byGroup            map[string][]*resource // groups by displayName, lower case
	byExt              map[string][]*resource // users by externalId
	order              map[*resourceType][]*resource
	edition            uint64 // counts writes, to invalidate cached listings
	sorted             sortedListing
	scratch            []byte // of encode
	otherOrganizations otherOrganizations
	archive            archive
	rules              writeRules
	log                *tally
}

// writeRules are the faults that act on values during a write.
type writeRules interface {
	// refuseKey returns the failure for a write of this key, or nil.
	refuseKey(key string) *failure
	// changeValues changes the attributes before they are stored; before is nil for a new resource.
	changeValues(rt *resourceType, before, after map[string]any)
}

func newStore(opt Options, base string, rules writeRules, log *tally) *store {
	seed := opt.Seed
	if seed == 0 {
		seed = rand.Uint64()
	}
	return &store{
		opt: opt, base: base, cat: newCatalogue(opt), rules: rules, log: log,
		ids:  rand.New(rand.NewPCG(seed, 0x5c1b)),
		byID: map[string]*resource{}, byName: map[string]*resource{}, byGroup: map[string][]*resource{},
		byExt: map[string][]*resource{},
		order: map[*resourceType][]*resource{},
	}
}

// tracking is an id for an answer. It is drawn separately from the ids of resources, which a seed
// makes reproducible.
func (s *store) tracking() string {
	return fmt.Sprintf("%016x", rand.Uint64())
}

func (s *store) newID() string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], s.ids.Uint64())
	binary.BigEndian.PutUint64(b[8:], s.ids.Uint64())
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// get finds a resource of the type. The caller holds mu.
func (s *store) get(rt *resourceType, id string) (*resource, error) {
	r := s.byID[id]
	if r == nil || r.rt != rt {
		return nil, notFound(rt.name, id)
	}
	return r, nil
}

// create stores a new resource with a new id. attrs are accepted values, and belong to the store
// from here on; they include the members of a group.
func (s *store) create(by origin, rt *resourceType, attrs map[string]any) (*resource, error) {
	return s.createAs(by, rt, "", attrs)
}

// createAs is create with a given id, which must be free; "" is the next one.
func (s *store) createAs(by origin, rt *resourceType, id string, attrs map[string]any) (*resource, error) {
	now := s.opt.Clock()
	r := &resource{rt: rt, created: now, modified: now, version: 1}
	members := attrs["members"]
	delete(attrs, "members")
	if by != byHand {
		s.rules.changeValues(rt, nil, attrs)
	}
	if rt == s.cat.groups {
		r.members = newMemberSet()
	}
	if err := s.check(by, r, nil, attrs); err != nil {
		return nil, err
	}
	edit := s.editMembers(r)
	if err := edit.addAll(members); err != nil {
		return nil, err
	}
	if r.id = id; id == "" {
		r.id = s.newID()
	}
	s.seq++
	r.seq = s.seq
	s.encode(r, attrs)
	edit.commit()
	s.byID[r.id] = r
	s.order[rt] = append(s.order[rt], r)
	s.index(r)
	s.edition++
	s.log.wrote(by, http.MethodPost, r)
	return r, nil
}

func (s *store) editMembers(group *resource) *memberEdit {
	return &memberEdit{store: s, group: group, want: map[*resource]bool{}}
}

// update replaces the attributes of r by after, and applies edit if it is not nil. An update
// without a difference changes nothing, not even the version.
func (s *store) update(by origin, method string, r *resource, before, after map[string]any, edit *memberEdit) error {
	if by != byHand {
		s.rules.changeValues(r.rt, before, after)
	}
	if err := s.check(by, r, before, after); err != nil {
		return err
	}
	s.log.wrote(by, method, r)
	changed := !reflect.DeepEqual(before, after)
	if edit != nil && edit.commit() {
		changed = true
	}
	if !changed {
		return nil
	}
	s.unindex(r)
	r.version++
	r.modified = s.opt.Clock()
	s.encode(r, after)
	s.index(r)
	s.edition++
	return nil
}

func (s *store) remove(by origin, r *resource) {
	for _, g := range slices.Clone(r.in) {
		edit := s.editMembers(g)
		edit.set(r, false)
		edit.commit()
	}
	if r.members != nil {
		edit := s.editMembers(r)
		edit.clear()
		edit.commit()
	}
	s.unindex(r)
	if r.rt == s.cat.users && !s.opt.Plain {
		s.archive.add(r, s.opt.Clock())
	}
	delete(s.byID, r.id)
	list := s.order[r.rt]
	i := sort.Search(len(list), func(i int) bool { return list[i].seq >= r.seq })
	s.order[r.rt] = slices.Delete(list, i, i+1)
	s.edition++
	s.log.wrote(by, http.MethodDelete, r)
}

// check validates the attributes against the rules before they are stored, and completes them.
func (s *store) check(by origin, r *resource, before, after map[string]any) error {
	if s.opt.AnchorlessExternalID {
		delete(after, "externalId")
	}
	if r.rt == s.cat.groups {
		return s.checkGroup(by, r, after)
	}
	if _, given := after["active"]; !given {
		after["active"] = true
	}
	name := textOf(after, "userName")
	if name == "" {
		return refuse(http.StatusBadRequest, "invalidValue", "userName is required")
	}
	if !s.opt.AnyUserName && !looksLikeMail(name) {
		return refuse(http.StatusBadRequest, "invalidValue", "userName %q is not an e-mail address", name)
	}
	if before == nil && s.opt.RequireUserType && textOf(after, "userType") == "" {
		return refuse(http.StatusBadRequest, "invalidValue", "userType is required")
	}
	if err := s.refused(by, r, name); err != nil {
		return err
	}
	if f := s.otherOrganizations.refuse(name); f != nil && by != byHand && !strings.EqualFold(name, r.key) {
		return f
	}
	if f := s.archive.refuse(name, s.opt.SoftDelete, s.opt.Clock()); f != nil && by != byHand &&
		!strings.EqualFold(name, r.key) {
		return f
	}
	if other := s.byName[strings.ToLower(name)]; other != nil && other != r {
		return refuse(http.StatusConflict, "uniqueness", "userName %s is in use by another user", name)
	}
	manager := managerOf(after)
	if manager != "" && manager != managerOf(before) {
		if m := s.byID[manager]; m == nil || m.rt != s.cat.users {
			return refuse(http.StatusBadRequest, "invalidValue", "the manager %s is not a user of this organization", manager)
		}
	}
	return nil
}

func (s *store) checkGroup(by origin, r *resource, after map[string]any) error {
	name := textOf(after, "displayName")
	if name == "" {
		return refuse(http.StatusBadRequest, "invalidValue", "displayName is required")
	}
	if err := s.refused(by, r, name); err != nil {
		return err
	}
	for _, other := range s.byGroup[strings.ToLower(name)] {
		if s.opt.UniqueGroupNames && other != r {
			return refuse(http.StatusConflict, "uniqueness", "a group named %s exists already", name)
		}
	}
	return nil
}

// refused asks the faults about a new key of r.
func (s *store) refused(by origin, r *resource, key string) error {
	if by == byHand || strings.EqualFold(key, r.key) {
		return nil
	}
	if f := s.rules.refuseKey(key); f != nil {
		return f
	}
	return nil
}

func managerOf(attrs map[string]any) string {
	ext, _ := attrs[EnterpriseURN].(map[string]any)
	m, _ := ext["manager"].(map[string]any)
	return textOf(m, "value")
}

func (s *store) index(r *resource) {
	if r.rt == s.cat.groups {
		k := strings.ToLower(r.key)
		s.byGroup[k] = append(s.byGroup[k], r)
		return
	}
	s.byName[strings.ToLower(r.key)] = r
	if r.externalID != "" {
		s.byExt[r.externalID] = append(s.byExt[r.externalID], r)
	}
}

func (s *store) unindex(r *resource) {
	drop := func(m map[string][]*resource, key string) {
		m[key] = slices.DeleteFunc(m[key], func(o *resource) bool { return o == r })
		if len(m[key]) == 0 {
			delete(m, key)
		}
	}
	if r.rt == s.cat.groups {
		drop(s.byGroup, strings.ToLower(r.key))
		return
	}
	delete(s.byName, strings.ToLower(r.key))
	if r.externalID != "" {
		drop(s.byExt, r.externalID)
	}
}

// visible lists the resources of the type that queries show: new ones appear after the settling
// delay. They are in order of creation, so the hidden ones are the last.
func (s *store) visible(rt *resourceType) []*resource {
	list := s.order[rt]
	if s.opt.SettlingDelay <= 0 {
		return list
	}
	now := s.opt.Clock()
	n := sort.Search(len(list), func(i int) bool { return !s.isVisible(list[i], now) })
	return list[:n]
}

func (s *store) isVisible(r *resource, now time.Time) bool {
	return s.opt.SettlingDelay <= 0 || now.Sub(r.created) >= s.opt.SettlingDelay
}
