package ldaptest

import (
	"context"
	"fmt"
)

// answer executes the requests other than searches.
func (c *conn) answer(ctx context.Context, m message) error {
	if m.op == opBind {
		return c.bind(m.id, m.body)
	}
	if m.op == opExtended {
		return c.extended(m)
	}
	act, ok := map[byte]func(*cursor, requestControls) (*refusal, error){
		opModify: c.modify, opAdd: c.add, opDelete: c.remove, opModifyDN: c.modifyDN, opCompare: c.compare,
	}[m.op]
	if !ok {
		_ = c.write(disconnection())
		return fmt.Errorf("no such request: %#x: %w", m.op, errBER)
	}
	c.server.count.writes.Add(1)
	tag := m.op + 1
	if m.op == opDelete {
		tag = 0x6b
	}
	controls, r := c.server.dir.accept(m.controls)
	if r == nil && !c.authenticated() {
		r = refuse(operationsError,
			"000004DC: LdapErr: DSID-0C0909A2, comment: In order to perform this operation a successful bind must be "+
				"completed on the connection., data 0, v1db1")
	}
	if r == nil && m.op != opCompare {
		r = c.writable()
	}
	if r == nil {
		var err error
		if r, err = act(m.body, controls); err != nil {
			_ = c.write(disconnection())
			return err
		}
	}
	return c.write(appendResult(nil, m.id, tag, r, nil))
}

func (c *conn) extended(m message) error {
	oid := m.body.text(0x80)
	if m.body.err != nil {
		return m.body.err
	}
	if oid != whoAmIRequest {
		return c.write(
			appendResult(nil, m.id, 0x78,
				refuse(protocolError, "00000000: LdapErr: DSID-0C0911D1, comment: Unknown extended request OID, data 0, v1db1"),
				nil))
	}
	return c.write(appendResult(nil, m.id, 0x78, nil, appendText(nil, 0x8b, c.identity())))
}

func readValues(c *cursor) []string {
	var values []string
	set := c.sub(0x31)
	for set.more() {
		values = append(values, set.text(0x04))
	}
	if set.err != nil {
		c.err = set.err
	}
	return values
}

func (c *conn) add(in *cursor, _ requestControls) (*refusal, error) {
	e := entry{dn: in.text(0x04), attrs: map[string][]string{}}
	list := in.sub(0x30)
	for list.more() {
		a := list.sub(0x30)
		name := a.text(0x04)
		e.attrs[name] = append(e.attrs[name], readValues(a)...)
		if a.err != nil {
			return nil, a.err
		}
	}
	if in.err != nil || list.err != nil {
		return nil, errBER
	}
	d := c.server.dir
	d.mu.Lock()
	defer d.mu.Unlock()
	_, r := d.add(e)
	return r, nil
}

func (c *conn) modify(in *cursor, controls requestControls) (*refusal, error) {
	dn := in.text(0x04)
	list := in.sub(0x30)
	var changes []change
	for list.more() {
		one := list.sub(0x30)
		ch := change{op: int(one.integer(0x0a))}
		a := one.sub(0x30)
		ch.attr = a.text(0x04)
		ch.values = readValues(a)
		if one.err != nil || a.err != nil {
			return nil, errBER
		}
		changes = append(changes, ch)
	}
	if in.err != nil || list.err != nil {
		return nil, errBER
	}
	d := c.server.dir
	d.mu.Lock()
	defer d.mu.Unlock()
	o, r := d.lookupVisible(dn, c.visibility(controls))
	if r != nil {
		return r, nil
	}
	if o.deleted {
		return d.reanimate(o, changes, controls.has(controlPermissive)), nil
	}
	return d.modify(o, changes, controls.has(controlPermissive)), nil
}

func (c *conn) remove(in *cursor, controls requestControls) (*refusal, error) {
	dn := string(in.b)
	d := c.server.dir
	d.mu.Lock()
	defer d.mu.Unlock()
	o, r := d.lookupVisible(dn, c.visibility(controls))
	if r != nil {
		return r, nil
	}
	if o.deleted && !o.isBin() {
		return d.recycle(o), nil
	}
	return d.remove(o, controls.has(controlTreeDelete)), nil
}

func (c *conn) modifyDN(in *cursor, _ requestControls) (*refusal, error) {
	dn := in.text(0x04)
	name := in.text(0x04)
	in.boolean(0x01) // deleteoldrdn: a name has one value, so the old one is always removed
	superior := ""
	if in.peek() == 0x80 {
		superior = in.text(0x80)
	}
	if in.err != nil {
		return nil, in.err
	}
	d := c.server.dir
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.rename(dn, name, superior), nil
}

// rename resolves the names of a move. An empty superior keeps the parent.
func (d *directory) rename(dn, name, superior string) *refusal {
	o, r := d.lookup(dn)
	if r != nil {
		return r
	}
	parts, err := parseDN(name)
	if err != nil || len(parts) != 1 {
		return refuse(invalidDN,
			"0000208F: NameErr: DSID-03100225, problem 2006 (BAD_NAME), data 8350, best match of:\n\t'%s'\n", name)
	}
	parent := o.parent
	if superior != "" {
		if parent, r = d.lookup(superior); r != nil {
			return r
		}
	}
	return d.move(o, parts[0], parent)
}

func (c *conn) compare(in *cursor, _ requestControls) (*refusal, error) {
	dn := in.text(0x04)
	ava := in.sub(0x30)
	name, value := ava.text(0x04), ava.text(0x04)
	if in.err != nil || ava.err != nil {
		return nil, errBER
	}
	d := c.server.dir
	d.mu.RLock()
	defer d.mu.RUnlock()
	o, r := d.lookup(dn)
	if r != nil {
		return r, nil
	}
	f := &filter{op: filterEqual, attr: d.schema.find(name)}
	if f.attr == nil {
		return refuse(undefinedAttribute,
			"00000057: LdapErr: DSID-0C090D8A, comment: Error in attribute conversion operation (%s), data 0, v1db1", name), nil
	}
	d.assertion(f, value)
	if d.match(o, f) == yes {
		return &refusal{code: compareTrue}, nil
	}
	return &refusal{code: compareFalse}, nil
}
