package ldap

import (
	"context"
	"slices"
	"strconv"
	"strings"
)

// Syntax is the type of an attribute's values.
type Syntax string

const (
	Text   Syntax = "text"
	Number Syntax = "number"
	Bool   Syntax = "bool"
	Time   Syntax = "time"
	DN     Syntax = "dn"
	Binary Syntax = "binary"
	SID    Syntax = "sid"
	GUID   Syntax = "guid"
)

// Attribute is an attribute type of the directory's schema.
type Attribute struct {
	Name        string
	Also        []string // other names
	OID         string
	Syntax      Syntax
	Single      bool
	Constructed bool // computed by the server on request
	Secret      bool // holds passwords or keys: never read, and no mapping may name it
}

// Schema lists the attribute types of the directory, sorted by name: from the schema naming context
// of Active Directory (MS-ADTS section 3.1.1.2.3), else from the subschema (RFC 4512 section 4.2).
// The list is empty if the server shows neither.
func (s *Source) Schema(ctx context.Context) (all []Attribute, err error) {
	defer s.secrets.In(&err)
	err = s.with(ctx, func(c *session) (err error) {
		if c.dir.schema == "" {
			return nil
		}
		if c.dir.ad() {
			all, err = c.attributeSchemas(ctx)
		} else {
			all, err = c.attributeTypes(ctx)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b Attribute) int {
		return strings.Compare(strings.ToLower(a.Name)+" "+a.Name, strings.ToLower(b.Name)+" "+b.Name)
	})
	return slices.CompactFunc(all, func(a, b Attribute) bool { return strings.EqualFold(a.Name, b.Name) }), nil
}

// attributeSchemas reads the schema of Active Directory.
func (c *session) attributeSchemas(ctx context.Context) ([]Attribute, error) {
	var all []Attribute
	q := query{filter: "(objectClass=attributeSchema)",
		attrs: []string{"lDAPDisplayName", "attributeID", "attributeSyntax",
			"isSingleValued", "systemFlags", "isDefunct"}}
	err := c.subtree(ctx, "reading the schema", []string{c.dir.schema}, q, func(raw *rawEntry) error {
		if a, ok := attributeSchema(raw); ok {
			all = append(all, a)
		}
		return nil
	})
	return all, err
}

// attributeSchema reads one attributeSchema object. ok is false if the attribute is defunct.
func attributeSchema(raw *rawEntry) (a Attribute, ok bool) {
	defunct, syntax := false, ""
	for _, attr := range raw.attrs {
		if len(attr.values) == 0 {
			continue
		}
		v := string(attr.values[0])
		switch strings.ToLower(string(attr.name)) {
		case "ldapdisplayname":
			a.Name = v
		case "attributeid":
			a.OID = v
		case "attributesyntax":
			syntax = v
		case "issinglevalued":
			a.Single = strings.EqualFold(v, "TRUE")
		case "isdefunct":
			defunct = strings.EqualFold(v, "TRUE")
		case "systemflags":
			const constructed = 0x4 // FLAG_ATTR_IS_CONSTRUCTED, MS-ADTS section 2.2.10
			n, err := strconv.ParseInt(v, 10, 64)
			a.Constructed = err == nil && n&constructed != 0
		}
	}
	a.Syntax = windowsSyntax(syntax)
	return a.finished(), a.Name != "" && !defunct
}

// windowsSyntax maps the syntaxes of MS-ADTS section 3.1.1.2.2.2.
func windowsSyntax(oid string) Syntax {
	switch oid {
	case "2.5.5.1":
		return DN
	case "2.5.5.8":
		return Bool
	case "2.5.5.9", "2.5.5.16":
		return Number
	case "2.5.5.10", "2.5.5.15":
		return Binary
	case "2.5.5.11":
		return Time
	case "2.5.5.17":
		return SID
	}
	return Text
}

// finished fills in what follows from the name alone.
func (a Attribute) finished() Attribute {
	a.Secret = secret(a.Name) || slices.ContainsFunc(a.Also, secret)
	switch formOf(a.Name) {
	case formGUID, formUUID:
		a.Syntax = GUID
	case formSID:
		a.Syntax = SID
	case formDN:
		a.Syntax = DN
	case formTime, formFileTime:
		a.Syntax = Time
	case formBinary:
		a.Syntax = Binary
	}
	return a
}
