package ldaptest

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"crypto/rc4"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/binary"
	"hash"
	"strings"
)

// ntlmExchange is a running NTLM bind: the messages so far, for the MIC.
type ntlmExchange struct {
	negotiate, challenge []byte
	nonce                [8]byte
}

// The authentication choices of a Sicily bind (MS-ADTS section 5.1.1.1.3).
const (
	sicilyDiscovery = 0x89
	sicilyNegotiate = 0x8a
	sicilyResponse  = 0x8b
)

// sicily answers one step of a Sicily bind. The first two steps succeed, with their message in
// place of the matched DN, and do not bind yet.
func (c *conn) sicily(method byte, token []byte) (who string, answer *refusal) {
	switch method {
	case sicilyDiscovery:
		return "", &refusal{matched: "NTLM"}
	case sicilyNegotiate:
		asked, err := parseNegotiate(token)
		if err != nil {
			return "", badToken()
		}
		x := &ntlmExchange{negotiate: append([]byte{}, token...)}
		_, _ = rand.Read(x.nonce[:]) // never fails
		x.challenge = appendChallenge(nil, c.server.ntlmServer(), x.nonce, asked)
		c.ntlm = x
		return "", &refusal{matched: string(x.challenge)}
	}
	x := c.ntlm
	c.ntlm = nil // a challenge is answered once
	answer3, err := parseAuthenticate(token)
	if x == nil || err != nil {
		return "", badToken()
	}
	return c.ntlmLogin(x, answer3)
}

func (c *conn) ntlmLogin(x *ntlmExchange, a ntlmAnswer) (who string, r *refusal) {
	s := c.server
	if !c.secure() && s.opts.RequireSigning {
		return "", integrityNeeded()
	}
	if c.secure() && s.opts.RequireChannelBinding && !hmac.Equal(a.pair(avChannelBindings), s.channelBinding()) {
		return "", acceptError("80090346")
	}
	name := a.user
	if !strings.Contains(name, "@") {
		domain := a.domain
		if domain == "" {
			domain = s.dir.netbios
		}
		name = domain + `\` + name
	}
	return s.login(login{name: name, workstation: a.workstation, proves: func(password string) bool {
		return x.proves(a, password)
	}})
}

func (s *Server) ntlmServer() ntlmServer {
	d := s.dir
	return ntlmServer{domain: d.netbios, computer: "DC1", dnsDomain: d.domain, dnsComputer: "dc1." + d.domain,
		fileTime: fileTime(d.clock())}
}

// proves reports whether the answer was made with this password. Version 1 never does, as with
// LmCompatibilityLevel 5.
func (x *ntlmExchange) proves(a ntlmAnswer, password string) bool {
	proof, blob, ok := a.clientBlob()
	if !ok {
		return false
	}
	key := ntlmKey(password, a.user, a.domain)
	if !hmac.Equal(proof, keyedMD5(key, x.nonce[:], blob)) {
		return false
	}
	flags := a.pair(avFlags)
	if len(flags) == 4 && binary.LittleEndian.Uint32(flags)&avHasMIC != 0 {
		return x.micFits(a, keyedMD5(key, proof))
	}
	return true
}

// ntlmKey is NTOWFv2 (MS-NLMP section 3.3.2).
func ntlmKey(password, user, domain string) []byte {
	hash := md4(utf16Bytes(password))
	return keyedMD5(hash[:], utf16Bytes(strings.ToUpper(user)+domain))
}

// micFits checks the integrity of all three messages (MS-NLMP section 3.2.5.1.2).
func (x *ntlmExchange) micFits(a ntlmAnswer, base []byte) bool {
	if len(a.raw) < micAt+16 {
		return false
	}
	session := base
	if a.flags&ntlmKeyExchange != 0 {
		stream, err := rc4.NewCipher(base)
		if err != nil || len(a.sessionKey) != 16 {
			return false
		}
		session = make([]byte, 16)
		stream.XORKeyStream(session, a.sessionKey)
	}
	blank := append([]byte{}, a.raw...)
	clear(blank[micAt : micAt+16])
	return hmac.Equal(a.raw[micAt:micAt+16], keyedMD5(session, x.negotiate, x.challenge, blank))
}

func keyedMD5(key []byte, parts ...[]byte) []byte {
	m := hmac.New(md5.New, key)
	for _, p := range parts {
		m.Write(p)
	}
	return m.Sum(nil)
}

// channelBinding is the hash that proves that a client sees this server's own certificate:
// tls-server-end-point (RFC 5929 section 4), in the form of the GSS-API (RFC 4121 section 4.1.1.2).
func (s *Server) channelBinding() []byte {
	der := s.certificate.Certificate[0]
	digest := endPointDigest(der)
	data := append([]byte("tls-server-end-point:"), digest...)
	bindings := make([]byte, 16, 20+len(data)) // no addresses
	bindings = binary.LittleEndian.AppendUint32(bindings, uint32(len(data)))
	sum := md5.Sum(append(bindings, data...))
	return sum[:]
}

func endPointDigest(der []byte) []byte {
	digest := func(h hash.Hash) []byte {
		h.Write(der)
		return h.Sum(nil)
	}
	cert, err := x509.ParseCertificate(der)
	if err == nil {
		switch cert.SignatureAlgorithm {
		case x509.SHA384WithRSA, x509.ECDSAWithSHA384, x509.SHA384WithRSAPSS:
			return digest(sha512.New384())
		case x509.SHA512WithRSA, x509.ECDSAWithSHA512, x509.SHA512WithRSAPSS:
			return digest(sha512.New())
		}
	}
	return digest(sha256.New())
}
