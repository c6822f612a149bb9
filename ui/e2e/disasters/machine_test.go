package disasters

import (
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"dirbridge/cloud/scimtest"
	"dirbridge/ldap/ldaptest"
)

// descriptorsOut limits the number of open files of a process. With each limit, a run succeeds, or
// names the limit and how to raise it, whatever could not be opened.
func descriptorsOut(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no such limit")
	}
	s := newDrill(t, drillOptions{people: 3})
	failed, done := 0, false
	for n := 8; n < 40 && !done; n++ { // with fewer, the Go runtime does not start
		s.set(t, "p1", "title", fmt.Sprint("Chief ", n))
		for _, verb := range []string{"status", "sync --full"} {
			out, err := exec.Command("sh", "-c", fmt.Sprintf("ulimit -n %d; exec dirbridge %s --no-input --config %s", n, verb,
				s.Config)).CombinedOutput()
			done = err == nil
			if err != nil {
				failed++
				if !strings.Contains(string(out), "ulimit -n") {
					t.Errorf("%s with %d files: %s", verb, n, out)
				}
			}
		}
		s.intact(t)
	}
	if failed == 0 || !done {
		t.Errorf("this shows nothing: %d runs failed, and one ended well: %v", failed, done)
	}
	for _, e := range s.told(t) {
		if strings.Contains(e.Message, "too many open files") && !strings.Contains(e.Remedy, "ulimit -n") {
			t.Errorf("the event log says: %s\n%s", e.Message, e.Remedy)
		}
	}
	s.recovers(t)
}

// listingsRefused checks that whichever listing is refused, and by whichever side, the run ends
// with the side, the request, and the right to grant. No account counts as gone.
func listingsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		dir   *ldaptest.Fault
		cloud *scimtest.Fault
		words []string
	}{
		"people, insufficient access": {dir: &ldaptest.Fault{Kind: ldaptest.Answer, Code: 50, Times: 100},
			words: []string{"directory corp", "50", "(?i)dc=", "Grant the bind account the right to read"}},
		"people, size limit": {dir: &ldaptest.Fault{Kind: ldaptest.Answer, Code: 4, After: 1, Times: 100},
			words: []string{"directory corp", "size limit|Size Limit", "(?i)dc=",
				"Raise the server's size limit for the bind account"}},
		"users, 403": {cloud: &scimtest.Fault{Effect: scimtest.Refuse, Status: 403, Method: "GET", Path: "Users"},
			words: []string{"cloud", "users", "403", "Give the account behind the token the right"}},
		"groups, 403": {cloud: &scimtest.Fault{Effect: scimtest.Refuse, Status: 403, Method: "GET", Path: "Groups"},
			words: []string{"cloud", "groups", "403", "Give the account behind the token the right"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newDrill(t, drillOptions{people: 3})
			if c.dir != nil {
				s.ldap.Inject(*c.dir)
			}
			if c.cloud != nil {
				s.sky.Inject(*c.cloud)
			}
			s.stops(t, 1, c.words...)
			s.recovers(t)
		})
	}
}
