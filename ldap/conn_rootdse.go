package ldap

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	goldap "github.com/go-ldap/ldap/v3"

	"dirbridge/sync/identity"
)

// The capabilities and controls in use (MS-ADTS sections 3.1.1.3.4.1 and 3.1.1.3.4.3).
const (
	capabilityADDS  = "1.2.840.113556.1.4.800"
	capabilityADLDS = "1.2.840.113556.1.4.1851"
	controlExtended = "1.2.840.113556.1.4.529"
	controlDirSync  = "1.2.840.113556.1.4.841"
	controlDeleted  = "1.2.840.113556.1.4.417"
)

// product is the server software.
type product string

const (
	activeDirectory product = "Active Directory"
	lightweight     product = "Active Directory Lightweight Directory Services"
	samba           product = "Samba"
	openLDAP        product = "OpenLDAP"
	server389       product = "389 Directory Server"
)

// directory is what is known about a server once a session is open. It does not change afterwards.
type directory struct {
	kind          string
	product       product
	context       string   // the naming context, canonical
	bases         []string // bases of searches, canonical, none below another
	contexts      []string // all naming contexts of the server, folded
	partitions    []string // naming contexts that may have people, canonical
	configuration string   // head of the configuration naming context
	identity      string
	paging        bool
	extendedDN    bool
	dirSync       bool
	showDeleted   bool
	contentSync   bool // RFC 4533: some of its databases have it

	readOnly bool  // a read-only domain controller
	objects  int64 // upper bound of objects ever created; 0 if the server does not announce one

	computers bool   // the schema knows objectClass computer
	critical  bool   // the schema knows isCriticalSystemObject
	contacts  bool   // the schema knows objectClass contact
	rooms     string // filter for rooms, limited to attributes in the schema; "" if no object can be one
	chain     bool   // the server supports the chain matching rule
	schema    string // DN of the schema, "" if the server does not announce it
}

func (d *directory) ad() bool { return d.kind == KindADDS || d.kind == KindADLDS }

// foreign reports whether dn is in a naming context of this server that begins below base.
func (d *directory) foreign(dn, base string) bool { return inNestedContext(d.contexts, dn, base) }

type rootDSE map[string][]string // by lower-case name

func (r rootDSE) first(name string) string {
	if v := r[strings.ToLower(name)]; len(v) > 0 {
		return v[0]
	}
	return ""
}

func (r rootDSE) has(name, value string) bool {
	return slices.ContainsFunc(r[strings.ToLower(name)], func(v string) bool { return strings.EqualFold(v, value) })
}

// discover reads the rootDSE and determines everything that depends on the server.
func discover(ctx context.Context, c *session) (*directory, error) {
	root, err := c.readRoot(ctx)
	if err != nil {
		return nil, err
	}
	d, found, err := directoryOf(root, &c.source.opt, c.server)
	if err != nil {
		return nil, err
	}
	if err := c.readContextHead(ctx, d); err != nil {
		return nil, err
	}
	return d, c.examine(ctx, root, found == KindADDS, d)
}

// directoryOf determines what the rootDSE alone says. found is the kind of directory according to
// the rootDSE, whatever the options say.
func directoryOf(root rootDSE, opt *Options, server string) (d *directory, found string, err error) {
	d = &directory{kind: opt.Kind, configuration: identity.DisplayDN(root.first("configurationNamingContext")),
		paging:      root.has("supportedControl", goldap.ControlTypePaging),
		extendedDN:  root.has("supportedControl", controlExtended),
		dirSync:     root.has("supportedControl", controlDirSync),
		showDeleted: root.has("supportedControl", controlDeleted),
		contentSync: root.has("supportedControl", goldap.ControlTypeSyncRequest)}
	if d.objects, err = strconv.ParseInt(root.first("highestCommittedUSN"), 10, 64); err != nil || d.objects < 0 {
		d.objects = 0
	}
	found, d.product = recognise(root)
	if d.kind == "" {
		d.kind = found
	}
	for _, nc := range root["namingcontexts"] {
		if nc, err := identity.CanonicalDN(nc); err == nil && nc != "" {
			d.contexts = append(d.contexts, identity.FoldDN(nc))
		}
	}
	d.partitions = partitions(root)
	if d.kind == KindADLDS && opt.Partition == "" && len(opt.BaseDNs) == 0 && root.first("defaultNamingContext") == "" &&
		len(d.partitions) > 1 {
		return nil, found,
			giveUp("Set partition to the one that holds the people.", "%s: %w", server, &noPartitionError{d.partitions})
	}
	if d.context = namingContext(root, opt); d.context == "" {
		return nil, found, giveUp("Set base_dns, or partition.", "%s does not say which naming context it holds", server)
	}
	if opt.GroupTypes != "" && !d.ad() {
		return nil, found, giveUp("Leave group_types out, and choose groups by group_filter.",
			"group_types: %s does not tell security groups from distribution groups", d.product)
	}
	if d.schema = root.first("schemaNamingContext"); d.schema == "" || !d.ad() {
		d.schema = root.first("subschemaSubentry")
	}
	d.bases = []string{d.context}
	if len(opt.BaseDNs) > 0 {
		d.bases = d.withoutNested(opt.BaseDNs)
	}
	return d, found, nil
}

