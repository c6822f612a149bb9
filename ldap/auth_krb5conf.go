package ldap

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	krbconfig "github.com/jcmturner/gokrb5/v8/config"
)

const kerberosPort = "88"

// kerberosConfig returns krb5.conf, completed with the realm and the realm's key distribution
// centres from DNS (RFC 4120 section 7.2.3.2). If DNS has none, the directory server is used: every
// domain controller is a KDC. It sets the realm of the credential.
func (s *Source) kerberosConfig(ctx context.Context, k *kerberosCredential, server string) (*krbconfig.Config, error) {
	config, err := s.opt.readKerberosConfig()
	if err != nil {
		return nil, err
	}
	if k.realm == "" {
		k.realm = config.LibDefaults.DefaultRealm
	}
	if k.realm == "" {
		return nil, denied("Write bind_user as user@REALM, or set realm.", "the Kerberos realm of %s is not known",
			s.accountName())
	}
	config.LibDefaults.DefaultRealm = k.realm
	// The ticket of an account with many groups exceeds a datagram. Every Active Directory KDC
	// accepts TCP.
	config.LibDefaults.UDPPreferenceLimit = 1
	i := slices.IndexFunc(config.Realms, func(r krbconfig.Realm) bool { return r.Realm == k.realm })
	if i < 0 {
		i = len(config.Realms)
		config.Realms = append(config.Realms, krbconfig.Realm{Realm: k.realm})
	}
	if len(config.Realms[i].KDC) == 0 {
		config.Realms[i].KDC = s.opt.kdcs(ctx, k.realm, server)
	}
	return config, ctx.Err()
}

// readKerberosConfig reads the configured file or a default one. Without a file every setting has
// its default. Settings that the library does not know are ignored.
func (o *Options) readKerberosConfig() (config *krbconfig.Config, err error) {
	for _, path := range o.kerberosConfigFiles() {
		text, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) && o.KerberosConfig == "" {
			continue
		}
		if err == nil {
			config, err = parseKerberosConfig(string(text))
		}
		if err != nil {
			return nil, denied("Name a readable krb5.conf in kerberos_config.", "kerberos_config %s: %w", path, err)
		}
		return config, nil
	}
	return krbconfig.New(), nil
}

func (o *Options) kerberosConfigFiles() []string {
	if o.KerberosConfig != "" {
		return []string{o.KerberosConfig}
	}
	return append(filepath.SplitList(os.Getenv("KRB5_CONFIG")), "/etc/krb5.conf")
}

func parseKerberosConfig(text string) (config *krbconfig.Config, err error) {
	defer func() {
		if p := recover(); p != nil {
			config, err = nil, errors.New("is damaged")
		}
	}()
	config, err = krbconfig.NewFromString(text)
	var unknown krbconfig.UnsupportedDirective
	if errors.As(err, &unknown) && config != nil {
		err = nil
	}
	return config, err
}

// kdcs are the realm's KDCs as host:port.
func (o *Options) kdcs(ctx context.Context, realm, server string) []string {
	var hosts []string
	// Any DNS error (SERVFAIL, NXDOMAIN) leaves the server itself.
	_, records, _ := o.Resolver.LookupSRV(ctx, "kerberos", "tcp", strings.ToLower(realm))
	for _, r := range records {
		hosts = append(hosts, net.JoinHostPort(strings.TrimSuffix(r.Target, "."), strconv.Itoa(int(r.Port))))
	}
	if len(hosts) == 0 {
		hosts = []string{net.JoinHostPort(server, kerberosPort)}
	}
	return hosts
}
