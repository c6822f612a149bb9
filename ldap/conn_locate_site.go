package ldap

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"strconv"
	"strings"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
	goldap "github.com/go-ldap/ldap/v3"
)

// The client's site is requested from domain controllers over UDP, which loses datagrams and is
// often blocked. A few controllers are asked at once, with a short timeout. The site only decides
// which servers are near.
const (
	sitePings = 3
	siteWait  = 800 * time.Millisecond
)

// clientSite returns the site of this machine, as a domain controller sees it (MS-ADTS section
// 6.3.3), or "".
func clientSite(ctx context.Context, r Resolver, domain string, controllers []*net.SRV) string {
	controllers = controllers[:min(sitePings, len(controllers))]
	if len(controllers) == 0 {
		return ""
	}
	request, err := netlogonRequest(domain)
	if err != nil {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, siteWait)
	defer cancel()
	answers := make(chan string, len(controllers))
	for _, c := range controllers {
		go func() { answers <- askSite(ctx, r, c, request) }()
	}
	site := ""
	for range controllers {
		// Wait for all: they end at once after the first answer.
		if got := <-answers; got != "" && site == "" {
			site = got
			cancel()
		}
	}
	return site
}

// askSite sends one request and waits for its answer.
func askSite(ctx context.Context, r Resolver, c *net.SRV, request []byte) string {
	addresses, err := r.LookupHost(ctx, strings.TrimSuffix(c.Target, "."))
	if err != nil || len(addresses) == 0 {
		return ""
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "udp", net.JoinHostPort(addresses[0], strconv.Itoa(int(c.Port))))
	if err != nil {
		return ""
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if _, err := conn.Write(request); err != nil {
		return ""
	}
	datagram := make([]byte, 64<<10)
	n, err := conn.Read(datagram)
	if err != nil {
		return ""
	}
	site, err := netlogonSite(datagram[:n])
	if err != nil || !siteName(site) {
		return ""
	}
	return site
}

// siteName reports whether the text may be part of a name that is looked up: it arrived in an
// unauthenticated datagram.
func siteName(s string) bool {
	for _, c := range []byte(s) {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_') {
			return false
		}
	}
	return s != "" && len(s) <= 63
}

// netlogonRequest is a search for the rootDSE attribute netlogon. NtVer asks for an answer of
// version 5EX (MS-ADTS section 6.3.1.1).
func netlogonRequest(domain string) ([]byte, error) {
	filter, err := goldap.CompileFilter("(&(DnsDomain=" + goldap.EscapeFilter(domain) + `)(NtVer=\06\00\00\00))`)
	if err != nil {
		return nil, err
	}
	op := ber.Encode(ber.ClassApplication, ber.TypeConstructed, goldap.ApplicationSearchRequest, nil, "")
	op.AppendChild(ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, "", ""))
	for _, tag := range []ber.Tag{ber.TagEnumerated, ber.TagEnumerated, ber.TagInteger, ber.TagInteger} {
		// base scope, never dereference, no limits
		op.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, tag, 0, ""))
	}
	op.AppendChild(ber.NewBoolean(ber.ClassUniversal, ber.TypePrimitive, ber.TagBoolean, false, ""))
	op.AppendChild(filter)
	names := ber.NewSequence("")
	names.AppendChild(ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, "Netlogon", ""))
	op.AppendChild(names)
	message := ber.NewSequence("")
	message.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, 1, ""))
	message.AppendChild(op)
	return message.Bytes(), nil
}

// netlogonSite returns the client's site from an answer to netlogonRequest.
func netlogonSite(datagram []byte) (string, error) {
	_, _, n, err := header(datagram)
	if err != nil {
		return "", err
	}
	_, body, _, err := element(datagram)
	if err != nil {
		return "", err
	}
	var e rawEntry
	if err := e.decode(datagram[:n+len(body)]); err != nil {
		return "", err
	}
	for _, a := range e.attrs {
		if strings.EqualFold(string(a.name), "netlogon") && len(a.values) == 1 {
			return samLogonSite(a.values[0])
		}
	}
	return "", errors.New("the answer has no attribute netlogon")
}

// samLogonSite returns ClientSiteName of a NETLOGON_SAM_LOGON_RESPONSE_EX (MS-ADTS section
// 6.3.1.9).
func samLogonSite(b []byte) (string, error) {
	const (
		fixed  = 24 // opcode, sbz, flags, DomainGuid
		before = 7  // names before ClientSiteName
	)
	if len(b) < fixed {
		return "", errShort
	}
	// LOGON_SAM_LOGON_RESPONSE_EX, LOGON_SAM_USER_UNKNOWN_EX
	if code := binary.LittleEndian.Uint16(b); code != 23 && code != 25 {
		return "", errors.New("the answer is of another version")
	}
	at := fixed
	for range before {
		_, next, err := compressedName(b, at)
		if err != nil {
			return "", err
		}
		at = next
	}
	site, _, err := compressedName(b, at)
	return site, err
}

// compressedName reads the name at b[at:] in the format of RFC 1035 section 4.1.4; next is the
// offset after it.
func compressedName(b []byte, at int) (name string, next int, err error) {
	const most = 255 // bytes of a name
	var labels []string
	size, wrong := 0, errors.New("a name in the answer is not one")
	// Each pointer must point before the last one, so the loop ends.
	for limit := at; ; {
		if at >= len(b) {
			return "", 0, errShort
		}
		n := int(b[at])
		switch {
		case n == 0:
			if next == 0 {
				next = at + 1
			}
			return strings.Join(labels, "."), next, nil
		case n&0xc0 == 0xc0:
			if at+1 >= len(b) {
				return "", 0, errShort
			}
			to := n&0x3f<<8 | int(b[at+1])
			if to >= limit {
				return "", 0, wrong
			}
			if next == 0 {
				next = at + 2
			}
			at, limit = to, to
		case n > 63 || size+n >= most:
			return "", 0, wrong
		case at+1+n > len(b):
			return "", 0, errShort
		default:
			labels = append(labels, string(b[at+1:at+1+n]))
			at, size = at+1+n, size+1+n
		}
	}
}
