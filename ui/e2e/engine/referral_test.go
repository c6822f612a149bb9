package engine

import (
	"regexp"
	"strings"
	"testing"

	"dirbridge/ldap/ldaptest/lab"
	"dirbridge/sync"
	"dirbridge/sync/identity"
	"dirbridge/sync/record"
)

// TestReferralObjectsOnOpenLDAP checks that the advice names a referral object, whatever its
// target; without the object, a full plan finds nothing to do.
func TestReferralObjectsOnOpenLDAP(t *testing.T) {
	t.Parallel()
	d := lab.Slapd(t, lab.Empty) // its own: other tests would meet the referrals, too
	f, _ := staffOn(t, d)
	in := f.options.BaseDNs[0]
	for _, to := range []string{d.Base, "", "ou=elsewhere," + d.Base} {
		name := "Link, " + strings.ReplaceAll(to, "=", " ")
		link := d.AddReferral(t, in, name, "ldap://127.0.0.1:1/"+to)
		e, done := f.engine(t)
		_, err := e.Plan(t.Context(), sync.Request{Mode: record.Full})
		done()
		if err == nil {
			t.Fatalf("to %q: the reference is not told", to)
		}
		advice := regexp.MustCompile(`add ['"](.+)['"] to exclude_dns`).FindStringSubmatch(identity.Remedy(err))
		if advice == nil || lab.Same(t, advice[1]) != lab.Same(t, link) {
			t.Fatalf("to %q: %v\nthe advice is %q", to, err, identity.Remedy(err))
		}
		f.options.ExcludeDNs = append(f.options.ExcludeDNs, advice[1])
		f.settled(t)
	}
}

// TestCopiedGUIDOnOpenLDAP checks that an entry with the objectGUID of another one is a problem,
// and that the account stays with the first, run after run.
func TestCopiedGUIDOnOpenLDAP(t *testing.T) {
	t.Parallel()
	d := servers.Slapd(t)
	f, ana := staffOn(t, d)
	copied := d.AddPerson(t, lab.Parent(ana), "Twin", map[string][]string{"mail": {"twin@example.com"},
		"objectGUID": d.Values(t, ana, "objectGUID")})
	for _, mode := range []record.Mode{record.Incremental, record.Full, record.Full} {
		if _, did := f.run(t, mode); len(did) > 0 {
			t.Errorf("the %s run did %q", mode, did)
		}
	}
	e, done := f.engine(t)
	defer done()
	p, err := e.Plan(t.Context(), sync.Request{Mode: record.Full})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	told := 0
	err = p.Problems(t.Context(), func(_ identity.Kind, pr identity.Problem) error {
		if lab.Same(t, pr.DN) == lab.Same(t, copied) && pr.Remedy != "" && strings.Contains(pr.Message, "of another object") {
			told++
		}
		return nil
	})
	if err != nil || told != 1 {
		t.Errorf("it is told %d times: %v", told, err)
	}
}
