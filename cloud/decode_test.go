package cloud

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"dirbridge/sync/identity"
	"dirbridge/sync/schema"
)

// newDecoder reads users of a kind of cloud with every attribute mapped.
func newDecoder(t testing.TB, kind string) *decoder {
	t.Helper()
	c, _ := schema.Of(kind)
	var managed []string
	for _, a := range c.Users {
		managed = append(managed, a.Name)
	}
	target, err := New(Options{Kind: kind, BaseURL: "http://127.0.0.1/v2", Catalogue: c, Managed: managed,
		Token: func(context.Context) (string, error) { return "t", nil }})
	if err != nil {
		t.Fatal(err)
	}
	return target.decoder(identity.User, target.users)
}

const fullUser = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User","urn:scim:schemas:extension:cisco:webexidentity:2.0:User"],
"id":"3f6b4c0e-1f8e-4d0e-9c3e-2f5ad3b1%04d","externalId":"6f1c2e0a-95d2-4a53-8c4e-2f4f8d0f%04d","userName":"ana.silva%d@example.com","active":true,"userType":"user",
"name":{"familyName":"Silva","givenName":"Ana","formatted":"Ana Silva"},"displayName":"Ana Silva","title":"Senior Clerk","preferredLanguage":"pt_PT","locale":"pt_PT","timezone":"Europe/Lisbon",
"emails":[{"value":"ana.silva%d@example.com","type":"work","primary":true}],
"phoneNumbers":[{"value":"+351 21 555 0100","type":"work"},{"type":"mobile","value":"+351 91 555 0100"},{"value":"+351 21 555 0199","type":"fax"}],
"addresses":[{"type":"work","streetAddress":"Rua Augusta 100","locality":"Lisboa","region":"Lisboa","postalCode":"1100-053","country":"PT"}],
"roles":[{"value":"id_user_admin","type":"cirole","display":"User administrator"}],
"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"100%d","organization":"Acme","division":"EMEA","department":"Finance","manager":{"value":"9d7e2b51-0001-4d0e-9c3e-2f5ad3b10000","displayName":"Rui Costa"}},
"urn:scim:schemas:extension:cisco:webexidentity:2.0:User":{"accountStatus":["active"],"sipAddresses":[{"value":"ana@example.calls.webex.com","type":"cloud-calling"},{"value":"ana@sip.example.com","type":"enterprise","primary":false}],"extensionAttribute1":["Employee"]},
"meta":{"resourceType":"User","location":"https://example.com/identity/scim/ORG/v2/Users/3f6b4c0e-1f8e-4d0e-9c3e-2f5ad3b1%04d","version":"W/\"17\"","created":"2024-03-01T08:15:30.000Z","lastModified":"2026-02-11T10:00:00.000Z"}}`

func listOf(n int) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b,
		`{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":%d,"itemsPerPage":%d,`+
			`"startIndex":1,"Resources":[`, n, n)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, fullUser, i, i, i, i, i, i)
	}
	b.WriteString("]}")
	return b.Bytes()
}

// listed reads a page with all of its resources.
func listed(d *decoder, r io.Reader) (page, []row, error) {
	var rows []row
	pg, err := d.listing(r, func(one *row) error {
		rows = append(rows, *one)
		return nil
	})
	return pg, rows, err
}

