package ldap

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	goldap "github.com/go-ldap/ldap/v3"

	"dirbridge/sync/identity"
)

// stamped is a server with modifyTimestamp: the time of each entry by number, "" for an entry that
// hides it.
type stamped struct {
	sync.Mutex
	entries map[int]string
	context string // contextCSN
	vendor  string // "" is OpenLDAP
}

func (d *stamped) start(t *testing.T) *fake {
	t.Helper()
	root := [][]string{{"namingContexts", fakeContext}, {"supportedControl", goldap.ControlTypePaging}}
	if d.vendor == "" {
		root = append(root, []string{"structuralObjectClass", "OpenLDAProotDSE"})
	} else {
		root = append(root, []string{"vendorName", d.vendor})
	}
	f := &fake{root: root, undefined: true, head: [][]string{{"objectClass", "domain"}}}
	if d.context != "" {
		f.head = append(f.head, []string{"contextCSN", d.context})
	}
	f.search = func(w *answers, r search) {
		since := ""
		if filter, ok := strings.CutPrefix(r.filter, "(modifyTimestamp>="); ok {
			since = strings.TrimSuffix(filter, ")")
		}
		d.Lock()
		defer d.Unlock()
		for n, at := range d.entries {
			if at == "" && since != "" || at < since {
				continue
			}
			attrs := [][]string{{"objectClass", "inetOrgPerson"}, {"entryUUID", dashed(uuid(n))},
				{"nsUniqueId", dashed(uuid(n))}}
			if at != "" {
				attrs = append(attrs, []string{"modifyTimestamp", at})
			}
			w.entry(fmt.Sprintf("cn=P%d,%s", n, fakeContext), attrs...)
		}
		w.page("")
	}
	return f.start(t, nil)
}

// atTime is a stopped clock.
func atTime(text string) func(*Options) {
	now, err := GeneralizedTime(text)
	if err != nil {
		panic(err)
	}
	return func(o *Options) { o.Clock = func() time.Time { return now } }
}

const today = "20261122120000Z"

// The server's times determine where changes begin, as far as they are credible.
func TestTimestampCookie(t *testing.T) {
	for name, c := range map[string]struct {
		directory *stamped
		want      string // "": none
		asked     int    // searches
	}{
		"of today": {
			&stamped{entries: map[int]string{1: "20261122115959Z", 2: "20261122115958Z", 3: "20200101000000Z"}},
			"20261122115959Z", 1},
		"of this month": {&stamped{entries: map[int]string{1: "20261101000000Z", 2: "20200101000000Z"}},
			"20261101000000Z", 2},
		"of years ago": {&stamped{entries: map[int]string{1: "20010101000000Z", 2: "20000101000000Z", 3: ""}},
			"20010101000000Z", 4},
		"the server is ahead": {&stamped{entries: map[int]string{1: "20261123110000Z"}}, "20261123110000Z", 1},
		"a clock was wrong": {&stamped{entries: map[int]string{1: "20991231000000Z", 2: "20261122000000Z"}},
			"20261122000000Z", 1},
		"only a clock's errors": {&stamped{entries: map[int]string{1: "20991231000000Z"}}, "", 4},
		"not kept":              {&stamped{entries: map[int]string{1: ""}}, "", 4},
		"a replica that is catching up": {&stamped{entries: map[int]string{1: "20261122115959Z"},
			context: "20261122113000.123456Z#000000#000#000000"},
			"20261122113000Z", 1},
		"a replica that is not": {&stamped{entries: map[int]string{1: "20261122115959Z"},
			context: "20261122120000.123456Z#000000#000#000000"},
			"20261122115959Z", 1},
		"a number of another life": {&stamped{entries: map[int]string{1: "20261122115959Z"},
			context: "20201122120000.123456Z#000000#000#000000"},
			"20261122115959Z", 1},
		"another product": {&stamped{entries: map[int]string{1: "20261122115959Z"},
			context: "20261122113000.123456Z#000000#000#000000", vendor: "389 Project"},
			"20261122115959Z", 1},
	} {
		t.Run(name, func(t *testing.T) {
			f := c.directory.start(t)
			p, err := f.source(t, atTime(today)).Cookie(t.Context())
			asked := 0
			for _, r := range f.seen() {
				if r.scope == goldap.ScopeWholeSubtree {
					asked++
				}
			}
			if asked != c.asked {
				t.Errorf("%d searches, want %d", asked, c.asked)
			}
			if c.want == "" {
				if !isStale(err) || !strings.Contains(err.Error(), "a clock is wrong") {
					t.Errorf("%+v, %v", p, err)
				}
				return
			}
			if err != nil || p.Way != identity.Timestamp || rootsOf(t, p) != c.want {
				t.Fatalf("%+v, %v; want %s", p, err, c.want)
			}
			if p.NoDeletions == "" || strings.Contains(p.Remedy, "syncprov") != (c.directory.vendor == "") || p.Remedy == "" {
				t.Errorf("%q, %q", p.NoDeletions, p.Remedy)
			}
		})
	}
}

