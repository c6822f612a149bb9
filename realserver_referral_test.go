package main

import (
	"regexp"
	"strings"
	"testing"

	"dirbridge/sync"
	"dirbridge/sync/identity"
	"dirbridge/sync/record"
	"dirbridge/sync/synctest/lab"
)

// A referral object in OpenLDAP is named by the advice, whatever it points at; without it
// a full plan finds nothing to do.
func TestReferralObjectsOnOpenLDAP(t *testing.T) {
	d := lab.Slapd(t, lab.Empty)
	f, _ := staffOn(t, d)
	for _, to := range []string{d.Base, "", "ou=elsewhere," + d.Base} {
		name := "Link, " + strings.ReplaceAll(to, "=", " ")
		link := d.AddReferral(t, d.Base, name, "ldap://127.0.0.1:1/"+to)
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
