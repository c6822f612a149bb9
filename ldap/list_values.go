package ldap

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// guidText is the canonical form of an objectGUID: its first three fields are little-endian on the
// wire (MS-DTYP section 2.3.4.2).
func guidText(b []byte) (string, error) {
	if len(b) != 16 {
		return "", fmt.Errorf("is %d bytes long, where a GUID is 16", len(b))
	}
	var m [16]byte
	binary.BigEndian.PutUint32(m[0:], binary.LittleEndian.Uint32(b[0:]))
	binary.BigEndian.PutUint16(m[4:], binary.LittleEndian.Uint16(b[4:]))
	binary.BigEndian.PutUint16(m[6:], binary.LittleEndian.Uint16(b[6:]))
	copy(m[8:], b[8:])
	return dashed(m), nil
}

func dashed(b [16]byte) string {
	var t [36]byte
	hex.Encode(t[0:], b[0:4])
	hex.Encode(t[9:], b[4:6])
	hex.Encode(t[14:], b[6:8])
	hex.Encode(t[19:], b[8:10])
	hex.Encode(t[24:], b[10:])
	t[8], t[13], t[18], t[23] = '-', '-', '-', '-'
	return string(t[:])
}

// parseUUID reads 32 hexadecimal digits with dashes anywhere: entryUUID (RFC 4530) and nsUniqueId
// place them differently.
func parseUUID(s string) ([16]byte, bool) {
	var b [16]byte
	n := 0
	for i := 0; i < len(s); i++ {
		if s[i] == '-' {
			continue
		}
		d, ok := unhex(s[i])
		if !ok || n == 32 {
			return b, false
		}
		b[n/2] = b[n/2]<<4 | d
		n++
	}
	return b, n == 32
}

// guidBytes is the wire form of a canonical GUID, the inverse of guidText.
func guidBytes(canonical string) ([]byte, bool) {
	m, ok := parseUUID(canonical)
	if !ok || len(canonical) != 36 {
		return nil, false
	}
	b := make([]byte, 16)
	binary.LittleEndian.PutUint32(b[0:], binary.BigEndian.Uint32(m[0:]))
	binary.LittleEndian.PutUint16(b[4:], binary.BigEndian.Uint16(m[4:]))
	binary.LittleEndian.PutUint16(b[6:], binary.BigEndian.Uint16(m[6:]))
	copy(b[8:], m[8:])
	return b, true
}

// sidText is the string form of a security identifier (MS-DTYP section 2.4.2).
func sidText(b []byte) (string, error) {
	if len(b) < 8 || b[0] != 1 || b[1] > 15 || len(b) != 8+4*int(b[1]) {
		return "", errors.New("is not a security identifier")
	}
	var authority uint64
	for _, c := range b[2:8] {
		authority = authority<<8 | uint64(c)
	}
	out := append(make([]byte, 0, 48), "S-1-"...)
	if authority >= 1<<32 {
		out = fmt.Appendf(out, "0x%X", authority)
	} else {
		out = strconv.AppendUint(out, authority, 10)
	}
	for p := 8; p < len(b); p += 4 {
		out = append(out, '-')
		out = strconv.AppendUint(out, uint64(binary.LittleEndian.Uint32(b[p:])), 10)
	}
	return string(out), nil
}

// GeneralizedTime reads an LDAP generalized time (RFC 4517 section 3.3.13), as in whenCreated:
// "20240131120000.0Z". The result is in UTC, to the nanosecond.
func GeneralizedTime(s string) (time.Time, error) {
	bad := fmt.Errorf("%q is not a generalized time", s)
	end := strings.IndexAny(s, "Z+-")
	if end < 0 {
		return time.Time{}, bad
	}
	number, zone := s[:end], s[end:]
	number, fraction, hasFraction := strings.Cut(strings.Replace(number, ",", ".", 1), ".")
	layouts := map[int]struct {
		layout string
		unit   time.Duration
	}{10: {"2006010215", time.Hour}, 12: {"200601021504", time.Minute}, 14: {"20060102150405", time.Second}}
	form, ok := layouts[len(number)]
	if !ok {
		return time.Time{}, bad
	}
	t, err := time.ParseInLocation(form.layout, number, time.UTC)
	if err != nil {
		return time.Time{}, bad
	}
	if hasFraction {
		f, err := strconv.ParseFloat("0."+fraction, 64)
		if err != nil || strings.Trim(fraction, "0123456789") != "" {
			return time.Time{}, bad
		}
		t = t.Add(time.Duration(f * float64(form.unit)))
	}
	offset, err := zoneOffset(zone)
	if err != nil {
		return time.Time{}, bad
	}
	return t.Add(-offset), nil
}

func zoneOffset(zone string) (time.Duration, error) {
	if zone == "Z" {
		return 0, nil
	}
	if len(zone) == 3 {
		zone += "00"
	}
	at, err := time.Parse("-0700", zone)
	if err != nil {
		return 0, err
	}
	_, seconds := at.Zone()
	return time.Duration(seconds) * time.Second, nil
}

// FileTime reads a Windows FILETIME in its text form: 100 ns steps since 1601, UTC (MS-DTYP section
// 2.3.3). ok is false for the values that mean "never": 0 and the largest one.
func FileTime(s string) (t time.Time, ok bool, err error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return time.Time{}, false, fmt.Errorf("%q is not a FILETIME", s)
	}
	if n == 0 || n == math.MaxInt64 {
		return time.Time{}, false, nil
	}
	const seconds1601 = 11644473600 // from 1601 to 1970
	return time.Unix(n/1e7-seconds1601, n%1e7*100).UTC(), true, nil
}

// isText reports whether v is UTF-8 without control characters, except those that occur in
// addresses and notes.
func isText(v []byte) bool {
	ascii := true
	for _, c := range v {
		if c < 0x20 && c != '\t' && c != '\n' && c != '\r' {
			return false
		}
		if c >= utf8.RuneSelf {
			ascii = false
		}
	}
	return ascii || utf8.Valid(v)
}

func unhex(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10, true
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}
