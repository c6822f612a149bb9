package cloud_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	stdsync "sync"
	"testing"

	"dirbridge/cloud"
	"dirbridge/cloud/scimtest"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
)

// benchUsers are created in each round of the two benchmarks, 100 per request and 4 requests at a
// time: by Apply, and by a minimal client with the same bodies.
const benchUsers = 2000

func benchCloud(b *testing.B) *scimtest.Server {
	s, err := scimtest.Start(b.Context(), scimtest.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	return s
}

func BenchmarkApply(b *testing.B) {
	s := benchCloud(b)
	o := options("webex", s.URL(), s.Token())
	target, err := cloud.New(o)
	if err != nil {
		b.Fatal(err)
	}
	round := 0
	for b.Loop() {
		round++
		changes := make([]plan.Change, benchUsers)
		for i := range changes {
			changes[i] = person(round*benchUsers+i, fmt.Sprintf("user%d-%d@example.com", round, i), set("title", "Clerk"),
				set("sn", "Silva"))
		}
		err := target.Apply(b.Context(), changes, func(o record.Outcome) {
			if o.State != record.WriteDone {
				b.Fatal(o.Message)
			}
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(round*benchUsers)/b.Elapsed().Seconds(), "writes/s")
}

func BenchmarkBareClient(b *testing.B) {
	s := benchCloud(b)
	round := 0
	for b.Loop() {
		round++
		var wait stdsync.WaitGroup
		next := make(chan int)
		for range 4 {
			wait.Go(func() {
				for from := range next {
					bare(b, s, round, from)
				}
			})
		}
		for from := 0; from < benchUsers; from += 100 {
			next <- from
		}
		close(next)
		wait.Wait()
	}
	b.ReportMetric(float64(round*benchUsers)/b.Elapsed().Seconds(), "writes/s")
}

func bare(b *testing.B, s *scimtest.Server, round, from int) {
	var ops []any
	for i := from; i < from+100; i++ {
		key := fmt.Sprintf("user%d-%d@example.com", round, i)
		ops = append(ops, map[string]any{"method": "POST", "bulkId": fmt.Sprint(i), "path": "/Users", "data": map[string]any{
			"schemas": []string{"urn:ietf:params:scim:schemas:core:2.0:User"}, "userName": key,
			"externalId": guid(round*benchUsers + i),
			"active":     true, "title": "Clerk", "name": map[string]any{"familyName": "Silva"}, "userType": "user",
			"emails": []any{map[string]any{"type": "work", "primary": true, "value": key}}}})
	}
	body, _ := json.Marshal(map[string]any{"schemas": []string{"urn:ietf:params:scim:api:messages:2.0:BulkRequest"},
		"Operations": ops})
	q, _ := http.NewRequest(http.MethodPost, s.URL()+"/Bulk", bytes.NewReader(body))
	q.Header.Set("Authorization", "Bearer "+s.Token())
	q.Header.Set("Content-Type", "application/scim+json")
	resp, err := http.DefaultClient.Do(q)
	if err != nil {
		b.Error(err)
		return
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		b.Errorf("%d %v", resp.StatusCode, err)
	}
}
