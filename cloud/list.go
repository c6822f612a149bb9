package cloud

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"dirbridge/cloud/profile"
	"dirbridge/sync/identity"
)

// Resources lists all users or all groups. It returns nil only if fn received every one of them,
// once each (P1).
func (t *Target) Resources(ctx context.Context, kind identity.Kind, fn func(identity.Resource) error) (err error) {
	defer t.client.secrets.In(&err)
	l, err := t.listing(kind)
	switch {
	case err != nil:
		return err
	case kind == identity.Group && !t.profile.Group.Supported:
		return ctx.Err()
	case t.profile.List.Paging == profile.Unlisted:
		return l.wrap(t.knownOnes(ctx, kind, fn))
	}
	return l.walk(ctx, func(r *row) error { return fn(r.Resource) })
}

// knownOnes reads the remembered resources one by one, for a provider that lists nothing. Others
// are found by their key when they are in the way.
func (t *Target) knownOnes(ctx context.Context, kind identity.Kind, fn func(identity.Resource) error) error {
	seen := newIDSet()
	return t.known(ctx, kind, func(id identity.ResourceID) error {
		if !seen.add(id) {
			return nil
		}
		r, ok, err := t.Get(ctx, kind, id)
		if err != nil || !ok {
			return err
		}
		return fn(r)
	})
}

// first reads the first resource of a kind, if there is any: the shortest answer that proves that
// they can be listed. For a provider that lists nothing, it searches for one that does not exist.
func (t *Target) first(ctx context.Context, kind identity.Kind) (page, error) {
	if kind == identity.Group && !t.profile.Group.Supported {
		return page{}, nil
	}
	l, err := t.listing(kind)
	if err != nil {
		return page{total: -1}, err
	}
	l.count = 1
	if t.profile.List.Paging == profile.Unlisted {
		l.filter = keyOf(kind) + ` eq "dirbridge-test@example.invalid"`
		pg, err := l.page(ctx, 1, "", nil)
		pg.total = -1
		return pg, err
	}
	pg, err := l.page(ctx, 1, "", nil)
	if err != nil {
		pg.total = -1
	}
	return pg, err
}

func (t *Target) byCursor() bool { return t.profile.List.Paging == profile.Cursor }

// withoutMembers leaves out the members of a group, which may be a million.
const withoutMembers = "excludedAttributes=members"

func (t *Target) listing(kind identity.Kind) (*listing, error) {
	switch kind {
	case identity.User:
		return &listing{t: t, what: "users", path: "/Users", count: t.pages, d: t.decoder(kind, t.users)}, nil
	case identity.Group:
		l := &listing{t: t, what: "groups", path: "/Groups", optional: withoutMembers, count: t.pages,
			d: t.decoder(kind, t.groups)}
		if t.profile.Group.Members == profile.ByFilter {
			l.optional = "" // groups are shown without members
		}
		return l, nil
	}
	return nil, fmt.Errorf("the cloud has no list of %s resources", kind)
}

// listing reads all pages of a search.
type listing struct {
	t        *Target
	what     string // in messages
	path     string
	filter   string // escaped; "" for everything
	optional string // part of the query that is dropped if the cloud does not support it
	count    int
	d        *decoder
}

// passes is how often a list is read before it is given up as incomplete. Paging by index is
// stateless (RFC 7644 section 3.4.2.4): a deletion during the reading shifts other resources
// between two pages, and a second pass finds them.
const passes = 3

