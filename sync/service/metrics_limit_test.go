package service_test

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/http"
	neturl "net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"dirbridge/sync/record"
	"dirbridge/sync/service"
	"dirbridge/sync/store"
)

// Silent clients get sixteen connections and no more, and lose them after a few seconds: the
// monitoring system behind them gets its answer.
func TestMetricsLimitConnections(t *testing.T) {
	t.Parallel()
	st, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	urls := make(chan string, 1)
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() {
		served <- service.New(service.Options{Store: st, Clock: service.Wall{}, Listen: "127.0.0.1:0",
			Run: func(context.Context, record.Mode) (record.Run, error) {
				return record.Run{}, errors.New("not in this test")
			},
			Report: func(e record.Event) {
				if e.Code == "metrics" {
					urls <- regexp.MustCompile(`http://\S+/metrics`).FindString(e.Message)
				}
			}}).Serve(ctx)
	}()
	u, err := neturl.Parse(<-urls)
	if err != nil {
		t.Fatal(err)
	}
	dial := func() net.Conn {
		c, err := net.Dial("tcp", u.Host)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
	for range 16 {
		if _, err := dial().Write([]byte("GET /metrics HTT")); err != nil {
			t.Fatal(err)
		}
	}
	monitor := dial()
	if _, err := monitor.Write([]byte("GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	read := func(within time.Duration) (*http.Response, error) {
		if err := monitor.SetReadDeadline(time.Now().Add(within)); err != nil {
			t.Fatal(err)
		}
		return http.ReadResponse(bufio.NewReader(monitor), nil)
	}
	if _, err := read(200 * time.Millisecond); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a seventeenth connection is served beside sixteen: %v", err)
	}
	answer, err := read(30 * time.Second)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("silent connections are never ended: %v, %v", answer, err)
	}
	cancel() // while connections are open
	if err := <-served; err != nil {
		t.Error(err)
	}
	if _, err := http.Get(u.String()); err == nil || !strings.Contains(err.Error(), "refused") {
		t.Errorf("it is served after the end: %v", err)
	}
}
