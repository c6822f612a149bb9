package ldap

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	ber "github.com/go-asn1-ber/asn1-ber"
	goldap "github.com/go-ldap/ldap/v3"

	"dirbridge/sync/identity"
)

const (
	csnA = "20261122224759.984834Z#000000#000#000000"
	csnB = "20261122224823.088983Z#000000#001#000000"
	csnC = "20261122224856.731935Z#000000#00a#000000"
)

func cookieOf(numbers ...string) string { return "rid=000,csn=" + strings.Join(numbers, ";") }

func syncRoot() [][]string {
	return [][]string{{"namingContexts", fakeContext}, {"structuralObjectClass", "OpenLDAProotDSE"},
		{"supportedControl", goldap.ControlTypePaging, goldap.ControlTypeSyncRequest}}
}

func uuid(n int) [16]byte { return [16]byte{byte(n), 15: 1} }

func boolean(b bool) *ber.Packet {
	return ber.NewLDAPBoolean(ber.ClassUniversal, ber.TypePrimitive, ber.TagBoolean, b, "")
}

func controlOf(oid string, value *ber.Packet) *ber.Packet {
	c := ber.NewSequence("")
	c.AppendChild(octets(oid))
	c.AppendChild(octets(string(value.Bytes())))
	return c
}

// state sends an entry with its sync state.
func (w *answers) state(state, n int, dn string, attrs ...[]string) {
	v := ber.NewSequence("")
	v.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagEnumerated, int64(state), ""))
	u := uuid(n)
	v.AppendChild(octets(string(u[:])))
	w.send(entryOp(dn, attrs), controlOf(goldap.ControlTypeSyncState, v))
}

// person sends the n-th person, with the attributes that anchors are made of.
func (w *answers) person(state, n int, classes ...string) {
	if len(classes) == 0 {
		classes = []string{"inetOrgPerson"}
	}
	w.state(state, n, fmt.Sprintf("cn=P%d,%s", n, fakeContext), append([]string{"objectClass"}, classes...),
		[]string{"entryUUID", dashed(uuid(n))})
}

func infoOp(oid string, value []byte) *ber.Packet {
	op := ber.Encode(ber.ClassApplication, ber.TypeConstructed, 25, nil, "")
	op.AppendChild(ber.NewString(ber.ClassContext, ber.TypePrimitive, 0, oid, ""))
	op.AppendChild(ber.NewString(ber.ClassContext, ber.TypePrimitive, 1, string(value), ""))
	return op
}

func (w *answers) info(value *ber.Packet) { w.send(infoOp(goldap.ControlTypeSyncInfo, value.Bytes())) }

// phase makes refreshDelete (1) and refreshPresent (2).
func phase(tag ber.Tag, cookie string, done bool) *ber.Packet {
	v := ber.Encode(ber.ClassContext, ber.TypeConstructed, tag, nil, "")
	if cookie != "" {
		v.AppendChild(octets(cookie))
	}
	if !done {
		v.AppendChild(boolean(false))
	}
	return v
}

func idSet(cookie string, deletes bool, ns ...int) *ber.Packet {
	v := ber.Encode(ber.ClassContext, ber.TypeConstructed, 3, nil, "")
	if cookie != "" {
		v.AppendChild(octets(cookie))
	}
	if deletes {
		v.AppendChild(boolean(true))
	}
	set := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSet, nil, "")
	for _, n := range ns {
		u := uuid(n)
		set.AppendChild(octets(string(u[:])))
	}
	v.AppendChild(set)
	return v
}

func newCookie(cookie string) *ber.Packet {
	return ber.NewString(ber.ClassContext, ber.TypePrimitive, 0, cookie, "")
}

// synced ends an answer.
func (w *answers) synced(cookie string, deletes bool) {
	v := ber.NewSequence("")
	if cookie != "" {
		v.AppendChild(octets(cookie))
	}
	if deletes {
		v.AppendChild(boolean(true))
	}
	w.result(5, 0, "", nil, controlOf(goldap.ControlTypeSyncDone, v))
}

