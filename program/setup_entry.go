package program

import (
	"crypto/x509"
	"errors"
	"io/fs"
	"net"
	"strings"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
)

// cloudEntry names the entry that an error of the cloud is about, if it is known.
func cloudEntry(err error) error {
	var dns *net.DNSError
	var op *net.OpError
	switch {
	case errors.As(err, &dns), errors.As(err, &op):
		return &control.EntryError{Entry: "address", Err: err}
	case strings.Contains(strings.ToLower(identity.Remedy(err)), "token"):
		return &control.EntryError{Entry: "token", Err: err}
	}
	return err
}

// directoryEntry names the entry that an error of a directory is about, if it is known.
func directoryEntry(d control.SetupDirectory, err error) error {
	var (
		untrusted *control.UntrustedError
		file      *fs.PathError
		dns       *net.DNSError
		op        *net.OpError
		name      x509.HostnameError
	)
	entry := ""
	switch {
	case errors.As(err, &untrusted):
		entry = "ca"
	case errors.As(err, &file):
		entry = map[string]string{d.CAFile: "ca", d.Keytab: "keytab", d.Cert: "cert", d.Key: "key"}[file.Path]
	case d.Host == "" && (errors.As(err, &dns) || errors.As(err, &op)):
		entry = "domain"
	case errors.As(err, &dns), errors.As(err, &op), errors.As(err, &name):
		entry = "host"
	case strings.Contains(identity.Remedy(err), "bind_password"):
		entry = "password"
	case strings.Contains(identity.Remedy(err), "bind_user"):
		entry = "user"
	}
	if entry == "" {
		return err
	}
	return &control.EntryError{Entry: entry, Err: err}
}
