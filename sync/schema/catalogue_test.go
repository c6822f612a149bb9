package schema

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// guide is the table of the administrators' guide: cloud attribute and default directory attribute,
// in the guide's order.
var guide = [][2]string{
	{"buildingName", ""}, {"c", "c"}, {"departmentNumber", "departmentNumber"}, {"displayName", "displayName"},
	{"ds-pwp-account-disabled", "userAccountControl"}, {"employeeNumber", "employeeNumber"},
	{"employeeType", "employeeType"},
	{"facsimileTelephoneNumber", "facsimileTelephoneNumber"}, {"givenName", "givenName"}, {"jabberID", ""}, {"l", "l"},
	{"locale", ""}, {"manager", "manager"}, {"mobile", "mobile"}, {"o", "o"}, {"onPremObjectGUID", "objectGUID"},
	{"ou", "ou"},
	{"physicalDeliveryOfficeName", "physicalDeliveryOfficeName"}, {"postalCode", "postalCode"},
	{"preferredLanguage", "preferredLanguage"}, {"sipAddresses;type=enterprise", "msRTCSIP-PrimaryUserAddress"},
	{"sn", "sn"},
	{"st", "st"}, {"street", "streetAddress"}, {"telephoneNumber", "telephoneNumber"}, {"timezone", ""},
	{"title", "title"},
	{"uid", "mail"},
}

func TestCatalogueMatchesTheGuide(t *testing.T) {
	for _, kind := range []string{KindWebex, KindSCIM} {
		c, ok := Of(kind)
		if !ok || c.Kind != kind {
			t.Fatalf("Of(%q) = %q, %v", kind, c.Kind, ok)
		}
		var got [][2]string
		for _, a := range c.Users {
			got = append(got, [2]string{a.Name, a.Default})
		}
		if kind == KindWebex {
			got = withoutTodays(t, got)
		}
		if !slices.Equal(got, guide) {
			t.Errorf("%s: the table is\n%v, want\n%v", kind, got, guide)
		}
	}
	if _, ok := Of("okta"); ok {
		t.Error("a catalogue for an unknown kind")
	}
}

// withoutTodays takes away what Webex's own connector can map since the guide; none of it is mapped
// by default.
func withoutTodays(t *testing.T, all [][2]string) [][2]string {
	t.Helper()
	want := [][2]string{{"emails;type-work", ""}}
	for i := range 15 {
		want = append(want, [2]string{fmt.Sprintf("extensionAttribute%d", i+1), ""})
	}
	at := len(all) - len(want)
	if !slices.Equal(all[at:], want) {
		t.Errorf("after the guide's attributes come %v, want %v", all[at:], want)
	}
	return all[:at]
}

func TestRequiredAttributes(t *testing.T) {
	var required []string
	for _, a := range Webex().Users {
		if a.Required {
			required = append(required, a.Name)
		}
	}
	if want := []string{ExternalID, UID}; !slices.Equal(required, want) {
		t.Errorf("required %v, want %v", required, want)
	}
}

func TestPaths(t *testing.T) {
	noPlace := map[string]bool{"buildingName": true, "physicalDeliveryOfficeName": true}
	for _, c := range []Catalogue{Webex(), SCIM()} {
		seen := map[string]string{}
		for _, a := range c.Users {
			if (a.Path == "") != (c.Kind == KindSCIM && noPlace[a.Name]) {
				t.Errorf("%s: %s has the path %q", c.Kind, a.Name, a.Path)
			}
			if other := seen[a.Path]; other != "" && a.Path != "" && !strings.HasPrefix(a.Name, "extensionAttribute") {
				t.Errorf("%s: %s and %s share the path %s", c.Kind, a.Name, other, a.Path)
			}
			seen[a.Path] = a.Name
			if a.Label == "" || a.Format == "" {
				t.Errorf("%s: %s lacks its label or format", c.Kind, a.Name)
			}
		}
	}
}

func TestPlacesOfEachProvider(t *testing.T) {
	tests := []struct {
		c          Catalogue
		name, path string
	}{
		{Webex(), "uid", "userName"},
		{Webex(), "sn", "name.familyName"},
		{Webex(), "ou", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:division"},
		{Webex(), "manager", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value"},
		{Webex(), "st", `addresses[type eq "work"].region`},
		{Webex(), "facsimileTelephoneNumber", `phoneNumbers[type eq "fax"].value`},
		{Webex(), "employeeType", "urn:scim:schemas:extension:cisco:webexidentity:2.0:User:extensionAttribute1"},
		{SCIM(), "employeeType", "userType"},
		{SCIM(), "jabberID", `ims[type eq "xmpp"].value`},
	}
	for _, tt := range tests {
		a, ok := tt.c.User(tt.name)
		if !ok || a.Path != tt.path {
			t.Errorf("%s: %s is at %q, want %q", tt.c.Kind, tt.name, a.Path, tt.path)
		}
	}
	if a, _ := Webex().User("employeeType"); a.Single {
		t.Error("an extension attribute of Webex is an array")
	}
	if a, _ := SCIM().User("employeeType"); !a.Single || strings.HasPrefix(a.Path, "urn:") {
		t.Errorf("userType is a single string, got %+v", a)
	}
}