// syncing is a server that is at csnA and then answers once.
func syncing(t *testing.T, guids bool, answer func(w *answers, r search)) (*fake, *Source, identity.Cookie) {
	t.Helper()
	f := (&fake{root: syncRoot(), undefined: !guids, search: func(w *answers, r search) {
		switch {
		case r.sync == "" && r.scope == 0:
			w.synced("rid=000,sid=001,csn="+csnB+";"+csnA, true)
		default:
			answer(w, r)
		}
	}}).start(t, nil)
	s := f.source(t)
	p, err := s.Cookie(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if p.Way != identity.SyncRepl || p.NoDeletions != "" || strings.Contains(p.Value, "sid=") {
		t.Fatalf("%+v", p)
	}
	return f, s, p
}

func notificationText(t identity.ChangeNotification) string {
	n, _ := hex.DecodeString(t.Anchor.GUID()[:2])
	text := fmt.Sprintf("%d %s", n[0], t.Kind)
	if t.Deleted {
		text = fmt.Sprintf("%d gone", n[0])
	}
	if t.Present {
		text = fmt.Sprintf("%d there", n[0])
	}
	return text
}

func rootsOf(t *testing.T, p identity.Cookie) string {
	t.Helper()
	c, err := decodeCookie(p.Value)
	if err != nil {
		t.Fatal(err)
	}
	return string(c.Roots[identity.FoldDN(fakeContext)])
}

// Every form of message that RFC 4533 permits in a refresh.
func TestSyncMessages(t *testing.T) {
	before := cookieOf(csnA, csnB)
	for name, c := range map[string]struct {
		answer func(w *answers)
		want   []string
		cookie string
	}{
		"nothing, without a cookie": {func(w *answers) { w.synced("", true) }, nil, before},
		"added and modified": {func(w *answers) {
			w.person(stateAdd, 1)
			w.person(stateModify, 2, "groupOfNames")
			w.person(stateAdd, 3, "top", "organizationalUnit")
			w.synced(cookieOf(csnC), true)
		}, []string{"1 user", "2 group", "3 container"}, cookieOf(csnC)},
		"deleted entries": {func(w *answers) {
			w.state(stateDelete, 1, "cn=P1,"+fakeContext)
			w.synced(cookieOf(csnC), true)
		}, []string{"1 gone"}, cookieOf(csnC)},
		"a set of deleted ones between entries": {func(w *answers) {
			w.person(stateAdd, 1)
			w.info(idSet(cookieOf(csnA)+",delcsn="+csnC, true, 2, 3))
			w.person(stateAdd, 4)
			w.synced("rid=000,sid=00a,csn="+csnC, true)
		}, []string{"1 user", "2 gone", "3 gone", "4 user"}, cookieOf(csnC)},
		"a set of those left": {func(w *answers) {
			w.info(idSet("", false, 1, 2))
			w.info(idSet("", false, 3))
			w.person(stateAdd, 3)
			w.synced(cookieOf(csnC), false)
		}, []string{"1 there", "2 there", "3 there", "3 user"}, cookieOf(csnC)},
		"entries that are left": {func(w *answers) {
			w.state(statePresent, 1, "cn=P1,"+fakeContext)
			w.person(stateModify, 2)
			w.info(phase(2, cookieOf(csnB), true))
			w.synced(cookieOf(csnC), false)
		}, []string{"1 there", "2 user"}, cookieOf(csnC)},
		"those left, then those deleted": {func(w *answers) {
			w.info(idSet("", false, 1))
			w.info(phase(2, "", false))
			w.info(idSet("", true, 2))
			w.info(phase(1, cookieOf(csnC), true))
			w.synced("", true)
		}, []string{"1 there", "2 gone"}, cookieOf(csnC)},
		"a new cookie": {func(w *answers) {
			w.info(newCookie(cookieOf(csnB)))
			w.synced("", true)
		}, nil, cookieOf(csnB)},
		"a cookie of an entry": {func(w *answers) {
			v := ber.NewSequence("")
			v.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagEnumerated, int64(stateAdd), ""))
			v.AppendChild(octets(guid(1)))
			v.AppendChild(octets(cookieOf(csnC)))
			control := ber.NewSequence("")
			control.AppendChild(octets(goldap.ControlTypeSyncState))
			control.AppendChild(boolean(false))
			control.AppendChild(octets(string(v.Bytes())))
			other := controlOf("1.2.3", octets("other"))
			w.send(entryOp("cn=P1,"+fakeContext, [][]string{{"objectClass", "person"}, {"entryUUID", dashed(uuid(1))}}),
				other, control)
			w.synced("", true)
		}, []string{"1 user"}, cookieOf(csnC)},
		"an intermediate response of another kind": {func(w *answers) {
			w.send(infoOp("1.2.3", []byte("other")))
			w.send(ber.Encode(ber.ClassApplication, ber.TypeConstructed, 25, nil, ""))
			w.synced(cookieOf(csnC), true)
		}, nil, cookieOf(csnC)},
		"an entry without an anchor": {func(w *answers) {
			w.state(stateAdd, 1, "cn=P1,"+fakeContext, []string{"objectClass", "person"})
			w.synced(cookieOf(csnC), true)
		}, nil, cookieOf(csnC)},
	} {
		t.Run(name, func(t *testing.T) {
			_, s, p := syncing(t, false, func(w *answers, r search) {
				if r.sync != before || r.filter != everything || r.scope != 2 || r.paged {
					t.Errorf("asked %+v", r)
				}
				c.answer(w)
			})
			var got []string
			next, err := s.Changes(t.Context(), p, func(touch identity.ChangeNotification) error {
				got = append(got, notificationText(touch))
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("told %q, want %q", got, c.want)
			}
			if got := rootsOf(t, next); got != c.cookie {
				t.Errorf("goes on from %q, want %q", got, c.cookie)
			}
		})
	}
}

