package scimtest

import (
	"fmt"

	"dirbridge/sync/sample"
)

// Load stores the accounts that the company's cloud has before the first synchronization:
// administrators, accounts that the directory lacks, and people with earlier data. Values are in
// Webex's attributes. Faults do not apply, and Stats do not count it.
func (s *Server) Load(c *sample.Company) error {
	ids := make(map[int]string) // of people, by index
	later := map[string]int{}   // accounts before their managers
	for a := range c.CloudStart() {
		u := User{UserName: a.UserName, ExternalID: a.ExternalID, DisplayName: a.Display, Title: a.Title,
			Attrs: accountAttrs(a)}
		if a.Admin {
			u.Roles = []string{FullAdmin}
		}
		manager := -1
		if a.Known {
			manager = a.Manager
			u.Manager = ids[manager]
		}
		id, err := s.Add(u)
		if err != nil {
			return fmt.Errorf("load the account %s: %w", a.UserName, err)
		}
		if a.Known {
			ids[a.Index] = id
		}
		if manager >= 0 && u.Manager == "" {
			later[id] = manager
		}
	}
	for id, manager := range later {
		if to, ok := ids[manager]; ok {
			if err := s.Set(id, EnterpriseURN+":manager.value", to); err != nil {
				return fmt.Errorf("load a manager: %w", err)
			}
		}
	}
	return nil
}

// accountAttrs returns the attributes of an account without a field in User.
func accountAttrs(a sample.Account) map[string]any {
	attrs := map[string]any{
		"userType": "user",
		"active":   !a.Disabled,
		"emails":   []any{map[string]any{"value": a.UserName, "type": "work", "primary": true}},
	}
	setTexts(attrs, "preferredLanguage", a.Language)
	setMap(attrs, "name", texts("givenName", a.Given, "familyName", a.Surname))
	if work := texts("streetAddress", a.Street, "locality", a.City, "region", a.State, "postalCode", a.PostalCode,
		"country", a.Country); len(work) > 0 {
		work["type"] = "work"
		attrs["addresses"] = []any{work}
	}
	var phones []any
	for _, p := range [][2]string{{"work", a.Phone}, {"mobile", a.Mobile}} {
		if p[1] != "" {
			phones = append(phones, map[string]any{"type": p[0], "value": p[1]})
		}
	}
	attrs["phoneNumbers"] = phones
	setMap(attrs, EnterpriseURN, texts("department", a.DepartmentNumber, "employeeNumber", a.EmployeeNumber))
	webex := map[string]any{}
	if sip := bareSIP(a.SIP); sip != "" {
		webex["sipAddresses"] = []any{map[string]any{"type": "enterprise", "value": sip}}
	}
	setTexts(webex, "extensionAttribute1", a.EmployeeType)
	setTexts(webex, "extensionAttribute2", a.Office)
	setMap(attrs, WebexUserURN, webex)
	return attrs
}

// bareSIP is a SIP URI without its scheme, as Webex stores it.
func bareSIP(uri string) string {
	if len(uri) > 4 && uri[:4] == "sip:" {
		return uri[4:]
	}
	return uri
}

// texts makes a map of names and texts, without empty ones.
func texts(pairs ...string) map[string]any {
	m := map[string]any{}
	setTexts(m, pairs...)
	return m
}

func setTexts(m map[string]any, pairs ...string) {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			m[pairs[i]] = pairs[i+1]
		}
	}
}

func setMap(m map[string]any, name string, v map[string]any) {
	if len(v) > 0 {
		m[name] = v
	}
}
