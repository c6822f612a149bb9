package ldap

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
	goldap "github.com/go-ldap/ldap/v3"

	"dirbridge/ldap/ldaptest"
)

func at(day string) time.Time {
	t, err := time.Parse(time.DateTime, day)
	if err != nil {
		panic(err)
	}
	return t
}

func TestExpiryText(t *testing.T) {
	now := at("2026-11-22 21:00:00")
	for want, when := range map[string]string{
		"expires on 2026-11-22, today":     "2026-11-22 23:00:00",
		"expires on 2026-11-23, tomorrow":  "2026-11-23 01:00:00",
		"expires on 2026-12-01, in 9 days": "2026-12-01 05:00:00",
		"has expired on 2026-11-21":        "2026-11-21 23:00:00",
	} {
		if got := expires(at(when), now); got != want {
			t.Errorf("%s: %q, want %q", when, got, want)
		}
	}
}

// asked returns the attributes that the search requests.
func asked(r search, attrs [][]string) (out [][]string) {
	for _, a := range attrs {
		if slices.ContainsFunc(r.attrs, func(name string) bool { return strings.EqualFold(name, a[0]) }) {
			out = append(out, a)
		}
	}
	return out
}

// The expiry of the bind account's password is found for every form of account name, and reported
// in advance.
func TestPasswordExpiry(t *testing.T) {
	now := time.Now().UTC().Truncate(time.Second)
	s := controller(t, ldaptest.Options{})
	maxAge := func(d time.Duration) {
		t.Helper()
		if err := s.Modify(s.BaseDN(), map[string][]string{"maxPwdAge": {strconv.FormatInt(-int64(d/100), 10)}}); err != nil {
			t.Fatal(err)
		}
	}
	dn := "CN=svc-dirbridge,CN=Users," + s.BaseDN()
	for name, c := range map[string]struct {
		user string
		age  time.Duration
		days int // until it expires; 0: no warning
		warn bool
	}{
		"by NetBIOS name":   {`CORP\svc-dirbridge`, 10 * 24 * time.Hour, 10, true},
		"by principal name": {"svc-dirbridge@corp.example.com", 10 * 24 * time.Hour, 10, true},
		"by DN":             {dn, 10 * 24 * time.Hour, 10, true},
		"in good time":      {`CORP\svc-dirbridge`, 42 * 24 * time.Hour, 42, false},
		"never":             {`CORP\svc-dirbridge`, 0, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			maxAge(c.age)
			source := signs(t, s, func(o *Options) { o.BindUser = c.user })
			in, err := source.SignIn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if c.days == 0 {
				if !in.PasswordExpires.IsZero() || len(in.Warnings) != 0 {
					t.Errorf("%+v", in)
				}
				return
			}
			due := now.Add(c.age)
			if d := in.PasswordExpires.Sub(due).Abs(); d > time.Minute {
				t.Errorf("expires %s, want about %s", in.PasswordExpires, due)
			}
			if !c.warn {
				if len(in.Warnings) != 0 {
					t.Errorf("warned %q", in.Warnings)
				}
				return
			}
			d, err := source.Describe(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, list := range [][]string{in.Warnings, d.Warnings} {
				if len(list) != 1 || !strings.Contains(list[0], "the password of "+c.user+" expires on ") ||
					!strings.HasSuffix(list[0], "in 10 days") {
					t.Errorf("warnings %q", list)
				}
			}
		})
	}
	t.Run("of an account that is exempt", func(t *testing.T) {
		maxAge(24 * time.Hour)
		if err := s.Modify(dn, map[string][]string{"userAccountControl": {"66048"}}); err != nil {
			t.Fatal(err)
		}
		in, err := signs(t, s).SignIn(t.Context())
		if err != nil || !in.PasswordExpires.IsZero() || len(in.Warnings) != 0 {
			t.Errorf("%+v, %v", in, err)
		}
	})
}

// The directory is asked once a day, however often the expiry is needed.
func TestExpiryIsReadOnceADay(t *testing.T) {
	s := controller(t, ldaptest.Options{})
	day := time.Now()
	source := signs(t, s, func(o *Options) { o.Clock = func() time.Time { return day } })
	searches := func() int64 {
		t.Helper()
		before := s.Stats().Searches
		if _, err := source.SignIn(context.Background()); err != nil {
			t.Fatal(err)
		}
		return s.Stats().Searches - before
	}
	searches()
	again := searches()
	day = day.Add(24 * time.Hour)
	if next := searches(); next <= again {
		t.Errorf("%d searches at once, %d the next day", again, next)
	}
}

