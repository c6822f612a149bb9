package ldaptest

// The methods of a bind, besides those of Sicily (RFC 4511 section 4.2).
const (
	bindSimple = 0x80
	bindSASL   = 0xa3
)

// strongAuthRequired is a result code (RFC 4511 appendix A).
const strongAuthRequired = 8

// bind answers a BindRequest. It ends any earlier bind, whatever the result.
func (c *conn) bind(message int64, in *cursor) error {
	version := in.integer(0x02)
	name := in.text(0x04)
	method, secret := in.next()
	if in.err != nil {
		return in.err
	}
	c.server.count.binds.Add(1)
	c.identify("")
	who, r := c.authenticate(bindRequest{version, name, method, secret})
	c.identify(who)
	return c.write(appendResult(nil, message, 0x61, r, nil))
}

// bindRequest is a BindRequest.
type bindRequest struct {
	version int64
	name    string
	method  byte
	secret  []byte
}

// authenticate returns the account that is bound from now on. A refusal with code 0 is an intermediate
// answer.
func (c *conn) authenticate(b bindRequest) (who string, r *refusal) {
	if b.version != 3 {
		return "", refuse(protocolError, "00000057: LdapErr: DSID-0C090A22, comment: only version 3, data 0, v1db1\x00")
	}
	if b.method == bindSimple {
		return c.simple(b.name, string(b.secret))
	}
	if c.server.dir.flavor == OpenLDAP && b.method != bindSASL {
		return "", noSuchMethod()
	}
	switch b.method {
	case sicilyDiscovery, sicilyNegotiate, sicilyResponse:
		return c.sicily(b.method, b.secret)
	case bindSASL:
		return c.sasl(b)
	}
	return "", noSuchMethod()
}

func (c *conn) simple(name, password string) (who string, r *refusal) {
	s := c.server
	switch {
	case name == "":
		return "", nil // anonymous: may read the rootDSE only
	case s.opts.DisableSimpleBind:
		return "", noSuchMethod()
	case (s.opts.RequireTLS || s.opts.RequireSigning) && !c.secure():
		return "", integrityNeeded()
	case password == "":
		return "",
			refuse(unwilling, "00002035: LdapErr: DSID-0C0904CF, comment: a name without a password, data 0, v1db1\x00")
	}
	// The workstation of a simple bind is the domain controller itself.
	return s.login(login{name: name, workstation: "DC1", proves: func(p string) bool { return p == password }})
}

// sasl answers the SASL mechanisms. A security layer needs a key that only a domain controller has,
// so GSSAPI and GSS-SPNEGO fail as with a broken token.
func (c *conn) sasl(b bindRequest) (who string, r *refusal) {
	in := &cursor{b: b.secret}
	mechanism := in.text(0x04)
	if in.err != nil {
		return "",
			refuse(protocolError, "00000057: LdapErr: DSID-0C090A22, comment: Error decoding ldap message, data 0, v1db1\x00")
	}
	switch mechanism {
	case "EXTERNAL":
		return c.external()
	case "GSSAPI", "GSS-SPNEGO":
		return "", badToken()
	}
	return "", noSuchMethod()
}

// external binds by the client's certificate. With LDAPS the handshake has done that already, and
// Windows refuses to do it again (MS-ADTS section 5.1.1.2).
func (c *conn) external() (who string, r *refusal) {
	c.mu.Lock()
	cert, direct := c.peer, c.direct
	c.mu.Unlock()
	ad := c.server.dir.flavor != OpenLDAP
	if cert != nil && direct && ad {
		return "", noSuchMethod()
	}
	if cert != nil {
		if who := c.server.certified(cert); who != "" {
			return who, nil
		}
	}
	return "",
		refuse(invalidCredentials,
			"80090317: LdapErr: DSID-0C090635, comment: The server did not receive any credentials via TLS, data 0, v1db1\x00")
}

// acceptError is Windows' refusal of a login: data is a Win32 error in hexadecimal.
func acceptError(data string) *refusal {
	return refuse(invalidCredentials,
		"80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data %s, v1db1\x00", data)
}

func badToken() *refusal { return acceptError("57") }

func integrityNeeded() *refusal {
	return refuse(strongAuthRequired,
		"00002028: LdapErr: DSID-0C090259, comment: The server requires binds to turn on integrity checking if SSL\\TLS "+
			"are not already active on the connection, data 0, v1db1\x00")
}

func noSuchMethod() *refusal {
	return refuse(authNotSupported,
		"00002027: LdapErr: DSID-0C09062B, comment: Invalid Authentication method, data 0, v1db1\x00")
}
