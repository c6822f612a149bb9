package proxy

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// TestDownloadsEnd: an auto-configuration file that never ends, at once or by and by, is an error that names
// the file, after bounded bytes and time.
func TestDownloadsEnd(t *testing.T) {
	t.Parallel()
	for name, pause := range map[string]time.Duration{"endless": 0, "a byte now and then": 5 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
				part := []byte(strings.Repeat("/", 32<<10))
				if pause > 0 {
					part = part[:1]
				}
				for q.Context().Err() == nil {
					if _, err := w.Write(part); err != nil {
						return
					}
					w.(http.Flusher).Flush()
					time.Sleep(pause)
				}
			}))
			defer s.Close()
			d := dialer(t, Settings{Proxy: "pac:" + s.URL})
			d.chooser.(*pacFile).fetching.Timeout = 500 * time.Millisecond
			_, err := d.Choose(t.Context(), &url.URL{Scheme: "https", Host: "cloud.example.com"})
			if err == nil || !strings.Contains(err.Error(), s.URL) {
				t.Errorf("%v", err)
			}
		})
	}
}
