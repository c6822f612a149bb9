package ldap

import (
	"encoding/base64"
	"net/url"
	"strings"
	"testing"

	"dirbridge/sync/identity"
)

// A server that refuses the bind may repeat the password in any form and with any result: no error
// and no remedy contains it.
func TestBindAnswersThatRepeatThePassword(t *testing.T) {
	t.Parallel()
	const secret = "Geheim/+17="
	forms := map[string]string{
		"escaped": url.QueryEscape(secret), "base64": base64.StdEncoding.EncodeToString([]byte(secret)),
		"base64 without padding": base64.RawURLEncoding.EncodeToString([]byte(secret)),
		"user and password":      base64.StdEncoding.EncodeToString([]byte("svc@corp.example.com:" + secret)),
		"user alone":             base64.StdEncoding.EncodeToString([]byte("svc:" + secret)),
		"as it is":               secret,
	}
	for _, code := range []int{1, 8, 13, 32, 34, 48, 49, 51, 53, 80} {
		for name, form := range forms {
			f := (&fake{bind: func(string, string) (int, string) { return code, "data 52e, you sent " + form }}).start(t, nil)
			err := describe(f.source(t, func(o *Options) { o.BindPassword = password(secret) }))
			if err == nil || strings.Contains(err.Error()+identity.Remedy(err), form) ||
				!strings.Contains(err.Error(), "[redacted]") {
				t.Errorf("%d, %s: %v", code, name, err)
			}
		}
	}
}
