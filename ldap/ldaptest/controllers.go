package ldaptest

import (
	"crypto/sha256"
	"strings"
)

// guidOf derives a GUID from names, so that runs are reproducible.
func guidOf(parts ...string) guid {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	g := guid(sum[:16])
	g[7] = g[7]&0x0f | 0x40
	g[8] = g[8]&0x3f | 0x80
	return g
}

// plantSites creates the objects of the domain controller: the rootDSE names its settings object,
// whose invocationId identifies the history of its update sequence numbers.
func (d *directory) plantSites() {
	dn := d.plantPath(formatDN(d.config), "CN=Sites", "sitesContainer",
		"CN=Default-First-Site-Name", "site", "CN=Servers", "serversContainer").dn()
	class := "nTDSDSA"
	if d.readOnly {
		class = "nTDSDSARO"
	}
	d.settings = d.plantPath(dn, "CN=DC1", "server", "CN=NTDS Settings", class)
	d.invoke(guidOf("invocation", formatDN(d.base)))
}

// plantController creates the objects of another domain controller, with its invocationId.
func (d *directory) plantController(name string) {
	o := d.plantPath(d.settings.parent.parent.dn(), "CN="+name, "server", "CN=NTDS Settings", "nTDSDSA")
	id := guidOf("invocation", name, formatDN(d.base))
	o.set(d.at.invocation, string(id[:]))
	d.touch(o, d.at.invocation)
	d.partners = append(d.partners, partner{invocation: id, distance: -int64(len(d.partners)+1) * replicaDistance})
}

// plantPath creates nested objects from pairs of RDN and class.
func (d *directory) plantPath(dn string, pairs ...string) (o *object) {
	for i := 0; i < len(pairs); i += 2 {
		dn = pairs[i] + "," + dn
		id := guidOf("site", dn)
		var r *refusal
		if o, r = d.add(entry{dn: dn, guid: &id, attrs: map[string][]string{"objectClass": {pairs[i+1]}}}); r != nil {
			panic("ldaptest: " + dn + ": " + r.text)
		}
		o.set(d.at.critical, "TRUE")
	}
	return o
}

// invoke starts another history of update sequence numbers.
func (d *directory) invoke(id guid) {
	d.invocation = id
	d.settings.set(d.at.invocation, string(id[:]))
	d.touch(d.settings, d.at.invocation)
}
