package ldap

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/jcmturner/gokrb5/v8/credentials"
	"github.com/jcmturner/gokrb5/v8/iana/nametype"
	"github.com/jcmturner/gokrb5/v8/keytab"
	"github.com/jcmturner/gokrb5/v8/types"
)

// kerberosCredential is what a user authenticates with: exactly one of password, keytab and cache.
type kerberosCredential struct {
	user, realm string // realm is "" if only krb5.conf names it
	password    string
	keytab      *keytab.Keytab
	cache       *credentials.CCache
	what        string // for messages
}

// maxCredentialFile bounds what is read of a keytab or ticket cache, in bytes.
const maxCredentialFile = 16 << 20

// kerberosCredential reads what the options name: keytab, ticket cache, password, or
// the ticket cache of the environment, in this order.
func (s *Source) kerberosCredential() (*kerberosCredential, error) {
	o := &s.opt
	user, domain := o.splitAccount()
	k := &kerberosCredential{user: user, realm: o.Realm}
	// user@domain has a realm; DOMAIN\user has the NetBIOS name of a domain.
	if k.realm == "" && strings.Contains(o.BindUser, "@") {
		k.realm = strings.ToUpper(domain)
	}
	switch {
	case o.Keytab != "":
		return k, k.useKeytab(o.Keytab)
	case o.CredentialCache != "":
		return k, k.useCache("credential_cache", o.CredentialCache, o.Clock())
	case o.BindPassword != nil:
		password, err := s.password()
		k.password, k.what = password, "the password of "+o.BindUser
		return k, err
	}
	if name := os.Getenv("KRB5CCNAME"); name != "" {
		return k, k.useCache("KRB5CCNAME", name, o.Clock())
	}
	return nil, denied("Set keytab, credential_cache, or bind_user and bind_password.",
		"there is nothing to sign in with by Kerberos: no keytab, ticket cache or password, and KRB5CCNAME is not set")
}

func (k *kerberosCredential) useKeytab(path string) error {
	k.what = "the keytab " + path
	data, err := readCredential(path)
	if err == nil {
		k.keytab, err = parseKeytab(data)
	}
	if err != nil {
		return denied("Name a keytab, as ktpass or samba-tool domain exportkeytab makes it.", "keytab %s: %w", path, err)
	}
	names := principals(k.keytab)
	if k.user == "" && len(names) == 1 {
		k.user, k.realm, _ = strings.Cut(names[0], "@")
		return nil
	}
	for _, name := range names {
		user, realm, _ := cutLast(name, "@")
		if strings.EqualFold(user, k.user) && (k.realm == "" || strings.EqualFold(realm, k.realm)) {
			// The keytab's spelling: keys are found by exact name.
			k.user, k.realm = user, realm
			return nil
		}
	}
	has := strings.Join(names, ", ")
	if k.user == "" {
		return denied("Set bind_user to one of them.", "keytab %s has keys of several: %s", path, has)
	}
	return denied("Set bind_user and realm as the keytab has them, or export the keytab again.",
		"keytab %s has no key of %s; it has %s", path, k.principal(), has)
}

func (k *kerberosCredential) principal() string {
	if k.realm == "" {
		return k.user
	}
	return k.user + "@" + k.realm
}

func (k *kerberosCredential) useCache(key, name string, now time.Time) error {
	const remedy = "Make one with kinit -c FILE:/path, or use a keytab, which does not expire so soon."
	path, err := cacheFile(name)
	if err != nil {
		return denied(remedy, "%s: %w", key, err)
	}
	k.what = "the ticket cache " + path
	data, err := readCredential(path)
	if err == nil {
		k.cache, err = parseCache(data)
	}
	if err != nil {
		return denied(remedy, "%s %s: %w", key, path, err)
	}
	user, realm := k.cache.GetClientPrincipalName().PrincipalNameString(), k.cache.GetClientRealm()
	if k.user != "" && (!strings.EqualFold(user, k.user) || k.realm != "" && !strings.EqualFold(realm, k.realm)) {
		return denied("Make the cache for this user, or take bind_user out.", "%s %s is of %s@%s, not of %s", key, path,
			user, realm, k.principal())
	}
	k.user, k.realm = user, realm
	ticket, ok := k.cache.GetEntry(types.PrincipalName{NameType: nametype.KRB_NT_SRV_INST,
		NameString: []string{"krbtgt", realm}})
	switch {
	case !ok:
		return denied(remedy, "%s %s holds no ticket-granting ticket of %s", key, path, realm)
	case now.After(ticket.EndTime):
		return denied(remedy, "%s %s: the ticket of %s@%s has expired on %s", key, path, user, realm,
			ticket.EndTime.In(now.Location()).Format(time.DateTime))
	}
	return nil
}

// cacheFile returns the path of a ticket cache in the notation of KRB5CCNAME.
func cacheFile(name string) (string, error) {
	kind, path, ok := strings.Cut(name, ":")
	switch {
	case !ok, len(kind) == 1, strings.ContainsAny(kind, `/\`): // a drive letter is no kind
		return name, nil
	case strings.EqualFold(kind, "FILE") && path != "":
		return path, nil
	}
	return "", fmt.Errorf("a ticket cache of the kind %s cannot be read", kind)
}

func readCredential(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxCredentialFile+1))
	if err == nil && len(data) > maxCredentialFile {
		err = errors.New("is too large")
	}
	return data, err
}

// parseKeytab reads a keytab with at least one key. The library may read past the end of a damaged
// file, and repeats the file, keys included, in its errors.
func parseKeytab(data []byte) (kt *keytab.Keytab, err error) {
	defer func() {
		if p := recover(); p != nil {
			kt, err = nil, errors.New("is damaged")
		}
	}()
	kt = keytab.New()
	if kt.Unmarshal(data) != nil {
		return nil, errors.New("is no keytab, or damaged")
	}
	if len(kt.Entries) == 0 {
		return nil, errors.New("holds no keys")
	}
	return kt, nil
}

// parseCache reads a ticket cache, with the same precautions as parseKeytab.
func parseCache(data []byte) (c *credentials.CCache, err error) {
	defer func() {
		if p := recover(); p != nil {
			c, err = nil, errors.New("is damaged")
		}
	}()
	if err := checkCache(data); err != nil {
		return nil, err
	}
	c = &credentials.CCache{}
	if c.Unmarshal(data) != nil {
		return nil, errors.New("is no ticket cache, or damaged")
	}
	return c, nil
}

// principals lists the principals of the keytab, each once.
func principals(kt *keytab.Keytab) []string {
	var names []string
	for _, e := range kt.Entries {
		if name := e.Principal.String(); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// cutLast is strings.Cut at the last separator.
func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}
