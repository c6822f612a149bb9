package scimtest_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"testing"

	"dirbridge/cloud/scimtest"
	"dirbridge/sync/sample"
)

// BenchmarkList reads 100,000 users of the sample company page by page, without decoding them.
func BenchmarkList(b *testing.B) {
	s, err := scimtest.Start(context.Background(), scimtest.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	if err := s.Load(sample.New(sample.Options{People: 100_000})); err != nil {
		b.Fatal(err)
	}
	total := len(s.Users())
	for b.Loop() {
		var size int64
		for from := 1; from <= total; from += 100 {
			req, err := http.NewRequest("GET", fmt.Sprintf("%s/Users?startIndex=%d&count=100", s.URL(), from), nil)
			if err != nil {
				b.Fatal(err)
			}
			req.Header.Set("Authorization", "Bearer "+s.Token())
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				b.Fatal(err)
			}
			n, err := io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			if err != nil || resp.StatusCode != 200 {
				b.Fatal(resp.Status, err)
			}
			size += n
		}
		b.SetBytes(size)
	}
	b.ReportMetric(float64(total)*float64(b.N)/b.Elapsed().Seconds(), "users/s")
}

// BenchmarkLoad stores 10,000 accounts.
func BenchmarkLoad(b *testing.B) {
	c := sample.New(sample.Options{People: 10_000})
	for b.Loop() {
		s, err := scimtest.Start(context.Background(), scimtest.Options{})
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Load(c); err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