func (c *session) readRoot(ctx context.Context) (rootDSE, error) {
	root := rootDSE{}
	q := query{what: "reading the rootDSE", scope: goldap.ScopeBaseObject, filter: everything,
		attrs: []string{"namingContexts", "defaultNamingContext", "configurationNamingContext", "supportedCapabilities",
			"supportedControl", "isSynchronized", "dsServiceName", "schemaNamingContext", "subschemaSubentry", "vendorName",
			"objectClass", "structuralObjectClass",
			"changeLog", "firstChangeNumber", "lastChangeNumber", "dataVersion", "highestCommittedUSN"}}
	err := c.run(ctx, q, func(e *rawEntry) error {
		for _, a := range e.attrs {
			name := strings.ToLower(string(a.name))
			for _, v := range a.values {
				root[name] = append(root[name], string(v))
			}
		}
		return nil
	})
	return root, err
}

func recognise(root rootDSE) (kind string, p product) {
	vendor := root.first("vendorName")
	switch {
	case root.has("supportedCapabilities", capabilityADLDS):
		kind, p = KindADLDS, lightweight
	case root.has("supportedCapabilities", capabilityADDS):
		kind, p = KindADDS, activeDirectory
	case root.has("objectClass", "OpenLDAProotDSE"), root.has("structuralObjectClass", "OpenLDAProotDSE"):
		return KindLDAP, openLDAP
	default:
		kind, p = KindLDAP, "LDAP"
	}
	switch {
	case strings.HasPrefix(vendor, "Samba"):
		p = samba
	case strings.HasPrefix(vendor, "389"):
		p = server389
	case vendor != "" && !strings.HasPrefix(vendor, "Microsoft"):
		p = product(vendor)
	}
	return kind, p
}

// namingContext is the configured one, or the one of the first base DN, or the server's default, or
// its first.
func namingContext(root rootDSE, opt *Options) string {
	if opt.Partition != "" {
		return identity.DisplayDN(opt.Partition)
	}
	if len(opt.BaseDNs) > 0 {
		base, longest := identity.FoldDN(identity.DisplayDN(opt.BaseDNs[0])), ""
		for _, nc := range root["namingcontexts"] {
			if nc = identity.DisplayDN(nc); nc != "" && identity.UnderDN(base, identity.FoldDN(nc)) && len(nc) > len(longest) {
				longest = nc
			}
		}
		if longest != "" {
			return longest
		}
	}
	if nc := identity.DisplayDN(root.first("defaultNamingContext")); nc != "" &&
		identity.FoldDN(nc) != identity.FoldDN(identity.DisplayDN(root.first("changeLog"))) {
		return nc
	}
	if all := partitions(root); len(all) > 0 {
		return all[0]
	}
	if len(opt.BaseDNs) > 0 {
		return identity.DisplayDN(opt.BaseDNs[0])
	}
	return ""
}

