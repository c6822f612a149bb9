package cloud_test

import (
	"net/http"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"dirbridge/cloud"
	"dirbridge/cloud/profile"
	"dirbridge/cloud/scimtest"
	"dirbridge/cloud/scimtest/elimity"
	"dirbridge/ldap/ldaptest/lab"
	"dirbridge/sync/schema"
	"dirbridge/sync/synctest"
)

func TestTargetConformanceOnTheSandbox(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]scimtest.Options{
		schema.KindWebex:           {PageSize: 40},
		"Webex as it documents it": {PageSize: 40, WebexFilters: true},
		schema.KindSCIM:            {PageSize: 40, MembersInListing: true, BulkStatus: scimtest.StatusObject},
		"without bulk":             {PageSize: 40, MembersInListing: true, WithoutBulk: true},
		"plain answers":            {PageSize: 40, MembersInListing: true, QuietPatch: true, BulkBodies: true},
	} {
		kind := schema.KindSCIM
		if name == schema.KindWebex || o.WebexFilters {
			kind = schema.KindWebex
		}
		t.Run(name, func(t *testing.T) {
			synctest.Target(t, func(t *testing.T) synctest.TargetFixture {
				s, err := scimtest.Start(t.Context(), o)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() {
					if err := s.Close(); err != nil {
						t.Error(err)
					}
				})
				f := targetFixture(t, kind, s.URL(), s.Token())
				f.Throttle = func(n int) {
					s.Inject(scimtest.Fault{Effect: scimtest.Refuse, Writes: true, Times: n, Status: 429, RetryAfter: time.Second})
				}
				return f
			})
		})
	}
}

func TestTargetConformanceOnSCIMMY(t *testing.T) {
	t.Parallel()
	synctest.Target(t, func(t *testing.T) synctest.TargetFixture {
		s := scimmy.Scimmy(t, "MAX_RESULTS=40")
		f := targetFixture(t, schema.KindSCIM, s.URL, s.Token)
		f.NoQuotes = true
		return f
	})
}

func TestTargetConformanceOnElimity(t *testing.T) {
	t.Parallel()
	synctest.Target(t, func(t *testing.T) synctest.TargetFixture {
		var throttled atomic.Int32
		s, err := elimity.Start(40, func(r *http.Request) int {
			if r.Method != http.MethodGet && throttled.Add(-1) >= 0 {
				return http.StatusTooManyRequests
			}
			return 0
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
		f := targetFixture(t, schema.KindSCIM, s.URL, elimity.Token)
		f.Throttle = func(n int) { throttled.Store(int32(n)) }
		return f
	})
}

// targetFixture is a target that reaches the cloud through a relay.
func targetFixture(t *testing.T, kind, base, token string) synctest.TargetFixture {
	t.Helper()
	return targetFixtureWith(t, kind, base, token, nil)
}

// targetFixtureWith is targetFixture with a profile of its own.
func targetFixtureWith(t *testing.T, kind, base, token string, p *profile.Profile) synctest.TargetFixture {
	t.Helper()
	relay := lab.NewRelay(t, lab.Host(t, base))
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = relay.Address
	o := options(kind, u.String(), token)
	o.Settling, o.Profile = -1, p
	target, err := cloud.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return synctest.TargetFixture{Target: target, Cut: relay.Cut}
}