// A server that cannot report the changes needs a full reading; an incomplete answer needs a retry.
// The errors differ.
func TestSyncFailures(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(w *answers)
		stale  string
		class  identity.Class
		words  string
	}{
		"refresh required": {answer: func(w *answers) { w.done(4096, "sync cookie is stale") },
			stale: "sync cookie is stale"},
		"newer than the server": {answer: func(w *answers) { w.done(53, "consumer state is newer than provider!") },
			stale: "newer than provider"},
		"overlay unloaded": {answer: func(w *answers) { w.done(12, "critical control unavailable in context") },
			stale: "not tell by syncrepl any more"},
		"protocol error": {answer: func(w *answers) { w.done(2, "cookie") }, stale: "does not take the cookie"},
		"size limit":     {answer: func(w *answers) { w.person(stateAdd, 1); w.done(4, "") }, stale: "more changed"},
		"whole content": {answer: func(w *answers) { w.person(stateAdd, 1); w.synced(cookieOf(csnC), false) },
			stale: "told all"},
		"garbage at the end": {answer: func(w *answers) { w.synced("rid=000", true) }, stale: "cannot be used"},
		"busy":               {answer: func(w *answers) { w.done(51, "") }, class: identity.Retry, words: "51"},
		"no Sync Done": {answer: func(w *answers) { w.person(stateAdd, 1); w.done(0, "") }, class: identity.GiveUp,
			words: "no Sync Done control"},
		"no state": {answer: func(w *answers) { w.entry("cn=P1," + fakeContext); w.synced("", true) },
			class: identity.Retry, words: "without sync state"},
		"an unknown state": {answer: func(w *answers) { w.state(7, 1, "cn=P1,"+fakeContext); w.synced("", true) },
			class: identity.Retry, words: "sync state"},
		"a broken set": {answer: func(w *answers) {
			v := ber.Encode(ber.ClassContext, ber.TypeConstructed, 3, nil, "")
			set := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSet, nil, "")
			set.AppendChild(octets("short"))
			v.AppendChild(set)
			w.info(v)
			w.synced("", true)
		}, class: identity.Retry, words: "UUID of 5 bytes"},
		"cut short": {answer: func(w *answers) { w.person(stateAdd, 1); w.info(idSet("", false, 2)); w.Close() },
			class: identity.Retry, words: "closed the connection"},
	} {
		t.Run(name, func(t *testing.T) {
			_, s, p := syncing(t, false, func(w *answers, _ search) { c.answer(w) })
			next, err := s.Changes(t.Context(), p, func(identity.ChangeNotification) error { return nil })
			if next != p {
				t.Errorf("goes on from %+v", next)
			}
			gone, isStale := errors.AsType[*identity.Stale](err)
			if c.stale != "" && (!isStale || !strings.Contains(gone.Reason, c.stale)) {
				t.Errorf("%v", err)
			}
			if c.stale == "" {
				if isStale {
					t.Errorf("stale: %v", err)
				}
				wantFailure(t, err, c.class, c.words)
			}
		})
	}
}

