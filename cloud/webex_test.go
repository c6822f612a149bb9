package cloud_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"dirbridge/cloud"
	"dirbridge/cloud/scimtest"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
	"dirbridge/sync/schema"
)

// TestEveryErrorHasItsTrackingID: whatever is wrong with an answer, its error has the id by which
// the support of the provider finds it.
func TestEveryErrorHasItsTrackingID(t *testing.T) {
	t.Parallel()
	const user = `{"schemas":["x"],"id":"u1","userName":"a@example.com"}`
	for name, body := range map[string]string{
		"refused":            `403 {"detail":"no"}`,
		"refused by a page":  `403 <html>no</html>`,
		"a page":             `200 <html>hello</html>`,
		"no JSON":            `200 {"totalResults":`,
		"no list":            `200 {"id":"u1"}`,
		"no total":           `200 {"Resources":[` + user + `]}`,
		"no id":              `200 {"totalResults":1,"Resources":[{"userName":"a@example.com"}]}`,
		"half a list":        `200 {"totalResults":9,"Resources":[]}`,
		"the same page":      `200 {"totalResults":9,"Resources":[` + user + `]}`,
		"a count that is no": `200 {"totalResults":-1,"Resources":[]}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("TrackingID", "ROUTER_6A-1")
				status, text, _ := strings.Cut(body, " ")
				w.WriteHeader(map[string]int{"200": 200, "403": 403}[status])
				fmt.Fprint(w, text)
			}))
			defer s.Close()
			target, err := cloud.New(options("webex", s.URL, "t"))
			if err != nil {
				t.Fatal(err)
			}
			err = target.Resources(t.Context(), identity.User, func(identity.Resource) error { return nil })
			if err == nil || !strings.Contains(err.Error(), "[tracking id ROUTER_6A-1]") {
				t.Errorf("%v", err)
			}
		})
	}
}

// TestBulkErrorsHaveATrackingID: an operation without an id of its own has that of the answer.
func TestBulkErrorsHaveATrackingID(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("TrackingID", "BULK-1")
		if r.Method != http.MethodPost {
			fmt.Fprint(w, `{"totalResults":0,"Resources":[]}`)
			return
		}
		var in struct{ Operations []struct{ BulkID string } }
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || len(in.Operations) == 0 {
			t.Errorf("no bulk request: %v", err)
		}
		var answers []string
		for i, op := range in.Operations {
			own := ""
			if i%2 == 1 {
				own = `,"urn:scim:schemas:extension:cisco:webexidentity:api:messages:2.0:Error":{"trackingId":"OP","errorCode":"1"}`
			}
			answers = append(answers, fmt.Sprintf(`{"bulkId":%q,"status":"400","response":{"detail":"bad"%s}}`, op.BulkID, own))
		}
		fmt.Fprintf(w, `{"operations":[%s]}`, strings.Join(answers, ","))
	}))
	defer s.Close()
	target := open(t, options("webex", s.URL, "t"))
	own := 0
	for seq, o := range apply(t, target, people(200)...) {
		if strings.Contains(o.Message, "[tracking id OP]") {
			own++
		} else if o.State != record.WriteFailed || !strings.Contains(o.Message, "[tracking id BULK-1]") {
			t.Fatalf("%d: %+v", seq, o)
		}
	}
	if own != 100 {
		t.Errorf("%d operations had their own", own)
	}
}

// TestWebexWritesOnlyWhatItMay: users are created with their type, changed by PATCH, written in bulk
// of at most 100 by POST and PATCH alone, deleted singly, and members are read from /Members.
func TestWebexWritesOnlyWhatItMay(t *testing.T) {
	t.Parallel()
	s, target := webexSandbox(t, scimtest.Options{RequireUserType: true})
	out := apply(t, target, people(230)...)
	var changes, deletions []plan.Change
	for seq := 1; seq <= 230; seq++ {
		id := out[int64(seq)].ID
		changes = append(changes, plan.Change{Kind: identity.User, Action: plan.Update, ID: id,
			Key: fmt.Sprintf("p%d@example.com", seq), Fields: []plan.FieldDiff{set("title", "New")}})
		deletions = append(deletions, plan.Change{Kind: identity.User, Action: plan.Delete, ID: id})
	}
	apply(t, target, changes...)
	if err := target.Members(t.Context(), func(_, _ identity.ResourceID) error { return nil }); err != nil {
		t.Fatal(err)
	}
	apply(t, target, deletions...)
	st := s.Stats()
	for request := range st.Requests {
		method, kind, _ := strings.Cut(request, " ")
		if method == http.MethodPut || method == http.MethodDelete && kind != "Users/{id}" {
			t.Errorf("%s was sent", request)
		}
	}
	if n := st.Requests["DELETE Users/{id}"]; n != 230 {
		t.Errorf("%d were deleted singly", n)
	}
	if n := st.Requests["POST Bulk"]; n < 6 {
		t.Errorf("460 writes took %d bulk requests", n)
	}
}

// TestCaseOfTheNameDoesNotMatter: an account is found by its name in any letter case, and a change
// of the case alone is a change of both of its attributes.
func TestCaseOfTheNameDoesNotMatter(t *testing.T) {
	t.Parallel()
	s, target := webexSandbox(t, scimtest.Options{})
	id := done(t, apply(t, target, person(1, "Ana@Example.com")), 1)
	found, err := target.Find(t.Context(), identity.User, "ana@example.COM")
	if err != nil || len(found) != 1 || found[0].ID != id {
		t.Fatalf("%+v, %v", found, err)
	}
	c := plan.Change{Kind: identity.User, Action: plan.Rename, ID: id, Key: "ana@example.com",
		Fields: []plan.FieldDiff{{Name: schema.UID, Old: []string{"Ana@Example.com"}, New: []string{"ana@example.com"}}}}
	done(t, apply(t, target, c), 1)
	u, _ := s.User(string(id))
	emails := fmt.Sprint(u.Attrs["emails"])
	if u.UserName != "ana@example.com" || !strings.Contains(emails, "ana@example.com") ||
		strings.Contains(emails, "Ana@") {
		t.Errorf("%s has %s", u.UserName, emails)
	}
}

// TestRolesMissingIsMaybeAnAdministrator: without roles in the answer an account is not taken for one
// without rights.
func TestRolesMissingIsMaybeAnAdministrator(t *testing.T) {
	t.Parallel()
	for _, without := range []bool{false, true} {
		s, target := webexSandbox(t, scimtest.Options{WithoutRoles: without})
		for name, roles := range map[string]any{"a@example.com": nil, "b@example.com": []any{},
			"c@example.com": []any{map[string]any{"value": "id_full_admin", "type": "cirole"}}} {
			attrs := map[string]any{"active": true}
			if roles != nil {
				attrs["roles"] = roles
			}
			if _, err := s.Add(scimtest.User{UserName: name, Attrs: attrs}); err != nil {
				t.Fatal(err)
			}
		}
		var seen []identity.Tri
		err := target.Resources(t.Context(), identity.User, func(r identity.Resource) error {
			seen = append(seen, r.Admin)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if without && (slices.Contains(seen, identity.No) || slices.Contains(seen, identity.Yes)) {
			t.Errorf("without roles: %v", seen)
		}
		if !without && !slices.Contains(seen, identity.Yes) {
			t.Errorf("with roles: %v", seen)
		}
	}
}
