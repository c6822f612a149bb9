package disasters

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	neturl "net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"dirbridge/cloud"
	"dirbridge/cloud/proxy"
	"dirbridge/cloud/scimtest"
	"dirbridge/ldap/ldaptest"
	"dirbridge/program"
	"dirbridge/sync/identity"
	"dirbridge/sync/redact"
	"dirbridge/sync/schema"
	"dirbridge/ui/cli"
	"dirbridge/ui/e2e/site"
)

func secretDisasters() []disaster {
	return []disaster{
		{"cloud that sends the token back", cloudSendsTokenBack, false},
		{"answers that nobody asked for", answersUnasked, false},
		{"directory that says the password", directorySaysPassword, false},
		{"proxy that says its password", proxySaysPassword, false},
	}
}

const (
	echoedToken    = "tok/en+with=chars~and.more-4711"
	echoedPassword = `Pa"ss\word/+4711`
)

// echo returns a secret in every form.
func echo(secret string) string {
	j, _ := json.Marshal(secret)
	b64 := base64.StdEncoding.EncodeToString
	return strings.Join([]string{secret, string(j), neturl.QueryEscape(secret), neturl.PathEscape(secret),
		b64([]byte(secret)),
		base64.RawURLEncoding.EncodeToString([]byte(secret)), b64([]byte("Bearer " + secret + ".")),
		b64([]byte("me:" + secret)), "<" + secret + ">"}, " | ")
}

// leak returns a part of the secret, in any form, that the text contains; "" for none.
func leak(text, secret string) string {
	const part = 10
	for _, form := range strings.Split(echo(secret), " | ") {
		form = strings.Trim(form, `"<>`)
		if b, err := base64.StdEncoding.DecodeString(form); err == nil && bytes.Contains(b, []byte(secret)) {
			form = form[12 : len(form)-8] // the text before and after it is not secret
		}
		for i := 0; i+part <= len(form); i++ {
			if strings.Contains(text, form[i:i+part]) {
				return form[i : i+part]
			}
		}
	}
	return ""
}

// silent runs verbs, as text and as JSON, and checks that no secret is on the screen. It returns
// all output.
func (s *drill) silent(t *testing.T, what string, secret string, verbs ...[]string) string {
	t.Helper()
	var all strings.Builder
	for _, verb := range verbs {
		for _, form := range [][]string{nil, {"--json"}} {
			var out bytes.Buffer
			cli.Main(t.Context(), slices.Concat(verb, form, []string{"--no-input", "--config", s.Config}),
				cli.Program{Version: "test", Open: s.Open, Check: program.CheckMapping, Stdout: &out, Stderr: &out})
			if part := leak(out.String(), secret); part != "" {
				t.Errorf("%s: %v %v says %q:\n%s", what, verb, form, part, out.String())
			}
			all.Write(out.Bytes())
		}
	}
	return all.String()
}

// kept checks that no file of the state, and no plan, contains a part of the secret.
func (s *drill) kept(t *testing.T, secret string) {
	t.Helper()
	files := 0
	s.must1(t, filepath.WalkDir(s.Home, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "token" || d.Name() == "bind-password" {
			return err
		}
		b, err := os.ReadFile(path)
		if part := leak(string(b), secret); part != "" {
			t.Errorf("%s holds %q", path, part)
		}
		files++
		return err
	}))
	if files < 2 {
		t.Errorf("%d files were looked through", files)
	}
}

// inFrontOf answers instead of the cloud if answer returns true.
func (s *drill) inFrontOf(t *testing.T, answer func(http.ResponseWriter, *http.Request) bool) {
	t.Helper()
	at, err := neturl.Parse(s.sky.URL())
	s.must1(t, err)
	proxy := httputil.NewSingleHostReverseProxy(&neturl.URL{Scheme: at.Scheme, Host: at.Host})
	proxy.ErrorLog = log.New(io.Discard, "", 0)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if !answer(w, q) {
			proxy.ServeHTTP(w, q)
		}
	}))
	t.Cleanup(front.Close)
	s.Configure(t, site.Settings{CloudURL: front.URL + at.Path})
}