// An intermediate response in a listing that did not request it is an error, not a message to skip.
func TestUnexpectedIntermediateResponseIsAnError(t *testing.T) {
	f := (&fake{root: syncRoot(), undefined: true, search: func(w *answers, _ search) {
		w.info(newCookie("x"))
		w.page("")
	}}).start(t, nil)
	err := f.source(t).People(t.Context(), func(identity.Entry) error { return nil })
	wantFailure(t, err, identity.Retry, "cannot be decoded")
}

// If objects may have an objectGUID, a deletion identifies no object: the remaining objects are
// listed by their anchors.
func TestSyncDeletionsWithObjectGUIDs(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(w *answers)
		want   []string
	}{
		"deleted": {func(w *answers) { w.info(idSet("", true, 9)); w.synced("", true) },
			[]string{"9 gone", "1 there", "2 there"}},
		"left": {func(w *answers) { w.info(idSet("", false, 8, 9)); w.person(stateAdd, 2); w.synced("", false) },
			[]string{"2 user", "1 there", "2 there"}},
		"none went":   {func(w *answers) { w.person(stateAdd, 2); w.synced("", true) }, []string{"2 user"}},
		"nothing was": {func(w *answers) { w.synced("", true) }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			_, s, p := syncing(t, true, func(w *answers, r search) {
				if r.sync != "" {
					c.answer(w)
					return
				}
				if r.filter != everything || !slices.Equal(r.attrs, []string{"objectGUID", "entryUUID"}) {
					t.Errorf("asked %+v", r)
				}
				w.entry("cn=P1,"+fakeContext, []string{"objectGUID", "\x00\x00\x00\x01" + guid(0)[4:]},
					[]string{"entryUUID", dashed(uuid(8))})
				w.entry("cn=P2,"+fakeContext, []string{"entryUUID", dashed(uuid(2))})
				w.page("")
			})
			var got []string
			if _, err := s.Changes(t.Context(), p, func(touch identity.ChangeNotification) error {
				got = append(got, notificationText(touch))
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("told %q, want %q", got, c.want)
			}
		})
	}
}

