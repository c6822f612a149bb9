package sandbox

import (
	"slices"
	"strings"
)

// rootDSE answers the search that every client begins with (RFC 4512 section 5.1).
func (s *Server) rootDSE(message int64, req searchRequest, secure bool) []byte {
	attrs := s.dir.rootAttributes(secure, s.opts.TLS)
	if m := s.mechanisms(); len(m) > 0 {
		attrs = append(attrs, append([]string{"supportedSASLMechanisms"}, m...))
	}
	b, envelope := open(nil, 0x30)
	b = appendInteger(b, 0x02, message)
	b, op := open(b, 0x64)
	b = appendText(b, 0x04, "")
	b, list := open(b, 0x30)
	for _, a := range attrs {
		if !wantsRoot(req.attrs, a[0]) {
			continue
		}
		var at, set int
		b, at = open(b, 0x30)
		b = appendText(b, 0x04, a[0])
		b, set = open(b, 0x31)
		if !req.typesOnly {
			for _, v := range a[1:] {
				b = appendText(b, 0x04, v)
			}
		}
		b = shut(shut(b, set), at)
	}
	return shut(shut(shut(b, list), op), envelope)
}

// mechanisms are what the options advertise, and what the server itself does.
func (s *Server) mechanisms() []string {
	list := slices.Clone(s.opts.SASLMechanisms)
	if (s.opts.ClientCertificates || s.opts.ClientCAs != nil) && !slices.Contains(list, "EXTERNAL") {
		list = append(list, "EXTERNAL")
	}
	return list
}

func wantsRoot(names []string, name string) bool {
	if len(names) == 0 {
		return true
	}
	for _, n := range names {
		if n == "*" || n == "+" || strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}

// rootAttributes are name and values of each attribute.
func (d *directory) rootAttributes(secure, tls bool) [][]string {
	d.mu.RLock()
	defer d.mu.RUnlock()
	line := func(name string, values ...string) []string { return append([]string{name}, values...) }
	extensions := []string{whoAmIRequest}
	if tls && !secure {
		extensions = append(extensions, startTLSRequest)
	}
	contexts := make([]string, len(d.heads))
	for i, h := range d.heads {
		contexts[i] = h.dn()
	}
	if d.flavor == OpenLDAP {
		return [][]string{
			line("objectClass", "top", "OpenLDAProotDSE"), line("namingContexts", contexts...),
			line("supportedControl", d.supportedControls()...), line("supportedExtension", extensions...),
			line("supportedLDAPVersion", "3"), line("subschemaSubentry", "cn=Subschema"),
		}
	}
	base := formatDN(d.base)
	config := "CN=Configuration," + base
	return [][]string{
		line("currentTime", generalized(d.clock().Unix())),
		line("subschemaSubentry", "CN=Aggregate,CN=Schema,"+config),
		line("dsServiceName", d.settings.dn()),
		line("namingContexts", contexts...),
		line("defaultNamingContext", base),
		line("schemaNamingContext", "CN=Schema,"+config),
		line("configurationNamingContext", config),
		line("rootDomainNamingContext", base),
		line("supportedControl", d.supportedControls()...),
		line("supportedLDAPVersion", "3", "2"),
		line("supportedLDAPPolicies", "MaxPageSize", "MaxValRange", "MaxQueryDuration", "MaxResultSetsPerConn"),
		line("highestCommittedUSN", decimal(d.usn)),
		line("dnsHostName", "dc1."+d.domain),
		line("ldapServiceName", d.domain+":dc1$@"+strings.ToUpper(d.domain)),
		line("serverName", "CN=DC1,CN=Servers,CN=Default-First-Site-Name,CN=Sites,"+config),
		line("supportedCapabilities", capabilityAD, "1.2.840.113556.1.4.1670", "1.2.840.113556.1.4.1791",
			"1.2.840.113556.1.4.1935", "1.2.840.113556.1.4.2080", "1.2.840.113556.1.4.2237"),
		line("isSynchronized", "TRUE"),
		line("isGlobalCatalogReady", "TRUE"),
		line("domainFunctionality", "7"),
		line("forestFunctionality", "7"),
		line("domainControllerFunctionality", "7"),
		line("supportedExtension", extensions...),
	}
}
