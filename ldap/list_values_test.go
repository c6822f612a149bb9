package ldap

import (
	"encoding/hex"
	"strings"
	"testing"
	"time"
)

func TestGUIDIsMixedEndian(t *testing.T) {
	raw, _ := hex.DecodeString("33221100554477668899aabbccddeeff")
	text, err := guidText(raw)
	if err != nil || text != "00112233-4455-6677-8899-aabbccddeeff" {
		t.Fatalf("%s, %v", text, err)
	}
	back, ok := guidBytes(text)
	if !ok || string(back) != string(raw) {
		t.Fatalf("%x", back)
	}
	if _, err := guidText(raw[:15]); err == nil {
		t.Error("15 bytes are taken for a GUID")
	}
}

func TestUUIDForms(t *testing.T) {
	for _, s := range []string{"00112233-4455-6677-8899-AABBCCDDEEFF", "00112233-44556677-8899aabb-ccddeeff",
		"00112233445566778899aabbccddeeff"} {
		b, ok := parseUUID(s)
		if !ok || dashed(b) != "00112233-4455-6677-8899-aabbccddeeff" {
			t.Errorf("%s gives %s, %v", s, dashed(b), ok)
		}
	}
	for _, s := range []string{"", "xyz", strings.Repeat("0", 31), strings.Repeat("0", 33)} {
		if _, ok := parseUUID(s); ok {
			t.Errorf("%q is taken for a UUID", s)
		}
	}
}

func TestSID(t *testing.T) {
	for in, want := range map[string]string{
		"0105000000000005150000001d2b1f4d0807f3f3d8b6b80844040000": "S-1-5-21-1293888285-4092790536-146323160-1092",
		"01020000000000052000000020020000":                         "S-1-5-32-544",
		"010100000000000100000000":                                 "S-1-1-0",
		"0101123456789abc01000000":                                 "S-1-0x123456789ABC-1",
		"0102000000000005200000002002":                             "",
		"02020000000000052000000020020000":                         "",
		"":                                                         "",
	} {
		raw, _ := hex.DecodeString(in)
		got, err := sidText(raw)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v; want %q", in, got, err, want)
		}
	}
}

func TestGeneralizedTime(t *testing.T) {
	for in, want := range map[string]string{
		"20240131120000.0Z":    "2024-01-31T12:00:00Z",
		"20240131120000Z":      "2024-01-31T12:00:00Z",
		"202401311200Z":        "2024-01-31T12:00:00Z",
		"2024013112Z":          "2024-01-31T12:00:00Z",
		"2024013112.5Z":        "2024-01-31T12:30:00Z",
		"20240131120000+0130":  "2024-01-31T10:30:00Z",
		"20240131120000-05":    "2024-01-31T17:00:00Z",
		"20240131120000,250Z":  "2024-01-31T12:00:00.25Z",
		"20240229235959Z":      "2024-02-29T23:59:59Z",
		"20230229235959Z":      "",
		"20240131120000":       "",
		"2024-01-31T12:00:00Z": "",
		"20240131120000.xZ":    "",
		"Z":                    "",
	} {
		got, err := GeneralizedTime(in)
		if want == "" {
			if err == nil {
				t.Errorf("%s is taken for a time: %s", in, got)
			}
			continue
		}
		if err != nil || got.Format(time.RFC3339Nano) != want {
			t.Errorf("%s: %s, %v; want %s", in, got.Format(time.RFC3339Nano), err, want)
		}
	}
}

func TestFileTime(t *testing.T) {
	for in, want := range map[string]string{
		"133512345678901234":  "2024-02-01T04:16:07.8901234Z",
		"116444736000000000":  "1970-01-01T00:00:00Z",
		"1":                   "1601-01-01T00:00:00.0000001Z",
		"0":                   "never",
		"9223372036854775807": "never",
		"-1":                  "error",
		"soon":                "error",
	} {
		at, ok, err := FileTime(in)
		got := at.Format(time.RFC3339Nano)
		switch {
		case err != nil:
			got = "error"
		case !ok:
			got = "never"
		}
		if got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

func FuzzGeneralizedTime(f *testing.F) {
	for _, s := range []string{"20240131120000.0Z", "2024013112,5+0130", "99991231235959.9999999999Z", "2024013112-99"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if at, err := GeneralizedTime(s); err == nil && (at.Year() < -1 || at.Year() > 10001) {
			t.Fatalf("%q is %s", s, at)
		}
	})
}
