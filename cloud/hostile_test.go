package cloud_test

import (
	"compress/gzip"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	neturl "net/url"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"dirbridge/cloud"
	"dirbridge/cloud/scimtest"
	"dirbridge/sync/identity"
	"dirbridge/sync/record"
	"dirbridge/sync/schema"
)

// served is a target that is signed in to a handler.
func served(t *testing.T, kind string, h http.HandlerFunc) *cloud.Target {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return open(t, options(kind, s.URL+"/identity/scim/o/v2", "secret"))
}

func say(w http.ResponseWriter, format string, args ...any) {
	w.Header().Set("Content-Type", "application/scim+json")
	fmt.Fprintf(w, format, args...)
}

// noUsers answers the requests of signing in, and returns whether it did.
func noUsers(w http.ResponseWriter, q *http.Request) bool {
	if q.Method != http.MethodGet || q.FormValue("count") != "1" {
		return false
	}
	say(w, `{"totalResults":0,"Resources":[]}`)
	return true
}

// quiet discards the log of net/http.
func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

// A listing with endlessly more resources than announced is an error after a bounded number,
// whether the total grows with it, stays, or is never announced.
func TestEndlessListing(t *testing.T) {
	for name, total := range map[string]func(start int) int{
		"the total grows":  func(start int) int { return start + 1000 },
		"one endless page": func(int) int { return 100 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target := served(t, schema.KindWebex, func(w http.ResponseWriter, q *http.Request) {
				if noUsers(w, q) {
					return
				}
				start, _ := strconv.Atoi(q.FormValue("startIndex"))
				n := 500
				if start > 1 && name == "one endless page" {
					n = 1 << 30
				}
				say(w, `{"totalResults":%d,"Resources":[`, total(start))
				for i := range n {
					comma := ","
					if i == 0 {
						comma = ""
					}
					if _, err := fmt.Fprintf(w, `%s{"id":"%d"}`, comma, start+i); err != nil {
						return
					}
					if start == 1 && name == "one endless page" && i == 50 {
						break
					}
				}
				fmt.Fprint(w, "]}")
			})
			given := 0
			err := target.Resources(t.Context(), identity.User, func(identity.Resource) error { given++; return nil })
			if err == nil || !strings.Contains(err.Error(), "does not end") || identity.Remedy(err) == "" {
				t.Errorf("%v after %d", err, given)
			}
			if given > 20_000 {
				t.Errorf("it was believed for %d", given)
			}
		})
	}
}

// A page may have any number of resources: memory is that of one.
func TestPagesAreStreamed(t *testing.T) {
	const n = 200_000
	target := served(t, schema.KindWebex, func(w http.ResponseWriter, q *http.Request) {
		if noUsers(w, q) {
			return
		}
		say(w, `{"totalResults":%d,"Resources":[{"id":"first"}`, n)
		for i := range n - 1 {
			fmt.Fprintf(w, `,{"id":"%d","userName":"user%d@example.com","title":%q}`, i, i, strings.Repeat("x", 400))
		}
		fmt.Fprint(w, "]}")
	})
	given := 0
	var most uint64
	err := target.Resources(t.Context(), identity.User, func(identity.Resource) error {
		if given++; given%20_000 == 0 {
			most = max(most, inUse())
		}
		return nil
	})
	if err != nil || given != n {
		t.Fatalf("%d, %v", given, err)
	}
	if most > 60<<20 {
		t.Errorf("%d MB in use while a page is read", most>>20)
	}
}

func inUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// A byte now and then does not keep a request alive: it ends with its timeout.
func TestTrickledAnswerTimesOut(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if noUsers(w, q) {
			return
		}
		say(w, `{"totalResults":1,"Resources":[`)
		for q.Context().Err() == nil {
			fmt.Fprint(w, " ")
			_ = http.NewResponseController(w).Flush()
			time.Sleep(5 * time.Millisecond)
		}
	}))
	t.Cleanup(s.Close)
	o := options(schema.KindWebex, s.URL+"/identity/scim/o/v2", "secret")
	o.Timeout = 100 * time.Millisecond
	began := time.Now()
	err := open(t, o).Resources(t.Context(), identity.User, func(identity.Resource) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "did not answer within") || identity.Remedy(err) == "" {
		t.Errorf("%v", err)
	}
	if d := time.Since(began); d > 5*time.Second {
		t.Errorf("after %s", d)
	}
}

