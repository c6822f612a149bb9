package ldaptest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/go-ldap/ldap/v3"
	"pgregory.net/rapid"
)

// directoryCopy is a copy of a directory, maintained by DirSync alone as a client would.
type directoryCopy struct {
	objects map[string]copiedObject // by objectGUID
	bin     bool
}

type copiedObject struct {
	parent  string
	deleted bool
	attrs   map[string]string
	links   map[string]map[string]bool // by attribute, the GUIDs at the other end
}

func (s directoryCopy) clone() directoryCopy {
	out := directoryCopy{map[string]copiedObject{}, s.bin}
	for id, o := range s.objects {
		o.attrs = maps.Clone(o.attrs)
		links := map[string]map[string]bool{}
		for a, to := range o.links {
			links[a] = maps.Clone(to)
		}
		o.links = links
		out.objects[id] = o
	}
	return out
}

// idOf returns the GUID in an extended DN.
func idOf(extended string) string {
	id, _, _ := strings.Cut(strings.TrimPrefix(extended, "<GUID="), ">")
	return id
}

// apply merges one entry. back reports whether the object was restored: then its links must be read
// again, because no change reports them.
func (s directoryCopy) apply(e *ldap.Entry) (id string, back bool) {
	id = guid(e.GetRawAttributeValue("objectGUID")).String()
	o, ok := s.objects[id]
	if !ok {
		o = copiedObject{attrs: map[string]string{}, links: map[string]map[string]bool{}}
	}
	for _, a := range e.Attributes {
		name, option, _ := strings.Cut(a.Name, ";")
		switch name {
		case "objectGUID", "instanceType":
		case "parentGUID":
			o.parent = guid(a.ByteValues[0]).String()
		case "isDeleted":
			back = o.deleted || len(a.Values) == 0
			o.deleted = len(a.Values) > 0
		case "member", "manager":
			if option == "" || o.links[name] == nil {
				o.links[name] = map[string]bool{}
			}
			for _, v := range a.Values {
				o.links[name][idOf(v)] = option != "range=0-0"
			}
		default:
			o.attrs[name] = strings.Join(a.Values, "|")
		}
	}
	s.objects[id] = o
	if o.deleted && !s.bin {
		s.unlink(id)
	}
	return id, back && !o.deleted
}

// unlink removes the links of a deleted object, in both directions.
func (s directoryCopy) unlink(id string) {
	clear(s.objects[id].links)
	for _, o := range s.objects {
		for _, to := range o.links {
			delete(to, id)
		}
	}
}