func TestDecodesManagedAttributes(t *testing.T) {
	d := newDecoder(t, "webex")
	// One byte at a time: every value crosses a buffer boundary.
	pg, rows, err := listed(d, iotest.OneByteReader(bytes.NewReader(listOf(2))))
	if err != nil || pg.total != 2 || pg.rows != 2 {
		t.Fatalf("%d of %d, %v", pg.rows, pg.total, err)
	}
	want := identity.Resource{
		ID: "3f6b4c0e-1f8e-4d0e-9c3e-2f5ad3b10001", ExternalID: "6f1c2e0a-95d2-4a53-8c4e-2f4f8d0f0001", Kind: identity.User,
		Key: "ana.silva1@example.com", Name: "Ana Silva", Active: true, Version: `W/"17"`, Type: "user",
		Admin: identity.Partly,
		Attrs: identity.Attrs{
			"uid": {"ana.silva1@example.com"}, "onPremObjectGUID": {"6f1c2e0a-95d2-4a53-8c4e-2f4f8d0f0001"},
			"displayName": {"Ana Silva"}, "givenName": {"Ana"}, "sn": {"Silva"}, "title": {"Senior Clerk"},
			"preferredLanguage": {"pt_PT"}, "locale": {"pt_PT"}, "timezone": {"Europe/Lisbon"},
			"telephoneNumber": {"+351 21 555 0100"}, "mobile": {"+351 91 555 0100"},
			"facsimileTelephoneNumber": {"+351 21 555 0199"},
			"street":                   {"Rua Augusta 100"}, "l": {"Lisboa"}, "st": {"Lisboa"}, "postalCode": {"1100-053"},
			"c":              {"PT"},
			"employeeNumber": {"1001"}, "o": {"Acme"}, "ou": {"EMEA"}, "departmentNumber": {"Finance"},
			"manager": {"9d7e2b51-0001-4d0e-9c3e-2f5ad3b10000"}, "employeeType": {"Employee"},
			"extensionAttribute1":          {"Employee"},
			"sipAddresses;type=enterprise": {"ana@sip.example.com"},
		},
	}
	if diff := cmp.Diff(want, rows[1].Resource); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDecodesEveryFormOfAValue(t *testing.T) {
	tests := []struct {
		name, json string
		want       func(row) bool
	}{
		{"keys in any case", `{"ID":"1","USERNAME":"a","Active":false,"NAME":{"GivenName":"G"}}`,
			func(r row) bool { return r.ID == "1" && r.Key == "a" && !r.Active && r.Attrs.First("givenName") == "G" }},
		{"no active is active", `{"id":"1"}`, func(r row) bool { return r.Active && r.Stateless }},
		{"active null says nothing", `{"id":"1","active":null}`, func(r row) bool { return r.Active && r.Stateless }},
		{"active 0", `{"id":"1","active":0}`, func(r row) bool { return !r.Active && !r.Stateless }},
		{"active 1", `{"id":"1","active":1}`, func(r row) bool { return r.Active && !r.Stateless }},
		{"active as text", `{"id":"1","active":"False"}`, func(r row) bool { return !r.Active && !r.Stateless }},
		{"active is no boolean", `{"id":"1","active":"maybe"}`, func(r row) bool { return r.Active && r.Stateless }},
		{"active as text", `{"id":"1","active":"False"}`, func(r row) bool { return !r.Active }},
		{"null and empty are absent", `{"id":"1","title":null,"displayName":"","userName":null}`,
			func(r row) bool { return len(r.Attrs) == 0 && r.Key == "" }},
		{"escapes", `{"id":"1","title":"\u00c7\"\\\/\n\ud83d\ude00\ud83dx"}`,
			func(r row) bool { return r.Attrs.First("title") == "Ç\"\\/\n😀\uFFFDx" }},
		{"invalid UTF-8", "{\"id\":\"1\",\"title\":\"a\xffb\",\"displayName\":\"n\"}",
			func(r row) bool { return r.Attrs.First("title") == "a\uFFFDb" && r.Attrs.First("displayName") == "n" }},
		{"the type after the value", `{"id":"1","phoneNumbers":[{"value":"1","primary":true,"TYPE":"Work"}]}`,
			func(r row) bool { return r.Attrs.First("telephoneNumber") == "1" }},
		{"an element without a type", `{"id":"1","phoneNumbers":[{"value":"1"},{"type":"work"}]}`,
			func(r row) bool { return len(r.Attrs) == 0 }},
		{"two of one type", `{"id":"1","phoneNumbers":[{"type":"work","value":"1"},{"type":"work","value":"2"}]}`,
			func(r row) bool { return cmp.Equal(r.Attrs["telephoneNumber"], []string{"1", "2"}) }},
		{"one object where an array is due", `{"id":"1","phoneNumbers":{"type":"work","value":"1"}}`,
			func(r row) bool { return r.Attrs.First("telephoneNumber") == "1" }},
		{"a number", `{"id":7,"title":1.5}`, func(r row) bool { return r.ID == "7" && r.Attrs.First("title") == "1.5" }},
		{"another form than due", `{"id":"1","name":"x","phoneNumbers":"1","addresses":[["a"]],"title":{"a":1}}`,
			func(r row) bool { return r.ID == "1" && len(r.Attrs) == 0 }},
		{"administrator", `{"id":"1","roles":[{"value":"id_full_admin"}]}`, func(r row) bool {
			return r.Admin == identity.Yes
		}},
		{"administrator, in short", `{"id":"1","roles":["x","id_full_admin"]}`, func(r row) bool {
			return r.Admin == identity.Yes
		}},
		{"administrator, in capitals and with blanks",
			`{"id":"1","roles":[{"value":"x"},{"VALUE":"Id_Full_Admin ","type":"cirole"}]}`,
			func(r row) bool { return r.Admin == identity.Yes }},
		{"administrator, by display alone", `{"id":"1","roles":[{"display":"Full administrator"}]}`,
			func(r row) bool { return r.Admin == identity.Yes }},
		{"administrator of users", `{"id":"1","roles":[{"value":"id_user_admin","type":"cirole"}]}`,
			func(r row) bool { return r.Admin == identity.Partly }},
		{"administrator of devices, in capitals", `{"id":"1","roles":["ID_DEVICE_ADMIN"]}`,
			func(r row) bool { return r.Admin == identity.Partly }},
		{"two roles", `{"id":"1","roles":[{"value":"id_full_admin"},{"value":"id_user_admin"}]}`,
			func(r row) bool { return r.Admin == identity.Yes }},
		{"compliance officer", `{"id":"1","roles":[{"value":"compliance_officer"}]}`,
			func(r row) bool { return r.Admin == identity.Partly }},
		{"an administrator's role by display", `{"id":"1","roles":[{"value":"7","display":"Read-only Administrator"}]}`,
			func(r row) bool { return r.Admin == identity.Partly }},
		{"an administrator's role by type", `{"id":"1","roles":[{"value":"7","type":"Admin"}]}`,
			func(r row) bool { return r.Admin == identity.Partly }},
		{"an administrator of other organizations",
			`{"id":"1","roles":[],"urn:scim:schemas:extension:cisco:webexidentity:2.0:User":{"managedOrgs":[{"orgId":"o",` +
				`"role":"id_full_admin"}]}}`,
			func(r row) bool { return r.Admin == identity.Partly }},
		{"a role that is none of administration",
			`{"id":"1","roles":[{"value":"id_user","type":"cirole","display":"Member"}]}`, func(r row) bool {
				return r.Admin == identity.No
			}},
		{"no roles", `{"id":"1","roles":[]}`, func(r row) bool { return r.Admin == identity.No }},
		{"roles are not shown", `{"id":"1"}`, func(r row) bool { return r.Admin == identity.Unknown }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := newDecoder(t, "webex").resource(strings.NewReader(tt.json))
			if err != nil || !tt.want(r) {
				t.Errorf("%+v, %v", r, err)
			}
		})
	}
}