// An answer to a write that decompresses to gigabytes is not kept. The write is done.
func TestDecompressionBombInAWrite(t *testing.T) {
	target := served(t, schema.KindWebex, func(w http.ResponseWriter, q *http.Request) {
		if noUsers(w, q) {
			return
		}
		w.Header().Set("Content-Type", "application/scim+json")
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		fmt.Fprint(z, `{"id":"r1","title":"`)
		blank := make([]byte, 1<<20)
		for range 300 {
			if _, err := z.Write(blank); err != nil {
				return
			}
		}
	})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	out := apply(t, target, update("r1", "ana@example.com", set("title", "Chief")))
	runtime.ReadMemStats(&after)
	if o := out[1]; o.State != record.WriteDone || o.After != nil {
		t.Errorf("%+v", o)
	}
	if used := (after.TotalAlloc - before.TotalAlloc) >> 20; used > 60 {
		t.Errorf("%d MB for one answer", used)
	}
}

// A byte order mark before the JSON is skipped: in discovery, listings, answers, bulk and errors.
func TestByteOrderMark(t *testing.T) {
	s := startSandbox(t, scimtest.Options{BulkBodies: true})
	at, err := neturl.Parse(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(&neturl.URL{Scheme: at.Scheme, Host: at.Host})
	proxy.ModifyResponse = func(r *http.Response) error {
		if r.ContentLength > 0 {
			r.ContentLength += 3
			r.Header.Set("Content-Length", strconv.FormatInt(r.ContentLength, 10))
			body := r.Body
			r.Body = struct {
				io.Reader
				io.Closer
			}{io.MultiReader(strings.NewReader("\uFEFF"), body), body}
		}
		return nil
	}
	front := httptest.NewServer(proxy)
	t.Cleanup(front.Close)
	for _, kind := range []string{schema.KindWebex, schema.KindSCIM} {
		target := open(t, options(kind, front.URL+at.Path, s.Token()))
		var adds = people(12)
		for i := range adds {
			adds[i].Key = kind + adds[i].Key
			adds[i].Fields[0].New = []string{adds[i].Key}
		}
		for _, o := range apply(t, target, adds...) {
			if o.State != record.WriteDone || o.ID == "" || o.After == nil {
				t.Errorf("%s: %+v", kind, o)
			}
		}
		out := apply(t, target, update("nobody", "x@example.com", set("title", "Chief")))
		if !strings.Contains(out[1].Message, "nobody") {
			t.Errorf("%s: the words of an error are lost: %s", kind, out[1].Message)
		}
	}
	if n := len(s.Users()); n != 24 {
		t.Errorf("%d users", n)
	}
}

// The id of a new account is accepted only if everything in the answer agrees. Otherwise the cloud
// is read: a link to another person's account is worse than any delay.
func TestIDMustAgreeWithTheLocation(t *testing.T) {
	for name, tt := range map[string]struct{ location, body string }{
		"a location of another":     {"/Users/other", `{"id":"mine","userName":"user0000@example.com"}`},
		"a body without an id":      {"/Users/other", `{"userName":"user0000@example.com"}`},
		"a location of a group":     {"/Groups/other", ``},
		"a location of nothing":     {"/other", ``},
		"a body that is unreadable": {"/Users/other", `{"id":`},
	} {
		t.Run(name, func(t *testing.T) {
			target := served(t, schema.KindWebex, func(w http.ResponseWriter, q *http.Request) {
				switch {
				case q.Method == http.MethodPost:
					w.Header().Set("Location", "https://cloud.example.com/v2"+tt.location)
					w.Header().Set("Content-Type", "application/scim+json")
					w.WriteHeader(http.StatusCreated)
					fmt.Fprint(w, tt.body)
				case strings.Contains(q.FormValue("filter"), "userName"):
					say(w, `{"totalResults":1,"Resources":[{"id":"mine","userName":"user0000@example.com","externalId":%q}]}`, guid(0))
				case !noUsers(w, q):
					say(w, `{"totalResults":0}`)
				}
			})
			if o := apply(t, target, person(0, "user0000@example.com"))[1]; o.State != record.WriteDone || o.ID != "mine" {
				t.Errorf("%+v", o)
			}
		})
	}
	alone := served(t, schema.KindWebex, func(w http.ResponseWriter, q *http.Request) {
		if q.Method == http.MethodPost {
			w.Header().Set("Location", "https://cloud.example.com/v2/users/mine")
			w.WriteHeader(http.StatusCreated)
		} else {
			noUsers(w, q)
		}
	})
	if o := apply(t, alone, person(0, "user0000@example.com"))[1]; o.ID != "mine" {
		t.Errorf("a location alone: %+v", o)
	}
}

// An answer about another resource says nothing about this one.
func TestAnswerOfAnotherResource(t *testing.T) {
	target := served(t, schema.KindWebex, func(w http.ResponseWriter, q *http.Request) {
		if !noUsers(w, q) {
			say(w, `{"id":"other","title":"Clerk","active":false}`)
		}
	})
	if o := apply(t, target, update("mine", "ana@example.com", set("title", "Chief")))[1]; o.ID != "mine" ||
		o.After != nil {
		t.Errorf("%+v", o)
	}
}

// A 500 whose scimType refers to the record is an answer about the record.
func TestServerErrorWithAScimType(t *testing.T) {
	posts := 0
	target := served(t, schema.KindWebex, func(w http.ResponseWriter, q *http.Request) {
		if q.Method == http.MethodPost {
			posts++
			w.Header().Set("Content-Type", "application/scim+json")
			w.WriteHeader(http.StatusInternalServerError)
			fmt.Fprint(w, `{"status":"500","scimType":"uniqueness","detail":"userName is in use"}`)
			return
		}
		say(w, `{"totalResults":1,"Resources":[{"id":"x","userName":"user0000@example.com","externalId":"another"}]}`)
	})
	o := apply(t, target, person(0, "user0000@example.com"))[1]
	if o.State != record.WriteFailed || !strings.Contains(o.Message, "naming conflict") || posts != 1 {
		t.Errorf("%d requests, %+v", posts, o)
	}
}

// Each way in which TLS is not trusted has its own remedy.
func TestTLSRemedies(t *testing.T) {
	certificate := func(name string, until time.Time) (tls.Certificate, *x509.CertPool) {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		c := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: until.Add(-48 * time.Hour),
			NotAfter: until, IsCA: true,
			BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
			DNSNames: []string{name}}
		if ip := net.ParseIP(name); ip != nil {
			c.DNSNames, c.IPAddresses = nil, []net.IP{ip}
		}
		der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		pool := x509.NewCertPool()
		pool.AddCert(parsed)
		return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
	}
	for name, tt := range map[string]struct {
		host    string
		until   time.Time
		trusted bool
		words   string
	}{
		"expired":           {"127.0.0.1", time.Now().Add(-time.Hour), true, "has expired"},
		"another name":      {"elsewhere.example.com", time.Now().Add(time.Hour), true, "is for another name"},
		"unknown authority": {"127.0.0.1", time.Now().Add(time.Hour), false, "authority"},
	} {
		t.Run(name, func(t *testing.T) {
			cert, pool := certificate(tt.host, tt.until)
			s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) { noUsers(w, q) }))
			s.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
			s.Config.ErrorLog = quiet()
			s.StartTLS()
			t.Cleanup(s.Close)
			o := options(schema.KindWebex, s.URL+"/identity/scim/o/v2", "secret")
			if !tt.trusted {
				pool = x509.NewCertPool()
			}
			o.HTTP = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}
			target, err := cloud.New(o)
			if err != nil {
				t.Fatal(err)
			}
			if _, err = target.Describe(t.Context()); err == nil || !strings.Contains(identity.Remedy(err), tt.words) {
				t.Errorf("%v: %s", err, identity.Remedy(err))
			}
		})
	}
}

