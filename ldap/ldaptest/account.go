package ldaptest

import (
	"strconv"
	"strings"
	"sync"
	"time"
)

// identities are the names with which one account may bind.
type identities struct {
	names    map[string]bool // lower case
	account  string
	dn       string // if it has an object; "" means below CN=Users
	password string
	whoAmI   string
}

// newIdentities accepts a DN, a UPN, DOMAIN\user or a bare account name, and derives the other
// forms from it. A bind with a bare name is refused, as in Active Directory.
func newIdentities(d *directory, user, password string) identities {
	account := user
	if parts, err := parseDN(user); err == nil && len(parts) > 0 {
		account = parts[0].value
	} else if _, name, ok := strings.Cut(user, `\`); ok {
		account = name
	} else if name, _, ok := strings.Cut(user, "@"); ok {
		account = name
	}
	id := identities{names: map[string]bool{}, account: account, password: password,
		whoAmI: `u:` + d.netbios + `\` + account}
	if d.lds {
		return ldsIdentity(d, user, account, password)
	}
	forms := []string{account + "@" + d.domain, account + "@" + d.netbios, d.netbios + `\` + account,
		d.domain + `\` + account,
		formatDN(append([]rdn{{"CN", account}, {"CN", "Users"}}, d.base...))}
	if user != account {
		forms = append(forms, user)
	}
	for _, f := range forms {
		id.names[bindName(f)] = true
	}
	return id
}

// ldsIdentity is an account of AD LDS: it binds by its DN, or by a UPN from the options.
func ldsIdentity(d *directory, user, account, password string) identities {
	dn := append([]rdn{{"CN", account}, {"CN", "Roles"}}, d.base...)
	if parts, err := parseDN(user); err == nil && len(parts) > 0 {
		dn = parts
	}
	id := identities{names: map[string]bool{bindName(formatDN(dn)): true}, account: account, dn: formatDN(dn),
		password: password,
		whoAmI:   "dn:" + formatDN(dn)}
	if user != account {
		id.names[bindName(user)] = true
	}
	return id
}

// bindName normalizes a name for comparison: DNs by their components, other names by lower case.
func bindName(name string) string {
	if parts, err := parseDN(name); err == nil && len(parts) > 0 {
		return "dn\x00" + dnKey(parts)
	}
	return lower(name)
}

// loginState holds what decides about binds and is not in the directory.
type loginState struct {
	mu        sync.Mutex
	passwords map[guid]string
	forced    map[string]string // data by account in lower case; "" means all accounts
}

// SetPassword gives an account (by DN) a password to bind with, and sets pwdLastSet
// to now, as Windows does.
func (s *Server) SetPassword(dn, password string) error {
	d := s.dir
	d.mu.Lock()
	defer d.mu.Unlock()
	o, r := d.lookup(dn)
	if r != nil {
		return r
	}
	s.logins.mu.Lock()
	s.logins.passwords[o.guid] = password
	s.logins.mu.Unlock()
	if d.flavor == AD {
		o.set(d.schema.must("pwdLastSet"), decimal(fileTime(d.clock())))
		d.touch(o, d.schema.must("pwdLastSet"))
	}
	return nil
}

// plantService creates the object of the bind account.
func (s *Server) plantService() error {
	dn := formatDN(append([]rdn{{"CN", s.who.account}, {"CN", "Users"}}, s.dir.base...))
	attrs := map[string][]string{"objectClass": {"user"}, "sAMAccountName": {s.who.account},
		"userPrincipalName": {s.who.account + "@" + s.dir.domain}}
	if s.dir.lds {
		dn, attrs = s.who.dn, map[string][]string{"objectClass": {"user"}}
	}
	if err := s.Add(dn, attrs); err != nil {
		return err
	}
	return s.SetPassword(dn, s.who.password)
}

// ForceBind makes every bind of an account (sAMAccountName; "" for all) fail with this data, such
// as "775", whatever the directory says. An empty data ends that.
func (s *Server) ForceBind(account, data string) {
	s.logins.mu.Lock()
	defer s.logins.mu.Unlock()
	if data == "" {
		delete(s.logins.forced, lower(account))
		return
	}
	s.logins.forced[lower(account)] = data
}

func (l *loginState) force(account string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if data, ok := l.forced[lower(account)]; ok {
		return data
	}
	return l.forced[""]
}

func (l *loginState) password(g guid) (string, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p, ok := l.passwords[g]
	return p, ok
}

// login is an attempt to bind.
type login struct {
	name        string
	workstation string
	proves      func(password string) bool
}

// login decides as Windows does: it reports a lockout always, and other restrictions only if the
// password is right.
func (s *Server) login(l login) (who string, r *refusal) {
	d := s.dir
	d.mu.Lock() // a wrong password is counted
	defer d.mu.Unlock()
	a, known := s.account(l.name)
	if !known {
		data := "52e"
		if s.opts.ReportUnknownNames {
			data = "525"
		}
		return "", s.denied(data)
	}
	if data := s.logins.force(a.name); data != "" {
		return "", s.denied(data)
	}
	if a.object != nil && d.flavor == AD && d.lockedOut(a.object) {
		return "", s.denied("775")
	}
	if !a.has || !l.proves(a.password) {
		d.countFailure(a.object)
		return "", s.denied("52e")
	}
	if a.object != nil && d.flavor == AD {
		if data := d.restriction(a.object, l.workstation); data != "" {
			return "", s.denied(data)
		}
		d.forgetFailures(a.object)
	}
	return s.whoAmI(a), nil
}

// whoAmI is the authorization identity of an account (RFC 4532).
func (s *Server) whoAmI(a account) string {
	switch d := s.dir; {
	case d.lds && a.object != nil:
		return "dn:" + a.object.dn()
	case d.lds:
		return s.who.whoAmI
	default:
		return `u:` + d.netbios + `\` + a.name
	}
}

// denied is the refusal of a login. Servers other than Active Directory give no reason.
func (s *Server) denied(data string) *refusal {
	if s.dir.flavor == OpenLDAP {
		return refuse(invalidCredentials, "")
	}
	return acceptError(data)
}

// account is the account that a name refers to. object is nil for the configured bind user if the
// directory has no object for it.
type account struct {
	object   *object
	name     string
	password string
	has      bool // has a password
}

// account resolves the name in a bind (MS-ADTS section 5.1.1.1.1). The caller holds the directory's
// lock.
func (s *Server) account(name string) (account, bool) {
	d := s.dir
	if s.who.names[bindName(name)] {
		a := account{object: d.byAccount[lower(s.who.account)], name: s.who.account, password: s.who.password, has: true}
		if s.who.dn != "" {
			a.object, _ = d.lookup(s.who.dn)
		}
		if a.object != nil {
			if p, ok := s.logins.password(a.object.guid); ok {
				a.password = p
			}
		}
		return a, true
	}
	o := d.byBindName(name)
	if o == nil {
		return account{}, false
	}
	a := account{object: o, name: d.accountName(o)}
	a.password, a.has = s.logins.password(o.guid)
	return a, true
}

func (d *directory) accountName(o *object) string {
	if v := o.get(d.at.account); len(v) > 0 {
		return v[0]
	}
	return o.rdn.value
}

// byBindName finds an account by DN, UPN or DOMAIN\account.
func (d *directory) byBindName(name string) *object {
	if domain, user, ok := strings.Cut(name, `\`); ok && !strings.Contains(domain, "=") {
		if lower(domain) == lower(d.netbios) || lower(domain) == d.domain {
			return d.byAccount[lower(user)]
		}
		return nil
	}
	if parts, err := parseDN(name); err == nil && len(parts) > 0 {
		o, _ := d.find(parts)
		return o
	}
	user, suffix, ok := strings.Cut(lower(name), "@")
	if !ok && !d.lds { // in a domain a UPN needs no suffix
		return nil
	}
	if o := d.byUPN(lower(name), user); o != nil {
		return o
	}
	if ok && (suffix == d.domain || suffix == lower(d.netbios)) {
		return d.byAccount[user]
	}
	return nil
}

// byUPN checks the account of the same name before all others.
func (d *directory) byUPN(upn, user string) *object {
	bears := func(o *object) bool {
		v := o.get(d.at.upn)
		return len(v) > 0 && lower(v[0]) == upn
	}
	if o := d.byAccount[user]; o != nil && bears(o) {
		return o
	}
	if !d.lds {
		for _, o := range d.byAccount {
			if bears(o) {
				return o
			}
		}
		return nil
	}
	for _, o := range d.byGUID { // an object may lack an account name
		if !o.deleted && bears(o) {
			return o
		}
	}
	return nil
}

// integerOf returns the value of an integer attribute.
func (d *directory) integerOf(o *object, name string) (n int64, ok bool) {
	v := o.get(d.schema.must(name))
	if len(v) == 0 {
		return 0, false
	}
	n, err := strconv.ParseInt(v[0], 10, 64)
	return n, err == nil
}

// fileTime is a time in the unit of Windows: 100 ns since 1601.
func fileTime(t time.Time) int64 {
	const epoch = 116444736000000000
	return t.UnixNano()/100 + epoch
}
