package ldap

import (
	"strings"
	"testing"
)

func TestOptionsAreChecked(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Options)
		says   string // empty: fine
	}{
		"fine":                 {func(o *Options) {}, ""},
		"no name":              {func(o *Options) { o.Name = "" }, "no name"},
		"no servers":           {func(o *Options) { o.Servers = nil }, "no servers"},
		"strange kind":         {func(o *Options) { o.Kind = "novell" }, "novell"},
		"not an LDAP URL":      {func(o *Options) { o.Servers = []string{"https://dc1"} }, "https://dc1"},
		"no host":              {func(o *Options) { o.Servers = []string{"ldaps://"} }, "no host"},
		"a path":               {func(o *Options) { o.Servers = []string{"ldaps://dc1/DC=x"} }, "more than host"},
		"plaintext":            {func(o *Options) { o.Servers = []string{"ldap://dc1.corp.example.com"} }, "unencrypted"},
		"plaintext second":     {func(o *Options) { o.Servers = append(o.Servers, "ldap://192.0.2.7:389") }, "192.0.2.7"},
		"plaintext look-alike": {func(o *Options) { o.Servers = []string{"ldap://localhost.example.com"} }, "unencrypted"},
		"plaintext permitted":  {func(o *Options) { o.Servers = []string{"ldap://dc1"}; o.AllowPlaintext = true }, ""},
		"StartTLS":             {func(o *Options) { o.Servers = []string{"ldap://dc1"}; o.StartTLS = true }, ""},
		"plaintext loopback": {func(o *Options) {
			o.Servers = []string{"ldap://127.0.0.53", "ldap://[::1]:3389", "ldap://localhost"}
		}, ""},
		"filter": {func(o *Options) {
			o.UserFilter = "(!(userAccountControl:1.2.840.113556.1.4.803:=2))"
		}, ""},
		"filter without bracket": {func(o *Options) { o.GroupFilter = "cn=Sales*" }, ""},
		"filter unpaired":        {func(o *Options) { o.UserFilter = "(&(mail=*)(sn=a)" }, "user_filter"},
		"filter that breaks out": {func(o *Options) { o.UserFilter = "(mail=*))(|(cn=*)" }, "user_filter"},
		"two filters":            {func(o *Options) { o.GroupFilter = "(cn=a)(cn=b)" }, "group_filter"},
		"base DN":                {func(o *Options) { o.BaseDNs = []string{"Staff"} }, "base_dns"},
		"excluded DN":            {func(o *Options) { o.ExcludeDNs = []string{"OU=Staff,"} }, "exclude_dns"},
		"partition":              {func(o *Options) { o.Partition = "corp.example.com" }, "partition"},
		"password attribute":     {func(o *Options) { o.Attributes = []string{"mail", "UNICODEPWD"} }, "UNICODEPWD"},
		"password with option":   {func(o *Options) { o.Attributes = []string{"userPassword;binary"} }, "userPassword"},
		"LAPS":                   {func(o *Options) { o.Attributes = []string{"ms-Mcs-AdmPwd"} }, "never read"},
		"all attributes":         {func(o *Options) { o.Attributes = []string{"*"} }, "not the name of an attribute"},
		"syntax in an option": {func(o *Options) { o.Attributes = []string{"mail;x)(cn=*"} },
			"not the name of an attribute"},
		"empty option":  {func(o *Options) { o.Attributes = []string{"mail;"} }, "not the name of an attribute"},
		"options":       {func(o *Options) { o.Attributes = []string{"userCertificate;binary", "mail;lang-en"} }, ""},
		"an OID":        {func(o *Options) { o.Attributes = []string{"2.5.4.35"} }, "not the name of an attribute"},
		"negative page": {func(o *Options) { o.PageSize = -1 }, "negative"},
	} {
		t.Run(name, func(t *testing.T) {
			o := Options{Name: "corp", Servers: []string{"ldaps://dc1.corp.example.com"}, Attributes: []string{"mail"}}
			c.change(&o)
			_, err := New(o)
			if c.says == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			wantFailure(t, err, "give-up", c.says)
		})
	}
}

func TestOptionsNameAllFaultsAtOnce(t *testing.T) {
	_, err := New(Options{Servers: []string{"ldap://dc1"}, UserFilter: "(", Attributes: []string{"unicodePwd"}})
	wantFailure(t, err, "give-up", "no name", "ldap://dc1", "user_filter", "\n(\n ^\n", "unicodePwd")
}

func TestServerErrorHidesPasswordInURL(t *testing.T) {
	for _, server := range []string{"ldaps://svc:Geheim-17@dc1.corp.example.com", "ldaps://svc:Geheim-17@dc1:port"} {
		_, err := New(Options{Name: "corp", Servers: []string{server}})
		if err == nil || strings.Contains(err.Error(), "Geheim") {
			t.Errorf("got %v", err)
		}
	}
}
