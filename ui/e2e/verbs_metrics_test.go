package e2e

import (
	"context"
	"io"
	"net/http"
	"os"
	"regexp"

	"github.com/rogpeppe/go-internal/testscript"
)

// scrape writes the metrics of the running service to a file: scrape metrics
func scrape(ts *testscript.TestScript, _ bool, args []string) {
	awaitEvent(ts, false, []string{"metrics"})
	st := stateOf(ts)
	defer st.Close()
	events, err := st.EventsSince(context.Background(), 0, 100_000)
	ts.Check(err)
	url := ""
	for _, e := range events {
		if e.Code == "metrics" {
			url = regexp.MustCompile(`http://\S+/metrics`).FindString(e.Message)
		}
	}
	answer, err := http.Get(url)
	ts.Check(err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), body, 0o600))
}
