package ldaptest

import (
	"testing"
)

func TestReplicaTakesTheOthersCookie(t *testing.T) {
	s, c := planted(t)
	s.Grant("", Rights{Replicate: true})
	r, err := s.Replica(t.Context())
	mustDo(t, err)
	t.Cleanup(func() { _ = r.Close() })
	const ana = "CN=Ana,OU=Staff," + testBase
	here, _ := s.Lookup(ana)
	there, _ := r.Lookup(ana)
	if here.GUID != there.GUID || here.Attrs["uSNChanged"][0] == there.Attrs["uSNChanged"][0] ||
		s.Invocation() == r.Invocation() {
		t.Errorf("USN %v and %v, invocationId %s and %s", here.Attrs["uSNChanged"], there.Attrs["uSNChanged"], s.Invocation(),
			r.Invocation())
	}
	want := "CN=NTDS Settings,CN=DC2,CN=Servers,CN=Default-First-Site-Name,CN=Sites,CN=Configuration," + testBase
	if name := root(t, connect(t, r)).GetAttributeValue("dsServiceName"); name != want {
		t.Errorf("the replica is %s", name)
	}
	_, cookie := syncAll(t, c, 0, nil, asksFor...)
	mustDo(t, s.Modify(ana, map[string][]string{"mail": {"new@example.com"}}), s.Delete("CN=Cy,OU=Staff,"+testBase))
	other := connect(t, r)
	if entries, _ := syncAll(t, other, 0, cookie, asksFor...); len(entries) != 0 {
		t.Errorf("told before it was replicated:\n%s", describe(entries))
	}
	r.Pull()
	other = connect(t, r)
	entries, next := syncAll(t, other, 0, cookie, asksFor...)
	if len(entries) != 2 || describe(entries[:1]) != "CN=Ana,OU=Staff: mail=new@example.com" {
		t.Errorf("the replica tells\n%s", describe(entries))
	}
	if entries, _ := syncAll(t, c, 0, next, asksFor...); len(entries) != 0 {
		t.Errorf("with the replica's cookie the first one tells again\n%s", describe(entries))
	}
	mustDo(t, s.Modify(ana, map[string][]string{"mail": {"newer@example.com"}}))
	if entries, _ := syncAll(t, c, 0, next, asksFor...); describe(entries) != "CN=Ana,OU=Staff: mail=newer@example.com" {
		t.Errorf("with the replica's cookie the first one tells\n%s", describe(entries))
	}
}

func TestRestore(t *testing.T) {
	for _, same := range []bool{false, true} {
		s, c := planted(t)
		s.Grant("", Rights{Replicate: true})
		const ana, bo = "CN=Ana,OU=Staff," + testBase, "CN=Bo,OU=Staff," + testBase
		backup, was, usn := s.Backup(), s.Invocation(), s.USN()
		mustDo(t, s.Modify(ana, map[string][]string{"mail": {"lost@example.com"}}),
			s.Modify(bo, map[string][]string{"mail": {"lost"}}), s.Delete("CN=Cy,OU=Staff,"+testBase))
		_, cookie := syncAll(t, c, 0, nil, asksFor...)
		for range 2 { // a backup can be restored again
			s.Restore(backup, same)
		}
		if (s.Invocation() == was) != same {
			t.Errorf("same %v: invocationId %s after %s", same, s.Invocation(), was)
		}
		e, _ := s.Lookup(ana)
		if _, ok := s.Lookup("CN=Cy,OU=Staff," + testBase); !ok || e.Attrs["mail"][0] != "Ana.Silva@example.com" ||
			s.USN() > usn+1 {
			t.Errorf("same %v: restored with mail %v, USN %d after %d", same, e.Attrs["mail"], s.USN(), usn)
		}
		mustDo(t, s.Modify(bo, map[string][]string{"sn": {"Later"}}))
		entries, _ := syncAll(t, connect(t, s), 0, cookie, asksFor...)
		// A new invocationId makes the change visible; with the old one its number was used before.
		want := "CN=Bo,OU=Staff: sn=Later"
		if same {
			want = ""
		}
		if got := describe(entries); got != want {
			t.Errorf("same %v: told %q, want %q", same, got, want)
		}
	}
}
