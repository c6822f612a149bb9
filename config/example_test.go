package config_test

import (
	"errors"
	"fmt"

	"dirbridge/config"
)

// Every mistake in a file is reported at once, with its line and the remedy.
func ExampleParse() {
	_, err := config.Parse("dirbridge.toml", []byte(`
[[directory]]
name = "corp"
servers = ["ldaps://dc1.corp.example.com"]
bind_pasword = "env:DIRBRIDGE_BIND_PASSWORD"

[cloud]
kind = "scim"
base_url = "https://cloud.example.com/scim/v2"
token = "env:DIRBRIDGE_TOKEN"

[policy]
delete_threshold = "many"
`))
	var invalid *config.Invalid
	if errors.As(err, &invalid) {
		for _, p := range invalid.Problems {
			fmt.Println(p.Line, p.Key)
		}
	}
	// Output:
	// 5 directory[0].bind_pasword
	// 13 policy.delete_threshold
}

// A secret is a reference; printing it shows neither the secret nor the reference.
func ExampleParseSecret() {
	s, err := config.ParseSecret("env:DIRBRIDGE_TOKEN")
	fmt.Println(s, s.Reference(), err)
	_, err = config.ParseSecret("hunter2")
	fmt.Println(err)
	// Output:
	// [redacted] env:DIRBRIDGE_TOKEN <nil>
	// must be a reference to a secret, not the secret itself: env:NAME, file:PATH, keyring:NAME or credential:NAME
}
