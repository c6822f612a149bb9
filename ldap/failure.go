package ldap

import (
	"errors"
	"fmt"
	"strings"

	goldap "github.com/go-ldap/ldap/v3"

	"dirbridge/sync/identity"
)

func giveUp(remedy, format string, args ...any) error {
	return &identity.Failure{Class: identity.GiveUp, Side: identity.InDirectory, Remedy: remedy,
		Err: fmt.Errorf(format, args...)}
}

func retry(remedy, format string, args ...any) error {
	return &identity.Failure{Class: identity.Retry, Side: identity.InDirectory, Remedy: remedy,
		Err: fmt.Errorf(format, args...)}
}

// joinFailures combines several failures into one, with all their remedies.
func joinFailures(errs []error) error {
	if len(errs) <= 1 {
		return errors.Join(errs...)
	}
	class, seen := identity.GiveUp, map[string]bool{}
	var texts, remedies []string
	for _, err := range errs {
		texts = append(texts, err.Error())
		var f *identity.Failure
		if errors.As(err, &f) {
			if f.Class == identity.Retry {
				class = identity.Retry
			}
			if f.Remedy != "" && !seen[f.Remedy] {
				seen[f.Remedy] = true
				remedies = append(remedies, f.Remedy)
			}
		}
	}
	return &identity.Failure{Class: class, Side: identity.InDirectory, Remedy: strings.Join(remedies, " "),
		Err: &joinedError{text: joinTexts(texts), errs: errs}}
}

// joinTexts joins texts in one line, or in several lines if one of them shows a place in a filter.
func joinTexts(texts []string) string {
	all := strings.Join(texts, "; ")
	if strings.Contains(all, "\n") {
		return strings.Join(texts, "\n")
	}
	return all
}

type joinedError struct {
	text string
	errs []error
}

func (j *joinedError) Error() string   { return j.text }
func (j *joinedError) Unwrap() []error { return j.errs }

// libraryText is the text of an error from the LDAP library, without the library's prefixes.
func libraryText(err error) string {
	var e *goldap.Error
	if errors.As(err, &e) && e.Err != nil {
		return strings.TrimPrefix(e.Err.Error(), "ldap: ")
	}
	return err.Error()
}

// resultError is an unsuccessful result from the server.
type resultError struct {
	text   string
	result *goldap.Error
}

func (a *resultError) Error() string { return a.text }
func (a *resultError) Unwrap() error { return a.result }

// resultFailure explains a result code of the server. what is the request; it begins the message.
func resultFailure(what string, e *goldap.Error) error {
	said := &resultError{result: e,
		text: fmt.Sprintf("%s: the server answers %d (%s)", what, e.ResultCode, goldap.LDAPResultCodeMap[e.ResultCode])}
	if e.Err != nil && e.Err.Error() != "" {
		said.text += ": " + strings.TrimRight(e.Err.Error(), "\x00\r\n ")
	}
	switch e.ResultCode {
	case goldap.LDAPResultSizeLimitExceeded:
		return giveUp("Raise the server's size limit for the bind account, or allow it paged results.",
			"%w; the listing is not whole", said)
	case goldap.LDAPResultTimeLimitExceeded:
		return retry("Raise the server's time limit for the bind account, or narrow base_dns.",
			"%w; the listing is not whole", said)
	case goldap.LDAPResultAdminLimitExceeded:
		return giveUp(
			"Raise the server's administrative limits for the bind account (look-through limit, MaxResultSetSize), or narrow "+
				"base_dns.",
			"%w; the listing is not whole", said)
	case goldap.LDAPResultNoSuchObject:
		remedy := "Check base_dns and partition."
		if e.MatchedDN != "" {
			remedy += " The server knows " + identity.DisplayDN(e.MatchedDN) + "."
		}
		return giveUp(remedy, "%w", said)
	case goldap.LDAPResultReferral:
		return referralFailure(what, resultReferrals(e.Packet), nil)
	case goldap.LDAPResultInsufficientAccessRights:
		return giveUp("Grant the bind account the right to read here.", "%w", said)
	case goldap.LDAPResultBusy, goldap.LDAPResultUnavailable, goldap.LDAPResultOperationsError:
		if strings.Contains(said.text, "without authentication") || strings.Contains(said.text, "successful bind") {
			return giveUp("Set bind_user and bind_password.", "%w", said)
		}
		return retry("The server may be restarting: try again later, or name another server.", "%w", said)
	case goldap.LDAPResultStrongAuthRequired, goldap.LDAPResultConfidentialityRequired:
		return giveUp("The server wants encryption: use ldaps://, or start_tls = true.", "%w", said)
	case goldap.LDAPResultInvalidDNSyntax:
		return giveUp("Check the spelling of base_dns, partition and exclude_dns.", "%w", said)
	case goldap.LDAPResultUnavailableCriticalExtension:
		return giveUp("The server lacks a control that this needs.", "%w", said)
	}
	return giveUp("Look in the directory server's own log.", "%w", said)
}
