package store

import (
	"bytes"
	"reflect"
	"testing"

	"dirbridge/sync/identity"
	"dirbridge/sync/record"
)

// FuzzOutcome checks that bytes in the journal decode to an outcome or are damaged, and that an
// outcome encodes and decodes to itself.
func FuzzOutcome(f *testing.F) {
	for _, o := range []record.Outcome{{},
		{Seq: 7, State: record.WriteDone, ID: "id", Version: `W/"1"`, Linked: true, Status: 201,
			After: identity.Attrs{"title": {"Chief", ""}, "x": nil}},
		{Seq: -1, State: record.WriteFailed, Status: 409, Class: identity.GiveUp, Message: "no\x00", Field: "uid",
			Remedy: "Change it.", Open: true}} {
		f.Add(encodeOutcome(&o))
	}
	f.Add([]byte{1, 2, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		before := bytes.Clone(b)
		o, err := decodeOutcome(b)
		if !bytes.Equal(b, before) {
			t.Fatal("reading changes what was read")
		}
		if err != nil {
			return
		}
		again, err := decodeOutcome(encodeOutcome(&o))
		if err != nil || !reflect.DeepEqual(o, again) {
			t.Fatalf("%+v is read again as %+v: %v", o, again, err)
		}
	})
}
