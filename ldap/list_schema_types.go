package ldap

import (
	"context"
	"strings"

	goldap "github.com/go-ldap/ldap/v3"
)

// attributeTypes reads the subschema.
func (c *session) attributeTypes(ctx context.Context) ([]Attribute, error) {
	var descriptions []string
	q := query{what: "reading the schema", base: c.dir.schema, scope: goldap.ScopeBaseObject,
		filter: "(objectClass=subschema)",
		attrs:  []string{"attributeTypes"}}
	err := c.run(ctx, q, func(raw *rawEntry) error {
		for _, a := range raw.attrs {
			if strings.EqualFold(string(a.name), "attributeTypes") {
				for _, v := range a.values {
					descriptions = append(descriptions, string(v))
				}
			}
		}
		return nil
	})
	return parseAttributeTypes(descriptions), err
}

// typeDescription is the part of an AttributeTypeDescription (RFC 4512 section 4.1.2) that matters
// here.
type typeDescription struct {
	oid, sup, syntax string
	names            []string
	equality         string
	single, obsolete bool
}

// maxSuperior bounds the depth of inheritance: some servers accept a schema with a cycle.
const maxSuperior = 32

// parseAttributeTypes leaves out unreadable and obsolete descriptions. A type without a syntax or a
// matching rule inherits that of its superior.
func parseAttributeTypes(descriptions []string) []Attribute {
	types, by := make([]*typeDescription, 0, len(descriptions)), map[string]*typeDescription{}
	for _, d := range descriptions {
		t, ok := parseAttributeType(d)
		if !ok {
			continue
		}
		types = append(types, &t)
		by[strings.ToLower(t.oid)] = &t
		for _, n := range t.names {
			by[strings.ToLower(n)] = &t
		}
	}
	var all []Attribute
	for _, t := range types {
		if t.obsolete {
			continue
		}
		a := Attribute{Name: t.oid, OID: t.oid, Single: t.single}
		if len(t.names) > 0 {
			a.Name, a.Also = t.names[0], t.names[1:]
		}
		syntax, equality := t.syntax, t.equality
		for sup, n := by[strings.ToLower(t.sup)], 0; sup != nil &&
			n < maxSuperior; sup, n = by[strings.ToLower(sup.sup)], n+1 {
			if syntax == "" {
				syntax = sup.syntax
			}
			if equality == "" {
				equality = sup.equality
			}
		}
		a.Syntax = standardSyntax(syntax, equality)
		all = append(all, a.finished())
	}
	return all
}

// standardSyntax maps the syntaxes of RFC 4517 section 3.3. Without a syntax, the matching rule
// decides.
func standardSyntax(oid, equality string) Syntax {
	oid, _, _ = strings.Cut(oid, "{")
	const standard = "1.3.6.1.4.1.1466.115.121.1."
	switch strings.TrimPrefix(oid, standard) {
	case "7":
		return Bool
	case "12", "34":
		return DN
	case "24", "53":
		return Time
	case "27":
		return Number
	case "4", "5", "8", "9", "10", "23", "28", "40", "49":
		return Binary
	case "1.3.6.1.1.16.1":
		return GUID
	}
	if oid != "" {
		return Text
	}
	switch strings.ToLower(equality) {
	case "distinguishednamematch", "uniquemembermatch":
		return DN
	case "integermatch":
		return Number
	case "booleanmatch":
		return Bool
	case "generalizedtimematch":
		return Time
	case "octetstringmatch":
		return Binary
	}
	return Text
}

func parseAttributeType(description string) (t typeDescription, ok bool) {
	w := words{description}
	if w.next() != "(" {
		return t, false
	}
	if t.oid = w.next(); t.oid == "" || t.oid == ")" || t.oid == "(" {
		return t, false
	}
	for {
		switch word := w.next(); strings.ToUpper(word) {
		case "":
			return t, false // cut short
		case ")":
			return t, true
		case "NAME":
			t.names = w.several()
		case "SUP":
			t.sup = w.next()
		case "SYNTAX":
			t.syntax = strings.Trim(w.next(), "'")
		case "EQUALITY":
			t.equality = w.next()
		case "SINGLE-VALUE":
			t.single = true
		case "OBSOLETE":
			t.obsolete = true
		case "(":
			w.close()
		}
	}
}

// words splits a description into words: parentheses, names, and quoted texts with their quotes.
type words struct{ rest string }

func (w *words) next() string {
	w.rest = strings.TrimLeft(w.rest, " \t\r\n")
	if w.rest == "" {
		return ""
	}
	n := 1
	switch w.rest[0] {
	case '(', ')':
	case '\'':
		end := strings.IndexByte(w.rest[1:], '\'')
		if end < 0 {
			w.rest = ""
			return ""
		}
		n = end + 2
	default:
		if n = strings.IndexAny(w.rest, " \t\r\n()'"); n < 0 {
			n = len(w.rest)
		}
	}
	word := w.rest[:n]
	w.rest = w.rest[n:]
	return word
}

// several reads one quoted text, or several in parentheses.
func (w *words) several() []string {
	first := w.next()
	if first != "(" {
		if name := strings.Trim(first, "'"); name != "" && name != ")" {
			return []string{name}
		}
		return nil
	}
	var all []string
	for {
		switch word := w.next(); word {
		case "", ")":
			return all
		case "(":
		default:
			if name := strings.Trim(word, "'"); name != "" {
				all = append(all, name)
			}
		}
	}
}

// close skips to the closing parenthesis.
func (w *words) close() {
	for word := w.next(); word != "" && word != ")"; word = w.next() {
	}
}
