package cloud_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	stdsync "sync"
	"testing"
	"time"

	"dirbridge/cloud"
	"dirbridge/cloud/scimtest"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
)

// lineDelay is how long an answer takes longer by the line: half of it in each direction.
const lineDelay = 50 * time.Millisecond

// line is a proxy of TCP to an address, with that delay. It delays bytes, not their number: a line that is
// long, and not narrow.
func line(b *testing.B, to string) (address string) {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", to)
			if err != nil {
				_ = near.Close()
				return
			}
			go late(far, near)
			go late(near, far)
		}
	}()
	return l.Addr().String()
}

// late copies with the delay of one direction.
func late(to, from net.Conn) {
	type part struct {
		data []byte
		at   time.Time
	}
	parts := make(chan part, 1024)
	go func() {
		defer close(parts)
		for {
			buf := make([]byte, 32<<10)
			n, err := from.Read(buf)
			if n > 0 {
				parts <- part{buf[:n], time.Now().Add(lineDelay / 2)}
			}
			if err != nil {
				return
			}
		}
	}()
	for p := range parts {
		time.Sleep(time.Until(p.at))
		if _, err := to.Write(p.data); err != nil {
			break
		}
	}
	_ = to.Close()
}

// farCloud is an embedded cloud at the end of the line, and its base URL through it.
func farCloud(b *testing.B, bulk bool) (s *scimtest.Server, base string) {
	b.Helper()
	s, err := scimtest.Start(b.Context(), scimtest.Options{WithoutBulk: !bulk})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	u, err := url.Parse(s.URL())
	if err != nil {
		b.Fatal(err)
	}
	u.Host = line(b, u.Host)
	return s, u.String()
}

// recorded is a request as it was encoded.
type recorded struct {
	method, path string // below the base URL
	body         []byte
}

// encoded are the requests of a target that writes the changes, caught on the way to a cloud without a delay.
func encoded(b *testing.B, near *scimtest.Server, changes []plan.Change) (all []recorded) {
	b.Helper()
	to, err := url.Parse(near.URL())
	if err != nil {
		b.Fatal(err)
	}
	pass := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: to.Scheme, Host: to.Host})
	var mu stdsync.Mutex
	tap := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if q.Method != http.MethodGet {
			body, err := io.ReadAll(q.Body)
			if err != nil {
				b.Error(err)
			}
			q.Body = io.NopCloser(bytes.NewReader(body))
			r := recorded{q.Method, strings.TrimPrefix(q.URL.Path, to.Path), body}
			mu.Lock()
			if all = append(all, r); r.path != "/Bulk" { // a bulk request was tried once, and refused
				all = slices.DeleteFunc(all, func(r recorded) bool { return r.path == "/Bulk" })
			}
			mu.Unlock()
		}
		pass.ServeHTTP(w, q)
	}))
	defer tap.Close()
	target, err := cloud.New(options("webex", tap.URL+to.Path, near.Token()))
	if err != nil {
		b.Fatal(err)
	}
	defer target.Close()
	if _, err := target.Describe(b.Context()); err != nil {
		b.Fatal(err)
	}
	applyInBatches(b, target, changes)
	return all
}

// send sends requests, 4 at a time, and reads the answers.
func send(b *testing.B, client *http.Client, base, token string, all []recorded) {
	next := make(chan recorded)
	var wait stdsync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for r := range next {
				q, err := http.NewRequestWithContext(b.Context(), r.method, base+r.path, bytes.NewReader(r.body))
				if err != nil {
					b.Error(err)
					continue
				}
				q.Header.Set("Authorization", "Bearer "+token)
				q.Header.Set("Content-Type", "application/scim+json")
				a, err := client.Do(q)
				if err != nil {
					b.Error(err)
					continue
				}
				if _, err := io.Copy(io.Discard, a.Body); err != nil || a.StatusCode > 299 {
					b.Errorf("%d %v", a.StatusCode, err)
				}
				_ = a.Body.Close()
			}
		})
	}
	for _, r := range all {
		next <- r
	}
	close(next)
	wait.Wait()
}

// farUsers are created in each round, as many as in a batch of a run at a time.
func farUsers(round, n int) []plan.Change {
	changes := make([]plan.Change, n)
	for i := range changes {
		changes[i] = person(round*n+i, fmt.Sprintf("far%d-%d@example.com", round, i), set("title", "Clerk"),
			set("sn", "Silva"))
	}
	return changes
}

// far are the two ways of writing, and how many accounts of each take a few seconds.
func far() map[string]int { return map[string]int{"single": 400, "bulk": 8000} }

// BenchmarkFarApply writes through a line with a delay of 50 ms, in the batches of a run.
func BenchmarkFarApply(b *testing.B) {
	for way, n := range far() {
		b.Run(way, func(b *testing.B) {
			s, base := farCloud(b, way == "bulk")
			target, err := cloud.New(options("webex", base, s.Token()))
			if err != nil {
				b.Fatal(err)
			}
			if _, err := target.Describe(b.Context()); err != nil {
				b.Fatal(err)
			}
			round := 0
			for b.Loop() {
				round++
				applyInBatches(b, target, farUsers(round, n))
			}
			b.ReportMetric(float64(round*n)/b.Elapsed().Seconds(), "writes/s")
		})
	}
}

// applyInBatches writes changes as a run does.
func applyInBatches(b *testing.B, target *cloud.Target, changes []plan.Change) {
	size := target.Limits().Batch
	for from := 0; from < len(changes); from += size {
		err := target.Apply(b.Context(), changes[from:min(from+size, len(changes))], func(o record.Outcome) {
			if o.State != record.WriteDone {
				b.Error(o.Message)
			}
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFarBareClient sends the same encoded bodies over the same line by a client that does nothing else:
// 4 requests at a time on connections that are kept.
func BenchmarkFarBareClient(b *testing.B) {
	for way, n := range far() {
		b.Run(way, func(b *testing.B) {
			s, base := farCloud(b, way == "bulk")
			near, err := scimtest.Start(b.Context(), scimtest.Options{WithoutBulk: way != "bulk"})
			if err != nil {
				b.Fatal(err)
			}
			defer near.Close()
			client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 4}}
			round := 0
			for b.Loop() {
				b.StopTimer()
				round++
				bodies := encoded(b, near, farUsers(round, n))
				b.StartTimer()
				send(b, client, base, s.Token(), bodies)
			}
			b.ReportMetric(float64(round*n)/b.Elapsed().Seconds(), "writes/s")
		})
	}
}
