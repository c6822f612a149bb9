package ldaptest

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// begin starts a search, or resumes the one of the cookie.
func (c *conn) begin(req searchRequest, cookie string, controls requestControls) (*runningSearch, *refusal, error) {
	if cookie != "" {
		w := c.resume(req, cookie)
		if w == nil {
			return nil, badControl(), nil
		}
		c.server.count.pages.Add(1)
		return w, nil, nil
	}
	d := c.server.dir
	w := &runningSearch{request: req, visibility: controls.visibility(), rights: c.rights()}
	if req.timeLimit > 0 {
		w.deadline = d.clock().Add(req.timeLimit)
	}
	w.request.filter = slices.Clone(req.filter)
	d.mu.RLock()
	defer d.mu.RUnlock()
	in := &cursor{b: req.filter}
	w.filter = d.parseFilter(in, 0)
	if in.err != nil {
		return nil, nil, in.err
	}
	if r := d.nonBase(req); r != nil {
		return nil, r, nil
	}
	if c.global {
		w.filter.without(elsewhere)
	}
	if req.base == "" && c.global && req.scope != scopeBase {
		w.base = d.heads[0]
		w.candidates = d.everywhere(req.scope, w.filter)
		w.all = w.candidates
		return w, nil, nil
	}
	if req.base == "" {
		return nil,
			refuse(noSuchObject, "0000208D: NameErr: DSID-0310028D, problem 2001 (NO_OBJECT), data 0, best match of:\n\t''\n"),
			nil
	}
	base, r := d.lookupVisible(req.base, w.visibility)
	if r != nil {
		return nil, r, nil
	}
	if !w.sees(d, base) {
		return nil, d.absent(req.base, base), nil
	}
	if !c.global && d.foreign(base) {
		parts, _ := parseDN(base.dn())
		return nil, d.outside(parts), nil
	}
	w.base = base
	w.candidates = d.candidates(base, req.scope, w.filter)
	if w.visibility > living {
		w.candidates = d.withDeletedObjects(w.candidates, base, req.scope)
	}
	w.all = w.candidates
	if base.head != nil && !controls.has(controlDomainScope) && !c.global {
		w.references = d.references(base, req.scope, c.secure())
	}
	w.references = append(w.references, c.server.faults.references()...)
	for _, p := range d.referralsBelow(base, req.scope) {
		if controls.has(controlManageDsaIT) {
			w.referralObjects = append(w.referralObjects, p)
		} else {
			w.references = append(w.references, p.url+"??sub")
		}
	}
	return w, nil, nil
}

// candidates returns the objects in scope, by index if the filter allows it. They are tested later,
// in batches: the search misses objects that move into scope meanwhile, and omits those that are
// deleted.
func (d *directory) candidates(base *object, scope int64, f *filter) []*object {
	if scope == scopeBase {
		return []*object{base}
	}
	if few, ok := d.narrow(f); ok {
		return slices.DeleteFunc(slices.Clone(few), func(o *object) bool { return o.deleted || !inScope(o, base, scope) })
	}
	if scope == scopeOne {
		return slices.Clone(base.order)
	}
	var all []*object
	var descend func(o *object)
	descend = func(o *object) {
		all = append(all, o)
		for _, child := range o.order {
			descend(child)
		}
	}
	descend(base)
	return all
}

func inScope(o, base *object, scope int64) bool {
	if scope == scopeOne {
		return o.parent == base
	}
	return o.within(base)
}

// references lists references to the naming contexts directly below the head that is searched.
func (d *directory) references(head *object, scope int64, secure bool) []string {
	if d.flavor == OpenLDAP || scope == scopeBase {
		return nil
	}
	scheme, suffix := "ldap://", ""
	if secure {
		scheme = "ldaps://"
	}
	if scope == scopeOne {
		suffix = "??base"
	}
	var urls []string
	for _, h := range d.heads {
		if len(h.head) == len(head.head)+1 && dnKey(h.head[1:]) == dnKey(head.head) {
			host := d.domain
			if h.rdn.attr == "DC" {
				host = h.rdn.value + "." + d.domain
			}
			urls = append(urls, ldapURL(scheme, host, h.head)+suffix)
		}
	}
	return urls
}

// maxOpenSearches bounds the open paged searches of a connection, as MaxResultSetsPerConn of Active
// Directory does; the oldest is dropped first.
const maxOpenSearches = 10

// openSearches are the paged searches of one connection, by cookie.
type openSearches struct {
	next uint64
	open []openSearch
}

type openSearch struct {
	cookie string
	search *runningSearch
}

// keep stores the search until its next page is requested.
func (c *conn) keep(w *runningSearch) (cookie string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.openSearches.next++
	cookie = string(binary.BigEndian.AppendUint64([]byte("walk"), c.openSearches.next))
	c.openSearches.open = append(c.openSearches.open, openSearch{cookie, w})
	if len(c.openSearches.open) > maxOpenSearches {
		c.openSearches.open = slices.Delete(c.openSearches.open, 0, 1)
	}
	return cookie
}

// resume removes and returns a search; nil if the cookie is unknown, was used before, or belongs to
// another request.
func (c *conn) resume(req searchRequest, cookie string) *runningSearch {
	if c.server.faults.refuseCookie() {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.IndexFunc(c.openSearches.open, func(o openSearch) bool { return o.cookie == cookie })
	if i < 0 {
		return nil
	}
	w := c.openSearches.open[i].search
	if w.request.base != req.base || w.request.scope != req.scope || !bytes.Equal(w.request.filter, req.filter) {
		return nil
	}
	c.openSearches.open = slices.Delete(c.openSearches.open, i, i+1)
	return w
}
