package sandbox

import "strings"

// identities are the names under which one account may bind.
type identities struct {
	names    map[string]bool // lower case
	password string
	whoAmI   string
}

// newIdentities accepts a DN, a UPN, DOMAIN\user or a bare account name, and
// derives the other forms from it. A bare name alone is refused at bind, as Active
// Directory does.
func newIdentities(d *directory, user, password string) identities {
	account := user
	if parts, err := parseDN(user); err == nil && len(parts) > 0 {
		account = parts[0].value
	} else if _, name, ok := strings.Cut(user, `\`); ok {
		account = name
	} else if name, _, ok := strings.Cut(user, "@"); ok {
		account = name
	}
	id := identities{names: map[string]bool{}, password: password, whoAmI: `u:` + d.netbios + `\` + account}
	forms := []string{account + "@" + d.domain, account + "@" + d.netbios, d.netbios + `\` + account, d.domain + `\` + account,
		formatDN(append([]rdn{{"CN", account}, {"CN", "Users"}}, d.base...))}
	if user != account {
		forms = append(forms, user)
	}
	for _, f := range forms {
		id.names[bindName(f)] = true
	}
	return id
}

// bindName is a name as compared: DNs by their components, the rest by letters.
func bindName(name string) string {
	if parts, err := parseDN(name); err == nil && len(parts) > 0 {
		return "dn\x00" + dnKey(parts)
	}
	return lower(name)
}

// bind answers a BindRequest (RFC 4511 section 4.2).
func (c *conn) bind(message int64, in *cursor) error {
	version := in.integer(0x02)
	name := in.text(0x04)
	method, secret := in.next()
	if in.err != nil {
		return in.err
	}
	c.server.count.binds.Add(1)
	r := c.judge(version, name, method, string(secret))
	c.mu.Lock()
	c.bound = r == nil && name != ""
	c.mu.Unlock()
	return c.write(appendResult(nil, message, 0x61, r, nil))
}

func (c *conn) judge(version int64, name string, method byte, secret string) *refusal {
	s := c.server
	switch {
	case version != 3:
		return refuse(protocolError, "00000057: LdapErr: DSID-0C090A22, comment: only version 3, data 0, v1db1")
	case method != 0x80:
		return refuse(authNotSupported, "00002027: LdapErr: DSID-0C09062B, comment: Invalid Authentication method, data 0, v1db1")
	case name == "":
		return nil // anonymous: may read the rootDSE and no more
	case s.opts.RequireTLS && !c.secure():
		return refuse(8, "00002028: LdapErr: DSID-0C090259, comment: The server requires binds to turn on integrity checking if SSL\\TLS are not already active on the connection, data 0, v1db1")
	case secret == "":
		return refuse(unwilling, "00002035: LdapErr: DSID-0C0904CF, comment: a name without a password, data 0, v1db1")
	case s.who.names[bindName(name)] && secret == s.who.password:
		return nil
	case s.dir.flavor == OpenLDAP:
		return refuse(invalidCredentials, "")
	}
	return refuse(invalidCredentials, "80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data 52e, v1db1")
}
