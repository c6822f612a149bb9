package wizard

import (
	"strconv"
	"strings"

	"dirbridge/sync/control"
)

// Known is what the set-up found out before it asks for a directory.
type Known struct {
	Domains    []control.SetupDomain // in DNS
	Looking    bool                  // for domains
	Partitions []string              // of the server, once it was asked
	SecretIn   string
	New        bool // the directory is not in the draft yet, so that it needs a name
}

// DirectoryFields returns the questions for the directory that is being edited.
func DirectoryFields(d *control.SetupDraft, k Known) []Field {
	e := d.Editing
	kind := Field{ID: "kind", Label: "Directory", Kind: Choice,
		Help:    "AD DS: an Active Directory domain. AD LDS: an instance without a domain. It is only read, never changed.",
		Options: []Option{{"ad-ds", "AD DS"}, {"ad-lds", "AD LDS"}, {"ldap", "Other LDAP"}},
		Get:     func() string { return e.Kind },
		Set: func(v string) {
			e.Kind, e.Partition = v, ""
			Propose(d, k.Domains)
		}}
	return asked([]Field{kind}, placeFields(d, k), signInFields(e, k.SecretIn), encryptionFields(e),
		when(k.New, nameField(d, e)))
}

// placeFields ask where the directory is.
func placeFields(d *control.SetupDraft, k Known) []Field {
	e := d.Editing
	if e.Kind == "ad-ds" {
		return asked(when(len(k.Domains) > 0, domainChoice(e, k.Domains)),
			when(len(k.Domains) == 0 || !known(k.Domains, e.Domain), domainField(e, k)),
			[]Field{Field{ID: "host", Label: "Controller", Empty: "found by DNS, the nearest first", Check: noBlanks,
				Help: "One domain controller, as host or host:port. Leave it empty to use all that DNS lists."}.at(&e.Host)})
	}
	partition := Field{ID: "partition", Label: "Partition", Help: "The application partition that contains the people."}
	if len(k.Partitions) > 0 {
		partition.Kind = Choice
		for _, p := range k.Partitions {
			partition.Options = append(partition.Options, Option{p, p})
		}
	}
	return asked([]Field{
		Field{ID: "host", Label: "Host", Check: noBlanks,
			Help: "The host name of the server, as its certificate states it."}.at(&e.Host),
		Field{ID: "port", Label: "Port", Empty: PortOf(e), Check: checkPort,
			Help: "The LDAP port of the instance."}.at(&e.Port),
	}, when(len(k.Partitions) > 0 || e.Partition != "", partition.at(&e.Partition)))
}

// domainChoice offers the domains that DNS lists.
func domainChoice(e *control.SetupDirectory, domains []control.SetupDomain) Field {
	f := Field{ID: "found", Label: "Domain", Kind: Choice, Help: "The domains that DNS lists for this machine.",
		Get: func() string {
			if known(domains, e.Domain) {
				return e.Domain
			}
			return ""
		},
		Set: func(v string) { e.Domain = v }}
	const most = 4
	for _, d := range domains[:min(len(domains), most)] {
		f.Options = append(f.Options, Option{d.Name, DomainWords(d)})
	}
	f.Options = append(f.Options, Option{"", "Another domain"})
	return f
}

func known(domains []control.SetupDomain, name string) bool {
	for _, d := range domains {
		if d.Name == name {
			return true
		}
	}
	return false
}

func domainField(e *control.SetupDirectory, k Known) Field {
	f := Field{ID: "domain", Label: "Domain name", Check: checkDomain,
		Help: "The DNS name of the domain, for example corp.example.com."}
	switch {
	case k.Looking:
		f.Help += " Searching DNS for domains..."
	case len(k.Domains) == 0:
		f.Help += " DNS lists none for this machine."
	}
	return f.at(&e.Domain)
}

