package ldaptest

import (
	"slices"
	"strings"
)

// partialSet lists the attributes that a global catalogue has of every object: those with
// isMemberOfPartialAttributeSet in the schema of Windows Server 2025.
const partialSet = `
	objectClass ou c l st cn sn givenName displayName displayNamePrintable name description mail userPrincipalName
	sAMAccountName telephoneNumber proxyAddresses mailNickname targetAddress legacyExchangeDN
	msRTCSIP-PrimaryUserAddress msExchResourceMetaData extensionAttribute1 extensionAttribute2
	extensionAttribute3 extensionAttribute4 extensionAttribute5 extensionAttribute6 extensionAttribute7
	extensionAttribute8 extensionAttribute9 extensionAttribute10 extensionAttribute11 extensionAttribute12
	extensionAttribute13 extensionAttribute14 extensionAttribute15 servicePrincipalName dNSHostName
	operatingSystem operatingSystemVersion altSecurityIdentities dc nETBIOSName dnsRoot uid distinguishedName
	objectCategory member memberOf managedBy managedObjects nCName objectGUID userCertificate invocationId
	objectSid sIDHistory userAccountControl instanceType groupType sAMAccountType primaryGroupID uSNChanged
	uSNCreated systemFlags lastLogonTimestamp msDS-Behavior-Version msExchRecipientTypeDetails
	msExchRecipientDisplayType isCriticalSystemObject isDeleted isRecycled showInAdvancedViewOnly
	msExchHideFromAddressLists whenCreated whenChanged lDAPDisplayName attributeID attributeSyntax oMSyntax
	isSingleValued`

// markPartial sets their flag.
func (s *schema) markPartial() {
	for name := range strings.FieldsSeq(partialSet) {
		s.must(name).global = true
	}
}

// curtail removes from a selection what a global catalogue does not have. It can still compute
// constructed attributes.
func (c *conn) curtail(s *selection) {
	if c.global {
		s.without(c.server.dir.schema, elsewhere)
	}
}

// elsewhere reports whether a global catalogue neither has nor computes the attribute.
func elsewhere(a *attribute) bool { return !a.global && !a.onRequest }

// without removes attributes from a selection.
func (s *selection) without(all *schema, out func(*attribute) bool) {
	for _, a := range all.all {
		if out(a) {
			s.wanted[a.id] = false
		}
	}
	dropped := func(a *attribute) bool { return !s.wanted[a.id] }
	s.computed, s.made = slices.DeleteFunc(s.computed, dropped), slices.DeleteFunc(s.made, dropped)
}

// clone copies a filter.
func (f *filter) clone() *filter {
	c := *f
	c.kids = make([]*filter, len(f.kids))
	for i, k := range f.kids {
		c.kids[i] = k.clone()
	}
	return &c
}

// without makes the filter treat attributes as undefined.
func (f *filter) without(out func(*attribute) bool) {
	for _, k := range f.kids {
		k.without(out)
	}
	if f.attr != nil && out(f.attr) {
		f.attr = nil
	}
}

// everywhere returns the candidates of a search from the empty base, which for a global catalogue
// is the root of all its naming contexts.
func (d *directory) everywhere(scope int64, f *filter) (all []*object) {
	for _, h := range d.heads {
		if scope == scopeSub {
			within := d.candidates(h, scope, f)
			// The head of a nested context comes with its own context only.
			all = append(all, within...)
		} else if len(h.head) > 0 {
			all = append(all, h)
		}
	}
	seen := make(map[*object]bool, len(all))
	return slices.DeleteFunc(all, func(o *object) bool {
		twice := seen[o]
		seen[o] = true
		return twice
	})
}

// foreign reports whether an object belongs to another domain of the forest, of which this domain
// controller has a partial copy for its global catalogue.
func (d *directory) foreign(o *object) bool {
	for o.parent != nil {
		o = o.parent
	}
	return !d.lds && slices.Contains(d.partitions, dnKey(o.head))
}
