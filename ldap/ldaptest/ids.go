package ldaptest

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// guid is an objectGUID in its binary form: the first three fields little endian (MS-DTYP section
// 2.3.4.2).
type guid [16]byte

// String is the canonical text: lower case, dashed.
func (g guid) String() string {
	return fmt.Sprintf("%08x-%04x-%04x-%x-%x", binary.LittleEndian.Uint32(g[0:4]),
		binary.LittleEndian.Uint16(g[4:6]), binary.LittleEndian.Uint16(g[6:8]), g[8:10], g[10:16])
}

// parseGUID reads the dashed text, or 32 hexadecimal digits in binary order: the two forms of
// <GUID=...> (MS-ADTS section 3.1.1.3.1.2.4).
func parseGUID(s string) (g guid, ok bool) {
	dashed := len(s) == 36 && s[8] == '-' && s[13] == '-' && s[18] == '-' && s[23] == '-'
	if dashed {
		s = strings.ReplaceAll(s, "-", "")
	}
	raw, err := hex.DecodeString(s)
	if err != nil || len(raw) != 16 {
		return g, false
	}
	copy(g[:], raw)
	if dashed {
		g[0], g[1], g[2], g[3], g[4], g[5], g[6], g[7] = g[3], g[2], g[1], g[0], g[5], g[4], g[7], g[6]
	}
	return g, true
}

// parseSID converts "S-1-5-21-..." to the binary form (MS-DTYP section 2.4.2.2).
func parseSID(s string) (string, bool) {
	parts := strings.Split(s, "-")
	if len(parts) < 4 || len(parts) > 18 || !strings.EqualFold(parts[0], "S") || parts[1] != "1" {
		return "", false
	}
	authority, err := strconv.ParseUint(parts[2], 10, 48)
	if err != nil {
		return "", false
	}
	b := binary.BigEndian.AppendUint64(nil, authority)
	b[0], b[1] = 1, byte(len(parts)-3)
	for _, p := range parts[3:] {
		n, err := strconv.ParseUint(p, 10, 32)
		if err != nil {
			return "", false
		}
		b = binary.LittleEndian.AppendUint32(b, uint32(n))
	}
	return string(b), true
}

// sidText is the text of a binary SID, or "".
func sidText(raw string) string {
	if len(raw) < 8 || len(raw) != 8+4*int(raw[1]) || raw[0] != 1 {
		return ""
	}
	b := []byte(raw)
	authority := binary.BigEndian.Uint64(b[:8]) & 0xffffffffffff
	s := fmt.Sprintf("S-1-%d", authority)
	for i := 8; i < len(b); i += 4 {
		s += fmt.Sprintf("-%d", binary.LittleEndian.Uint32(b[i:]))
	}
	return s
}
