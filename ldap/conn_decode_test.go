package ldap

import (
	"bytes"
	"testing"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
)

func entryFrame() []byte {
	return message(3,
		entryOp("CN=Silva\\, Ana,DC=x",
			[][]string{{"mail", "ana@example.com", "as@example.com"}, {"objectGUID", guidA}, {"empty"}}))
}

// reference decodes a search result entry with the general BER library.
func reference(frame []byte) (dn string, attrs [][]string, ok bool) {
	p, err := ber.DecodePacketErr(frame)
	if err != nil || len(p.Children) < 2 || len(p.Children[1].Children) != 2 {
		return "", nil, false
	}
	op := p.Children[1]
	for _, a := range op.Children[1].Children {
		if len(a.Children) != 2 {
			return "", nil, false
		}
		one := []string{a.Children[0].Data.String()}
		for _, v := range a.Children[1].Children {
			one = append(one, v.Data.String())
		}
		attrs = append(attrs, one)
	}
	return op.Children[0].Data.String(), attrs, true
}

// FuzzDecode checks that the general library reads every accepted frame alike, and that nothing
// makes the decoder read beyond the frame.
func FuzzDecode(f *testing.F) {
	f.Add(entryFrame())
	f.Add(message(1, entryOp("", nil)))
	f.Add([]byte{0x30, 0x84, 0, 0, 0, 14, 2, 1, 1, 0x64, 0x84, 0, 0, 0, 4, 4, 0, 0x30, 0})
	f.Add([]byte{0x30, 0x80, 2, 1, 1, 0x64, 0x80, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, frame []byte) {
		var e rawEntry
		if e.decode(frame) != nil {
			return
		}
		dn, attrs, ok := reference(frame)
		if !ok {
			t.Fatalf("%x is accepted, where the library refuses it", frame)
		}
		if dn != string(e.dn) || len(attrs) != len(e.attrs) {
			t.Fatalf("%x: DN %q and %d attributes, the library says %q and %d", frame, e.dn, len(e.attrs), dn, len(attrs))
		}
		for i, a := range e.attrs {
			if string(a.name) != attrs[i][0] || len(a.values) != len(attrs[i])-1 {
				t.Fatalf("%x: attribute %d is %q with %d values, the library says %q", frame, i, a.name, len(a.values), attrs[i])
			}
			for j, v := range a.values {
				if string(v) != attrs[i][j+1] {
					t.Fatalf("%x: value %q, the library says %q", frame, v, attrs[i][j+1])
				}
			}
		}
	})
}

func TestDecodeRefusesEveryCut(t *testing.T) {
	frame := entryFrame()
	var e rawEntry
	if err := e.decode(frame); err != nil || len(e.attrs) != 3 || len(e.attrs[0].values) != 2 {
		t.Fatalf("%v, %d attributes", err, len(e.attrs))
	}
	for n := range frame {
		if e.decode(frame[:n]) == nil {
			t.Errorf("a frame cut after %d of %d bytes is accepted", n, len(frame))
		}
	}
	if e.decode(append(frame, 0)) == nil {
		t.Error("a byte too many is accepted")
	}
}

func TestDecodeDoesNotAllocate(t *testing.T) {
	frame := entryFrame()
	var e rawEntry
	if n := testing.AllocsPerRun(100, func() { _ = e.decode(frame) }); n > 0 {
		t.Errorf("%v allocations an entry", n)
	}
}

// FuzzFrames checks that frames yields the same messages however the stream is cut into reads:
// entries to the feed, the rest to the library. Its buffers are small, so that small streams cover
// every way of filling them.
func FuzzFrames(f *testing.F) {
	const limit, reply, chunk = 4000, 200, 64
	f.Add(entryFrame(), uint8(1))
	f.Add(bytes.Repeat(entryFrame(), 3), uint8(255))
	f.Add(append(entryFrame(), message(3, entryOp(string(make([]byte, 900)), nil))...), uint8(100))
	f.Add(append(entryFrame(), message(0, ber.NewSequence(""))...), uint8(7))
	f.Add(message(3, octets(string(make([]byte, 300)))), uint8(50))
	f.Add([]byte{0x30, 0x84, 0, 0, 0x0f, 0x90, 2, 1, 3, 0x64}, uint8(3))
	tail := message(3, ber.NewSequence("not an entry"))
	out := make([]byte, 512)
	f.Fuzz(func(t *testing.T, stream []byte, step uint8) {
		if len(stream) > 8*limit {
			return
		}
		whole := append(bytes.Clone(stream), tail...)
		p := newFrames(&choppedConn{data: bytes.Clone(whole), step: int(step) + 1}, limit, time.Minute)
		p.buf, p.chunk, p.reply = make([]byte, chunk), chunk, reply
		p.sent.Store(3)
		feed := p.openFeed()
		feed.chunks = make(chan []byte, len(whole)+2) // never blocks
		var pass []byte
		for {
			n, err := p.Read(out)
			if pass = append(pass, out[:n]...); err != nil {
				break
			}
		}
		close(feed.chunks)
		var got []byte
		for chunk := range feed.chunks {
			for rest := chunk; len(rest) > 0; {
				_, length, n, err := header(rest)
				if err != nil || n+length > len(rest) {
					t.Fatalf("a chunk ends in mid-message: %v", err)
				}
				got = append(got, rest[:n+length]...)
				rest = rest[n+length:]
			}
		}
		entries, others := split(whole, limit, reply)
		if !bytes.Equal(got, entries) || !bytes.Equal(pass, others) {
			t.Fatalf("%d bytes of entries and %d others, want %d and %d", len(got), len(pass), len(entries), len(others))
		}
	})
}

// split is the expected result of frames for the whole stream.
func split(stream []byte, limit, reply int) (entries, rest []byte) {
	for len(stream) > 0 {
		tag, length, n, err := header(stream)
		if err != nil || tag != tagSequence || length > limit-n {
			break
		}
		if length > reply && !streamed(stream[n:]) || length > len(stream)-n {
			break
		}
		frame := stream[:n+length]
		id, op, err := opening(frame)
		taken := op == tagSearchEntry || op == tagIntermediate
		if err != nil || taken && id != 3 || id == 0 && op == tagExtended {
			break
		}
		if taken {
			entries = append(entries, frame...)
		} else {
			rest = append(rest, frame...)
		}
		stream = stream[n+length:]
	}
	return entries, rest
}
