package ldap_test

import (
	"context"
	"fmt"

	"dirbridge/ldap"
	"dirbridge/ldap/ldaptest"
	"dirbridge/sync/identity"
)

// A source lists the people of a directory. A listing is complete or returns an error. The
// directory here is the embedded one.
func ExampleNew() {
	ctx := context.Background()
	server, err := ldaptest.Start(ctx, ldaptest.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	err = server.AddWithGUID("CN=Ana,CN=Users,"+server.BaseDN(), "6f1c2e0a-95d2-4a53-8c4e-2f4f8d0f7f11",
		map[string][]string{
			"objectClass": {"user"}, "mail": {"ana@example.com"}})
	if err != nil {
		fmt.Println(err)
		return
	}

	user, password := server.Credentials()
	source, err := ldap.New(ldap.Options{Name: "corp", Servers: []string{server.URL()}, BindUser: user,
		BindPassword: func() (string, error) { return password, nil }, SyncUsers: true, Attributes: []string{"mail"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer source.Close()
	err = source.People(ctx, func(e identity.Entry) error {
		fmt.Println(e.Anchor, e.Attrs.First("mail"))
		return nil
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output: corp:6f1c2e0a-95d2-4a53-8c4e-2f4f8d0f7f11 ana@example.com
}
