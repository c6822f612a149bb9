package pac

import (
	"context"
	"net"
	"net/netip"
	"time"
)

// resolve returns the addresses of a host; none if it has none within a second, since scripts ask for many
// names and have three seconds in all.
func resolve(host string) []netip.Addr {
	if a := address(host); a.IsValid() {
		return []netip.Addr{a}
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	out, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil
	}
	for i := range out {
		out[i] = out[i].Unmap()
	}
	return out
}