// An unknown class may be derived from a class of people: the server decides.
func TestSyncUnknownClasses(t *testing.T) {
	f, s, p := syncing(t, false, func(w *answers, r search) {
		switch {
		case r.sync != "":
			w.person(stateAdd, 1, "acmeEmployee")
			w.person(stateAdd, 2, "device")
			w.person(stateAdd, 3, "acmeUnit")
			w.synced(cookieOf(csnC), true)
			return
		case strings.Contains(r.filter, "objectClass=inetOrgPerson"):
			w.entry("cn=P1,"+fakeContext, []string{"entryUUID", dashed(uuid(1))})
		case strings.Contains(r.filter, "objectClass=organizationalUnit"):
			w.entry("cn=P3,"+fakeContext, []string{"entryUUID", dashed(uuid(3))})
		}
		w.page("")
	})
	var got []string
	if _, err := s.Changes(t.Context(), p, func(touch identity.ChangeNotification) error {
		got = append(got, notificationText(touch))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if want := []string{"1 user", "3 container"}; !slices.Equal(got, want) {
		t.Errorf("told %q, want %q; asked %+v", got, want, f.seen())
	}
}

// The callback's own error is returned, whatever its type.
func TestSyncReturnsTheCallbacksError(t *testing.T) {
	own := goldap.NewError(goldap.LDAPResultUnwillingToPerform, errors.New("mine"))
	for name, answer := range map[string]func(w *answers){
		"an entry": func(w *answers) { w.person(stateAdd, 1); w.person(stateAdd, 2); w.synced("", true) },
		"a set":    func(w *answers) { w.info(idSet("", true, 1, 2)); w.synced("", true) },
	} {
		_, s, p := syncing(t, false, func(w *answers, _ search) { answer(w) })
		calls := 0
		_, err := s.Changes(t.Context(), p, func(identity.ChangeNotification) error { calls++; return own })
		if !errors.Is(err, own) || calls != 1 || isStale(err) {
			t.Errorf("%s: %v after %d calls", name, err, calls)
		}
	}
}

// A server whose database lacks the overlay, or whose cookie is not OpenLDAP's, is read by
// modifyTimestamp.
func TestSyncFallsBack(t *testing.T) {
	for name, answer := range map[string]func(w *answers){
		"no overlay": func(w *answers) { w.done(12, "critical control unavailable in context") },
		"no number":  func(w *answers) { w.synced("rid=000", true) },
	} {
		f := (&fake{root: syncRoot(), undefined: true, search: func(w *answers, r search) {
			if slices.Contains(r.controls, goldap.ControlTypeSyncRequest) {
				answer(w)
				return
			}
			w.entry("cn=P1,"+fakeContext, []string{"modifyTimestamp", "20200102030405Z"})
			w.page("")
		}}).start(t, nil)
		p, err := f.source(t).Cookie(t.Context())
		if err != nil || p.Way != identity.Timestamp || !strings.Contains(p.Remedy, "overlay syncprov") {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
		if _, err := f.source(t, func(o *Options) { o.Changes = identity.SyncRepl }).Cookie(t.Context()); err == nil {
			t.Errorf("%s: asked for, syncrepl is not refused", name)
		}
	}
}

// The control as in RFC 4533 section 2.2: critical, refreshOnly, with the cookie.
func TestSyncRequestControl(t *testing.T) {
	for cookie, want := range map[string]string{
		"": "302404" + "18" + hex.EncodeToString([]byte(goldap.ControlTypeSyncRequest)) + "0101ff" + "0405" +
			"3003" + "0a0101",
		"ab": "302804" + "18" + hex.EncodeToString([]byte(goldap.ControlTypeSyncRequest)) + "0101ff" + "0409" + "3007" +
			"0a0101" + "04026162",
	} {
		if got := hex.EncodeToString(syncRequest{[]byte(cookie)}.Encode().Bytes()); got != want {
			t.Errorf("%q: %s, want %s", cookie, got, want)
		}
	}
}

func TestSyncCookie(t *testing.T) {
	for given, want := range map[string]string{
		cookieOf(csnA): cookieOf(csnA),
		"rid=123,sid=001,csn=" + csnC + ";" + csnA: cookieOf(csnA, csnC),
		"csn=" + csnB + ",delcsn=" + csnC:          cookieOf(csnB),
		"":                                         "",
		"rid=000":                                  "",
		"rid=000,csn=":                             "",
		"rid=000,csn=garbage":                      "",
		"rid=000,csn=" + csnA + ";":                "",
		"rid=000,delcsn=" + csnA:                   "",
		"rid=000,csn=" + strings.Replace(csnA, "Z", "z", 1): "",
	} {
		got, err := syncCookie([]byte(given))
		if string(got) != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", given, got, err)
		}
	}
}

func FuzzSyncCookie(f *testing.F) {
	f.Add([]byte(cookieOf(csnA, csnB)))
	f.Add([]byte("rid=000,sid=001,csn=" + csnA + ",delcsn=" + csnB))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := syncCookie(b)
		if err != nil {
			return
		}
		again, err := syncCookie(got)
		if err != nil || !bytes.Equal(got, again) || bytes.ContainsAny(got, "\x00\n") {
			t.Fatalf("%q becomes %q, and that %q, %v", b, got, again, err)
		}
	})
}