// text formats the objects that a client takes for existing.
func (s directoryCopy) text() string {
	var lines []string
	for id, o := range s.objects {
		if o.deleted {
			continue
		}
		line := fmt.Sprintf("%s below %s:", id, o.parent)
		for _, a := range slices.Sorted(maps.Keys(o.attrs)) {
			if o.attrs[a] != "" {
				line += " " + a + "=" + o.attrs[a]
			}
		}
		for _, a := range slices.Sorted(maps.Keys(o.links)) {
			for _, to := range slices.Sorted(maps.Keys(o.links[a])) {
				if t, ok := s.objects[to]; ok && !t.deleted && o.links[a][to] {
					line += " " + a + ":" + to
				}
			}
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

var copiedAttrs = strings.Fields("objectClass name mail description userAccountControl sAMAccountName member manager")

// linksOf returns an object's links in the directory.
func linksOf(d *directory, o *object) map[string]map[string]bool {
	links := map[string]map[string]bool{}
	for _, name := range []string{"member", "manager"} {
		for _, t := range o.ends(d.schema.must(name)) {
			if links[name] == nil {
				links[name] = map[string]bool{}
			}
			links[name][t.guid.String()] = true
		}
	}
	return links
}

// copyOfDirectory is the copy that a client should have.
func copyOfDirectory(s *Server) directoryCopy {
	d := s.dir
	d.mu.RLock()
	defer d.mu.RUnlock()
	out := directoryCopy{map[string]copiedObject{}, d.recycleBin}
	for _, o := range d.candidates(d.heads[0], scopeSub, &filter{op: filterAnd}) {
		n := copiedObject{attrs: map[string]string{}, links: linksOf(d, o)}
		if o.parent != nil {
			n.parent = o.parent.guid.String()
		}
		for _, name := range copiedAttrs {
			a := d.schema.must(name)
			if a.link != nil {
				continue
			}
			var values []string
			d.each(o, a, func(v string) bool { values = append(values, v); return true })
			n.attrs[name] = strings.Join(values, "|")
		}
		out.objects[o.guid.String()] = n
	}
	return out
}

// reread copies the links from and to a restored object.
func (s directoryCopy) reread(d *directory, id string) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	g, _ := parseGUID(id)
	o := d.byGUID[g]
	if o == nil || o.deleted {
		return
	}
	s.unlink(id)
	n := s.objects[id]
	n.links = linksOf(d, o)
	s.objects[id] = n
	for _, name := range []string{"member", "manager"} {
		for _, from := range o.ends(d.schema.must(name).link) {
			if f, ok := s.objects[from.guid.String()]; ok {
				if f.links[name] == nil {
					f.links[name] = map[string]bool{}
				}
				f.links[name][id] = true
			}
		}
	}
}

// edit makes one random change.
func edit(t *rapid.T, s *Server, n *int) {
	living := func(classes ...string) []string {
		s.dir.mu.RLock()
		defer s.dir.mu.RUnlock()
		var dns []string
		for _, o := range s.dir.candidates(s.dir.heads[0], scopeSub, &filter{op: filterAnd}) {
			if slices.Contains(classes, o.class.name) && len(o.get(s.dir.at.critical)) == 0 && o.head == nil {
				dns = append(dns, o.dn())
			}
		}
		return dns
	}
	pick := func(dns []string) string {
		if len(dns) == 0 {
			return ""
		}
		return rapid.SampledFrom(dns).Draw(t, "which")
	}
	*n++
	below := pick(append(living("organizationalUnit"), "CN=Users,"+testBase))
	user, group := pick(living("user")), pick(living("group"))
	any := pick(living("user", "group", "organizationalUnit"))
	// Impossible edits are refused and change nothing.
	switch rapid.IntRange(0, 11).Draw(t, "edit") {
	case 0:
		_ = s.Add(fmt.Sprintf("OU=u%d,%s", *n, below), map[string][]string{"objectClass": {"organizationalUnit"}})
	case 1, 2:
		_ = s.Add(fmt.Sprintf("CN=p%d,%s", *n, below),
			map[string][]string{"objectClass": {"user"}, "mail": {fmt.Sprint(*n)}, "manager": filledOne(user)})
	case 3:
		_ = s.Add(fmt.Sprintf("CN=g%d,%s", *n, below),
			map[string][]string{"objectClass": {"group"}, "member": filledOne(any)})
	case 4:
		_ = s.Modify(any,
			map[string][]string{"description": filledOne(rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "value"))})
	case 5:
		_ = s.Modify(user, map[string][]string{"manager": filledOne(rapid.SampledFrom([]string{"", any}).Draw(t, "manager")),
			"mail": nil})
	case 6:
		_ = s.AddValues(group, "member", any)
	case 7:
		_ = s.Modify(group, map[string][]string{"member": filledOne(user)})
	case 8:
		_ = s.Rename(any, fmt.Sprintf("%s=r%d", any[:min(2, len(any))], *n), "")
	case 9:
		_ = s.Move(any, below)
	case 10:
		_ = s.DeleteTree(any)
	case 11:
		if gone := s.Deleted(); len(gone) > 0 {
			_ = s.Undelete(rapid.SampledFrom(gone).Draw(t, "who").GUID)
		}
	}
}

func filledOne(v string) []string {
	if v == "" {
		return nil
	}
	return []string{v}
}

// TestDirSyncReplays makes random edits, and now and then resumes from an earlier cookie, in parts
// of any size and with edits in between: the reported changes must turn the copy of that time into
// the present state.
func TestDirSyncReplays(t *testing.T) {
	for _, bin := range []bool{false, true} {
		t.Run(fmt.Sprintf("bin %v", bin), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) { replay(t, bin) })
		})
	}
}

