package ldaptest

import "strings"

// resolved are the attributes of ambiguous name resolution (MS-ADTS section 3.1.1.3.1.3.4,
// attributes with fANR in searchFlags).
const resolved = "displayName givenName legacyExchangeDN mail mailNickname name physicalDeliveryOfficeName " +
	"proxyAddresses sAMAccountName sn"

// anr makes the filter that (anr=value) stands for: values that begin with it; after "=", values
// equal to it; for two words also first and last name.
func (d *directory) anr(value string) *filter {
	value, exact := strings.CutPrefix(strings.TrimSpace(value), "=")
	like := func(name, v string) *filter {
		a := d.schema.must(name)
		if exact {
			return &filter{op: filterEqual, attr: a, value: d.fold(v), ok: true}
		}
		return &filter{op: filterSubstrings, attr: a, ok: true, parts: []segment{{0x80, d.fold(v)}}}
	}
	any := &filter{op: filterOr, ok: true}
	if value == "" {
		return any
	}
	for name := range strings.FieldsSeq(resolved) {
		any.kids = append(any.kids, like(name, value))
	}
	if first, last, two := strings.Cut(value, " "); two && strings.TrimSpace(last) != "" {
		last = strings.TrimSpace(last)
		both := func(given, family string) *filter {
			return &filter{op: filterAnd, ok: true, kids: []*filter{like("givenName", given), like("sn", family)}}
		}
		any.kids = append(any.kids, both(first, last), both(last, first))
	}
	return any
}