// walk passes each resource to fn, once.
func (l *listing) walk(ctx context.Context, fn func(*row) error) error {
	given := newIDSet()
	for n := 1; ; n++ {
		seen := given
		if n > 1 {
			seen = newIDSet()
		}
		short, err := l.pass(ctx, seen, func(r *row) error {
			if n > 1 && !given.add(r.ID) {
				return nil
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			return fn(r)
		})
		if err == nil {
			err = ctx.Err() // a cancelled list is not complete
		}
		if cursorLost(err) && n < passes {
			continue // what came so far is void, and is not given again
		}
		if err != nil {
			return l.wrap(err)
		}
		if short == nil {
			return nil
		}
		if n == passes {
			return l.wrap(
				fail(identity.Retry,
					"Nothing was planned from it: an account that is not listed would count as absent. Try again when the cloud is "+
						"quieter; if it stays, ask its support.", short))
		}
	}
}

// cursorLost reports whether the cloud no longer knows the cursor of a listing (RFC 9865): it begins
// again with the first page.
func cursorLost(err error) bool {
	r := refusalOf(err)
	return r != nil && (strings.EqualFold(r.scimType, "expiredCursor") || strings.EqualFold(r.scimType, "invalidCursor"))
}

func (l *listing) wrap(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("listing %s of the cloud: %w", l.what, err)
}

// pass reads all pages once. short says why the result is not proven complete.
func (l *listing) pass(ctx context.Context, seen *idSet, fn func(*row) error) (short, err error) {
	start, cursor, distinct, most, shrank := 1, "", 0, -1, false
	bound := l.newBound()
	for {
		fresh := 0
		pg, err := l.page(ctx, start, cursor, func(r *row) error {
			if r.ID == "" {
				return tracked(unreadable(errors.New("the list holds a resource without an id")), l.d.tracking)
			}
			if !seen.add(r.ID) {
				return nil
			}
			fresh++
			if err := bound.check(distinct + fresh); err != nil {
				return err
			}
			return fn(r)
		})
		if err != nil {
			return nil, err
		}
		bound.announced(pg.total)
		shrank = shrank || pg.total >= 0 && pg.total < most
		most = max(most, pg.total)
		if most < 0 && !l.t.byCursor() {
			return nil, tracked(unreadable(errors.New("the answer does not say how many there are (totalResults), so "+
				"that it cannot be known to be whole")), l.d.tracking)
		}
		distinct += fresh
		if pg.rows > 0 && fresh == 0 {
			return nil, tracked(bound.again(start, most), l.d.tracking)
		}
		if l.t.byCursor() {
			if pg.next == "" {
				break
			}
			if err := bound.page(pg.rows, cursor, pg.next); err != nil {
				return nil, err
			}
			cursor = pg.next
		} else if pg.rows == 0 || distinct >= pg.total {
			break
		}
		start += pg.rows
	}
	switch {
	case distinct < most:
		return tracked(fmt.Errorf("the list is not whole: %d of %d came", distinct, most), l.d.tracking), nil
	case shrank:
		return tracked(errors.New("the list is not whole: resources were deleted while it was read"), l.d.tracking), nil
	}
	return nil, nil
}

// page fetches one page. It omits the optional part of the query once the cloud has refused it.
func (l *listing) page(ctx context.Context, start int, cursor string, fn func(*row) error) (page, error) {
	var parts []string
	switch l.t.profile.List.Paging {
	case profile.Cursor:
		parts = append(parts, "cursor="+escape(cursor), "count="+strconv.Itoa(l.count))
	case profile.Index:
		parts = append(parts, "startIndex="+strconv.Itoa(start), "count="+strconv.Itoa(l.count))
	}
	if l.filter != "" {
		parts = append(parts, "filter="+escape(l.filter))
	}
	q := strings.Join(parts, "&")
	if l.optional == "" {
		return l.t.fetch(ctx, l.d, l.path, q, fn)
	}
	pg, err := l.t.fetch(ctx, l.d, l.path, q+"&"+l.optional, fn)
	if status(err) == http.StatusBadRequest && start == 1 && cursor == "" {
		if pg, again := l.t.fetch(ctx, l.d, l.path, q, fn); again == nil {
			l.optional = ""
			return pg, nil
		}
	}
	return pg, err
}

// escape encodes a value of a query. A space becomes %20, because + is ambiguous.
func escape(value string) string { return strings.ReplaceAll(url.QueryEscape(value), "+", "%20") }

// fetch reads one page and passes its resources to fn, which may be nil. If the page breaks off and
// is requested again, fn receives its resources again.
func (t *Target) fetch(ctx context.Context, d *decoder, path, query string, fn func(*row) error) (page, error) {
	var pg page
	var stop error // of fn: unrelated to the answer
	err := t.client.exchange(ctx, request{method: http.MethodGet, path: path, query: query, repeatable: true},
		func(_ int, h http.Header, r io.Reader) (err error) {
			d.tracking = t.client.tracking(h)
			pg, err = d.listing(r, func(one *row) error {
				if fn != nil {
					stop = fn(one)
				}
				return stop
			})
			if stop != nil {
				return nil
			}
			return err
		})
	if stop != nil {
		err = stop
	}
	return pg, err
}
