package lab

import "testing"

// AddAccount creates an account of OpenLDAP directly below Base with read access, whose password
// has its own policy: attributes of pwdPolicy, such as pwdMaxAge: 86400. It returns the account's
// DN.
func (d *Directory) AddAccount(t testing.TB, name, password string, policy map[string][]string) string {
	t.Helper()
	all := map[string][]string{"objectClass": {"organizationalRole", "pwdPolicy"}, "cn": {name + " policy"},
		"pwdAttribute": {"userPassword"}}
	for k, v := range policy {
		all[k] = v
	}
	dn := d.add(t, "cn="+escape(name+" policy")+","+d.Base, all)
	return d.add(t, "cn="+escape(name)+","+d.Base,
		map[string][]string{"objectClass": {"organizationalRole", "simpleSecurityObject"},
			"cn": {name}, "userPassword": {password}, "pwdPolicySubentry": {dn}})
}
