package ldap

import (
	"bytes"
	"encoding/hex"
	"testing"

	ber "github.com/go-asn1-ber/asn1-ber"
	goldap "github.com/go-ldap/ldap/v3"

	"dirbridge/sync/identity"
)

// The control as Windows and Samba require it: criticality 0xff, flags in four bytes.
func TestDirSyncControl(t *testing.T) {
	for _, c := range []struct {
		control goldap.Control
		want    string
	}{
		{dirSync{incrementalValues, nil},
			"302c0416312e322e3834302e3131333535362e312e342e3834310101ff040f300d020480000000020310000004 00"},
		{dirSync{incrementalValues | objectSecurity, []byte("MS")},
			"302e0416312e322e3834302e3131333535362e312e342e3834310101ff0411300f0204800000010203100000 04024d53"},
		{showDeleted{}, "301b0416312e322e3834302e3131333535362e312e342e3431370101ff"},
	} {
		want, err := hex.DecodeString(string(bytes.ReplaceAll([]byte(c.want), []byte(" "), nil)))
		if err != nil {
			t.Fatal(err)
		}
		if got := c.control.Encode().Bytes(); !bytes.Equal(got, want) {
			t.Errorf("%s is %x, want %x", c.control, got, want)
		}
	}
}

// dirSyncRoot is the rootDSE of a server with DirSync.
func dirSyncRoot() [][]string {
	root := adRoot()
	for i := range root {
		if root[i][0] == "supportedControl" {
			root[i] = append(root[i], controlDirSync, controlDeleted)
		}
	}
	return root
}

func dirSyncResult(more int64, cookie string) *ber.Packet {
	value := ber.NewSequence("")
	value.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, more, ""))
	value.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, int64(0), ""))
	value.AppendChild(octets(cookie))
	c := ber.NewSequence("")
	c.AppendChild(octets(controlDirSync))
	c.AppendChild(octets(string(value.Bytes())))
	return c
}

// An answer that does not prove that it is complete is an error.
func TestDirSyncUnproven(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(w *answers)
		class  identity.Class
		words  string
	}{
		"no control": {func(w *answers) { w.done(0, "") }, identity.GiveUp, "no DirSync cookie"},
		"no cookie": {func(w *answers) { w.result(5, 0, "", nil, dirSyncResult(0, "")) }, identity.GiveUp,
			"no DirSync cookie"},
		"the same cookie": {func(w *answers) { w.result(5, 0, "", nil, dirSyncResult(1, "same")) }, identity.Retry,
			"does not go on"},
		"busy": {func(w *answers) { w.done(51, "busy") }, identity.Retry, "51"},
	} {
		t.Run(name, func(t *testing.T) {
			f := (&fake{root: dirSyncRoot(), search: func(w *answers, r search) { c.answer(w) }}).start(t, nil)
			_, err := f.source(t).Cookie(t.Context())
			wantFailure(t, err, c.class, c.words)
		})
	}
}

func FuzzDirSyncAnswer(f *testing.F) {
	f.Add(dirSyncResult(0, "MSDS").Bytes())
	f.Add(dirSyncResult(1, "").Bytes())
	f.Add(dirSync{incrementalValues, []byte("x")}.Encode().Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := ber.DecodePacketErr(b)
		if err != nil {
			return
		}
		control, err := goldap.DecodeControl(p)
		if err != nil {
			return
		}
		cookie, _, err := dirSyncAnswer([]goldap.Control{control})
		if (err == nil) != (len(cookie) > 0) {
			t.Fatalf("%x: cookie %x, %v", b, cookie, err)
		}
	})
}

func FuzzMemberChange(f *testing.F) {
	for _, s := range []string{"member", "member;range=0-0", "member;Range=1-1", "member;range=0-1499",
		"member;range=1-*"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if removed, incremental := memberChange(s); removed && !incremental {
			t.Fatal(s)
		}
	})
}
