package scimtest

import (
	"slices"
	"strings"
	"sync"
)

// sortedListing caches the last complete listing that was sorted, so that reading its pages sorts
// once. It has its own lock, because listings share the store's lock.
type sortedListing struct {
	mu      sync.Mutex
	rt      *resourceType
	by      string
	down    bool
	edition uint64
	length  int
	list    []*resource
}

// sort orders resources by an attribute (RFC 7644 section 3.4.2.3): those without a value last when
// ascending; equal ones stay in order of creation. The caller holds the store's lock.
func (s *store) sort(rt *resourceType, found []*resource, whole bool, by string, down bool) []*resource {
	if !whole {
		return s.sorting(rt, found, by, down)
	}
	c := &s.sorted
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.rt != rt || c.by != by || c.down != down || c.edition != s.edition || c.length != len(found) || c.list == nil {
		c.list = s.sorting(rt, found, by, down)
		c.rt, c.by, c.down, c.edition, c.length = rt, by, down, s.edition, len(found)
	}
	return c.list
}

func (s *store) sorting(rt *resourceType, found []*resource, by string, down bool) []*resource {
	get, leaf, known := rt.reader(by)
	if !known {
		return found // an unknown attribute permits any order
	}
	type row struct {
		r    *resource
		key  string
		none bool
	}
	rows := make([]row, len(found))
	for i, r := range found {
		rows[i] = row{r: r, none: true}
		for _, v := range get(&view{r: r}) {
			key, isText := v.(string)
			if !isText && v == true {
				key = "1"
			}
			if !leaf.exact {
				key = strings.ToLower(key)
			}
			rows[i].key, rows[i].none = key, false
			break
		}
	}
	slices.SortStableFunc(rows, func(a, b row) int {
		c := strings.Compare(a.key, b.key)
		switch {
		case a.none && !b.none:
			c = 1
		case b.none && !a.none:
			c = -1
		}
		if down {
			return -c
		}
		return c
	})
	out := make([]*resource, len(rows))
	for i, row := range rows {
		out[i] = row.r
	}
	return out
}
