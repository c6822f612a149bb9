package disasters

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"dirbridge/cloud/scimtest"
	"dirbridge/sync/schema"
	"dirbridge/ui/e2e/site"
)

// listDisasters returns the disasters of a cloud whose lists never end.
func listDisasters() []disaster {
	return []disaster{
		{"cursors that lead nowhere", cursorsLeadNowhere, false},
		{"group of the cloud without end", cloudGroupWithoutEnd, true},
	}
}

// cursorsLeadNowhere checks a cloud with cursor paging, which need not say how many resources there
// are (RFC 9865).
func cursorsLeadNowhere(t *testing.T) {
	s := newDrill(t, drillOptions{people: 12, kind: schema.KindSCIM, cloud: scimtest.Options{Cursors: true, PageSize: 5}})
	list := func(page func(n int) string) func(http.ResponseWriter, *http.Request) bool {
		n := 0
		return func(w http.ResponseWriter, q *http.Request) bool {
			if q.Method != http.MethodGet || !strings.HasSuffix(q.URL.Path, "/Users") || q.FormValue("count") == "1" {
				return false
			}
			n++
			fmt.Fprint(w, page(n))
			return true
		}
	}
	for says, page := range map[string]func(int) string{
		"pages came one after the other without an entry": func(n int) string { return fmt.Sprintf(`{"Resources":[],"nextCursor":"%d"}`, n) },
		"the same page again": func(n int) string {
			return fmt.Sprintf(`{"Resources":[{"id":"%d","userName":"u%d@example.com"}],"nextCursor":"%d"}`, n%3, n%3, n)
		},
		"of 12 that it announced": func(n int) string {
			return fmt.Sprintf(`{"totalResults":12,"Resources":[{"id":"a%[1]d"},{"id":"b%[1]d"},{"id":"c%[1]d"},{"id":"d%[1]d"},{"id":"e%[1]d"},{"id":"f%[1]d"}],"nextCursor":"%[1]d"}`, n)
		},
	} {
		s.inFrontOf(t, list(page))
		s.stops(t, 1, says, "listing users of the cloud")
	}
	s.Configure(t, site.Settings{})
	s.recovers(t)
}

// cloudGroupWithoutEnd checks a group with an endless list of members. The members of a group are
// in memory while it is read, so the list must not exhaust the memory, and the error names the
// group.
func cloudGroupWithoutEnd(t *testing.T) {
	s := newDrill(t, drillOptions{people: 3, kind: schema.KindSCIM})
	const most = 700 << 20 // including the embedded servers
	peak := watchHeap(t)
	s.inFrontOf(t, func(w http.ResponseWriter, q *http.Request) bool {
		if q.Method != http.MethodGet || !strings.HasSuffix(q.URL.Path, "/Groups") ||
			strings.Contains(q.URL.RawQuery, "excluded") {
			return false
		}
		fmt.Fprint(w, `{"totalResults":1,"Resources":[{"id":"g","displayName":"everyone","members":[{"value":"m"}`)
		some := strings.Repeat(`,{"value":"`+strings.Repeat("x", 200)+`"}`, 500)
		for {
			if _, err := fmt.Fprint(w, some); err != nil {
				return true
			}
		}
	})
	s.Unwritten(t, func() {
		s.tells(t, 1, []string{"sync", "--full"}, "members of the group g \\(everyone\\) has more than 96 MB",
			"Split this group")
	})
	if got := peak(); got > most {
		t.Errorf("%d MB of memory were in use", got>>20)
	}
	s.Configure(t, site.Settings{})
	s.recovers(t)
}
