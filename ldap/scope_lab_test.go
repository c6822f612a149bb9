package ldap_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"dirbridge/ldap"
	"dirbridge/ldap/ldaptest"
	"dirbridge/ldap/ldaptest/lab"
	"dirbridge/sync/identity"
)

// scopeServer is a directory server for tests of the scope. large is a snapshot with 5,000 people,
// all in one group.
type scopeServer struct {
	name  string
	large string // snapshot; "" if the server has none
	start func(t *testing.T, snapshot string) *lab.Directory
}

const largeGroup = 5000

func scopeServers() []scopeServer {
	embedded := func(flavor ldaptest.Flavor, kind string) func(*testing.T, string) *lab.Directory {
		return func(t *testing.T, _ string) *lab.Directory {
			s, err := ldaptest.Start(t.Context(), ldaptest.Options{Flavor: flavor})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { s.Close() })
			user, password := s.Credentials()
			d := lab.Editor(lab.Directory{Kind: kind, Server: "sandbox", URL: s.URL(), Base: s.BaseDN(), User: user,
				Password: password})
			t.Cleanup(d.Close)
			return d
		}
	}
	// The real servers are its own: it needs a whole company.
	return []scopeServer{
		{"sandbox as Active Directory", "", embedded(ldaptest.AD, "ad-ds")},
		{"sandbox as OpenLDAP", "", embedded(ldaptest.OpenLDAP, "ldap")},
		{"OpenLDAP", lab.Company(largeGroup, 2), func(t *testing.T, snapshot string) *lab.Directory {
			return lab.Slapd(t, snapshot)
		}},
		{"Samba", lab.Company(largeGroup, 2), func(t *testing.T, snapshot string) *lab.Directory {
			return lab.Samba(t, snapshot)
		}},
	}
}

