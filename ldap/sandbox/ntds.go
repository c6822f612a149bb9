package sandbox

import (
	"crypto/sha256"
	"strings"
)

// guidOf is a GUID that follows from names, so that runs repeat.
func guidOf(parts ...string) guid {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	g := guid(sum[:16])
	g[7] = g[7]&0x0f | 0x40
	g[8] = g[8]&0x3f | 0x80
	return g
}

// plantSites makes the objects that stand for the domain controller: the rootDSE names
// its settings, whose invocationId names the history of its update sequence numbers.
func (d *directory) plantSites() {
	dn := "CN=Configuration," + formatDN(d.base)
	for _, c := range [][2]string{{"CN=Sites", "sitesContainer"}, {"CN=Default-First-Site-Name", "site"},
		{"CN=Servers", "serversContainer"}, {"CN=DC1", "server"}, {"CN=NTDS Settings", "nTDSDSA"}} {
		dn = c[0] + "," + dn
		id := guidOf("site", dn)
		o, r := d.add(entry{dn: dn, guid: &id, attrs: map[string][]string{"objectClass": {c[1]}}})
		if r != nil {
			panic("sandbox: " + dn + ": " + r.text)
		}
		o.set(d.at.critical, "TRUE")
		if c[1] == "nTDSDSA" {
			d.settings = o
		}
	}
	d.invoke(guidOf("invocation", formatDN(d.base)))
}

// invoke begins another history of update sequence numbers.
func (d *directory) invoke(id guid) {
	d.invocation = id
	d.settings.set(d.at.invocation, string(id[:]))
	d.touch(d.settings, d.at.invocation)
}
