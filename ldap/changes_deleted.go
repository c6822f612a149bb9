package ldap

import (
	"context"
	"fmt"
	"strings"

	ber "github.com/go-asn1-ber/asn1-ber"
	goldap "github.com/go-ldap/ldap/v3"
)

// hiddenDeletions lists the containers of deleted objects that the bind account cannot read. The
// server reports no error: it shows the container without attributes, or not at all, and nothing in
// it.
func (c *session) hiddenDeletions(ctx context.Context) (hidden []string, err error) {
	for _, root := range c.dir.roots() {
		dn, visible := "CN=Deleted Objects,"+root, false
		if c.dir.showDeleted {
			q := query{what: "reading " + dn, base: dn, scope: goldap.ScopeBaseObject, filter: everything,
				attrs: []string{"objectGUID"}, controls: []goldap.Control{showDeleted{}}}
			err := c.run(ctx, q, func(raw *rawEntry) error {
				_, _, problem := c.dir.guidOf(raw)
				visible = visible || problem == ""
				return nil
			})
			if err != nil && !declined(err) {
				return nil, err
			}
		}
		if !visible {
			hidden = append(hidden, dn)
		}
	}
	return hidden, nil
}

// hiddenDeletionsText says what the account cannot see, and how to grant it the right.
func hiddenDeletionsText(account string, hidden []string) (why, remedy string) {
	who := account
	if who == "" || strings.Contains(who, "=") {
		who = `DOMAIN\account`
	}
	var commands []string
	for _, dn := range hidden {
		commands = append(commands, fmt.Sprintf(`dsacls "%s" /takeOwnership`, dn),
			fmt.Sprintf(`dsacls "%s" /g "%s:LCRP"`, dn, who))
	}
	return "the bind account may not read " + strings.Join(hidden, " and "),
		"On a domain controller, as a domain administrator, run: " + strings.Join(commands, " and then ") + "."
}

// showDeleted is the control that includes deleted objects (MS-ADTS section 3.1.1.3.4.1.14).
type showDeleted struct{}

func (showDeleted) GetControlType() string { return controlDeleted }
func (showDeleted) String() string         { return "show deleted" }

func (showDeleted) Encode() *ber.Packet { return critical(controlDeleted, nil) }

// showRecycled is the control that includes recycled objects too (MS-ADTS section 3.1.1.3.4.1.26).
// It is not critical: a server without a recycle bin need not know it.
type showRecycled struct{}

func (showRecycled) GetControlType() string { return controlRecycled }
func (showRecycled) String() string         { return "show recycled" }

func (showRecycled) Encode() *ber.Packet {
	p := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "Control")
	p.AppendChild(ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, controlRecycled,
		"Control Type"))
	return p
}

const controlRecycled = "1.2.840.113556.1.4.2064"

// critical makes a critical control. Its criticality is the byte 0xff, as RFC 4511 section 5.1
// requires; Samba reads 0x01 as false.
func critical(oid string, value *ber.Packet) *ber.Packet {
	p := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "Control")
	p.AppendChild(ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, oid, "Control Type"))
	p.AppendChild(ber.NewLDAPBoolean(ber.ClassUniversal, ber.TypePrimitive, ber.TagBoolean, true, "Criticality"))
	if value != nil {
		p.AppendChild(ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, string(value.Bytes()),
			"Control Value"))
	}
	return p
}
