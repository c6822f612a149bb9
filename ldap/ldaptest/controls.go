package ldaptest

// control is a control of a request (RFC 4511 section 4.1.11).
type control struct {
	oid      string
	critical bool
	value    string
	has      bool // has a value
}

// Controls and extended requests that the server knows, and a capability.
const (
	controlPaged        = "1.2.840.113556.1.4.319"
	controlExtendedDN   = "1.2.840.113556.1.4.529"
	controlDomainScope  = "1.2.840.113556.1.4.1339"
	controlShowDeleted  = "1.2.840.113556.1.4.417"
	controlShowRecycled = "1.2.840.113556.1.4.2064"
	controlDirSync      = "1.2.840.113556.1.4.841"
	controlSDFlags      = "1.2.840.113556.1.4.801"
	controlTreeDelete   = "1.2.840.113556.1.4.805"
	controlPermissive   = "1.2.840.113556.1.4.1413"
	controlLazyCommit   = "1.2.840.113556.1.4.619"
	controlManageDsaIT  = "2.16.840.1.113730.3.4.2"
	startTLSRequest     = "1.3.6.1.4.1.1466.20037"
	whoAmIRequest       = "1.3.6.1.4.1.4203.1.11.3"
	capabilityAD        = "1.2.840.113556.1.4.800"
)

func (d *directory) supportedControls() []string {
	if d.flavor == OpenLDAP {
		return []string{controlPaged, controlManageDsaIT}
	}
	return []string{controlPaged, controlExtendedDN, controlDomainScope, controlDirSync, controlShowDeleted,
		controlShowRecycled,
		controlSDFlags, controlTreeDelete, controlPermissive, controlLazyCommit}
}

func parseControls(c *cursor) []control {
	var list []control
	for c.more() {
		in := c.sub(0x30)
		k := control{oid: in.text(0x04)}
		if in.peek() == 0x01 {
			k.critical = in.boolean(0x01)
		}
		if in.peek() == 0x04 {
			k.value, k.has = in.text(0x04), true
		}
		if in.err != nil {
			c.err = in.err
		}
		list = append(list, k)
	}
	return list
}

// requestControls are the known controls of one request.
type requestControls map[string]control

// accept refuses an unknown critical control.
func (d *directory) accept(list []control) (requestControls, *refusal) {
	known := map[string]bool{controlManageDsaIT: true}
	for _, oid := range d.supportedControls() {
		known[oid] = true
	}
	by := requestControls{}
	for _, k := range list {
		switch {
		case known[k.oid]:
			by[k.oid] = k
		case k.critical:
			return nil,
				refuse(unavailableControl, "00000057: LdapErr: DSID-0C0910FF, comment: Error processing control, data 0, v1db1: %s",
					k.oid)
		}
	}
	return by, nil
}

func (a requestControls) has(oid string) bool {
	_, ok := a[oid]
	return ok
}

// extendedForm returns the requested form of extended DNs, -1 for none.
func (a requestControls) extendedForm() (int, *refusal) {
	k, ok := a[controlExtendedDN]
	if !ok {
		return -1, nil
	}
	if !k.has || k.value == "" {
		return 0, nil
	}
	c := &cursor{b: []byte(k.value)}
	form := c.sub(0x30).integerAll()
	if form != 0 && form != 1 {
		return 0, badControl()
	}
	return int(form), nil
}

// integerAll reads a sequence of one integer; -1 if it is not.
func (c *cursor) integerAll() int64 {
	n := c.integer(0x02)
	if c.err != nil || len(c.b) > 0 {
		return -1
	}
	return n
}

// paging reads the paged results control (RFC 2696).
func (a requestControls) paging() (size int, cookie string, ok bool, r *refusal) {
	k, ok := a[controlPaged]
	if !ok {
		return 0, "", false, nil
	}
	c := (&cursor{b: []byte(k.value)}).sub(0x30)
	n := c.integer(0x02)
	cookie = c.text(0x04)
	if c.err != nil || n < 0 || n > 1<<31-1 {
		return 0, "", true, badControl()
	}
	return int(n), cookie, true, nil
}

func pagedAnswer(estimate int, cookie string) responseControl {
	b, at := openElement(nil, 0x30)
	b = appendText(appendInteger(b, 0x02, int64(estimate)), 0x04, cookie)
	return responseControl{controlPaged, string(closeElement(b, at))}
}

func badControl() *refusal {
	return refuse(unavailableControl, "00000057: LdapErr: DSID-0C09079A, comment: Error processing control, data 0, v1db1")
}
