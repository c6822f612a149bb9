package lab

import "testing"

// AddAccount makes an account of OpenLDAP right below Base that may read, and whose
// password is under a policy of its own: attributes of pwdPolicy, as in
// pwdMaxAge: 86400. It returns the account's DN.
func (d *Directory) AddAccount(t testing.TB, name, password string, policy map[string][]string) string {
	t.Helper()
	all := map[string][]string{"objectClass": {"organizationalRole", "pwdPolicy"}, "cn": {name + " policy"}, "pwdAttribute": {"userPassword"}}
	for k, v := range policy {
		all[k] = v
	}
	dn := d.add(t, "cn="+escape(name+" policy")+","+d.Base, all)
	return d.add(t, "cn="+escape(name)+","+d.Base, map[string][]string{"objectClass": {"organizationalRole", "simpleSecurityObject"},
		"cn": {name}, "userPassword": {password}, "pwdPolicySubentry": {dn}})
}