// A userName in another Unicode form is found.
func TestFindsTheOtherUnicodeForm(t *testing.T) {
	const composed, apart = "andr\u00e9@example.com", "andre\u0301@example.com"
	for _, kind := range []string{schema.KindWebex, schema.KindSCIM} {
		s := startSandbox(t, scimtest.Options{AnyUserName: true})
		if _, err := s.Add(scimtest.User{UserName: composed}); err != nil {
			t.Fatal(err)
		}
		target := open(t, options(kind, s.URL(), s.Token()))
		if found, err := target.Find(t.Context(), identity.User, apart); err != nil || len(found) != 1 {
			t.Errorf("%s: %v, %v", kind, found, err)
		}
	}
}

// A record that gets 500 is tried at most four times, and a cloud that answers 500 to everything is
// given up after a few dozen requests, however many records wait.
func TestFailingCloudIsGivenUp(t *testing.T) {
	t.Run("one record", func(t *testing.T) {
		t.Parallel()
		for _, bulk := range []bool{false, true} {
			s := startSandbox(t, scimtest.Options{WithoutBulk: !bulk})
			target := open(t, options(schema.KindSCIM, s.URL(), s.Token()))
			s.Inject(scimtest.Fault{Effect: scimtest.RefuseKey, Key: "user0003@example.com", Status: 500})
			out := apply(t, target, people(12)...)
			for seq, o := range out {
				if (o.State == record.WriteDone) == (seq == 4) {
					t.Errorf("%d: %+v", seq, o)
				}
			}
			if n := s.Stats().Fired; n > 4 {
				t.Errorf("bulk %v: it was tried %d times", bulk, n)
			}
		}
	})
	for name, fault := range map[string]scimtest.Fault{
		"every write":              {Effect: scimtest.Refuse, Status: 500, Writes: true},
		"everything":               {Effect: scimtest.Refuse, Status: 500},
		"unavailable":              {Effect: scimtest.Refuse, Status: 503, Writes: true},
		"too many requests":        {Effect: scimtest.Refuse, Status: 429, RetryAfter: time.Second, Writes: true},
		"connections are dropped":  {Effect: scimtest.DropBefore, Writes: true},
		"answers are lost, always": {Effect: scimtest.DropAfter, Writes: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startSandbox(t, scimtest.Options{WithoutBulk: true})
			o := options(schema.KindSCIM, s.URL(), s.Token())
			c := newClock()
			o.Clock = c
			target := open(t, o)
			began := c.Now()
			s.Inject(fault)
			out, err := tryApply(t, t.Context(), target, people(2000))
			if fault.Effect == scimtest.DropAfter && err == nil {
				return // each account is found where it was created: nothing fails
			}
			if err == nil || !strings.Contains(err.Error(), "the cloud fails all") || identity.Remedy(err) == "" {
				t.Errorf("%v", err)
			}
			if n := s.Stats().Fired; n > 400 || len(out) > 150 {
				t.Errorf("%d requests, %d of 2000 answered", n, len(out))
			}
			if d := c.Now().Sub(began); d < 15*time.Minute || d > time.Hour {
				t.Errorf("it took %s", d)
			}
			if target.Pauses() == 0 {
				t.Error("no pause is told")
			}
			// The next run starts over.
			s.Heal()
			if _, err := target.Describe(t.Context()); err != nil {
				t.Fatal(err)
			}
			apply(t, target, people(3)...)
		})
	}
	t.Run("for a moment", func(t *testing.T) {
		t.Parallel()
		s := startSandbox(t, scimtest.Options{WithoutBulk: true})
		target := open(t, options(schema.KindSCIM, s.URL(), s.Token()))
		s.Inject(scimtest.Fault{Effect: scimtest.Refuse, Status: 500, Writes: true, Times: 22})
		out := apply(t, target, people(200)...)
		done := 0
		for _, o := range out {
			if o.State == record.WriteDone {
				done++
			}
		}
		if done < 190 {
			t.Errorf("%d of 200", done)
		}
	})
}