func FuzzSyncInfo(f *testing.F) {
	for _, v := range []*ber.Packet{newCookie("x"), phase(1, "", true), phase(2, "x", false), idSet("x", true, 1, 2),
		idSet("", false)} {
		f.Add(message(7, infoOp(goldap.ControlTypeSyncInfo, v.Bytes())))
	}
	f.Add(message(7, infoOp("1.2", nil)))
	f.Fuzz(func(t *testing.T, b []byte) {
		info, ok, err := decodeSyncInfo(b)
		if err == nil && !ok && (info.kind != 0 || len(info.uuids) > 0) {
			t.Fatalf("%+v of another message", info)
		}
		if 18*len(info.uuids) > len(b) {
			t.Fatalf("%d UUIDs in %d bytes", len(info.uuids), len(b))
		}
	})
}

func FuzzSyncState(f *testing.F) {
	v := ber.NewSequence("")
	v.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagEnumerated, int64(1), ""))
	v.AppendChild(octets(guid(1)))
	f.Add(controlOf(goldap.ControlTypeSyncState, v).Bytes())
	v.AppendChild(octets("cookie"))
	f.Add(append(controlOf("1.2", v).Bytes(), controlOf(goldap.ControlTypeSyncState, v).Bytes()...))
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, err := syncStateOf(b); err == nil && (s.state > stateDelete || len(s.cookie) > len(b)) {
			t.Fatalf("%+v", s)
		}
	})
}

