package cloud_test

import (
	"context"
	"fmt"
	"net/http"

	"dirbridge/cloud"
	"dirbridge/cloud/scimtest"
	"dirbridge/sync/identity"
	company "dirbridge/sync/sample"
	"dirbridge/sync/schema"
)

// Describe comes first: it signs in and reads what the provider supports. Then the accounts are
// listed. The provider here is the embedded one.
func ExampleNew() {
	ctx := context.Background()
	server, err := scimtest.Start(ctx, scimtest.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	if err := server.Load(company.New(company.Options{People: 100})); err != nil {
		fmt.Println(err)
		return
	}

	target, err := cloud.New(cloud.Options{Kind: schema.KindWebex, BaseURL: server.URL(), HTTP: &http.Transport{},
		Token:     func(context.Context) (string, error) { return server.Token(), nil },
		Catalogue: schema.Webex(), Managed: []string{schema.UID, "displayName", "title"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer target.Close()
	if _, err := target.Describe(ctx); err != nil {
		fmt.Println(err)
		return
	}
	listed := 0
	err = target.Resources(ctx, identity.User, func(r identity.Resource) error {
		listed++
		return nil
	})
	fmt.Println(listed == len(server.Users()), err)
	// Output: true <nil>
}
