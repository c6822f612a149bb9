package ldap

import (
	"context"
	"net/url"
	"strings"

	goldap "github.com/go-ldap/ldap/v3"

	"dirbridge/sync/identity"
)

// capabilityRODC marks a read-only domain controller (MS-ADTS section 3.1.1.3.4.3).
const capabilityRODC = "1.2.840.113556.1.4.1920"

// examine refuses an Active Directory server that cannot represent its domain: one whose copy is
// incomplete, and a global catalogue, which omits most attributes of every object.
func (c *session) examine(ctx context.Context, root rootDSE, adds bool, d *directory) error {
	if !adds {
		return nil
	}
	c.dir = d // the requests below need it
	if strings.EqualFold(root.first("isSynchronized"), "FALSE") {
		return retry("Wait until it has replicated (dcdiag and repadmin say why it has not), or name another server.",
			"%s is not synchronized: its copy of the directory is not complete", c.server)
	}
	catalogue, err := c.globalCatalogue(ctx, d.context)
	if err != nil {
		return err
	}
	if catalogue {
		return giveUp("Use the domain's own port in servers: ldaps://HOST:636, or ldap://HOST:389 with start_tls = true.",
			"%s is a global catalogue, which holds only some attributes of every object: people would seem to have no values "+
				"for the others", c.server)
	}
	d.readOnly = root.has("supportedCapabilities", capabilityRODC)
	if d.readOnly {
		return nil
	}
	d.readOnly, err = c.readOnlyByObject(ctx, root.first("dsServiceName"))
	return err
}

// globalCatalogue recognises a global catalogue by its port or, behind a forwarded port, by its
// answer: only a global catalogue searches from the empty DN (MS-ADTS section 3.1.1.3.1.1.3).
// isGlobalCatalogReady says nothing about the port in use.
func (c *session) globalCatalogue(ctx context.Context, domain string) (bool, error) {
	if u, err := url.Parse(c.server); err == nil && (u.Port() == "3268" || u.Port() == "3269") {
		return true, nil
	}
	found := false
	q := query{what: "asking for a global catalogue", scope: goldap.ScopeWholeSubtree, filter: "(objectClass=domainDNS)",
		attrs: none()}
	err := c.run(ctx, q, func(e *rawEntry) error {
		found = found || identity.FoldDN(identity.DisplayDN(string(e.dn))) == identity.FoldDN(domain)
		return nil
	})
	return found, c.connectionError(ctx, err)
}

// readOnlyByObject reads the role from the server's own object.
func (c *session) readOnlyByObject(ctx context.Context, service string) (bool, error) {
	if service == "" {
		return false, nil
	}
	readOnly := false
	_, err := c.probe(ctx, plainPart(service), everything, []string{"msDS-isRODC"}, func(e *rawEntry) {
		for _, a := range e.attrs {
			readOnly = readOnly || len(a.values) == 1 && strings.EqualFold(string(a.values[0]), "TRUE")
		}
	})
	return readOnly, c.connectionError(ctx, err)
}

// connectionError returns the error of a broken connection, and nil for an answer: a server that refuses
// such a question has not failed.
func (c *session) connectionError(ctx context.Context, err error) error {
	if err == nil || ctx.Err() == nil && !c.conn.IsClosing() && c.serverError == nil {
		return nil
	}
	return err
}

// note is a remark about the server for the operator.
func (d *directory) note() string {
	if d.readOnly {
		return "a read-only domain controller: changes reach it later than the others"
	}
	return ""
}