// If the server lacks the computed attribute, the domain's policy decides. The account is searched
// in its own domain only.
func TestExpiryByTheDomainsPolicy(t *testing.T) {
	now := at("2026-11-22 12:00:00")
	last := strconv.FormatInt((now.Add(-30*24*time.Hour).Unix()+11644473600)*1e7, 10)
	const dn = "CN=svc,CN=Users," + fakeContext
	for name, c := range map[string]struct {
		user   string
		person [][]string
		age    string
		want   string
	}{
		// 42 days
		"due": {"svc@corp.example.com", [][]string{{"pwdLastSet", last}}, "-36288000000000",
			"expires on 2026-12-04, in 12 days"},
		"no policy": {"svc@corp.example.com", [][]string{{"pwdLastSet", last}}, "0", ""},
		"no end":    {"svc@corp.example.com", [][]string{{"pwdLastSet", last}}, "-9223372036854775808", ""},
		"exempt": {"svc@corp.example.com", [][]string{{"pwdLastSet", last}, {"userAccountControl", "66048"}},
			"-36288000000000", ""},
		"computed: never": {"svc@corp.example.com",
			[][]string{{"pwdLastSet", last}, {"msDS-UserPasswordExpiryTimeComputed", "9223372036854775807"}},
			"-36288000000000", ""},
		"another domain": {"svc@else.example.com", [][]string{{"pwdLastSet", last}}, "-36288000000000", ""},
		"nonsense":       {"svc@corp.example.com", [][]string{{"pwdLastSet", "soon"}}, "often", ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := &fake{head: [][]string{{"objectGUID", guidA}, {"maxPwdAge", c.age}}}
			f.search = func(w *answers, r search) {
				switch {
				case strings.EqualFold(r.filter, "(sAMAccountName=svc)"):
					w.entry(dn)
				case strings.EqualFold(r.base, dn):
					w.entry(dn, c.person...)
				}
				if r.paged {
					w.page("")
				} else {
					w.done(0, "")
				}
			}
			f.start(t, nil)
			in, err := f.source(t, func(o *Options) {
				o.BindUser, o.Clock = c.user, func() time.Time { return now }
			}).SignIn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(in.Warnings, "; "); c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("warnings %q, want %q", got, c.want)
			}
		})
	}
}

// OpenLDAP reports the password policy with its answer to the bind.
func TestPasswordPolicy(t *testing.T) {
	response := func(body ...byte) *ber.Packet {
		c := ber.NewSequence("control")
		c.AppendChild(octets(goldap.ControlTypeBeheraPasswordPolicy))
		c.AppendChild(octets(string(append([]byte{0x30, byte(len(body))}, body...))))
		return c
	}
	for name, c := range map[string]struct {
		code    int
		control *ber.Packet
		warns   string
		fails   []string
	}{
		"in an hour":    {0, response(0xa0, 4, 0x80, 2, 0x0e, 0x10), "expires on 2026-11-22, today", nil},
		"in good time":  {0, response(0xa0, 5, 0x80, 3, 0x7f, 0xff, 0xff), "", nil},
		"by grace":      {0, response(0xa0, 3, 0x81, 1, 3), "the server accepts it 3 times more", nil},
		"by last grace": {0, response(0xa0, 3, 0x81, 1, 0), "the server accepts it no more", nil},
		"well":          {0, response(), "", nil},
		"reset":         {0, response(0x81, 1, 2), "", []string{"must be changed", "pwdReset"}},
		"expired":       {49, response(0x81, 1, 0), "", []string{"has expired", "new password"}},
		"locked":        {49, response(0x81, 1, 1), "", []string{"locked out", "Unlock"}},
		"wrong":         {49, response(), "", []string{"wrong", "bind_password"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := &fake{root: [][]string{{"objectClass", "OpenLDAProotDSE"}, {"namingContexts", fakeContext}}}
			f.bind = func(string, string) (int, string) { return c.code, "" }
			f.bindControls = []*ber.Packet{c.control}
			f.start(t, nil)
			in, err := f.source(t, func(o *Options) {
				o.BindUser, o.Clock = "cn=svc,"+fakeContext, func() time.Time { return at("2026-11-22 12:00:00") }
			}).SignIn(t.Context())
			if len(c.fails) > 0 {
				wantFailure(t, err, "give-up", c.fails...)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(in.Warnings, "; "); c.warns == "" && got != "" || !strings.Contains(got, c.warns) {
				t.Errorf("warnings %q, want %q", got, c.warns)
			}
		})
	}
}

// Certificates that expire soon are announced: those of the server, its authority and the client.
func TestCertificatesExpire(t *testing.T) {
	ca := newAuthority(t, "Our CA") // ends in an hour
	f := (&fake{}).start(t, ca.server(t, "127.0.0.1", time.Now().Add(9*24*time.Hour)))
	in, err := f.source(t, func(o *Options) {
		o.CAFile = ca.file
		foreignCertificate(t, time.Now().Add(3*24*time.Hour))(o)
	}).SignIn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"the certificate of " + f.url + " expires on ",
		"the certificate of the authority CN=Our CA, which issued that of " + f.url,
		"the client certificate of CN=svc-dirbridge expires on "}
	if len(in.Warnings) != len(want) {
		t.Fatalf("warnings %q", in.Warnings)
	}
	for i, w := range want {
		if !strings.Contains(in.Warnings[i], w) {
			t.Errorf("%q does not say %q", in.Warnings[i], w)
		}
	}
}
