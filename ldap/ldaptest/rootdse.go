package ldaptest

import (
	"slices"
	"strings"
)

// rootDSE answers the first search of every client (RFC 4512 section 5.1).
func (s *Server) rootDSE(message int64, req searchRequest, secure bool) []byte {
	attrs := s.dir.rootAttributes(secure, s.opts.TLS)
	if m := s.mechanisms(); len(m) > 0 {
		attrs = append(attrs, append([]string{"supportedSASLMechanisms"}, m...))
	}
	b, envelope := openElement(nil, 0x30)
	b = appendInteger(b, 0x02, message)
	b, op := openElement(b, 0x64)
	b = appendText(b, 0x04, "")
	b, list := openElement(b, 0x30)
	for _, a := range attrs {
		if !wantsRoot(req.attrs, a[0]) {
			continue
		}
		var at, set int
		b, at = openElement(b, 0x30)
		b = appendText(b, 0x04, a[0])
		b, set = openElement(b, 0x31)
		if !req.typesOnly {
			for _, v := range a[1:] {
				b = appendText(b, 0x04, v)
			}
		}
		b = closeElement(closeElement(b, set), at)
	}
	return closeElement(closeElement(closeElement(b, list), op), envelope)
}

// mechanisms lists what the options advertise, and what the server itself supports.
func (s *Server) mechanisms() []string {
	list := slices.Clone(s.opts.SASLMechanisms)
	if (s.opts.ClientCertificates || s.opts.ClientCAs != nil) && !slices.Contains(list, "EXTERNAL") {
		list = append(list, "EXTERNAL")
	}
	return list
}

// Capabilities besides that of Active Directory (MS-ADTS section 3.1.1.3.4.3).
const (
	capabilityLDS  = "1.2.840.113556.1.4.1851"
	capabilityRODC = "1.2.840.113556.1.4.1920"
)

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

// rootAttributes lists the name and values of each attribute.
func (d *directory) rootAttributes(secure, tls bool) [][]string {
	d.mu.RLock()
	defer d.mu.RUnlock()
	line := func(name string, values ...string) []string { return append([]string{name}, values...) }
	extensions := []string{whoAmIRequest}
	if tls && !secure {
		extensions = append(extensions, startTLSRequest)
	}
	var contexts []string
	for _, h := range d.heads {
		if h.class.name != "subSchema" && !d.foreign(h) {
			contexts = append(contexts, h.dn())
		}
	}
	if d.flavor == OpenLDAP {
		return [][]string{
			line("objectClass", "top", "OpenLDAProotDSE"), line("namingContexts", contexts...),
			line("supportedControl", d.supportedControls()...), line("supportedExtension", extensions...),
			line("supportedLDAPVersion", "3"), line("subschemaSubentry", "cn=Subschema"),
		}
	}
	base, config := formatDN(d.base), formatDN(d.config)
	capabilities := []string{capabilityAD, "1.2.840.113556.1.4.1670", "1.2.840.113556.1.4.1791",
		"1.2.840.113556.1.4.1935", "1.2.840.113556.1.4.2080", "1.2.840.113556.1.4.2237"}
	if d.readOnly {
		capabilities = append(capabilities, capabilityRODC)
	}
	common := [][]string{
		line("currentTime", generalized(d.clock().Unix())),
		line("subschemaSubentry", "CN=Aggregate,CN=Schema,"+config),
		line("dsServiceName", d.settings.dn()),
		line("namingContexts", contexts...),
		line("schemaNamingContext", "CN=Schema,"+config),
		line("configurationNamingContext", config),
		line("supportedControl", d.supportedControls()...),
		line("supportedLDAPVersion", "3", "2"),
		line("supportedLDAPPolicies", "MaxPageSize", "MaxValRange", "MaxQueryDuration", "MaxResultSetsPerConn"),
		line("highestCommittedUSN", decimal(d.usn)),
		line("dnsHostName", "dc1."+d.domain),
		line("serverName", d.settings.parent.dn()),
		line("isSynchronized", "TRUE"),
		line("forestFunctionality", "7"),
		line("domainControllerFunctionality", "7"),
		line("supportedExtension", extensions...),
	}
	if d.lds {
		return append(common,
			line("supportedCapabilities", capabilityLDS, "1.2.840.113556.1.4.1670", "1.2.840.113556.1.4.1791",
				"1.2.840.113556.1.4.1935", "1.2.840.113556.1.4.2080", "1.2.840.113556.1.4.2237"))
	}
	return append(common,
		line("defaultNamingContext", base),
		line("rootDomainNamingContext", base),
		line("ldapServiceName", d.domain+":dc1$@"+strings.ToUpper(d.domain)),
		line("supportedCapabilities", capabilities...),
		line("isGlobalCatalogReady", "TRUE"),
		line("domainFunctionality", "7"),
	)
}