// Changes of the same second, and changes that became visible late, are reported again.
func TestTimestampChanges(t *testing.T) {
	d := &stamped{vendor: "389 Project",
		entries: map[int]string{1: "20261122115900Z", 2: "20261122115955Z", 3: "20261122115959Z", 4: "20261122115945Z"}}
	s := d.start(t).source(t, atTime(today))
	changes := func(since identity.Cookie) ([]string, identity.Cookie) {
		t.Helper()
		var got []string
		next, err := s.Changes(t.Context(), since, func(touch identity.ChangeNotification) error {
			got = append(got, notificationText(touch))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(got)
		return got, next
	}
	p, err := s.Cookie(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		name  string
		n     int
		at    string
		want  []string
		stand string
	}{
		{"nothing", 0, "", []string{"2 user", "3 user"}, "20261122115959Z"},
		{"in the same second", 1, "20261122115959Z", []string{"1 user", "2 user", "3 user"}, "20261122115959Z"},
		{"late", 4, "20261122115950Z", []string{"1 user", "2 user", "3 user", "4 user"}, "20261122115959Z"},
		{"by a clock that is wrong", 9, "20991231000000Z", []string{"1 user", "2 user", "3 user", "4 user", "9 user"},
			"20261122115959Z"},
		{"a minute later", 2, "20261122120059Z", []string{"1 user", "2 user", "3 user", "4 user", "9 user"},
			"20261122120059Z"},
		{"since then", 0, "", []string{"2 user", "9 user"}, "20261122120059Z"},
	} {
		if step.n > 0 {
			d.Lock()
			d.entries[step.n] = step.at
			d.Unlock()
		}
		got, next := changes(p)
		if !slices.Equal(got, step.want) || rootsOf(t, next) != step.stand {
			t.Errorf("%s: told %q and stands at %s, want %q and %s", step.name, got, rootsOf(t, next), step.want, step.stand)
		}
		p = next
	}
}

// A cookie that is unreadable or belongs to another way requires a full reading.
func TestTimestampStale(t *testing.T) {
	d := &stamped{entries: map[int]string{1: "20261122115900Z"}}
	s := d.start(t).source(t, atTime(today))
	p, err := s.Cookie(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	position := func(change func(*cookie)) identity.Cookie {
		c, err := decodeCookie(p.Value)
		if err != nil {
			t.Fatal(err)
		}
		change(&c)
		return identity.Cookie{Way: identity.Timestamp, Value: c.encode()}
	}
	for name, since := range map[string]identity.Cookie{
		"no time":           position(func(c *cookie) { c.Roots[identity.FoldDN(fakeContext)] = []byte("yesterday") }),
		"another base":      position(func(c *cookie) { c.Roots = map[string][]byte{"dc=other": []byte(today)} }),
		"another directory": position(func(c *cookie) { c.Directory = "dc=other" }),
		"another way":       {Way: identity.USN, Value: p.Value},
		"syncrepl":          {Way: identity.SyncRepl, Value: p.Value},
	} {
		if _, err := s.Changes(t.Context(), since, func(identity.ChangeNotification) error { return nil }); !isStale(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