// A changelog cookie is kept unchanged; its number is the last part.
func TestChangelogCookies(t *testing.T) {
	const good = "ldap.example.com:389#cn=a#b,dc=corp:dc=corp:(objectClass=*)#42"
	if n, ok := changelogNumber([]byte(good)); !ok || n != 42 {
		t.Errorf("%d %t", n, ok)
	}
	if kept, err := syncCookie([]byte(good)); err != nil || string(kept) != good {
		t.Errorf("%q %v", kept, err)
	}
	if from := string(changelogFrom([]byte(good), 7)); from != strings.TrimSuffix(good, "42")+"7" {
		t.Errorf("%q", from)
	}
	for _, bad := range []string{"", "42", "#42", "a#42", "a#b#", "a#b#-1", "a#b#007", "a#b#1x",
		"a#b#99999999999999999999"} {
		if n, ok := changelogNumber([]byte(bad)); ok {
			t.Errorf("%q has the number %d", bad, n)
		}
		if _, err := syncCookie([]byte(bad)); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

// changelogRoot is the rootDSE of a server that implements RFC 4533 with a changelog.
func changelogRoot(first, last int, version string) [][]string {
	return [][]string{{"namingContexts", "cn=changelog", fakeContext}, {"defaultNamingContext", "cn=changelog"},
		{"changeLog", "cn=changelog"},
		{"vendorName", "389 Project"}, {"supportedControl", goldap.ControlTypePaging, goldap.ControlTypeSyncRequest},
		{"firstChangeNumber", fmt.Sprint(first)}, {"lastChangeNumber", fmt.Sprint(last)}, {"dataVersion", version}}
}

// The behaviour of 389 Directory Server: it names objects by nsUniqueId without sending that
// attribute, never announces reported deletions, and reveals what it has forgotten by numbers
// alone.
func TestChangelogAnswers(t *testing.T) {
	cookie := func(n int) string { return fmt.Sprintf("here:389#reader:%s:(objectClass=*)#%d", fakeContext, n) }
	nsUniqueID := func(n int) string {
		h := strings.ReplaceAll(dashed(uuid(n)), "-", "")
		return h[:8] + "-" + h[8:16] + "-" + h[16:24] + "-" + h[24:]
	}
	for name, c := range map[string]struct {
		named  int          // the object that is reported as the head of the naming context
		proves int          // how many of the last changes are reported
		after  [][]string   // the rootDSE at the second reading
		want   []string     // reported
		stale  string       // why a full reading is required
		way    identity.Way // of the cookie
	}{
		"told": {named: 1, proves: 1, want: []string{"2 user", "3 gone"}, way: identity.SyncRepl},
		"forgotten": {named: 1, proves: 1, after: changelogRoot(44, 50, "one"), stale: "is forgotten",
			way: identity.SyncRepl},
		"just not": {named: 1, proves: 1, after: changelogRoot(43, 50, "one"), want: []string{"2 user", "3 gone"},
			way: identity.SyncRepl},
		"imported": {named: 1, proves: 1, after: changelogRoot(1, 50, "two"), stale: "imported",
			way: identity.SyncRepl},
		"numbers hidden": {named: 1, proves: 1, after: changelogRoot(1, 50, ""), stale: "does not show in its rootDSE",
			way: identity.SyncRepl},
		"nothing told":     {named: 1, way: identity.Timestamp},
		"named by another": {named: 9, proves: 1, way: identity.Timestamp},
	} {
		t.Run(name, func(t *testing.T) {
			f := &fake{root: changelogRoot(1, 42, "one"), undefined: true}
			f.search = func(w *answers, r search) {
				switch {
				case r.scope == 0 && r.sync == "" && slices.Contains(r.controls, goldap.ControlTypeSyncRequest):
					w.state(stateAdd, 1, fakeContext, []string{"nsUniqueId", nsUniqueID(c.named)})
					w.synced(cookie(42), false)
				case r.sync == cookie(0):
					for i := range c.proves {
						w.state(stateAdd, 20+i, fmt.Sprintf("cn=P%d,%s", 20+i, fakeContext))
					}
					w.synced(cookie(42), false)
				case r.sync == cookie(42):
					w.info(idSet(cookie(50), true, 3))
					w.state(stateAdd, 2, "cn=P2,"+fakeContext, []string{"objectClass", "inetOrgPerson"},
						[]string{"userPassword", "{X}"})
					w.synced(cookie(50), false)
				default:
					w.entry(fakeContext, []string{"modifyTimestamp", "20261122224759Z"}, []string{"nsUniqueId", nsUniqueID(1)})
					w.page("")
				}
			}
			s := f.start(t, nil).source(t)
			at, err := s.Cookie(t.Context())
			if err != nil || at.Way != c.way || (at.NoDeletions == "") != (c.way == identity.SyncRepl) {
				t.Fatalf("%+v, %v", at, err)
			}
			if c.way != identity.SyncRepl {
				return
			}
			if c.after != nil {
				f.mu.Lock()
				f.root = c.after
				f.mu.Unlock()
			}
			var got []string
			_, err = s.Changes(t.Context(), at, func(touch identity.ChangeNotification) error {
				got = append(got, notificationText(touch))
				return nil
			})
			stale, isStale := errors.AsType[*identity.Stale](err)
			switch {
			case c.stale != "" && (!isStale || !strings.Contains(stale.Reason, c.stale)):
				t.Errorf("%v", err)
			case c.stale == "" && err != nil:
				t.Error(err)
			}
			slices.Sort(got)
			if c.stale == "" && !slices.Equal(got, c.want) {
				t.Errorf("told %q, want %q", got, c.want)
			}
		})
	}
}
