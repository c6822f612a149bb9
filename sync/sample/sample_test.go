package sample

import (
	"reflect"
	"strings"
	"testing"
)

// distinct fails the test if two people share a value that directories or clouds require to be
// unique.
func distinct(t *testing.T, what string, seen map[string]int, i int, value string) {
	t.Helper()
	key := strings.ToLower(value)
	if j, dup := seen[key]; dup {
		t.Fatalf("%s %q is borne by %d and %d", what, value, j, i)
	}
	seen[key] = i
}

func TestPeopleAreUnique(t *testing.T) {
	c := New(Options{People: 60000})
	mails, sams, dns, guids, sids := map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{},
		map[string]int{}
	disabled := 0
	for i, p := range c.People() {
		if f := c.flaws[i]; p.Mail != "" && f.Kind != SharedMail {
			distinct(t, "mail", mails, i, p.Mail)
		}
		distinct(t, "sAMAccountName", sams, i, p.SAM)
		distinct(t, "DN", dns, i, c.DN(p, "DC=x"))
		distinct(t, "GUID", guids, i, p.GUID.String())
		distinct(t, "SID", sids, i, p.SID)
		if len(p.SAM) > 20 {
			t.Fatalf("sAMAccountName %q is too long", p.SAM)
		}
		if p.Manager >= i {
			t.Fatalf("%d has the manager %d", i, p.Manager)
		}
		if p.Disabled {
			disabled++
		}
	}
	if disabled < 60000*3/100 || disabled > 60000*5/100 {
		t.Fatalf("%d of 60000 are disabled", disabled)
	}
	for _, g := range c.Groups() {
		distinct(t, "group DN", dns, 0, c.GroupDN(g, "DC=x"))
		distinct(t, "group GUID", guids, 0, g.GUID.String())
		distinct(t, "group SID", sids, 0, g.SID)
	}
}

func TestMailIsASCIIUnlessPlanted(t *testing.T) {
	c := New(Options{People: 12000})
	for i, p := range c.People() {
		f := c.flaws[i]
		if f.Kind == ForeignMail || f.Kind == PlusMail || f.Kind == ApostropheMail {
			continue
		}
		local, _, _ := strings.Cut(p.Mail, "@")
		if strings.Trim(local, "abcdefghijklmnopqrstuvwxyz.0123456789") != "" {
			t.Fatalf("mail %q of %s", p.Mail, p.Display)
		}
	}
}

func TestSameSeedSameCompany(t *testing.T) {
	a, b, other := New(Options{People: 300}), New(Options{People: 500}), New(Options{People: 300, Seed: 2})
	differ := 0
	for i := range 300 {
		if !reflect.DeepEqual(a.Person(i), b.Person(i)) {
			t.Fatalf("person %d depends on the size of the company", i)
		}
		if a.Person(i).Mail != other.Person(i).Mail {
			differ++
		}
	}
	if differ < 250 {
		t.Fatalf("only %d of 300 differ under another seed", differ)
	}
	if a.DomainSID() == other.DomainSID() {
		t.Fatal("two seeds have one domain SID")
	}
}

func TestFlawsAreAsListed(t *testing.T) {
	c := New(Options{People: 500})
	kinds := map[string][]Person{}
	for _, f := range c.Flaws() {
		p := c.Person(f.Person)
		kinds[f.Kind] = append(kinds[f.Kind], p)
		if p.Disabled {
			t.Errorf("%s hides behind a disabled account", f.Kind)
		}
		switch {
		case f.Attribute == "telephoneNumber" && p.Phone != f.Value,
			f.Attribute == "mail" && f.Kind != CaseMail && p.Mail != f.Value:
			t.Errorf("%s: person %d has not the value %q", f.Kind, f.Person, f.Value)
		}
	}
	for kind, want := range map[string]int{PhonePlus: 2, NoMail: 2, SharedMail: 2, ServiceAccount: 2, PlusMail: 1,
		ApostropheMail: 1, ForeignMail: 1, CommaDN: 1, QuoteDN: 1, PlusDN: 1, HashDN: 1, ForeignName: 1, CaseMail: 1} {
		if len(kinds[kind]) != want {
			t.Errorf("%s: %d people, want %d", kind, len(kinds[kind]), want)
		}
	}
	if dn := c.DN(kinds[CommaDN][0], "DC=x"); !strings.Contains(dn, `\,`) {
		t.Errorf("no escaped comma in %s", dn)
	}
	if dn := c.DN(kinds[HashDN][0], "DC=x"); !strings.HasPrefix(dn, `CN=\#`) {
		t.Errorf("no escaped number sign in %s", dn)
	}
	if shared := kinds[SharedMail]; shared[0].Mail != shared[1].Mail || shared[0].Mail == "" {
		t.Errorf("mails %q and %q are not shared", shared[0].Mail, shared[1].Mail)
	}
}

func TestCloudStart(t *testing.T) {
	c := New(Options{People: 500})
	names := map[string]bool{}
	var known, linked, older, caseOnly, strays int
	admins := map[bool]int{}
	for a := range c.CloudStart() {
		if names[strings.ToLower(a.UserName)] {
			t.Fatalf("two accounts are called %s", a.UserName)
		}
		names[strings.ToLower(a.UserName)] = true
		if a.Admin {
			admins[a.Known]++
		}
		if !a.Known {
			strays++
			continue
		}
		known++
		p := c.Person(a.Index)
		switch {
		case a.UserName != p.Mail && strings.EqualFold(a.UserName, p.Mail):
			caseOnly++
		case a.Title != p.Title || a.Department != p.Department || a.Display != p.Display:
			older++
		}
		if a.ExternalID != "" {
			linked++
			if a.ExternalID != p.GUID.String() {
				t.Errorf("%s is linked to another person", a.UserName)
			}
		}
	}
	if known < 400 || known > 470 {
		t.Errorf("%d of 500 people have accounts", known)
	}
	if older < 50 || linked < 10 || linked > 100 || caseOnly != 1 {
		t.Errorf("older %d, linked %d, in other letter case %d", older, linked, caseOnly)
	}
	if strays != unknownAccounts+2 || admins[true] != 2 || admins[false] != 2 {
		t.Errorf("strays %d, administrators known %d and unknown %d", strays, admins[true], admins[false])
	}
}

func TestGroups(t *testing.T) {
	c := New(Options{People: 500})
	groups := c.Groups()
	if got := len(groups[0].Members); got != 498 {
		t.Errorf("All Staff has %d members, want everybody but the programs", got)
	}
	nests := 0
	for i, g := range groups {
		nests += len(g.Nested)
		for _, n := range g.Nested {
			if n == i || n < 0 || n >= len(groups) {
				t.Errorf("%s nests group %d", g.Name, n)
			}
		}
	}
	if nests < 16 {
		t.Errorf("%d nested groups", nests)
	}
	if o := c.OUs()[c.OU("Staff/Engineering/Platform")]; c.OUs()[o.Parent].Name != "Engineering" {
		t.Errorf("Platform lies in %q", c.OUs()[o.Parent].Name)
	}
}