// raw answers with these bytes, and closes the connection.
func raw(w http.ResponseWriter, text string) {
	c, b, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	_, _ = b.WriteString(text)
	_ = b.Flush()
	_ = c.Close()
}

func scimError(status int, detail string) string {
	b, _ := json.Marshal(map[string]any{"schemas": []string{"urn:ietf:params:scim:api:messages:2.0:Error"},
		"detail": detail, "scimType": detail, "status": fmt.Sprint(status)})
	return string(b)
}

// everyRune escapes every character of a JSON string.
func everyRune(s string) string {
	var b strings.Builder
	for _, r := range s {
		fmt.Fprintf(&b, `\u%04x`, r)
	}
	return b.String()
}

// cloudSendsTokenBack has the cloud return the token in every part of an answer. The token is not
// on the screen, in the event log, the history, the plans or the state.
func cloudSendsTokenBack(t *testing.T) {
	s := newDrill(t, drillOptions{people: 14, cloud: scimtest.Options{Token: echoedToken}})
	for i := 1; i <= 13; i++ {
		s.set(t, fmt.Sprintf("p%d", i), "title", "Chief")
	}
	s.hire(t, "new")
	words := echo(echoedToken)
	status := func(code int, body string) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, q *http.Request) bool {
			w.Header().Set("Content-Type", "application/scim+json")
			w.Header().Set("TrackingID", words)
			w.Header().Set("Location", "https://example.com/"+words)
			w.WriteHeader(code)
			fmt.Fprint(w, body)
			return true
		}
	}
	file := filepath.Join(s.Home, "echo.plan")
	for _, c := range []struct {
		name   string
		answer func(http.ResponseWriter, *http.Request) bool
		says   string
	}{
		{"the detail of a bulk operation", bulkEcho(words, status(400, scimError(400, words))), "redacted"},
		{"the detail of an error", status(400, scimError(400, words)), "redacted"},
		{"the detail of an error, escaped", status(403, `{"detail":"`+everyRune(words)+`"}`), "redacted"},
		{"the detail where it is cut off", status(400, scimError(400, strings.Repeat("x", 380)+" "+echoedToken)), "xxxx"},
		{"a conflict of a write", func(w http.ResponseWriter, q *http.Request) bool {
			return q.Method == http.MethodPatch && status(409, scimError(409, words))(w, q) || q.Method == http.MethodPost &&
				status(400, scimError(400, words))(w, q)
		}, "redacted"},
		{"a redirect", status(302, ""), "redacted"},
		{"the values of an account", func(w http.ResponseWriter, q *http.Request) bool {
			if q.Method != http.MethodGet || !strings.HasSuffix(q.URL.Path, "/Users") || q.FormValue("count") == "1" {
				return false
			}
			return status(200, `{"totalResults":2,"Resources":[{"id":"a","userName":"`+everyRune(echoedToken)+`@example.com","displayName":"`+words2JSON(words)+
				`","meta":{"version":"`+echoedToken+`"}},{"id":"`+echoedToken+`","userName":"b@example.com"}]}`)(w, q)
		}, ""},
		{"the id of a new account", func(w http.ResponseWriter, q *http.Request) bool {
			if q.Method != http.MethodPost || !strings.HasSuffix(q.URL.Path, "/Users") {
				return false
			}
			w.Header().Set("Location", s.sky.URL()+"/Users/"+neturl.PathEscape(echoedToken))
			w.WriteHeader(201)
			return true
		}, ""},
	} {
		s.inFrontOf(t, c.answer)
		said := s.silent(t, c.name, echoedToken, []string{"plan", "--full", "--out", file},
			[]string{"show", file, "--changes"}, []string{"sync", "--full"}, []string{"apply", file},
			[]string{"status"}, []string{"events"}, []string{"history"}, []string{"history", "2"},
			[]string{"explain", "p1@example.com"}, []string{"check"})
		if !strings.Contains(said, c.says) {
			t.Errorf("%s: nothing says %q:\n%s", c.name, c.says, said)
		}
		_ = os.Remove(file)
	}
	s.inFrontOf(t, func(w http.ResponseWriter, _ *http.Request) bool {
		raw(w, "HTTP/1.1 200 OK\r\nAuthorization Bearer "+words+"\r\n\r\n")
		return true
	})
	got := s.Run(t, "sync", "--full") // it retries several times, which takes seconds
	said := got.Err + got.Out + s.silent(t, "a header that is none", echoedToken, []string{"events"}, []string{"history"})
	if part := leak(said, echoedToken); part != "" || !strings.Contains(got.Err, "redacted") {
		t.Errorf("%q of a header that is none:\n%s", part, said)
	}
	s.kept(t, echoedToken)
}

