package identity

import "testing"

func TestCanonicalDN(t *testing.T) {
	for in, want := range map[string]string{
		"":                               "",
		"DC=corp,DC=example,DC=com":      "DC=corp,DC=example,DC=com",
		"cn=Ana Silva , ou = Staff;dc=x": "cn=Ana Silva,ou=Staff,dc=x",
		`CN=Silva\2C Ana,DC=x`:           `CN=Silva\, Ana,DC=x`,
		`CN="Silva, Ana",DC=x`:           `CN=Silva\, Ana,DC=x`,
		`CN=Silva\, Ana,DC=x`:            `CN=Silva\, Ana,DC=x`,
		`CN=a\=b,DC=x`:                   `CN=a\=b,DC=x`, `CN=c=d,DC=x`: `CN=c\=d,DC=x`,
		`CN=J\C3\BCrgen,DC=x`:             `CN=Jürgen,DC=x`,
		`CN=\ lead and trail\ ,DC=x`:      `CN=\ lead and trail\ ,DC=x`,
		`CN=\#1 fan\20,DC=x`:              `CN=\#1 fan\ ,DC=x`,
		`CN=Cat\0ADEL:1,CN=Deleted`:       `CN=Cat\0ADEL:1,CN=Deleted`,
		`CN=back\\slash,DC=x`:             `CN=back\\slash,DC=x`,
		`CN=quo\"te \<a\> \; \+,DC=x`:     `CN=quo\"te \<a\> \; \+,DC=x`,
		`sn=Silva + cn=Ana,DC=x`:          `cn=Ana+sn=Silva,DC=x`,
		`1.3.6.1=#04024869,DC=x`:          `1.3.6.1=#04024869,DC=x`,
		`CN=O'Neil + Söhne,DC=x`:          "",
		`CN=Ana,`:                         "",
		`Ana Silva`:                       "",
		`CN=bad\`:                         "",
		`CN=bad\zz`:                       "",
		`CN="open,DC=x`:                   "",
		`CN="shut"x,DC=x`:                 "",
		`=x`:                              "",
		`CN=#xyz`:                         "",
		"CN=\xff,DC=x":                    `CN=\FF,DC=x`,
		"CN=,DC=x":                        "CN=,DC=x",
		"OU=Köln,DC=x":                    "OU=Köln,DC=x",
		"CN=foo:bar/baz (1)*,OU=a.b,DC=x": "CN=foo:bar/baz (1)*,OU=a.b,DC=x",
	} {
		got, err := CanonicalDN(in)
		if want == "" && in != "" {
			if err == nil {
				t.Errorf("%q is taken for a DN: %q", in, got)
			}
			continue
		}
		if err != nil || got != want {
			t.Errorf("CanonicalDN(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
}

func TestSplitDN(t *testing.T) {
	first, parent := SplitDN(`CN=Silva\, Ana,OU=a\\,DC=x`)
	if first != `CN=Silva\, Ana` || parent != `OU=a\\,DC=x` {
		t.Errorf("%q, %q", first, parent)
	}
	if first, parent = SplitDN(parent); first != `OU=a\\` || parent != "DC=x" {
		t.Errorf("%q, %q", first, parent)
	}
}

func TestUnder(t *testing.T) {
	for _, c := range []struct {
		dn, base string
		want     bool
	}{
		{"dc=x", "dc=x", true},
		{"cn=a,dc=x", "dc=x", true},
		{`cn=a\,dc=x`, "dc=x", false},
		{`cn=a\\,dc=x`, "dc=x", true},
		{`cn=a\\\,dc=x`, "dc=x", false},
		{"cn=a,ou=xdc=x", "dc=x", false},
		{"dc=x", "cn=a,dc=x", false},
		{"cn=a,dc=x", "", true},
	} {
		if got := UnderDN(c.dn, c.base); got != c.want {
			t.Errorf("UnderDN(%q, %q) = %v", c.dn, c.base, got)
		}
	}
}

// A typed value loses unescaped spaces and keeps escaped ones.
func TestUnescapeDNValue(t *testing.T) {
	for in, want := range map[string]string{
		` a b `: "a b", `a\ `: "a ", `a\\ `: `a\`, `\2C\2c`: ",,", `\C3\BC`: "ü", `a\zb`: "azb", "": "",
	} {
		if got, ok := UnescapeDNValue(in); !ok || got != want {
			t.Errorf("UnescapeDNValue(%q) = %q, %v; want %q", in, got, ok, want)
		}
	}
	if got, ok := UnescapeDNValue(`a\`); ok {
		t.Errorf("a value that ends within an escape is read as %q", got)
	}
	if parts := SplitUnescaped(`a\,b;c,`, ",;"); len(parts) != 3 || parts[0] != `a\,b` || parts[1] != "c" ||
		parts[2] != "" {
		t.Errorf("%q", parts)
	}
}