func TestRefusesOtherDocumentsThanLists(t *testing.T) {
	whole := listOf(3)
	for n := range whole {
		if _, _, err := listed(newDecoder(t, "webex"), bytes.NewReader(whole[:n])); err == nil {
			t.Fatalf("a list cut after %d of %d bytes was taken", n, len(whole))
		}
		if n > 400 {
			break
		}
	}
	for n := len(whole) - 700; n < len(whole); n++ {
		if _, _, err := listed(newDecoder(t, "webex"), bytes.NewReader(whole[:n])); err == nil {
			t.Fatalf("a list cut after %d of %d bytes was taken", n, len(whole))
		}
	}
	for name, text := range map[string]string{
		"empty": "", "a page": "<html></html>", "an array": "[]", "a string": `"x"`, "something else": `{"ok":true}`,
		"two": `{"totalResults":0}{}`, "a comma too many": `{"totalResults":0,}`,
		"no comma":                `{"totalResults":0 "Resources":[]}`,
		"a resource that is none": `{"totalResults":1,"Resources":["x"]}`, "a negative total": `{"totalResults":-1}`,
		"a bad number": `{"totalResults":01}`, "a bad literal": `{"totalResults":0,"x":nul}`,
		"too deep": `{"totalResults":0,"x":` + strings.Repeat("[", 1000) + strings.Repeat("]", 1000) + `}`,
	} {
		if pg, _, err := listed(newDecoder(t, "webex"), strings.NewReader(text)); err == nil {
			t.Errorf("%s was taken for a list: %+v", name, pg)
		}
	}
	broken := io.MultiReader(bytes.NewReader(whole[:500]), iotest.ErrReader(errors.New("reset")))
	if _, _, err := listed(newDecoder(t, "webex"), broken); err == nil || err.Error() != "reset" {
		t.Errorf("a broken connection: %v", err)
	}
}

