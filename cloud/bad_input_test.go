package cloud_test

import (
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"dirbridge/cloud"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
	"dirbridge/sync/schema"
)

// TestEndlessValue: one value of 10 GB, in a listing or in the answer to a write, is an error that names the
// cloud, after little of it was read.
func TestEndlessValue(t *testing.T) {
	for _, packed := range []bool{false, true} {
		endlessValue(t, packed)
	}
}

func endlessValue(t *testing.T, packed bool) {
	var sent atomic.Int64
	endless := func(w http.ResponseWriter, begin string) {
		w.Header().Set("Content-Type", "application/scim+json")
		to := io.Writer(w)
		if packed {
			w.Header().Set("Content-Encoding", "gzip")
			to = gzip.NewWriter(w)
		}
		fmt.Fprint(to, begin)
		part := []byte(strings.Repeat("a", 1<<20))
		for range 10_000 {
			n, err := to.Write(part)
			if sent.Add(int64(n)); err != nil {
				return
			}
		}
	}
	target := served(t, schema.KindSCIM, func(w http.ResponseWriter, q *http.Request) {
		switch {
		case noUsers(w, q):
		case !strings.HasSuffix(q.URL.Path, "/Users"):
			http.NotFound(w, q)
		case q.Method == http.MethodGet:
			endless(w, `{"totalResults":1,"Resources":[{"id":"1","userName":"`)
		default:
			endless(w, `{"id":"`)
		}
	})
	err := target.Resources(t.Context(), identity.User, func(identity.Resource) error { return nil })
	if err == nil || identity.Remedy(err) == "" {
		t.Errorf("a listing: %v; remedy %q", err, identity.Remedy(err))
	}
	out, _ := tryApply(t, t.Context(), target, people(1))
	if o := out[1]; o.State == record.WriteDone || o.Message == "" || o.Remedy == "" {
		t.Errorf("a write: %+v", o)
	}
	if n := sent.Load(); n > 4<<30 {
		t.Errorf("packed %v: %d bytes were read", packed, n)
	}
}

// TestATokenFollowsNoRedirect: another host that the cloud redirects to gets no request at all, whatever the
// status says about the method.
func TestATokenFollowsNoRedirect(t *testing.T) {
	var got atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { got.Add(1) }))
	defer other.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		down := false
		target := served(t, schema.KindSCIM, func(w http.ResponseWriter, q *http.Request) {
			if !down {
				if !noUsers(w, q) {
					http.NotFound(w, q)
				}
				return
			}
			http.Redirect(w, q, other.URL+q.URL.Path, status)
		})
		down = true
		err := target.Resources(t.Context(), identity.User, func(identity.Resource) error { return nil })
		if err == nil || !strings.Contains(err.Error(), "redirects to") || identity.Remedy(err) == "" {
			t.Errorf("%d: %v; remedy %q", status, err, identity.Remedy(err))
		}
		if out, _ := tryApply(t, t.Context(), target, people(1)); out[1].State == record.WriteDone {
			t.Errorf("%d: a write counts as done", status)
		}
	}
	if n := got.Load(); n > 0 {
		t.Errorf("the other host got %d requests", n)
	}
}

// TestNoOldTLS: a server, or something on the way, that offers TLS 1.1 alone gets no request, and no token.
func TestNoOldTLS(t *testing.T) {
	asked := false
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	s.Config.ErrorLog = quiet()
	s.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	s.StartTLS()
	defer s.Close()
	o := options(schema.KindSCIM, s.URL, "secret")
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	o.HTTP = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}
	target, err := cloud.New(o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = target.Describe(t.Context()); err == nil || identity.Remedy(err) == "" || asked {
		t.Errorf("%v; remedy %q, asked %v", err, identity.Remedy(err), asked)
	}
}

// TestValuesAddNoHeaders: line breaks in values of the directory, in ids and in versions of the cloud stay
// values, or are refused: no request has a header or a line of theirs.
func TestValuesAddNoHeaders(t *testing.T) {
	const evil = "x\r\nX-Evil: 1\r\n\r\nDELETE /Users/2 HTTP/1.1\r\n"
	var requests, bad atomic.Int64
	target := served(t, schema.KindSCIM, func(w http.ResponseWriter, q *http.Request) {
		requests.Add(1)
		if q.Header.Get("X-Evil") != "" || q.Method == http.MethodDelete || strings.Contains(fmt.Sprint(q.Header), "Evil") {
			bad.Add(1)
		}
		if !noUsers(w, q) {
			say(w, `{"totalResults":0,"Resources":[]}`)
		}
	})
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	changed := update(evil, "ana@example.com", set("title", evil))
	changed.CloudVersion = evil
	_, _ = tryApply(t, ctx, target, []plan.Change{changed})
	added := person(1, "ana@example.com"+evil, set("title", evil))
	added.Seq = 1
	_, _ = tryApply(t, ctx, target, []plan.Change{added})
	_, _ = target.Find(ctx, identity.User, evil)
	if bad.Load() > 0 || requests.Load() < 3 {
		t.Errorf("%d of %d requests have a header of a value", bad.Load(), requests.Load())
	}
}
