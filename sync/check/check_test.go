package check

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dirbridge/sync/identity"
	"dirbridge/sync/mapping"
	"dirbridge/sync/schema"
)

// world is a directory in memory.
type world struct {
	name     string
	people   []identity.Entry
	groups   []identity.Entry
	edges    []identity.Edge
	warnings []string
	cookie   identity.Cookie
	contacts int
	rooms    int
	failing  map[string]error // by method
}

func (w *world) Describe(context.Context) (identity.Directory, error) {
	return identity.Directory{Name: w.name, Server: "ldap://" + w.name, BaseDN: "DC=" + w.name, Warnings: w.warnings},
		w.failing["Describe"]
}

func (w *world) People(ctx context.Context, fn func(identity.Entry) error) error {
	return each(w.people, fn, w.failing["People"])
}

func (w *world) Groups(ctx context.Context, fn func(identity.Entry) error) error {
	return each(w.groups, fn, w.failing["Groups"])
}

func (w *world) Edges(ctx context.Context, fn func(identity.Edge) error) error {
	return each(w.edges, fn, w.failing["Edges"])
}

func (w *world) Cookie(context.Context) (identity.Cookie, error) {
	return w.cookie, w.failing["Position"]
}

func (w *world) ListContacts(_ context.Context, kind identity.Kind, fn func(identity.Entry) error) error {
	n := w.contacts
	if kind == identity.Room {
		n = w.rooms
	}
	return each(make([]identity.Entry, n), fn, w.failing[string(kind)])
}

func each[T any](all []T, fn func(T) error, err error) error {
	for _, one := range all {
		if err := fn(one); err != nil {
			return err
		}
	}
	return err
}

// person adds a person with a mail, a name, and the given attributes.
func (w *world) person(cn string, attrs identity.Attrs) identity.Entry {
	e := identity.Entry{Anchor: identity.NewAnchor(w.name, fmt.Sprintf("00000001-0000-4000-8000-%012d", len(w.people))),
		Kind:  identity.User,
		DN:    "CN=" + cn + ",DC=" + w.name,
		Attrs: identity.Attrs{"mail": {strings.ToLower(cn) + "@example.com"}, "displayName": {cn}}}
	for name, v := range attrs {
		e.Attrs[name] = v
	}
	w.people = append(w.people, e)
	return e
}

// group adds a group with members.
func (w *world) group(cn string, members ...identity.Ref) identity.Anchor {
	a := identity.NewAnchor(w.name, fmt.Sprintf("00000002-0000-4000-8000-%012d", len(w.groups)))
	w.groups = append(w.groups, identity.Entry{Anchor: a, Kind: identity.Group, DN: "CN=" + cn + ",DC=" + w.name,
		Attrs: identity.Attrs{"cn": {cn}}})
	for _, m := range members {
		w.edges = append(w.edges, identity.Edge{Kind: identity.Membership, From: a, To: m})
	}
	return a
}

var noon = time.Date(2026, 10, 5, 12, 0, 0, 0, time.UTC)