// scoped reads a directory with the test's options.
func scoped(t *testing.T, d *lab.Directory, change func(*ldap.Options)) *ldap.Source {
	t.Helper()
	o := ldap.Options{Name: "corp", Servers: []string{d.URL}, BindUser: d.User, BindPassword: func() (string, error) {
		return d.Password, nil
	},
		SyncUsers: true, SyncGroups: true, Attributes: []string{"mail"}}
	change(&o)
	s, err := ldap.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// named lists the names of entries, in order.
func named(t *testing.T, list func(fn func(identity.Entry) error) error) string {
	t.Helper()
	var names []string
	if err := list(func(e identity.Entry) error {
		_, name, _ := strings.Cut(e.RDN, "=")
		names = append(names, name)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

func peopleNamed(t *testing.T, s *ldap.Source) string {
	t.Helper()
	return named(t, func(fn func(identity.Entry) error) error { return s.People(t.Context(), fn) })
}

func TestScope(t *testing.T) {
	for _, server := range scopeServers() {
		t.Run(server.name, func(t *testing.T) {
			snapshot := server.large
			if testing.Short() {
				snapshot = lab.Empty
			}
			d := server.start(t, snapshot)
			t.Run("by nested groups that form a cycle", func(t *testing.T) { scopeByGroups(t, d) })
			t.Run("a group that is none", func(t *testing.T) { scopeWithoutGroup(t, d) })
			t.Run("base DN that does not exist", func(t *testing.T) { missingBaseDN(t, d) })
			t.Run("filters are tried", func(t *testing.T) { triedFilters(t, d) })
			t.Run("rooms", func(t *testing.T) { roomsAreListedSeparately(t, d) })
			t.Run("schema and partitions", func(t *testing.T) { schemaRead(t, d) })
			t.Run("contacts", func(t *testing.T) { contactsAreListedSeparately(t, d) })
			t.Run("types of groups", func(t *testing.T) { groupTypes(t, d) })
			t.Run("constructed and binary attributes", func(t *testing.T) { specialAttributes(t, d) })
			if snapshot == server.large && server.large != "" {
				t.Run("a group of 5,000", func(t *testing.T) { scopeByLargeGroup(t, d) })
			}
		})
	}
}

// relative is the last number of the group's SID.
func relative(t *testing.T, s *ldap.Source, d *lab.Directory, dn string) string {
	t.Helper()
	var sid string
	if err := s.Get(t.Context(), identity.Group, []identity.Anchor{anchorAt(t, d, dn)},
		func(e identity.Entry, _ bool) error {
			sid = e.Attrs.First("objectSid")
			return nil
		}); err != nil || sid == "" {
		t.Fatalf("%s: SID %q, %v", dn, sid, err)
	}
	return sid[strings.LastIndexByte(sid, '-')+1:]
}

func anchorAt(t *testing.T, d *lab.Directory, dn string) identity.Anchor {
	t.Helper()
	return identity.NewAnchor("corp", d.GUID(t, dn))
}

// The group Scope has Ana and Inner; Inner has Bo and Scope again; Inner is the primary group of
// Ed. Cy is in a cycle of other groups, Di in none.
func scopeByGroups(t *testing.T, d *lab.Directory) {
	base := d.Scratch(t)
	staff, elsewhere := d.AddContainer(t, base, "Staff"), d.AddContainer(t, base, "Elsewhere")
	at := map[string]string{}
	for _, name := range []string{"Ana", "Bo", "Cy", "Di", "Ed"} {
		at[name] = d.AddPerson(t, staff, name, map[string][]string{"mail": {name + "@example.com"}})
	}
	for _, name := range []string{"Scope", "Inner", "Other", "Loop"} {
		at[name] = d.AddGroup(t, elsewhere, name)
	}
	d.AddMember(t, at["Scope"], at["Ana"], at["Inner"])
	d.AddMember(t, at["Inner"], at["Bo"], at["Scope"])
	d.AddMember(t, at["Other"], at["Cy"], at["Loop"])
	d.AddMember(t, at["Loop"], at["Other"])
	want, inner := "Ana Bo", []string{"Bo", "Scope"}
	// Scope itself is outside every base DN, and not synchronized.
	s := scoped(t, d, func(o *ldap.Options) {
		o.BaseDNs, o.MemberOf, o.SyncGroups, o.Attributes = []string{staff}, []string{at["Scope"]}, false, []string{"mail",
			"objectSid"}
	})
	if d.Kind == "ad-ds" {
		d.AddMember(t, at["Inner"], at["Ed"])
		d.Set(t, at["Ed"], "primaryGroupID", relative(t, s, d, at["Inner"]))
		want, inner = "Ana Bo Ed", []string{"Bo", "Ed", "Scope"}
		// Active Directory does this by itself.
		if slices.Contains(d.Values(t, at["Inner"], "member"), at["Ed"]) {
			d.RemoveMember(t, at["Inner"], at["Ed"])
		}
	}
	if got := peopleNamed(t, s); got != want {
		t.Errorf("people: %s", got)
	}
	if got := named(t, func(fn func(identity.Entry) error) error {
		return s.ListUnder(t.Context(), identity.User, base, fn)
	}); got != want {
		t.Errorf("below: %s", got)
	}
	wantInScope(t, s, d, at, want)
	nodes, err := s.Tree(t.Context(), base)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range nodes {
		if n.Name == "Staff" && n.People != len(strings.Fields(want)) || n.Name == "Elsewhere" && n.People != 0 {
			t.Errorf("the tree counts %+v", n)
		}
	}
	wantScopeEdges(t, "all", s, d, at, map[string][]string{"Scope": {"Ana", "Inner"}, "Inner": inner}, s.Edges)
	wantScopeEdges(t, "some", s, d, at, map[string][]string{"Inner": inner},
		func(ctx context.Context, fn func(identity.Edge) error) error {
			return s.EdgesOf(ctx, []identity.Anchor{anchorAt(t, d, at["Inner"]), anchorAt(t, d, at["Other"])}, fn)
		})

	d.RemoveMember(t, at["Scope"], at["Inner"])
	if got := peopleNamed(t, s); got != "Ana" {
		t.Errorf("without the inner group: %s", got)
	}
	wantInScope(t, s, d, at, "Ana")
}

// wantInScope gets every object by GUID.
func wantInScope(t *testing.T, s *ldap.Source, d *lab.Directory, at map[string]string, want string) {
	t.Helper()
	var asked []identity.Anchor
	for _, name := range []string{"Ana", "Bo", "Cy", "Di", "Ed"} {
		asked = append(asked, anchorAt(t, d, at[name]))
	}
	found := 0
	got := named(t, func(fn func(identity.Entry) error) error {
		return s.Get(t.Context(), identity.User, asked, func(e identity.Entry, in bool) error {
			found++
			if !in {
				return nil
			}
			return fn(e)
		})
	})
	if got != want || found != len(asked) {
		t.Errorf("asked by GUID: %s in scope, of %d", got, found)
	}
}

// wantScopeEdges compares the memberships that determine the scope.
func wantScopeEdges(t *testing.T, what string, s *ldap.Source, d *lab.Directory, at map[string]string,
	want map[string][]string,
	list func(context.Context, func(identity.Edge) error) error) {
	t.Helper()
	by, byDN := map[identity.Anchor]string{}, map[string]string{}
	for name, dn := range at {
		by[anchorAt(t, d, dn)], byDN[lab.Same(t, dn)] = name, name
	}
	got := map[string][]string{}
	if err := list(t.Context(), func(e identity.Edge) error {
		if e.Kind != identity.InScope {
			return nil
		}
		to := by[e.To.Anchor]
		if to == "" {
			to = byDN[lab.Same(t, e.To.DN)]
		}
		got[by[e.From]] = append(got[by[e.From]], to)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for _, members := range got {
		slices.Sort(members)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: scope goes through %v", what, got)
	}
}

func scopeWithoutGroup(t *testing.T, d *lab.Directory) {
	base := d.Scratch(t)
	person := d.AddPerson(t, base, "Fay", nil)
	for dn, says := range map[string]string{"CN=Nobody," + base: "nearest above it that exists is",
		person:                         "is not a group",
		"CN=Staff,DC=elsewhere,DC=net": "another naming context"} {
		s := scoped(t, d, func(o *ldap.Options) { o.MemberOf = []string{dn} })
		err := s.People(t.Context(), func(identity.Entry) error { return nil })
		if err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "member_of") ||
			identity.Remedy(err) == "" {
			t.Errorf("%s: %v", dn, err)
		}
	}
}

func missingBaseDN(t *testing.T, d *lab.Directory) {
	base := d.Scratch(t)
	s := scoped(t, d, func(o *ldap.Options) { o.BaseDNs = []string{"OU=Gone,OU=Long,OU=Ago," + base} })
	err := s.People(t.Context(), func(identity.Entry) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "base_dns: OU=Gone,OU=Long,OU=Ago,") {
		t.Fatalf("%v", err)
	}
	if _, nearest, _ := strings.Cut(err.Error(), "that exists is "); nearest == "" ||
		lab.Same(t, nearest) != lab.Same(t, base) {
		t.Errorf("%v", err)
	}
}

func triedFilters(t *testing.T, d *lab.Directory) {
	base := d.Scratch(t)
	for n := range 12 {
		d.AddPerson(t, base, fmt.Sprintf("Gus%02d", n), map[string][]string{"mail": {fmt.Sprintf("gus%d@example.com", n)}})
	}
	d.AddPerson(t, base, "Without", nil)
	s := scoped(t, d, func(o *ldap.Options) { o.BaseDNs = []string{base} })
	got, err := s.TryFilter(t.Context(), identity.User, "(|(mail=*)(colour=blue))")
	if err != nil || got.Matches != 12 || len(got.Sample) != 10 || !got.Known ||
		!slices.Equal(got.UnknownAttributes, []string{"colour"}) {
		t.Errorf("%+v, %v", got, err)
	}
	got, err = s.TryFilter(t.Context(), identity.User, "")
	if err != nil || got.Matches != 13 || len(got.UnknownAttributes) > 0 {
		t.Errorf("%+v, %v", got, err)
	}
	_, err = s.TryFilter(t.Context(), identity.User, "(&(mail=*)(sn=a)")
	var wrong *ldap.FilterError
	if !errors.As(err, &wrong) || wrong.Offset != 16 ||
		!strings.Contains(err.Error(), "\n(&(mail=*)(sn=a)\n                ^") {
		t.Errorf("%v", err)
	}
}

func roomsAreListedSeparately(t *testing.T, d *lab.Directory) {
	base := d.Scratch(t)
	d.AddPerson(t, base, "Hal", nil)
	d.AddPerson(t, base, "Aquarium", map[string][]string{"department": {"Room"}})
	// Without Exchange, the schema lacks the attribute that marks rooms: everything must still be
	// found.
	s := scoped(t, d, func(o *ldap.Options) { o.BaseDNs = []string{base} })
	if got := peopleNamed(t, s); got != "Aquarium Hal" {
		t.Errorf("by default: %s", got)
	}
	s = scoped(t, d, func(o *ldap.Options) {
		o.BaseDNs, o.RoomFilter = []string{base}, "(|(colour=green)(department=Room))"
	})
	if got := peopleNamed(t, s); got != "Hal" {
		t.Errorf("people: %s", got)
	}
	if got := named(t, func(fn func(identity.Entry) error) error {
		return s.ListContacts(t.Context(), identity.Room, fn)
	}); got != "Aquarium" {
		t.Errorf("rooms: %s", got)
	}
}

func contactsAreListedSeparately(t *testing.T, d *lab.Directory) {
	if d.Kind != "ad-ds" {
		return // the schema has none
	}
	base := d.Scratch(t)
	d.AddPerson(t, base, "Ida", nil)
	d.AddPerson(t, base, "Supplier",
		map[string][]string{"objectClass": {"contact"}, "sAMAccountName": nil, "userAccountControl": nil})
	s := scoped(t, d, func(o *ldap.Options) { o.BaseDNs = []string{base} })
	contacts := named(t, func(fn func(identity.Entry) error) error {
		return s.ListContacts(t.Context(), identity.Contact, fn)
	})
	if got := peopleNamed(t, s); got != "Ida" || contacts != "Supplier" {
		t.Errorf("people: %s; contacts: %s", got, contacts)
	}
}

func groupTypes(t *testing.T, d *lab.Directory) {
	base := d.Scratch(t)
	d.AddGroup(t, base, "Guards")
	news := d.AddGroup(t, base, "News")
	groups := func(types string) (string, error) {
		s := scoped(t, d, func(o *ldap.Options) { o.BaseDNs, o.GroupTypes = []string{base}, types })
		if _, err := s.Describe(t.Context()); err != nil {
			return "", err
		}
		return named(t, func(fn func(identity.Entry) error) error { return s.Groups(t.Context(), fn) }), nil
	}
	if d.Kind != "ad-ds" {
		if _, err := groups(ldap.SecurityGroups); err == nil || !strings.Contains(err.Error(), "group_types") {
			t.Errorf("%v", err)
		}
		return
	}
	d.Set(t, news, "groupType", "2")
	for types, want := range map[string]string{"": "Guards News", ldap.SecurityGroups: "Guards",
		ldap.DistributionGroups: "News"} {
		if got, err := groups(types); err != nil || got != want {
			t.Errorf("%q: %s, %v", types, got, err)
		}
	}
}

func schemaRead(t *testing.T, d *lab.Directory) {
	s := scoped(t, d, func(*ldap.Options) {})
	all, err := s.Schema(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]ldap.Attribute{}
	for _, a := range all {
		by[strings.ToLower(a.Name)] = a
	}
	want := map[string]ldap.Syntax{"mail": ldap.Text, "manager": ldap.DN, "jpegphoto": ldap.Binary,
		"objectclass": ldap.Text}
	if d.Kind == "ad-ds" {
		for name, syntax := range map[string]ldap.Syntax{"objectguid": ldap.GUID, "objectsid": ldap.SID,
			"whencreated":        ldap.Time,
			"useraccountcontrol": ldap.Number, "iscriticalsystemobject": ldap.Bool, "thumbnailphoto": ldap.Binary} {
			want[name] = syntax
		}
		if !by["canonicalname"].Constructed || !by["displayname"].Single || by["proxyaddresses"].Single ||
			by["mail"].Constructed {
			t.Errorf("%+v %+v %+v", by["canonicalname"], by["displayname"], by["proxyaddresses"])
		}
	}
	for name, syntax := range want {
		if a, ok := by[name]; !ok || a.Syntax != syntax || a.Secret {
			t.Errorf("%s: %+v", name, a)
		}
	}
	if a, ok := by["userpassword"]; ok && !a.Secret || by["manager"].OID == "" {
		t.Errorf("%+v %+v", a, by["manager"])
	}
	if !slices.IsSortedFunc(all, func(a, b ldap.Attribute) int {
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	}) {
		t.Error("not in order")
	}
	partitions, err := scoped(t, d, func(o *ldap.Options) {
		o.BaseDNs = []string{"OU=Not yet chosen," + d.Base}
	}).Partitions(t.Context())
	if err != nil || len(partitions) != 1 || lab.Same(t, partitions[0]) != lab.Same(t, d.Base) {
		t.Errorf("%q, %v", partitions, err)
	}
}

func specialAttributes(t *testing.T, d *lab.Directory) {
	base := d.Scratch(t)
	photo := "\xff\xd8\xff\xe0\x00\x10JFIF"
	attrs := map[string][]string{"jpegPhoto": {photo}, "objectClass": {"top", "person", "organizationalPerson", "user"}}
	if d.Kind == "ldap" {
		attrs["objectClass"] = []string{"user"}
	}
	d.AddPerson(t, base, "Jo", attrs)
	s := scoped(t, d, func(o *ldap.Options) {
		o.BaseDNs, o.Attributes = []string{base}, []string{"jpegPhoto", "tokenGroups", "canonicalName", "objectSid"}
	})
	if err := s.People(t.Context(), func(e identity.Entry) error {
		if len(e.Problems) > 0 || e.Attrs.First("jpegPhoto") != "/9j/4AAQSkZJRg==" {
			t.Errorf("%+v", e)
		}
		if d.Kind == "ad-ds" &&
			(!strings.HasPrefix(e.Attrs.First("tokenGroups"), "S-1-5-") || !slices.IsSorted(e.Attrs["tokenGroups"]) ||
				!strings.HasSuffix(e.Attrs.First("canonicalName"), "/Jo")) {
			t.Errorf("%+v", e.Attrs)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func scopeByLargeGroup(t *testing.T, d *lab.Directory) {
	largest, members := "", 0
	for _, g := range d.Objects(t, "(objectClass=group)", "member") {
		if len(g.Attrs["member"]) > members {
			largest, members = g.DN, len(g.Attrs["member"])
		}
	}
	if members != largeGroup {
		t.Fatalf("the largest group has %d members", members)
	}
	base := d.Scratch(t)
	outer := d.AddGroup(t, base, "Outer")
	d.AddMember(t, outer, largest)
	d.AddPerson(t, base, "Outsider", nil)
	s := scoped(t, d, func(o *ldap.Options) { o.MemberOf = []string{outer} })
	people, edges := 0, 0
	if err := s.People(t.Context(), func(identity.Entry) error { people++; return nil }); err != nil {
		t.Fatal(err)
	}
	if err := s.Edges(t.Context(), func(e identity.Edge) error {
		if e.Kind == identity.InScope {
			edges++
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if people != largeGroup || edges != largeGroup+1 {
		t.Errorf("%d people, %d memberships", people, edges)
	}
}
