package pac

import (
	"net"
	"net/netip"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/dop251/goja"
)

// helpers are the functions that a file may call. None of them throws for a wrong argument: like browsers,
// they answer false, null or the empty string.
type helpers struct {
	now     func() time.Time
	resolve func(host string) []netip.Addr
	own     func() []netip.Addr
}

func (h helpers) define(vm *goja.Runtime) {
	text := func(f func(string) any) func(goja.FunctionCall) goja.Value {
		return func(c goja.FunctionCall) goja.Value { return vm.ToValue(f(argument(c, 0))) }
	}
	two := func(f func(a, b string) bool) func(goja.FunctionCall) goja.Value {
		return func(c goja.FunctionCall) goja.Value { return vm.ToValue(f(argument(c, 0), argument(c, 1))) }
	}
	times := func(f func(args []string) bool) func(goja.FunctionCall) goja.Value {
		return func(c goja.FunctionCall) goja.Value {
			var args []string
			for i := range c.Arguments {
				args = append(args, argument(c, i))
			}
			return vm.ToValue(f(args))
		}
	}
	for name, f := range map[string]func(goja.FunctionCall) goja.Value{
		"isPlainHostName":     text(func(s string) any { return !strings.ContainsAny(s, ".:") }),
		"dnsDomainLevels":     text(func(s string) any { return strings.Count(s, ".") }),
		"dnsDomainIs":         two(dnsDomainIs),
		"localHostOrDomainIs": two(localHostOrDomainIs),
		"shExpMatch":          two(shExpMatch),
		"isResolvable":        text(func(s string) any { return h.first(s).IsValid() }),
		"isResolvableEx":      text(func(s string) any { return len(h.resolve(s)) > 0 }),
		"dnsResolve": text(func(s string) any {
			if a := h.first(s); a.IsValid() {
				return a.String()
			}
			return nil
		}),
		"dnsResolveEx":      text(func(s string) any { return list(h.resolve(s)) }),
		"convert_addr":      text(func(s string) any { return convertAddr(s) }),
		"myIpAddress":       text(func(string) any { return h.ownAddress() }),
		"myIpAddressEx":     text(func(string) any { return list(h.own()) }),
		"sortIpAddressList": text(func(s string) any { return sortAddresses(s) }),
		"isInNet": func(c goja.FunctionCall) goja.Value {
			return vm.ToValue(h.isInNet(argument(c, 0), argument(c, 1), argument(c, 2)))
		},
		"isInNetEx":    two(h.isInNetEx),
		"weekdayRange": times(h.weekdayRange),
		"dateRange":    times(h.dateRange),
		"timeRange":    times(h.timeRange),
		"alert":        text(func(string) any { return nil }),
	} {
		_ = vm.Set(name, f)
	}
}

func argument(c goja.FunctionCall, i int) string {
	if v := c.Argument(i); !goja.IsUndefined(v) && !goja.IsNull(v) {
		return v.String()
	}
	return ""
}

func dnsDomainIs(host, domain string) bool {
	return strings.HasSuffix(strings.ToLower(host), strings.ToLower(domain))
}

func localHostOrDomainIs(host, full string) bool {
	host, full = strings.ToLower(host), strings.ToLower(full)
	return host == full || !strings.Contains(host, ".") && strings.HasPrefix(full, host+".")
}

// shExpMatch knows * and ?; everything else stands for itself, brackets too, as in browsers. A star also
// stands for slashes.
func shExpMatch(s, pattern string) bool {
	replace := strings.NewReplacer("/", "\x00", "[", `\[`, `\`, `\\`)
	ok, err := path.Match(replace.Replace(pattern), strings.ReplaceAll(s, "/", "\x00"))
	return err == nil && ok
}

// first returns the first IPv4 address of a host.
func (h helpers) first(host string) netip.Addr {
	for _, a := range h.resolve(host) {
		if a.Is4() {
			return a
		}
	}
	return netip.Addr{}
}

func (h helpers) ownAddress() string {
	for _, a := range h.own() {
		if a.Is4() {
			return a.String()
		}
	}
	return "127.0.0.1"
}

func (h helpers) isInNet(host, pattern, mask string) bool {
	a, p, m := h.first(host), address(pattern), address(mask)
	if !a.IsValid() || !p.Is4() || !m.Is4() {
		return false
	}
	x, y, z := a.As4(), p.As4(), m.As4()
	for i := range x {
		if x[i]&z[i] != y[i]&z[i] {
			return false
		}
	}
	return true
}

// isInNetEx compares a host with a prefix such as 2001:db8::/32.
func (h helpers) isInNetEx(host, prefix string) bool {
	p, err := netip.ParsePrefix(prefix)
	return err == nil && slices.ContainsFunc(h.resolve(host), p.Contains)
}

func convertAddr(s string) uint32 {
	a := address(s)
	if !a.Is4() {
		return 0
	}
	b := a.As4()
	return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
}

func address(s string) netip.Addr {
	a, _ := netip.ParseAddr(s)
	return a.Unmap()
}

func list(addresses []netip.Addr) string {
	var out []string
	for _, a := range addresses {
		out = append(out, a.String())
	}
	return strings.Join(out, ";")
}

// sortAddresses puts the addresses of a list into the order of Microsoft's function: IPv6 first.
func sortAddresses(s string) string {
	var out []netip.Addr
	for part := range strings.SplitSeq(s, ";") {
		if a := address(strings.TrimSpace(part)); a.IsValid() {
			out = append(out, a)
		}
	}
	slices.SortFunc(out, func(a, b netip.Addr) int {
		if a.Is4() != b.Is4() {
			if a.Is4() {
				return 1
			}
			return -1
		}
		return a.Compare(b)
	})
	return list(out)
}

func ownAddresses() []netip.Addr {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	var out []netip.Addr
	for _, one := range all {
		if n, ok := one.(*net.IPNet); ok && !n.IP.IsLoopback() && !n.IP.IsLinkLocalUnicast() {
			if a, ok := netip.AddrFromSlice(n.IP); ok {
				out = append(out, a.Unmap())
			}
		}
	}
	return out
}
