package cloud_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"dirbridge/sync/identity"
	"dirbridge/sync/schema"
)

// byCursor is a target for a cloud that pages by cursor; answer returns the part of a page after
// "schemas".
func byCursor(t *testing.T, most int, answer func(cursor int) string) (*httptest.Server, func() (int, error)) {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		switch {
		case strings.HasSuffix(q.URL.Path, "/ServiceProviderConfig"):
			say(w, `{"filter":{"supported":true},"pagination":{"cursor":true,"index":false}}`)
		case strings.HasSuffix(q.URL.Path, "/Users") && !noUsers(w, q):
			cursor, _ := strconv.Atoi(q.FormValue("cursor"))
			say(w, `{"schemas":[],%s}`, answer(cursor))
		case !strings.HasSuffix(q.URL.Path, "/Users"):
			http.NotFound(w, q)
		}
	}))
	t.Cleanup(s.Close)
	o := options(schema.KindSCIM, s.URL+"/v2", "secret")
	o.MostUnannounced = most
	target := open(t, o)
	return s, func() (n int, err error) {
		err = target.Resources(t.Context(), identity.User, func(identity.Resource) error { n++; return nil })
		return n, err
	}
}

func ten(from int) string {
	var b bytes.Buffer
	for i := range 10 {
		fmt.Fprintf(&b, `,{"id":"%d"}`, from*10+i)
	}
	return `"Resources":[` + b.String()[1:] + `]`
}

// A listing by cursors ends, whatever the cloud says: by the announced total, or by a limit without
// one; if a cursor leads back; and if pages are empty.
func TestEndlessCursors(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(cursor int) string
		says   string
		most   int
	}{
		"nothing is announced": {func(n int) string { return ten(n) + fmt.Sprintf(`,"nextCursor":"%d"`, n+1) },
			"does not end: 2001 came, and it never said how many there are", 2000},
		"30 are announced": {func(n int) string { return ten(n) + fmt.Sprintf(`,"totalResults":30,"nextCursor":"%d"`, n+1) },
			"does not end: 10061 came of 30 that it announced", 10_070},
		"the total grows": {func(n int) string {
			return ten(n) + fmt.Sprintf(`,"totalResults":%d,"nextCursor":"%d"`, n*10+30, n+1)
		},
			"of 30 that it announced", 10_070},
		"a cursor leads back": {func(n int) string { return ten(n%4) + fmt.Sprintf(`,"nextCursor":"%d"`, (n+1)%4) },
			"the same page again, at number 41", 40},
		"a cursor leads to itself": {func(n int) string { return ten(n) + fmt.Sprintf(`,"nextCursor":"%d"`, n) },
			"the same page again, at number 11", 10},
		"an empty page leads to itself": {func(int) string { return `"Resources":[],"nextCursor":"7"` },
			"a page without an entry leads to itself", 0},
		"empty pages for ever": {func(n int) string { return fmt.Sprintf(`"Resources":[],"nextCursor":"%d"`, n+1) },
			"1001 pages came one after the other without an entry", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, list := byCursor(t, 2000, c.answer)
			n, err := list()
			if err == nil || !strings.Contains(err.Error(), c.says) || identity.Remedy(err) == "" ||
				strings.Contains(err.Error(), "-1") {
				t.Errorf("after %d: %v", n, err)
			}
			if n > c.most {
				t.Errorf("it was believed for %d", n)
			}
		})
	}
}

// Empty pages between others are accepted, and so is a single cursor for all pages as long as they
// bring something.
func TestUnusualCursors(t *testing.T) {
	t.Parallel()
	_, list := byCursor(t, 2000, func(n int) string {
		switch {
		case n == 900:
			return ten(n)
		case n%2 == 0:
			return fmt.Sprintf(`"Resources":[],"nextCursor":"%d"`, n+1)
		}
		return fmt.Sprintf(`"Resources":[{"id":"%d"}],"nextCursor":"%d"`, n, n+1)
	})
	if n, err := list(); err != nil || n != 460 {
		t.Errorf("%d, %v", n, err)
	}
	page := 0
	_, list = byCursor(t, 2000, func(int) string {
		if page++; page == 5 {
			return ten(page)
		}
		return ten(page) + `,"nextCursor":"1"`
	})
	if n, err := list(); err != nil || n != 50 {
		t.Errorf("%d, %v", n, err)
	}
}

// A group with endless members is an error with its name, within a bound of memory.
func TestGroupOfEndlessMembers(t *testing.T) {
	if testing.Short() {
		t.Skip("a hundred megabytes")
	}
	var some bytes.Buffer
	target := served(t, schema.KindSCIM, func(w http.ResponseWriter, q *http.Request) {
		switch {
		case !strings.HasSuffix(q.URL.Path, "/Groups"):
			if !noUsers(w, q) {
				http.NotFound(w, q)
			}
			return
		case strings.Contains(q.URL.RawQuery, "excluded"):
			say(w, `{"totalResults":1,"Resources":[{"id":"g1","displayName":"Everyone"}]}`)
			return
		}
		say(w, `{"totalResults":1,"Resources":[{"id":"g1","displayName":"Everyone","members":[{"value":"m"}`)
		for i := 0; ; i += 1000 {
			some.Reset()
			for j := range 1000 {
				fmt.Fprintf(&some, `,{"value":"%064d"}`, i+j)
			}
			if _, err := w.Write(some.Bytes()); err != nil {
				return
			}
		}
	})
	err := target.Members(t.Context(), func(_, _ identity.ResourceID) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "members of the group g1 (Everyone) has more than 96 MB of values") ||
		!strings.Contains(identity.Remedy(err), "Split this group") {
		t.Errorf("%v: %s", err, identity.Remedy(err))
	}
}