// TestTokenIsInNoErrorOfTheWire checks the errors of net/http, which quote input that it cannot
// parse.
func TestTokenIsInNoErrorOfTheWire(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{
		"HTTP/1.1 302 Found\r\nLocation: http://[::1%" + echoedToken + "\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nAuthorization Bearer " + echo(echoedToken) + "\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: " + echoedToken + "\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: " + echoedToken + "\r\n\r\n",
		"HTTP/1.1 Bearer" + echoedToken + " OK\r\n\r\n",
		"Bearer " + echoedToken + "\r\n\r\n",
		"HTTP/1.1 401 " + echo(echoedToken) + "\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 200 OK\r\n\r\n{\"totalResults\":\"" + echoedToken + "\",\"Resources\":[]}",
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { raw(w, answer) }))
		err := refusedSignIn(t, server.URL, &http.Transport{})
		if err == nil || leak(err.Error()+identity.Remedy(err), echoedToken) != "" {
			t.Errorf("%q: %v", answer, err)
		}
		server.Close()
	}
}

// refusedSignIn returns the error of signing in to a cloud with the token.
func refusedSignIn(t *testing.T, host string, transport *http.Transport) error {
	t.Helper()
	target, err := cloud.New(cloud.Options{Kind: schema.KindWebex, BaseURL: host + "/identity/scim/o/v2",
		Catalogue: schema.Webex(),
		Token:     func(context.Context) (string, error) { return echoedToken, nil }, HTTP: transport, Clock: &site.Hasty{}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = target.Describe(t.Context())
	return err
}

func words2JSON(words string) string {
	j, _ := json.Marshal(words)
	return strings.Trim(string(j), `"`)
}

// bulkEcho refuses each operation with the words, and every other write with otherwise.
func bulkEcho(words string, otherwise func(http.ResponseWriter, *http.Request) bool) func(http.ResponseWriter,
	*http.Request) bool {
	return func(w http.ResponseWriter, q *http.Request) bool {
		if q.Method == http.MethodGet {
			return false
		}
		if !strings.HasSuffix(q.URL.Path, "/Bulk") {
			return otherwise(w, q)
		}
		var asked struct{ Operations []struct{ BulkID string } }
		_ = json.NewDecoder(q.Body).Decode(&asked)
		var out []any
		for _, op := range asked.Operations {
			out = append(out, map[string]any{"bulkId": op.BulkID, "status": "403",
				"response": json.RawMessage(scimError(403, words))})
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"Operations": out})
		return true
	}
}

// answersUnasked sends data on an idle connection, which net/http logs. It becomes an event,
// without the data; standard error gets nothing.
func answersUnasked(t *testing.T) {
	s := newDrill(t, drillOptions{people: 1, cloud: scimtest.Options{Token: echoedToken}})
	lines := &program.LibraryLog{}
	flags, before := log.Flags(), log.Writer()
	log.SetFlags(0)
	log.SetOutput(lines)
	defer func() { log.SetFlags(flags); log.SetOutput(before) }()
	const answer = `{"totalResults":0,"Resources":[]}`
	s.inFrontOf(t, func(w http.ResponseWriter, _ *http.Request) bool {
		// The second answer, with the first half of a token in it, comes right after the first.
		raw(w, fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: application/scim+json\r\nContent-Length: %d\r\n\r\n%s",
			len(answer), answer)+
			"HTTP/1.1 200 OK\r\nX-Echo: "+echo(echoedToken)+"\r\nX-Half: "+echoedToken[:20])
		return true
	})
	for deadline := time.Now().Add(20 * time.Second); ; {
		var out bytes.Buffer
		for _, verb := range [][]string{{"sync", "--full"}, {"plan"}, {"events"}} {
			cli.Main(t.Context(), append(verb, "--no-input", "--config", s.Config),
				cli.Program{Version: "test", Open: lines.Open, Check: program.CheckMapping, Stdout: &out, Stderr: &out})
		}
		if part := leak(out.String(), echoedToken); part != "" {
			t.Fatalf("it says %q:\n%s", part, out.String())
		}
		if strings.Contains(out.String(), "Unsolicited response") {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("nothing tells of the answer:\n%s", out.String())
		}
	}
	for range 3 * program.LinesAnHour {
		log.Print("noise")
	}
	s.Configure(t, site.Settings{})
	s.silent(t, "afterwards", echoedToken, []string{"events"})
	n := 0
	for _, e := range s.Events(t, 0) {
		if e.Code == "library" {
			n++
		}
	}
	if n < 1 || n > program.LinesAnHour {
		t.Errorf("%d events tell of libraries", n)
	}
	s.kept(t, echoedToken)
}