// signInFields ask for the account that reads the directory.
func signInFields(e *control.SetupDirectory, secretIn string) []Field {
	by := Field{ID: "bind", Label: "Sign in by", Kind: Choice, Options: []Option{{"simple", "Password"},
		{"ntlm", "NTLM"}, {"kerberos", "Kerberos"}, {"external", "Certificate"}},
		Help: "How the account that reads the directory signs in. A password (simple bind) inside TLS suits most."}
	user := Field{ID: "user", Label: "Account", Check: nil,
		Help: `The account that reads users and groups: user@domain, DOMAIN\user, or its DN.`}
	password := secretField("password", "Password", secretIn, &e.Password)
	if e.Bind == "kerberos" {
		user.Empty, password.Empty = "none", "none"
	}
	return asked([]Field{by.at(&e.Bind)},
		when(e.Bind != "external", user.at(&e.User), password),
		when(e.Bind == "kerberos", Field{ID: "keytab", Label: "Keytab", Kind: File, Empty: "none",
			Help: "A file to use instead of the password. Without both, the tickets that KRB5CCNAME names are " +
				"used."}.at(&e.Keytab)),
		when(e.Bind == "external", Field{ID: "cert", Label: "Certificate", Kind: File,
			Help: "A file (PEM) with the client certificate."}.at(&e.Cert),
			Field{ID: "key", Label: "Key", Kind: File, Empty: "in the same file",
				Help: "A file (PEM) with the key of the certificate."}.at(&e.Key)))
}

// encryptionFields ask how to protect the connection.
func encryptionFields(e *control.SetupDirectory) []Field {
	how := Field{ID: "encryption", Label: "Encryption", Kind: Choice, Options: []Option{{control.SetupLDAPS, "LDAPS"},
		{control.SetupStartTLS, "StartTLS"}, {control.SetupPlaintext, "None"}},
		Help: "LDAPS is right wherever the server has a certificate."}
	how = how.at(&e.Encryption)
	how.Set = func(v string) { e.Encryption, e.Plaintext = v, false }
	return asked([]Field{how},
		when(e.Encryption != control.SetupPlaintext, Field{ID: "ca", Label: "CA file", Kind: File,
			Empty: "the certificates of the system",
			Help:  "A file (PEM) with the certificate of the authority that issued the server's certificate."}.at(&e.CAFile)),
		when(e.Encryption == control.SetupPlaintext && !e.Local(), acceptField(e)))
}

// acceptField makes the operator accept that the password can be read on the network.
func acceptField(e *control.SetupDirectory) Field {
	return Field{ID: "plaintext", Label: "Unprotected", Kind: Ticks, Options: []Option{{"yes", Accept}},
		Help: "For test networks only. The configuration states allow_plaintext.",
		Get: func() string {
			if e.Plaintext {
				return "yes"
			}
			return ""
		},
		Set: func(v string) { e.Plaintext = v == "yes" }}
}

func nameField(d *control.SetupDraft, e *control.SetupDirectory) Field {
	return Field{ID: "name", Label: "Name", Empty: ProposedName(*d, e), Help: NameHint,
		Check: func(name string) string {
			switch {
			case strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "":
				return "Use small letters, digits and hyphens."
			case NameTaken(*d, name):
				return "Another directory is already named " + name + "."
			}
			return ""
		}}.at(&e.Name)
}

func checkPort(text string) string {
	if n, err := strconv.Atoi(text); err != nil || n < 1 || n > 65535 {
		return "Enter a number from 1 to 65535."
	}
	return ""
}

func checkDomain(text string) string {
	if strings.ContainsAny(text, ` \/@:`) || !strings.Contains(strings.Trim(text, "."), ".") {
		return "Enter a DNS name with a dot, for example corp.example.com."
	}
	return ""
}

// Unaccepted returns why a directory may not be tested although every field has a value, or "".
func Unaccepted(e *control.SetupDirectory) string {
	if e.Encryption == control.SetupPlaintext && !e.Local() && !e.Plaintext {
		return "Without encryption others can read the password. Accept this, or choose LDAPS."
	}
	return ""
}
