package pac

import (
	"fmt"
	"net/netip"
	"testing"
	"time"
)

func TestHelpers(t *testing.T) {
	t.Parallel()
	h := helpers{
		now: func() time.Time { return time.Date(2026, 11, 30, 14, 30, 5, 0, time.UTC) }, // a Monday
		resolve: func(host string) []netip.Addr {
			if a := address(host); a.IsValid() {
				return []netip.Addr{a}
			}
			if host == "www.example.com" {
				return []netip.Addr{address("2001:db8::5"), address("192.0.2.7")}
			}
			return nil
		},
		own: func() []netip.Addr { return []netip.Addr{address("2001:db8::1"), address("10.1.2.3")} },
	}
	for call, want := range map[string]string{
		`isPlainHostName("www")`:                                         "true",
		`isPlainHostName("www.example.com")`:                             "false",
		`dnsDomainIs("WWW.example.com", ".Example.com")`:                 "true",
		`localHostOrDomainIs("www", "www.example.com")`:                  "true",
		`localHostOrDomainIs("home.example.com", "www.example.com")`:     "false",
		`isResolvable("www.example.com") && !isResolvable("no.example")`: "true",
		`isInNet("www.example.com", "192.0.2.0", "255.255.255.0")`:       "true",
		`isInNet("10.9.9.9", "192.0.2.0", "255.255.255.0")`:              "false",
		`isInNet("www.example.com", "nonsense", "255.255.255.0")`:        "false",
		`dnsResolve("www.example.com") + dnsResolve("no.example")`:       "192.0.2.7null",
		`convert_addr("104.16.41.2")`:                                    "1745889538",
		`myIpAddress()`:                                                  "10.1.2.3",
		`dnsDomainLevels("www.example.com")`:                             "2",
		`shExpMatch("http://x.example.com/a/b.html", "*/b.html")`:        "true",
		`shExpMatch("host[1]", "host[1]") && shExpMatch("a?c", "a\?c")`:  "true",
		`shExpMatch("abc", "a?c") && !shExpMatch("abc", "a?")`:           "true",
		`weekdayRange("MON")`:                                            "true",
		`weekdayRange("FRI", "MON", "GMT")`:                              "true",
		`weekdayRange("TUE", "FRI")`:                                     "false",
		`timeRange(14, "GMT") && timeRange(14, 15, "GMT")`:               "true",
		`timeRange(22, 6, "GMT")`:                                        "false",
		`timeRange(14, 0, 14, 30, "GMT")`:                                "true",
		`timeRange(14, 30, 6, 14, 31, 0, "GMT")`:                         "false",
		`dateRange(30, "GMT") && dateRange("NOV", "GMT")`:                "true",
		`dateRange(2026, "GMT") && dateRange(2025, 2027, "GMT")`:         "true",
		`dateRange("DEC", "FEB", "GMT")`:                                 "false",
		`dateRange(1, "NOV", 2026, 30, "NOV", 2026, "GMT")`:              "true",
		`dateRange(1, "JUN", 15, "AUG", "GMT")`:                          "false",
		`dateRange("nonsense")`:                                          "false",
		`dnsResolveEx("www.example.com")`:                                "2001:db8::5;192.0.2.7",
		`isInNetEx("www.example.com", "2001:db8::/32")`:                  "true",
		`isResolvableEx("no.example")`:                                   "false",
		`myIpAddressEx()`:                                                "2001:db8::1;10.1.2.3",
		`sortIpAddressList("10.2.3.9;2001:db8::2;127.0.0.1")`:            "2001:db8::2;10.2.3.9;127.0.0.1",
		`typeof alert("x")`:                                              "object",
	} {
		s, err := loadWith(h, fmt.Sprintf("function FindProxyForURL() { return %s; }", call), ScriptTimeout)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := s.find("", ""); err != nil || got != want {
			t.Errorf("%s: %q, %v; want %s", call, got, err, want)
		}
	}
}

func FuzzScript(f *testing.F) {
	for _, s := range []string{`function FindProxyForURL(u, h) { return "DIRECT" }`, `shExpMatch("[", "[")`,
		`dateRange(1, "JAN", 2)`, `timeRange(1,2,3,4,5,6,"GMT")`, `isInNet({}, [], null)`, `sortIpAddressList(";;::")`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		h := helpers{now: time.Now, resolve: func(string) []netip.Addr { return nil },
			own: func() []netip.Addr { return nil }}
		s, err := loadWith(h, text, ScriptTimeout)
		if err == nil {
			_, _ = s.find("https://x/", "x")
		}
	})
}