// directorySaysPassword has the directory repeat the password in its diagnostics: at the bind, in a
// listing, in a search of one entry.
func directorySaysPassword(t *testing.T) {
	s := newDrill(t, drillOptions{people: 2, dir: ldaptest.Options{BindPassword: echoedPassword}})
	for _, f := range []ldaptest.Fault{
		{Kind: ldaptest.Answer, Code: 4, Text: echo(echoedPassword)},
		{Kind: ldaptest.Answer, Code: 51, Text: "busy " + echo(echoedPassword), Times: 50},
		{Kind: ldaptest.Answer, Code: 80, Text: echo(echoedPassword), Times: 50},
		{Kind: ldaptest.Refer, URL: "ldap://other.example.com/" + neturl.PathEscape(echoedPassword)},
	} {
		s.ldap.Inject(f)
		said := s.silent(t, string(f.Kind), echoedPassword, []string{"plan"}, []string{"sync", "--full"}, []string{"tree"},
			[]string{"explain", "p1@example.com"}, []string{"check"},
			[]string{"status"}, []string{"events"}, []string{"history"})
		if !strings.Contains(said, "redacted") {
			t.Errorf("%+v: nothing is redacted:\n%s", f, said)
		}
		s.ldap.ClearFaults()
	}
	s.kept(t, echoedPassword)
	s.recovers(t)
}

// proxySaysPassword uses an environment proxy whose address has a password: net/http quotes an
// address that it cannot parse, and a proxy may return what it received.
func proxySaysPassword(t *testing.T) {
	const password = "pro/xy+pass=word"
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		asked.Add(1)
		raw(w, "HTTP/1.1 407 "+echo(password)+" "+q.Header.Get("Proxy-Authorization")+"\r\nContent-Length: 0\r\n\r\n")
	}))
	t.Cleanup(server.Close)
	address, err := neturl.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	address.User = neturl.UserPassword("me", password)
	for name, value := range map[string]string{"answers": address.String(), "is none": "http://me:" + password + "@%zz"} {
		secrets := &redact.Secrets{}
		d, err := proxy.New(proxy.Settings{Proxy: "system", Environment: func(key string) string {
			return map[string]string{"HTTPS_PROXY": value}[key]
		}}, secrets)
		if err == nil {
			err = refusedSignIn(t, "https://cloud.example.com", d.Transport())
		}
		if err == nil || leak(err.Error()+identity.Remedy(err), password) != "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if asked.Load() == 0 {
		t.Error("the proxy was not asked")
	}
}