// withoutNested drops base DNs below another one, so that no entry comes twice. A base DN in a nested
// naming context stays: the search above ends there.
func (d *directory) withoutNested(dns []string) []string {
	var out []string
	for i, dn := range dns {
		dn = identity.DisplayDN(dn)
		if !slices.ContainsFunc(dns, func(other string) bool {
			other = identity.DisplayDN(other)
			return !strings.EqualFold(other, dn) && identity.UnderDN(identity.FoldDN(dn), identity.FoldDN(other)) &&
				!d.foreign(identity.FoldDN(dn), identity.FoldDN(other))
		}) && !slices.ContainsFunc(dns[:i], func(other string) bool {
			return identity.FoldDN(identity.DisplayDN(other)) == identity.FoldDN(dn)
		}) {
			out = append(out, dn)
		}
	}
	return out
}

// readContextHead reads the head of the naming context: the identity of the directory, and the parts of
// the schema that matter.
func (c *session) readContextHead(ctx context.Context, d *directory) error {
	d.identity = identity.FoldDN(d.context)
	guid := ""
	seen, err := c.probe(ctx, d.context, everything, []string{"objectGUID"}, func(e *rawEntry) {
		for _, a := range e.attrs {
			if len(a.values) == 1 {
				guid, _ = guidText(a.values[0])
			}
		}
	})
	if err != nil {
		return err
	}
	switch {
	case d.ad() && guid == "":
		return giveUp("Grant the bind account the right to read the properties of "+d.context+".",
			"the objectGUID of %s at %s cannot be read, which identifies the directory", d.context, c.server)
	case d.ad():
		d.identity = guid
	case !seen:
		return giveUp("Grant the bind account the right to read "+d.context+", or set base_dns.",
			"%s at %s cannot be read", d.context, c.server)
	}
	for _, known := range []struct {
		what      *bool
		assertion string
	}{{&d.computers, "(objectClass=computer)"}, {&d.contacts, "(objectClass=contact)"},
		{&d.critical, "(isCriticalSystemObject=TRUE)"}} {
		if *known.what, err = c.understands(ctx, d, known.assertion); err != nil {
			return err
		}
	}
	if len(c.source.opt.MemberOf) > 0 {
		if d.chain, err = c.evaluates(ctx, d, "(memberOf:"+chain+":="+goldap.EscapeFilter(d.context)+")"); err != nil {
			return err
		}
	}
	return c.makeRoomFilter(ctx, d)
}

// understands reports whether the server can evaluate the assertion. An unknown assertion is
// Undefined (RFC 4511 section 4.5.1.7), and so is its negation: a filter with
// (!(objectClass=computer)) finds no object at all if the schema has no computers.
func (c *session) understands(ctx context.Context, d *directory, assertion string) (bool, error) {
	if d.kind == KindADDS {
		return true, nil
	}
	return c.evaluates(ctx, d, assertion)
}

// evaluates asks the server. A server that refuses the assertion cannot evaluate it.
func (c *session) evaluates(ctx context.Context, d *directory, assertion string) (bool, error) {
	ok, err := c.probe(ctx, d.context, "(|"+assertion+"(!"+assertion+"))", none(), func(*rawEntry) {})
	if unwilling(err) {
		return false, nil
	}
	return ok, err
}

// unwilling reports whether the server refuses the operation as such.
func unwilling(err error) bool {
	return goldap.IsErrorAnyOf(err, goldap.LDAPResultProtocolError, goldap.LDAPResultInappropriateMatching,
		goldap.LDAPResultInvalidAttributeSyntax, goldap.LDAPResultUndefinedAttributeType, goldap.LDAPResultUnwillingToPerform)
}

func (c *session) probe(ctx context.Context, dn, filter string, attrs []string,
	found func(*rawEntry)) (seen bool, err error) {
	q := query{what: "reading " + dn, base: dn, scope: goldap.ScopeBaseObject, filter: filter, attrs: attrs}
	err = c.run(ctx, q, func(e *rawEntry) error {
		seen = true
		found(e)
		return nil
	})
	return seen, err
}

// sameDirectory refuses a server with another directory than before: its people would be taken for
// joiners, and the others for leavers.
func (s *Source) sameDirectory(d *directory) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.identity == "" {
		s.identity = d.identity
	}
	if s.identity != d.identity {
		return &bindError{giveUp("Name only servers of one directory in servers.",
			"the servers hold different directories: %s and %s", s.identity, d.identity)}
	}
	return nil
}

var errClosed = errors.New("the directory source is closed")