func FuzzListing(f *testing.F) {
	f.Add(listOf(1))
	f.Add(listOf(3)[:2000])
	for _, s := range []string{``, `{}`, `{"totalResults":1,"Resources":[{"id":"a\u0000\ud800"}]}`,
		`{"totalResults":"7","Resources":null}`,
		`{"Resources":[{"id":["a",1,{"x":null}],"roles":{"value":true}}],"totalResults":1e3}`, "<html>", `{"a":[[[[{}]]]]}`} {
		f.Add([]byte(s))
	}
	d := newDecoder(f, "webex")
	f.Fuzz(func(t *testing.T, body []byte) {
		_, fast, err := listed(d, bytes.NewReader(body))
		_, slow, slowErr := listed(newDecoder(t, "webex"), iotest.OneByteReader(bytes.NewReader(body)))
		if (err == nil) != (slowErr == nil) {
			t.Fatalf("the pieces in which it comes matter: %v, %v", err, slowErr)
		}
		if err != nil {
			return
		}
		if d := cmp.Diff(fast, slow, cmp.AllowUnexported(row{})); d != "" {
			t.Fatalf("the pieces in which it comes matter: %s", d)
		}
		if !json.Valid(body) {
			t.Fatalf("took what is not JSON: %q", body)
		}
	})
}

func FuzzPath(f *testing.F) {
	for _, c := range []schema.Catalogue{schema.Webex(), schema.SCIM()} {
		for _, a := range c.Users {
			f.Add(a.Path)
		}
	}
	f.Add(`urn:x:y[a eq "]:."].b`)
	f.Add(`emails[primary eq true].value`)
	f.Fuzz(func(t *testing.T, text string) {
		p, err := parsePath(text)
		if err != nil {
			return
		}
		again, err := parsePath(p.String())
		if err != nil || again.String() != p.String() {
			t.Fatalf("%q is written %q and read back as %q, %v", text, p, again, err)
		}
		_ = p.values(map[string]any{p.attr: []any{map[string]any{p.sub: "x"}}})
	})
}

func BenchmarkListing(b *testing.B) {
	body := listOf(100)
	d := newDecoder(b, "webex")
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	users := 0
	for b.Loop() {
		pg, err := d.listing(bytes.NewReader(body), func(*row) error { return nil })
		if err != nil {
			b.Fatal(err)
		}
		users += pg.rows
	}
	b.ReportMetric(float64(users)/b.Elapsed().Seconds(), "users/s")
}
