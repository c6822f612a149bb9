package ldaptest

import (
	"encoding/binary"
	"errors"
	"unicode/utf16"
)

// NTLMSSP messages (MS-NLMP section 2.2.1).

// errNTLM means that bytes are not the expected NTLM message.
var errNTLM = errors.New("malformed NTLM message")

const ntlmSignature = "NTLMSSP\x00"

// Flags of a negotiation (MS-NLMP section 2.2.2.5).
const (
	ntlmUnicode         = 0x00000001
	ntlmRequestTarget   = 0x00000004
	ntlmSign            = 0x00000010
	ntlmNTLM            = 0x00000200
	ntlmAlwaysSign      = 0x00008000
	ntlmTargetDomain    = 0x00010000
	ntlmExtendedSession = 0x00080000
	ntlmTargetInfo      = 0x00800000
	ntlmVersion         = 0x02000000
	ntlm128             = 0x20000000
	ntlmKeyExchange     = 0x40000000
	ntlm56              = 0x80000000
)

// Attribute-value pairs (MS-NLMP section 2.2.2.1).
const (
	avEnd             = 0
	avComputer        = 1
	avDomain          = 2
	avDNSComputer     = 3
	avDNSDomain       = 4
	avDNSTree         = 5
	avFlags           = 6
	avTimestamp       = 7
	avChannelBindings = 10
)

// avHasMIC is the bit of avFlags that announces a MIC.
const avHasMIC = 2

func utf16Bytes(s string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}

func utf16Text(b []byte) string {
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(b[2*i:])
	}
	return string(utf16.Decode(units))
}

// ntlmKind is the type of a message, or 0.
func ntlmKind(b []byte) uint32 {
	if len(b) < 12 || string(b[:8]) != ntlmSignature {
		return 0
	}
	return binary.LittleEndian.Uint32(b[8:])
}

// parseNegotiate returns the flags of a NEGOTIATE_MESSAGE.
func parseNegotiate(b []byte) (flags uint32, err error) {
	if ntlmKind(b) != 1 || len(b) < 16 {
		return 0, errNTLM
	}
	return binary.LittleEndian.Uint32(b[12:]), nil
}

// ntlmServer is the server's description in a challenge.
type ntlmServer struct {
	domain, computer, dnsDomain, dnsComputer string
	fileTime                                 int64
}

// appendChallenge encodes a CHALLENGE_MESSAGE. It refuses signing, sealing and key exchange: the
// server has no security layer except TLS.
func appendChallenge(b []byte, from ntlmServer, challenge [8]byte, asked uint32) []byte {
	const head = 56
	flags := uint32(
		ntlmUnicode|ntlmRequestTarget|ntlmNTLM|ntlmTargetDomain|ntlmExtendedSession|ntlmTargetInfo|ntlmVersion) |
		asked&(ntlmAlwaysSign|ntlm128|ntlm56)
	target := utf16Bytes(from.domain)
	info := appendPair(nil, avDomain, target)
	info = appendPair(info, avComputer, utf16Bytes(from.computer))
	info = appendPair(info, avDNSDomain, utf16Bytes(from.dnsDomain))
	info = appendPair(info, avDNSComputer, utf16Bytes(from.dnsComputer))
	info = appendPair(info, avDNSTree, utf16Bytes(from.dnsDomain))
	info = appendPair(info, avTimestamp, binary.LittleEndian.AppendUint64(nil, uint64(from.fileTime)))
	info = appendPair(info, avEnd, nil)

	le := binary.LittleEndian
	b = le.AppendUint32(append(b, ntlmSignature...), 2)
	b = appendField(b, len(target), head)
	b = le.AppendUint32(b, flags)
	b = append(b, challenge[:]...)
	b = append(b, make([]byte, 8)...)
	b = appendField(b, len(info), head+len(target))
	b = append(b, 10, 0, 0xf4, 0x65, 0, 0, 0, 15) // Windows 10.0 build 26100, revision 15
	return append(append(b, target...), info...)
}

func appendPair(b []byte, id uint16, value []byte) []byte {
	b = binary.LittleEndian.AppendUint16(b, id)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(value)))
	return append(b, value...)
}

func appendField(b []byte, size, offset int) []byte {
	b = binary.LittleEndian.AppendUint16(b, uint16(size))
	b = binary.LittleEndian.AppendUint16(b, uint16(size))
	return binary.LittleEndian.AppendUint32(b, uint32(offset))
}

// ntlmAnswer is an AUTHENTICATE_MESSAGE.
type ntlmAnswer struct {
	domain, user, workstation string
	response                  []byte // NTLMv2_RESPONSE, or 24 bytes of version 1
	sessionKey                []byte // encrypted; after a key exchange
	flags                     uint32
	raw                       []byte
}

// micAt is the offset of the optional MIC in an AUTHENTICATE_MESSAGE.
const micAt = 72

func parseAuthenticate(b []byte) (ntlmAnswer, error) {
	a := ntlmAnswer{raw: b}
	if ntlmKind(b) != 3 || len(b) < 64 {
		return a, errNTLM
	}
	a.flags = binary.LittleEndian.Uint32(b[60:])
	fields := [6][]byte{} // LM and NT response, domain, user, workstation, session key
	for i := range fields {
		at := 12 + 8*i
		size := uint64(binary.LittleEndian.Uint16(b[at:]))
		offset := uint64(binary.LittleEndian.Uint32(b[at+4:]))
		if size == 0 {
			continue
		}
		if offset+size > uint64(len(b)) {
			return a, errNTLM
		}
		fields[i] = b[offset : offset+size]
	}
	name := utf16Text
	if a.flags&ntlmUnicode == 0 {
		name = func(b []byte) string { return string(b) }
	}
	a.response, a.sessionKey = fields[1], fields[5]
	a.domain, a.user, a.workstation = name(fields[2]), name(fields[3]), name(fields[4])
	return a, nil
}

// clientBlob splits an NTLMv2 response into the proof and the data that it proves.
func (a ntlmAnswer) clientBlob() (proof, blob []byte, ok bool) {
	const proofSize, blobHead = 16, 28
	if len(a.response) < proofSize+blobHead || a.response[proofSize] != 1 || a.response[proofSize+1] != 1 {
		return nil, nil, false
	}
	return a.response[:proofSize], a.response[proofSize:], true
}

// pair finds an attribute-value pair that the client proved along with its password.
func (a ntlmAnswer) pair(id uint16) []byte {
	_, blob, ok := a.clientBlob()
	if !ok {
		return nil
	}
	for b := blob[28:]; len(b) >= 4; {
		kind, size := binary.LittleEndian.Uint16(b), int(binary.LittleEndian.Uint16(b[2:]))
		if kind == avEnd || size > len(b)-4 {
			return nil
		}
		if kind == id {
			return b[4 : 4+size]
		}
		b = b[4+size:]
	}
	return nil
}