func mapper(t testing.TB) *mapping.Mapper {
	t.Helper()
	m, err := mapping.New(schema.Webex(), map[string]string{"preferredLanguage": "preferredLanguage"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func optionsOf(t testing.TB, worlds ...*world) Options {
	opt := Options{Dir: t.TempDir(), Now: func() time.Time { return noon }}
	for _, w := range worlds {
		opt.Directories = append(opt.Directories, Directory{Name: w.name, Source: w, Mapper: mapper(t)})
	}
	return opt
}

func check(t testing.TB, opt Options) *Report {
	t.Helper()
	r, err := New(opt).Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func all(t testing.TB, r *Report) (found []Finding) {
	t.Helper()
	if err := r.Each(t.Context(), nil, 0, func(f Finding) error { found = append(found, f); return nil }); err != nil {
		t.Fatal(err)
	}
	return found
}

// summary lists the findings, one per line: class, DN, attribute and value.
func summary(found []Finding) []string {
	lines := []string{}
	for _, f := range found {
		lines = append(lines, strings.TrimRight(fmt.Sprintf("%s %s %s %s", f.Class, f.DN, f.Attribute, f.Value), " "))
	}
	return lines
}

func TestValues(t *testing.T) {
	long := strings.Repeat("é", 129)
	for _, tt := range []struct {
		name  string
		attrs identity.Attrs
		want  []string // class, attribute, value, detail
	}{
		{"well", identity.Attrs{"title": {"Engineer"}, "telephoneNumber": {"+41 44 668 18 00"}}, nil},
		{"no mail", identity.Attrs{"mail": nil}, []string{"missing-value|mail||no e-mail address"}},
		{"blank mail", identity.Attrs{"mail": {"  "}},
			[]string{"missing-value|mail||no e-mail address", "blank-value|mail|  |"}},
		{"no domain", identity.Attrs{"mail": {"ana"}},
			[]string{"mail-without-domain|mail|ana|there is no domain behind an @"}},
		{"empty domain", identity.Attrs{"mail": {"ana@"}},
			[]string{"mail-without-domain|mail|ana@|there is no domain behind an @"}},
		{"nobody", identity.Attrs{"mail": {"@example.com"}},
			[]string{"mail-syntax|mail|@example.com|nothing stands before the @"}},
		{"two at", identity.Attrs{"mail": {"a@b@example.com"}},
			[]string{"mail-syntax|mail|a@b@example.com|it has more than one @"}},
		{"dots", identity.Attrs{"mail": {"a@example..com"}},
			[]string{"mail-syntax|mail|a@example..com|a dot stands where none may"}},
		{"brackets", identity.Attrs{"mail": {"<a@example.com>"}},
			[]string{"mail-syntax|mail|<a@example.com>|it has one of < > ( ) [ ] , ; : \" \\"}},
		{"blank in mail", identity.Attrs{"mail": {"a b@example.com"}},
			[]string{"mail-syntax|mail|a b@example.com|it has a blank, or a character that cannot be seen (U+0020)"}},
		{"zero width in mail", identity.Attrs{"mail": {"a\u200bb@example.com"}},
			[]string{"mail-syntax|mail|a\\u200bb@example.com|it has a blank, or a character that cannot be seen (U+200B)"}},
		{"mail around", identity.Attrs{"mail": {" a@example.com"}},
			[]string{"blanks|mail| a@example.com|it begins with a blank"}},
		{"foreign mail", identity.Attrs{"mail": {"jürgen@example.com"}},
			[]string{"non-ascii-mail|mail|jürgen@example.com|it has the letter ü (U+00FC)"}},
		{"foreign name", identity.Attrs{"displayName": {"王小明"}}, nil},
		{"control", identity.Attrs{"title": {"a\x07b"}},
			[]string{"control-characters|title|a\\ab|it has the control character U+0007"}},
		{"escape", identity.Attrs{"title": {"\x1b[2Jx"}},
			[]string{"control-characters|title|\\x1b[2Jx|it has the control character U+001B"}},
		{"control in mail", identity.Attrs{"mail": {"a\x00@example.com"}},
			[]string{"control-characters|mail|a\\x00@example.com|it has the control character U+0000"}},
		{"street of two lines", identity.Attrs{"streetAddress": {"Main Street 1\r\nBasement"}}, nil},
		{"no UTF-8", identity.Attrs{"title": {"a\xff"}}, []string{"invalid-value|title|a\\xff|it is not text in UTF-8"}},
		{"too long", identity.Attrs{"givenName": {long}},
			[]string{"too-long|givenName|" + strings.Repeat("é", 64) + "...|it has 129 characters; the cloud takes 128"}},
		{"phone", identity.Attrs{"telephoneNumber": {"+"}},
			[]string{"invalid-value|telephoneNumber|+|it must contain at least one number"}},
		{"SIP", identity.Attrs{"msRTCSIP-PrimaryUserAddress": {"sip:ana"}},
			[]string{"invalid-value|msRTCSIP-PrimaryUserAddress|sip:ana|it must be a SIP address such as name@example.com"}},
		{"language", identity.Attrs{"preferredLanguage": {"English"}},
			[]string{"invalid-value|preferredLanguage|English|it must be a language such as en, en_US or en-US"}},
		{"state", identity.Attrs{"userAccountControl": {"yes"}},
			[]string{"invalid-value|userAccountControl|yes|it must be a number, or TRUE or FALSE"}},
		{"trailing", identity.Attrs{"sn": {"Silva "}}, []string{"blanks|sn|Silva |it ends with a blank"}},
		{"tab", identity.Attrs{"sn": {"Silva\t"}}, []string{"blanks|sn|Silva\\t|it ends with a blank"}},
		{"doubled", identity.Attrs{"displayName": {"Ana  Silva"}},
			[]string{"blanks|displayName|Ana  Silva|it has two blanks side by side"}},
		{"doubled in phone", identity.Attrs{"telephoneNumber": {"+41  44"}}, nil},
		{"no-break", identity.Attrs{"displayName": {"Ana\u00a0Silva"}},
			[]string{"blanks|displayName|Ana\\u00a0Silva|it has a no-break space, which looks like a blank and is none"}},
		{"zero width", identity.Attrs{"displayName": {"Ana\u200dSilva"}},
			[]string{"invisible-characters|displayName|Ana\\u200dSilva|it has the invisible character U+200D"}},
		{"direction", identity.Attrs{"displayName": {"\u202eavliS"}},
			[]string{"invisible-characters|displayName|\\u202eavliS|it has the invisible character U+202E"}},
		{"blanks alone", identity.Attrs{"title": {"   "}}, []string{"blank-value|title|   |"}},
		{"no name", identity.Attrs{"displayName": nil}, []string{"no-display-name|displayName||"}},
		{"first in order", identity.Attrs{"telephoneNumber": {"1", "+"}},
			[]string{"invalid-value|telephoneNumber|+|it must contain at least one number"}},
		{"any of several", identity.Attrs{"employeeType": {"b", "a\x01"}},
			[]string{"control-characters|employeeType|a\\x01|it has the control character U+0001"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := &world{name: "corp"}
			w.person("Ana", tt.attrs)
			var got []string
			for _, f := range all(t, check(t, optionsOf(t, w))) {
				got = append(got, fmt.Sprintf("%s|%s|%s|%s", f.Class, f.Attribute, f.Value, f.Detail))
				if f.DN != "CN=Ana,DC=corp" || f.Kind != identity.User || f.Directory != "corp" || f.Remedy == "" {
					t.Errorf("%+v", f)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestSharedKeysNameTheOthers(t *testing.T) {
	corp, lab := &world{name: "corp"}, &world{name: "lab"}
	same := identity.Attrs{"mail": {"ana@example.com"}}
	corp.person("A", same)
	corp.person("Bo", nil)
	corp.people = append(corp.people, corp.people[1]) // a page that shifted lists Bo twice
	corp.person("C", identity.Attrs{"mail": {"ANA@example.com "}})
	lab.person("D", same)
	lab.person("E", same)
	corp.group("team", identity.Ref{Anchor: corp.people[0].Anchor})
	lab.group("Team", identity.Ref{Anchor: lab.people[0].Anchor})
	r := check(t, optionsOf(t, corp, lab))
	var got []string
	for _, f := range all(t, r) {
		if f.Class == DuplicateKey || f.Class == DuplicateGroup {
			got = append(got, fmt.Sprintf("%s %s %s: %s", f.Directory, f.DN, f.Value, f.Detail))
		}
	}
	want := []string{
		"corp CN=A,DC=corp ana@example.com: also CN=C,DC=corp; CN=D,DC=lab of lab; and 1 more",
		"corp CN=C,DC=corp ANA@example.com: also CN=A,DC=corp; CN=D,DC=lab of lab; and 1 more",
		"lab CN=D,DC=lab ana@example.com: also CN=A,DC=corp of corp; CN=C,DC=corp of corp; and 1 more",
		"lab CN=E,DC=lab ana@example.com: also CN=A,DC=corp of corp; CN=C,DC=corp of corp; and 1 more",
		"corp CN=team,DC=corp team: also CN=Team,DC=lab of lab",
		"lab CN=Team,DC=lab Team: also CN=team,DC=corp of corp",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestUnusualDomains(t *testing.T) {
	for _, tt := range []struct {
		usual, rare int
		want        int
	}{{600, 2, 2}, {600, 4, 4}, {600, 5, 0}, {150, 2, 0}, {99, 1, 0}, {101, 1, 1}} {
		w := &world{name: "corp"}
		for i := range tt.usual {
			w.person(fmt.Sprint("U", i), nil)
		}
		for i := range tt.rare {
			w.person(fmt.Sprint("R", i), identity.Attrs{"mail": {fmt.Sprintf("r%d@Exmaple.com", i)}})
		}
		r := check(t, optionsOf(t, w))
		if got := r.Total(UnusualDomain); got != int64(tt.want) {
			t.Errorf("%d of %d: %d", tt.rare, tt.usual, got)
		}
	}
}

func TestReferencesAndGroups(t *testing.T) {
	w := &world{name: "corp", contacts: 3, rooms: 2, cookie: identity.Cookie{NoDeletions: "no right", Remedy: "Give it."},
		warnings: []string{"the password ends soon"}}
	a := w.person("Ana", identity.Attrs{"manager": {"cn=bo,dc=CORP"}, "userAccountControl": {"514"}})
	b := w.person("Bo", identity.Attrs{"manager": {"CN=Gone,DC=elsewhere"}})
	ref := func(a identity.Anchor) identity.Ref { return identity.Ref{Anchor: a} }
	w.group("empty")
	w.group("mixed", ref(a.Anchor), identity.Ref{DN: "CN=bo,DC=corp"}, identity.Ref{DN: "CN=Gone,DC=elsewhere"},
		identity.Ref{SID: "S-1-5-21-1"})
	one := identity.NewAnchor("corp", "00000002-0000-4000-8000-000000000002")
	three := identity.NewAnchor("corp", "00000002-0000-4000-8000-000000000004")
	w.group("one", identity.Ref{DN: "CN=TWO,DC=corp"})
	w.group("two", ref(three))
	w.group("three", ref(one), ref(b.Anchor))
	w.group("self", ref(identity.NewAnchor("corp", "00000002-0000-4000-8000-000000000005")))
	w.group("above", ref(one))
	w.edges = append(w.edges, identity.Edge{Kind: identity.InScope, From: one, To: ref(a.Anchor)})
	opt := optionsOf(t, w)
	opt.Large = 3
	r := check(t, opt)
	want := Counts{People: 2, Disabled: 1, Groups: 7, Memberships: 10, Contacts: 3, Rooms: 2, ManagersElsewhere: 1,
		MembersElsewhere: 2, GroupsElsewhere: 1}
	if diff := cmp.Diff(want, r.Counts); diff != "" {
		t.Errorf("counts (-want +got)\n%s", diff)
	}
	var got []string
	for _, f := range all(t, r) {
		got = append(got, fmt.Sprintf("%s %s: %s", f.Class, f.DN, f.Detail))
	}
	wanted := []string{
		"empty-group CN=empty,DC=corp: it has no members",
		"large-group CN=mixed,DC=corp: it has 4 members",
		"group-cycle CN=one,DC=corp: one has two has three has one",
		"group-cycle CN=self,DC=corp: self has self",
		"group-cycle CN=three,DC=corp: three has one has two has three",
		"group-cycle CN=two,DC=corp: two has three has one has two",
		"unseen-deletions DC=corp: no right",
		"directory-warning DC=corp: the password ends soon",
	}
	if diff := cmp.Diff(wanted, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if r.Problems() != 0 {
		t.Errorf("%d problems", r.Problems())
	}
}

func TestUnreadableEntriesAndGroupNames(t *testing.T) {
	w := &world{name: "corp"}
	w.people = append(w.people,
		identity.Entry{Kind: identity.User, DN: "CN=No GUID,DC=corp",
			Attrs: identity.Attrs{"mail": {"a@example.com"}, "displayName": {"A"}}})
	e := w.person("Half", nil)
	e.Problems = []identity.Problem{{Attribute: "title", Message: "it could not be decoded", Remedy: "Look at it."}}
	w.people[1] = e
	w.group("x", identity.Ref{Anchor: e.Anchor})
	w.groups[0].Attrs["cn"] = []string{strings.Repeat("x", 257)}
	w.group(" y", identity.Ref{Anchor: e.Anchor})
	w.group("z", identity.Ref{Anchor: e.Anchor})
	w.groups[2].Attrs["cn"] = nil
	want := []string{
		"unreadable CN=Half,DC=corp title", "unreadable CN=No GUID,DC=corp objectGUID", "missing-value CN=z,DC=corp cn",
		"too-long CN=x,DC=corp cn " + strings.Repeat("x", 64) + "...", "blanks CN= y,DC=corp cn  y",
	}
	if diff := cmp.Diff(want, summary(all(t, check(t, optionsOf(t, w))))); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestUnreadableDirectoryDoesNotStopOthers(t *testing.T) { // P8
	corp, lab := &world{name: "corp"}, &world{name: "lab", failing: map[string]error{}}
	corp.person("Ana", identity.Attrs{"title": {" x"}})
	lab.person("Ana", identity.Attrs{"title": {" x"}})
	lab.group("team", identity.Ref{Anchor: lab.people[0].Anchor})
	for _, call := range []string{"Describe", "People", "Groups", "Edges"} {
		lab.failing = map[string]error{call: &identity.Failure{Class: identity.Retry, Remedy: "Start it.",
			Err: errors.New("refused")}}
		r := check(t, optionsOf(t, lab, corp))
		if d := r.Directories[0]; d.Error != "refused" || d.Remedy != "Start it." || d.Counts != (Counts{}) {
			t.Errorf("%s: %+v", call, d)
		}
		// Nothing of half a listing counts, not even the two people with the same mail.
		if got := summary(all(t, r)); !slices.Equal(got, []string{"blanks CN=Ana,DC=corp title  x"}) || r.Counts.People != 1 {
			t.Errorf("%s: %q, %+v", call, got, r.Counts)
		}
	}
	_, err := New(optionsOf(t, lab)).Run(t.Context())
	if err == nil || identity.Remedy(err) != "Start it." || !strings.Contains(err.Error(), "directory lab") {
		t.Errorf("with nothing else to read: %v", err)
	}
}

func TestMissingCookieOrCountIsAWarning(t *testing.T) {
	w := &world{name: "corp", contacts: 1, rooms: 2,
		failing: map[string]error{"Position": errors.New("not allowed"),
			string(identity.Contact): errors.New("no such attribute")}}
	r := check(t, optionsOf(t, w))
	if r.Total(DirectoryWarning) != 2 || r.Counts.Contacts != 0 || r.Counts.Rooms != 2 {
		t.Errorf("%+v %+v", r.Classes, r.Counts)
	}
}

func TestTemporaryFilesAreRemoved(t *testing.T) {
	for name, run := range map[string]func(Options) error{
		"done": func(opt Options) error {
			r, err := New(opt).Run(t.Context())
			return errors.Join(err, r.Close())
		},
		"cancelled": func(opt Options) error {
			ctx, cancel := context.WithCancel(t.Context())
			w := opt.Directories[0].Source.(*world)
			w.people = append(w.people, w.people[0])
			opt.Directories[0].Source = cancelling{w, cancel}
			if _, err := New(opt).Run(ctx); !errors.Is(err, context.Canceled) {
				return fmt.Errorf("cancelled: %w", err)
			}
			return nil
		},
		"failed": func(opt Options) error {
			opt.Directories[0].Source.(*world).failing = map[string]error{"Edges": errors.New("refused")}
			if _, err := New(opt).Run(t.Context()); err == nil {
				return errors.New("no error")
			}
			return nil
		},
	} {
		w := &world{name: "corp"}
		w.person("Ana", nil)
		opt := optionsOf(t, w)
		if err := run(opt); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if left, err := os.ReadDir(opt.Dir); err != nil || len(left) > 0 {
			t.Errorf("%s: %v is left, %v", name, left, err)
		}
	}
}

// cancelling cancels during its listing of people.
type cancelling struct {
	*world
	cancel func()
}

func (c cancelling) People(ctx context.Context, fn func(identity.Entry) error) error {
	c.cancel()
	return c.world.People(ctx, fn)
}

func TestFilesArePrivate(t *testing.T) {
	w := &world{name: "corp"}
	w.person("Ana", identity.Attrs{"title": {" x"}})
	r := check(t, optionsOf(t, w))
	info, err := os.Stat(r.path)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

// many is a report with n findings in two classes.
func many(t testing.TB, n int) *Report {
	w := &world{name: "corp"}
	for i := range n {
		w.person(fmt.Sprintf("P%05d", i), identity.Attrs{"title": {" x"}, "telephoneNumber": {"="}})
	}
	return check(t, optionsOf(t, w))
}

func TestFindingsByWindow(t *testing.T) {
	r := many(t, 1200)
	for _, tt := range []struct{ from, n, want int64 }{{0, 10, 10}, {1195, 10, 5}, {1200, 10, 0}, {-1, 5, 0},
		{0, 5000, 1200}} {
		found, err := r.Findings(t.Context(), Blanks, tt.from, tt.n)
		if err != nil || int64(len(found)) != tt.want {
			t.Errorf("%+v: %d, %v", tt, len(found), err)
		}
		for i, f := range found {
			if want := fmt.Sprintf("CN=P%05d,DC=corp", tt.from+int64(i)); f.DN != want || f.Class != Blanks {
				t.Fatalf("%s %s at %d, want %s", f.Class, f.DN, tt.from+int64(i), want)
			}
		}
	}
	if found, err := r.Findings(t.Context(), TooLong, 0, 5); err != nil || len(found) > 0 {
		t.Errorf("of a class without findings: %v, %v", found, err)
	}
}

func TestJSONIsOneDocument(t *testing.T) {
	type doc struct {
		Problems    int64
		Directories []Read
		Classes     []Count
		Findings    []Finding
	}
	for _, tt := range []struct {
		people   int
		classes  []ClassID
		limit    int64
		findings int
		problems int64
	}{{0, nil, 0, 0, 0}, {1200, nil, 0, 2400, 1200}, {30, nil, 3, 6, 30}, {30, []ClassID{Blanks}, 0, 30, 0}} {
		var b bytes.Buffer
		if err := many(t, tt.people).WriteJSON(t.Context(), &b, tt.classes, tt.limit); err != nil {
			t.Fatal(err)
		}
		var d doc
		if err := json.Unmarshal(b.Bytes(), &d); err != nil {
			t.Fatalf("%v:\n%.500s", err, b.String())
		}
		if len(d.Findings) != tt.findings || d.Problems != tt.problems || d.Findings == nil || d.Classes == nil ||
			len(d.Directories) != 1 {
			t.Errorf("%+v: %d findings, %d problems", tt, len(d.Findings), d.Problems)
		}
	}
}

func TestCSVHasNoFormulas(t *testing.T) {
	var b bytes.Buffer
	if err := many(t, 2).WriteCSV(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil || len(rows) != 5 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	if v := rows[1][slices.Index(rows[0], "value")]; v != "'=" {
		t.Errorf("the value is %q", v)
	}
}

func TestSaving(t *testing.T) {
	r, dir := many(t, 3), t.TempDir()
	for _, name := range []string{"a.json", "a.CSV"} {
		path := filepath.Join(dir, name)
		if err := r.SaveAs(t.Context(), path); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 || info.Size() == 0 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
		if err := r.SaveAs(t.Context(), path); err == nil || identity.Remedy(err) == "" {
			t.Errorf("%s was overwritten: %v", name, err)
		}
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for path, ctx := range map[string]context.Context{"none.txt": t.Context(), "no/such/folder.csv": t.Context(),
		"stopped.csv": cancelled} {
		if err := r.SaveAs(ctx, filepath.Join(dir, path)); err == nil || identity.Remedy(err) == "" {
			t.Errorf("%s: %v", path, err)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 2 {
		t.Errorf("left: %v, %v", left, err)
	}
}

func TestEveryClassHasARemedy(t *testing.T) {
	seen := map[ClassID]bool{}
	warned := false
	for _, c := range Classes() {
		if seen[c.ID] || c.Title == "" || !strings.HasSuffix(c.Remedy, ".") || c.Severity == Problem && warned {
			t.Errorf("%+v", c)
		}
		seen[c.ID], warned = true, warned || c.Severity == Warning
	}
}

func TestProgressDuringReading(t *testing.T) {
	w := &world{name: "corp"}
	w.person("Ana", identity.Attrs{"title": {" x"}})
	opt := optionsOf(t, w)
	var c *Check
	var seen []string
	opt.Directories[0].Source = watched{w, func() {
		p := c.Progress()
		seen = append(seen, fmt.Sprintf("%s %s %d %d", p.Phase, p.Directory, p.Done, p.Findings))
	}}
	c = New(opt)
	r, err := c.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if want := []string{"reading people corp 0 0", "reading people corp 1 1"}; !slices.Equal(seen, want) {
		t.Errorf("%q, want %q", seen, want)
	}
	if p := c.Progress(); p.Phase != Comparing || p.Findings != 1 {
		t.Errorf("at the end: %+v", p)
	}
}

// watched calls look before and after its people.
type watched struct {
	*world
	look func()
}

func (w watched) People(ctx context.Context, fn func(identity.Entry) error) error {
	w.look()
	defer w.look()
	return w.world.People(ctx, fn)
}

// FuzzVerdicts checks that every value that the mapping refuses is reported as a problem, that
// accepted values are not, and that nothing shown can disturb a terminal.
func FuzzVerdicts(f *testing.F) {
	for _, v := range []string{"ana@example.com", "a@b@c", "+", "", " ", "\xff", "\u202e", "a\x1b", "en-US", "514",
		"\u0085", "a \u00a0@x"} {
		f.Add(v, v, v, v)
	}
	m := mapper(f)
	f.Fuzz(func(t *testing.T, mail, title, phone, language string) {
		e := identity.Entry{Anchor: "corp:00000001-0000-4000-8000-000000000000", Kind: identity.User, DN: "CN=" + title,
			Attrs: identity.Attrs{"mail": {mail}, "title": {title}, "displayName": {title, phone}, "telephoneNumber": {phone},
				"preferredLanguage": {language}, "employeeType": {mail, phone}}}
		refused := len(m.Person(e).Problems)
		for _, field := range m.Fields(e) {
			if field.Problem == nil {
				continue
			}
			refused--
			class, why := InvalidValue, ""
			for _, v := range candidates(field, e.Attrs) {
				if class, why = verdict(field.Attribute, v); class != "" {
					break
				}
			}
			if len(candidates(field, e.Attrs)) > 0 && (class == "" || why == "") {
				t.Errorf("%s %q was refused without a reason", field.Rule, e.Attrs[field.Rule])
			}
		}
		if refused != 0 {
			t.Errorf("%d refusals more than fields", refused)
		}
		for _, v := range []string{mail, title} {
			shown := clean(v, shownValue)
			if strings.ContainsFunc(shown, func(r rune) bool {
				return r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u202e' || r == '\u200b'
			}) || !json.Valid([]byte(mustJSON(shown))) {
				t.Errorf("%q is shown as %q", v, shown)
			}
		}
	})
}

func mustJSON(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}
