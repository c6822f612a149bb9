package ldaptest

import (
	"bytes"
	"testing"
	"time"
)

func TestCookieBytes(t *testing.T) {
	k := cookie{when: time.Unix(1_700_000_000, 0), age: 2, object: 99, property: 42, invocation: guidOf("a"),
		vector: []upTo{{guidOf("a"), 42}}}
	b := k.bytes()
	if len(b) != 108 || !bytes.HasPrefix(b, []byte("MSDS\x03\x00\x00\x00")) {
		t.Errorf("%d bytes: %x", len(b), b)
	}
	got, ok := parseCookie(b)
	if !ok || !got.when.Equal(k.when) || got.age != k.age || got.object != k.object || got.property != k.property ||
		got.invocation != k.invocation || len(got.vector) != 1 || got.vector[0] != k.vector[0] {
		t.Errorf("read back as %+v", got)
	}
	for i := range b {
		if _, ok := parseCookie(b[:i]); ok {
			t.Errorf("the first %d bytes are taken for a cookie", i)
		}
	}
}

// FuzzCookie decodes arbitrary bytes, and checks that an accepted cookie encodes to the same bytes.
func FuzzCookie(f *testing.F) {
	f.Add(cookie{object: 9, property: 4, vector: []upTo{{guidOf("x"), 4}, {guidOf("y"), 5}}}.bytes())
	f.Add([]byte(cookieMark))
	f.Fuzz(func(t *testing.T, b []byte) {
		k, ok := parseCookie(b)
		if !ok {
			return
		}
		again, ok := parseCookie(k.bytes())
		if !ok || again.object != k.object || again.property != k.property || again.age != k.age ||
			again.invocation != k.invocation || len(again.vector) != len(k.vector) {
			t.Errorf("%x reads as %+v and then as %+v", b, k, again)
		}
	})
}

// FuzzDirSync answers requests with arbitrary bytes as the value of the control.
func FuzzDirSync(f *testing.F) {
	value := func(flags, most int64, cookie string) []byte {
		b, at := openElement(nil, 0x30)
		return closeElement(appendText(appendInteger(appendInteger(b, 0x02, flags), 0x02, most), 0x04, cookie), at)
	}
	f.Add(value(0, 0, ""))
	f.Add(value(-1<<31, 1, string(cookie{object: 9, property: 4}.bytes())))
	f.Add(value(0x801, 1<<40, "MSDS"))
	f.Add([]byte{0x30, 0x03, 0x02, 0x01, 0x00})
	c := silentConn(f)
	c.server.granted = map[string]Rights{"tester": {Replicate: true}}
	present := appendText(nil, filterPresent, "objectClass")
	f.Fuzz(func(t *testing.T, b []byte) {
		r, ok := parseDirSync(string(b))
		if ok && r.maxBytes < 0 {
			t.Errorf("%x asks for %d bytes", b, r.maxBytes)
		}
		answered := 0
		err := c.dirSync(t.Context(), 1, searchRequest{base: testBase, scope: scopeSub, filter: present},
			requestControls{controlDirSync: {oid: controlDirSync, critical: true, value: string(b), has: true}},
			func(r *refusal, controls ...responseControl) error {
				answered++
				if (r == nil) != (len(controls) == 1) {
					t.Errorf("%x: a cookie comes with success alone: %v", b, r)
				}
				return nil
			})
		if err != nil || answered != 1 {
			t.Errorf("%x: %d answers, %v", b, answered, err)
		}
	})
}