func replay(t *rapid.T, bin bool) {
	s, err := Start(t.Context(), Options{RecycleBin: bin, Rights: Rights{Replicate: true}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	c, err := ldap.DialURL(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Bind(s.Credentials()); err != nil {
		t.Fatal(err)
	}
	type mark struct {
		cookie []byte
		shadow directoryCopy
	}
	marks := []mark{{nil, directoryCopy{map[string]copiedObject{}, bin}}}
	n := 0
	for range rapid.IntRange(1, 6).Draw(t, "rounds") {
		for range rapid.IntRange(0, 12).Draw(t, "edits") {
			edit(t, s, &n)
		}
		m := marks[rapid.IntRange(0, len(marks)-1).Draw(t, "from")]
		copied, cookie := m.shadow.clone(), m.cookie
		flags := rapid.SampledFrom([]int64{0, incremental, ldap.DirSyncAncestorsFirstOrder,
			incremental | ldap.DirSyncPublicDataOnly}).Draw(t, "flags")
		size := rapid.SampledFrom([]int64{0, 1, 500, 3000}).Draw(t, "size")
		req := request(testBase, "(objectClass=*)", append([]string{"isDeleted"}, copiedAttrs...)...)
		req.Controls = []ldap.Control{ldap.NewControlString(controlExtendedDN, false, "\x30\x03\x02\x01\x01")}
		for more, part := true, 0; more; part++ {
			var entries []*ldap.Entry
			if entries, more, cookie, err = syncOnce(c, req, flags, size, cookie); err != nil {
				t.Fatal(err)
			}
			for _, e := range entries {
				if id, back := copied.apply(e); back {
					copied.reread(s.dir, id)
				}
			}
			if more && part < 3 && rapid.Bool().Draw(t, "edit between parts") {
				edit(t, s, &n)
			}
		}
		if want, got := copyOfDirectory(s).text(), copied.text(); got != want {
			t.Fatalf("the copy holds\n%s\nbut the directory\n%s", got, want)
		}
		marks = append(marks, mark{cookie, copied})
	}
}

// TestDirSyncDuringWrites reads in parts during writes: after the writes, one more reading brings
// the copy to the state of the directory.
func TestDirSyncDuringWrites(t *testing.T) {
	s := start(t, 60, Options{DirSyncEntries: 9, Rights: Rights{Replicate: true}})
	c := connect(t, s)
	people := s.People()
	var writers sync.WaitGroup
	ended := make(chan struct{})
	for w := range 3 {
		writers.Go(func() {
			for i := range 300 {
				p := "<GUID=" + people[(i*7+w)%len(people)].GUID + ">"
				_ = s.Modify(p,
					map[string][]string{"description": {fmt.Sprint(i)},
						"manager": {"<GUID=" + people[(i*5+w)%len(people)].GUID + ">"}})
				if i%50 == 49 {
					_ = s.Delete(p)
				}
			}
		})
	}
	go func() {
		writers.Wait()
		close(ended)
	}()
	copied := directoryCopy{map[string]copiedObject{}, false}
	var cookie []byte
	req := request(testBase, "(objectClass=*)", append([]string{"isDeleted"}, copiedAttrs...)...)
	req.Controls = []ldap.Control{ldap.NewControlString(controlExtendedDN, false, "\x30\x03\x02\x01\x01")}
	for last := false; !last; {
		select {
		case <-ended:
			last = true
		default:
		}
		for more := true; more; {
			var entries []*ldap.Entry
			var err error
			if entries, more, cookie, err = syncOnce(c, req, incremental, 0, cookie); err != nil {
				t.Fatal(err)
			}
			for _, e := range entries {
				copied.apply(e)
			}
		}
	}
	if want, got := copyOfDirectory(s).text(), copied.text(); got != want {
		t.Fatalf("the copy holds\n%s\nbut the directory\n%s", got, want)
	}
}
