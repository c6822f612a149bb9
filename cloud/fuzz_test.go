package cloud

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"dirbridge/cloud/clock"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
	"dirbridge/sync/schema"
)

// FuzzSchemaDiscovery checks that the key keeps its place whatever a provider publishes, that only
// the schemas decide about supported attributes, and that pages stay within bounds.
func FuzzSchemaDiscovery(f *testing.F) {
	f.Add(
		[]byte(
			`{"Resources":[{"id":"urn:ietf:params:scim:schemas:core:2.0:User","attributes":[{"name":"userName"},`+
				`{"name":"name","subAttributes":[{"name":"givenName"}]}]}]}`),
		[]byte(
			`{"bulk":{"supported":true,"maxOperations":-1,"maxPayloadSize":9223372036854775807},"filter":{"supported":true,`+
				`"maxResults":1e9}}`))
	f.Add([]byte(`{"Resources":[{"id":"","attributes":null},{"id":"URN:X","attributes":[{}]}]}`),
		[]byte(`{"pagination":{"cursor":true,"maxPageSize":-7}}`))
	f.Add([]byte(`{"Resources":null}`), []byte(`[]`))
	f.Add([]byte("\xEF\xBB\xBF{}"), []byte(`{"filter":null}`))
	cat := schema.SCIM()
	f.Fuzz(func(t *testing.T, list, config []byte) {
		target, err := New(Options{Kind: schema.KindSCIM, BaseURL: "http://127.0.0.1/v2", Catalogue: cat,
			Token: func(context.Context) (string, error) { return "t", nil }})
		if err != nil {
			t.Fatal(err)
		}
		var c configuration
		if json.Unmarshal(config, &c) == nil {
			target.adopt(c)
		}
		var published struct{ Resources []schemaOf }
		if json.Unmarshal(list, &published) != nil {
			return
		}
		known := &schemas{}
		for _, s := range published.Resources {
			known.add(s)
		}
		target.useSchemas(known)
		if p := target.profile; target.pages < 1 || target.pages > largestPage || p.Bulk.Operations < 0 ||
			p.Bulk.Operations > 100 || p.Bulk.Payload < 0 {
			t.Fatalf("%d a page, bulk of %d operations and %d bytes", target.pages, p.Bulk.Operations, p.Bulk.Payload)
		}
		for _, a := range cat.Users {
			if a.Path != "" && target.Supports(a.Name) && a.Name != schema.Active && !known.has(target.places[a.Name].path) {
				t.Fatalf("%s is supported, and the schemas do not have it", a.Name)
			}
		}
		if _, err := target.decoder(identity.User,
			target.users).resource(strings.NewReader(`{"id":"1","userName":"a"}`)); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzErrorAnswer checks that any error can be read and shown, and that a failure is never taken
// for a success.
func FuzzErrorAnswer(f *testing.F) {
	for _, s := range []string{``, `{}`, `{"detail":"no","scimType":"uniqueness","status":"409"}`,
		`{"Errors":[{"description":"a\u001b[31m"}]}`, `[]`, `<html>`,
		`{"urn:scim:schemas:extension:cisco:webexidentity:api:messages:2.0:Error":{"trackingId":"x","errorCode":"1"}}`,
		`{"detail":{"a":1}}`, "{\"detail\":\"\xff\u202e\"}"} {
		for _, status := range []int{400, 409, 429, 500, 503} {
			f.Add(status, "application/scim+json", []byte(s))
		}
	}
	f.Fuzz(func(t *testing.T, status int, contentType string, body []byte) {
		if status < 300 || status > 599 {
			return
		}
		r := new(client).refuse(status, http.Header{"Content-Type": {contentType}, "Location": {string(body)}}, body)
		words := r.failure().Error()
		if words == "" || identity.Remedy(r.failure()) == "" || r.status < 300 {
			t.Fatalf("%q, %+v", words, r)
		}
		if r.status != status && (status != http.StatusInternalServerError || r.status != 400 && r.status != 409) {
			t.Fatalf("%d became %d", status, r.status)
		}
		if len(words) > 8000 {
			t.Fatalf("%d bytes of words", len(words))
		}
		for _, c := range words {
			if unicode.IsControl(c) || unicode.Is(unicode.Cf, c) || c == utf8.RuneError && !strings.Contains(words, "\uFFFD") {
				t.Fatalf("%q", words)
			}
		}
	})
}

// FuzzRetryAfter checks that the time to wait is positive and bounded.
func FuzzRetryAfter(f *testing.F) {
	for _, s := range []string{"", "0", "1", "-1", "1.5", "1e400", "NaN", "Inf", "-Inf", " 7 ", "120, 130",
		"Wed, 21 Oct 2099 07:28:00 GMT", "Wed, 21 Oct 1999 07:28:00 GMT",
		"9223372036854775808", "0x10", "Fri, 31 Dec 9999 23:59:59 GMT"} {
		f.Add(s, int64(1_700_000_000))
	}
	f.Fuzz(func(t *testing.T, value string, now int64) {
		at := time.Unix(now%(1<<35), 0)
		d, set := retryAfter(http.Header{"Retry-After": {value}}, at)
		if set != (d > 0) {
			t.Fatalf("%q: %s, told %v", value, d, set)
		}
		if d > longestRetryAfter {
			t.Fatalf("%q: %s", value, d)
		}
		p := &rateLimit{clock: clock.Wall{}}
		p.pause(d, "429")
		if left, _ := p.left(""); left > longestRetryAfter {
			t.Fatalf("%q: held back for %s", value, left)
		}
	})
}

// FuzzBulkAnswer checks that each operation is answered at most once, by one answer, and never by
// one about another resource.
func FuzzBulkAnswer(f *testing.F) {
	for _, s := range []string{``,
		`{"Operations":[{"bulkId":"1","status":"201","location":"/Users/a"},{"bulkId":"2","status":{"code":"200"}}]}`,
		`{"operations":[{"status":201},{"status":"x"},{"status":null}]}`,
		`{"Operations":[{"bulkId":"2","status":200,"location":"/Users/other"}]}`,
		`{"Operations":[{"bulkId":"1","status":"201"},{"bulkId":"1","status":"409","response":{"detail":"x"}}]}`,
		`{"Operations":null}`, `{"Operations":[null]}`,
		`{"Operations":[{"bulkId":"3","status":99999999999999999999}]}`, `{"Operations":[{"status":{"code":{"code":1}}}]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var ans struct{ Operations []bulkResult }
		if json.Unmarshal(body, &ans) != nil {
			return
		}
		ops := make([]bulkOperation, 4)
		for i := range ops {
			c := &plan.Change{Seq: int64(i), Kind: identity.User, Action: plan.Update,
				ID: identity.ResourceID("r" + strconv.Itoa(i))}
			ops[i] = bulkOperation{Method: http.MethodPatch, BulkID: strconv.Itoa(i + 1), it: &item{c: c}}
		}
		ops[0].Method = http.MethodPost
		used := map[*bulkResult]bool{}
		for i, got := range matchBulk(ops, ans.Operations) {
			if got == nil {
				continue
			}
			if used[got] {
				t.Fatalf("one answer for two operations: %+v", got)
			}
			used[got] = true
			if got.BulkID != "" && got.BulkID != ops[i].BulkID {
				t.Fatalf("operation %s has the answer of %s", ops[i].BulkID, got.BulkID)
			}
			if i > 0 && got.Location != "" && lastSegment(got.Location) != ops[i].it.c.ID {
				t.Fatalf("operation %s has the answer of another resource: %+v", ops[i].BulkID, got)
			}
			if got.Status >= 300 {
				r := new(client).refuse(int(got.Status), http.Header{}, got.Response)
				if class(r.failure()) == "" {
					t.Fatalf("%+v", got)
				}
			}
			o := record.Outcome{State: record.WriteDone, ID: ops[i].it.c.ID}
			target := &Target{client: new(client), users: userLayout(nil, "")}
			target.show(identity.User, got.Response, &o)
			if o.ID != ops[i].it.c.ID && ops[i].it.c.ID != "" {
				t.Fatalf("the answer changed the id to %s", o.ID)
			}
		}
	})
}

// FuzzWithoutMark checks that a byte order mark does not change what is read.
func FuzzWithoutMark(f *testing.F) {
	f.Add([]byte("\xEF\xBB\xBF{}"))
	f.Add([]byte("\xEF\xBB"))
	f.Add([]byte(""))
	f.Fuzz(func(t *testing.T, body []byte) {
		a, err := readWhole(false, 200, nil, withoutMark(bytes.NewReader(body)))
		if err != nil && !errors.Is(err, errEmpty) || !bytes.Equal(a.body, bytes.TrimPrefix(body, byteOrderMark)) {
			t.Fatalf("%q, %v", a.body, err)
		}
	})
}
