package proxy

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"dirbridge/cloud/proxy/pac"
	"dirbridge/sync/identity"
)

// TestMain is also the child process that runs auto-configuration files.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "pac" {
		if err := pac.Serve(os.Stdin, os.Stdout, 500*time.Millisecond); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// testProxy is an HTTP proxy that knows CONNECT alone. check decides about each request by its
// Proxy-Authorization; it returns the challenges of a 407, or none.
type testProxy struct {
	addr  string
	check func(conn int, authorization string) []string
	// hangUp closes the connection after the first 407, as some proxies do.
	hangUp bool
	silent bool // without saying so

	mu    sync.Mutex
	asked []string // addresses of CONNECT
	conns int
}

func startProxy(t *testing.T, p *testProxy) *testProxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.addr = l.Addr().String()
	var open sync.WaitGroup
	open.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			p.mu.Lock()
			p.conns++
			n := p.conns
			p.mu.Unlock()
			open.Go(func() { p.serve(conn, n) })
		}
	})
	t.Cleanup(func() { _ = l.Close(); open.Wait() })
	return p
}

func (p *testProxy) serve(conn net.Conn, n int) {
	defer func() { _ = conn.Close() }()
	r := bufio.NewReader(conn)
	for round := 0; ; round++ {
		q, err := http.ReadRequest(r)
		if err != nil {
			return
		}
		var challenges []string
		if p.check != nil {
			challenges = p.check(n, q.Header.Get("Proxy-Authorization"))
		}
		p.mu.Lock()
		p.asked = append(p.asked, q.RequestURI)
		p.mu.Unlock()
		if challenges != nil {
			end := ""
			if p.hangUp && round == 0 && n == 1 {
				end = "Connection: close\r\n"
			}
			if p.silent {
				end = ""
			}
			_, _ = fmt.Fprintf(conn, "HTTP/1.1 407 Proxy Authentication Required\r\n%sContent-Length: 6\r\n", end)
			for _, c := range challenges {
				_, _ = fmt.Fprintf(conn, "Proxy-Authenticate: %s\r\n", c)
			}
			_, _ = io.WriteString(conn, "\r\nDenied")
			if end != "" || p.silent && round == 0 && n == 1 {
				return
			}
			continue
		}
		p.pipe(conn, q.RequestURI)
		return
	}
}

func (p *testProxy) pipe(conn net.Conn, addr string) {
	out, err := net.Dial("tcp", addr)
	if err != nil {
		_, _ = io.WriteString(conn, "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
		return
	}
	_, _ = io.WriteString(conn, "HTTP/1.1 200 Connection established\r\n\r\n")
	var both sync.WaitGroup
	both.Go(func() { _, _ = io.Copy(out, conn); _ = out.Close() })
	_, _ = io.Copy(conn, out)
	_ = conn.Close()
	both.Wait()
}

func (p *testProxy) requests() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.asked)
}

// cloud is a server over TLS, and a client of it by the settings.
func cloud(t *testing.T, s Settings) (get func() (string, error), address string) {
	t.Helper()
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		_, _ = fmt.Fprint(w, "hello by ", q.Proto)
	}))
	t.Cleanup(srv.Close)
	d := dialer(t, s)
	transport := d.Transport()
	transport.TLSClientConfig = srv.Client().Transport.(*http.Transport).TLSClientConfig
	t.Cleanup(transport.CloseIdleConnections)
	client := &http.Client{Transport: transport, Timeout: 20 * time.Second}
	return func() (string, error) {
		res, err := client.Get(srv.URL)
		if err != nil {
			return "", err
		}
		defer func() { _ = res.Body.Close() }()
		b, err := io.ReadAll(res.Body)
		return string(b), err
	}, srv.Listener.Addr().String()
}

func dialer(t *testing.T, s Settings) *Dialer {
	t.Helper()
	if s.Evaluator == nil {
		s.Evaluator = []string{os.Args[0], "pac"}
	}
	d, err := New(s, nil)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func secret(s string) func() (string, error) { return func() (string, error) { return s, nil } }

func TestSignInToTheProxy(t *testing.T) {
	t.Parallel()
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte("ana:s3cret"))
	negotiate := "Negotiate " + base64.StdEncoding.EncodeToString([]byte("ticket for 127.0.0.1"))
	ticket := func(_ context.Context, host string) ([]byte, error) { return []byte("ticket for " + host), nil }
	only := func(want string, offers ...string) func(int, string) []string {
		return func(_ int, got string) []string {
			if got == want {
				return nil
			}
			return offers
		}
	}
	for _, x := range []struct {
		name   string
		proxy  *testProxy
		set    Settings
		hidden string // part of the URL
		want   string // in the error; "" is success
	}{
		{name: "none", proxy: &testProxy{}},
		{name: "basic", proxy: &testProxy{check: only(basic, `Basic realm="x"`)}, set: Settings{User: "ana", Password: secret("s3cret")}},
		{name: "basic at once", proxy: &testProxy{check: only(basic, `Basic realm="x"`)},
			set: Settings{User: "ana", Password: secret("s3cret"), Scheme: "basic"}},
		{name: "basic in the address", proxy: &testProxy{check: only(basic, `Basic realm="x"`)}, hidden: "ana:s3cret@"},
		{name: "basic after a hang-up", proxy: &testProxy{check: only(basic, `Basic realm="x"`), hangUp: true},
			set: Settings{User: "ana", Password: secret("s3cret")}},
		{name: "basic of several in a line", proxy: &testProxy{check: only(basic, `Digest realm="a, b", qop="auth", Basic realm="x"`)},
			set: Settings{User: "ana", Password: secret("s3cret")}},
		{name: "basic after a silent close", proxy: &testProxy{check: only(basic, `Basic realm="x"`), hangUp: true, silent: true},
			set: Settings{User: "ana", Password: secret("s3cret")}},
		{name: "ntlm", proxy: ntlmProxy(), set: Settings{User: `CORP\ana`, Password: secret("s3cret")}},
		{name: "kerberos", proxy: &testProxy{check: only(negotiate, "Negotiate", "NTLM")}, set: Settings{Ticket: ticket}},
		{name: "ntlm without a ticket", proxy: ntlmProxy(), set: Settings{User: `CORP\ana`, Password: secret("s3cret"),
			Ticket: func(context.Context, string) ([]byte, error) { return nil, io.ErrUnexpectedEOF }}},
		{name: "no ticket", proxy: &testProxy{check: only(negotiate, "Negotiate", "NTLM")},
			set: Settings{Ticket: func(context.Context, string) ([]byte, error) { return nil, io.ErrUnexpectedEOF },
				Scheme: "kerberos"},
			want: "no Kerberos ticket"},
		{name: "wrong password", proxy: &testProxy{check: only(basic, `Basic realm="x"`)},
			set: Settings{User: "ana", Password: secret("wr0ng")}, want: "the name or the password is wrong"},
		{name: "nothing set", proxy: &testProxy{check: only(basic, `Basic realm="x"`, "NTLM")},
			want: "it asks for a sign-in (407), and no account is set; it offers basic, ntlm"},
		{name: "other scheme", proxy: &testProxy{check: only(basic, `Basic realm="x"`)},
			set: Settings{User: "ana", Password: secret("x"), Scheme: "ntlm"}, want: "by basic, and the settings allow ntlm"},
		{name: "ntlm refused", proxy: &testProxy{check: func(int, string) []string { return []string{"NTLM"} }},
			set: Settings{User: "ana", Password: secret("x")}, want: "refuses the sign-in by ntlm"},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			p := startProxy(t, x.proxy)
			x.set.Proxy = "http://" + x.hidden + p.addr
			get, addr := cloud(t, x.set)
			body, err := get()
			if x.want != "" {
				if err == nil || !strings.Contains(err.Error(), x.want) || identity.Remedy(err) == "" {
					t.Fatalf("%q, %v, remedy %q", body, err, identity.Remedy(err))
				}
				if strings.Contains(err.Error(), "wr0ng") {
					t.Errorf("the password stands in the error: %v", err)
				}
				return
			}
			if err != nil || body != "hello by HTTP/1.1" {
				t.Fatalf("%q, %v", body, err)
			}
			if got := p.asked[0]; got != addr {
				t.Errorf("the proxy was asked for %s, not %s", got, addr)
			}
		})
	}
}

// ntlmProxy takes NTLM's three messages on one connection (MS-NLMP section 2.2.1), whatever the password.
func ntlmProxy() *testProxy {
	state := map[int]int{}
	return &testProxy{check: func(conn int, got string) []string {
		data, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(got, "NTLM "))
		kind := uint32(0)
		if len(data) > 12 && string(data[:8]) == "NTLMSSP\x00" {
			kind = binary.LittleEndian.Uint32(data[8:])
		}
		switch {
		case kind == 1:
			state[conn] = 1
			return []string{"NTLM " + base64.StdEncoding.EncodeToString(challengeMessage())}
		case kind == 3 && state[conn] == 1:
			return nil
		}
		return []string{"Negotiate", "NTLM"}
	}}
}

func challengeMessage() []byte {
	info := []byte{2, 0, 8, 0, 'C', 0, 'O', 0, 'R', 0, 'P', 0, 0, 0, 0, 0}
	m := make([]byte, 56)
	copy(m, "NTLMSSP\x00")
	binary.LittleEndian.PutUint32(m[8:], 2)
	binary.LittleEndian.PutUint32(m[16:], 56)
	binary.LittleEndian.PutUint32(m[20:], 0xa0888205&^0x40000000)
	copy(m[24:], "12345678")
	binary.LittleEndian.PutUint16(m[40:], uint16(len(info)))
	binary.LittleEndian.PutUint16(m[42:], uint16(len(info)))
	binary.LittleEndian.PutUint32(m[44:], 56)
	return append(m, info...)
}

func TestAProxyThatDoesNotAnswerIsPassedOver(t *testing.T) {
	t.Parallel()
	good := startProxy(t, &testProxy{})
	dead := closedPort(t)
	file := filepath.Join(t.TempDir(), "proxy.pac")
	write(t, file, fmt.Sprintf(`function FindProxyForURL(url, host) { return "PROXY %s; PROXY %s"; }`, dead, good.addr))
	d := dialer(t, Settings{Proxy: "pac:" + file})
	srv := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(srv.Close)
	for range 2 {
		conn, err := d.DialContext(t.Context(), "tcp", srv.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.Close()
	}
	if n := good.requests(); n != 2 {
		t.Errorf("the second proxy was asked %d times", n)
	}
	if got := d.byHealth([]Route{{Scheme: "http", Addr: dead}, {Scheme: "http",
		Addr: good.addr}}); got[0].Addr != good.addr {
		t.Errorf("the dead proxy is still asked first")
	}
	alone := dialer(t, Settings{Proxy: "http://" + dead})
	if _, err := alone.DialContext(t.Context(), "tcp", "cloud.example.com:443"); err == nil ||
		!strings.Contains(err.Error(), "does not answer") {
		t.Errorf("%v", err)
	}
}

func TestWhichRuleChooses(t *testing.T) {
	t.Parallel()
	env := func(pairs ...string) func(string) string {
		return func(name string) string {
			for i := 0; i < len(pairs); i += 2 {
				if pairs[i] == name {
					return pairs[i+1]
				}
			}
			return ""
		}
	}
	for _, x := range []struct {
		set        Settings
		url        string
		want, rule string
	}{
		{Settings{}, "https://cloud.example.com/", "direct", "no proxy is set in the environment"},
		{Settings{Environment: env("HTTPS_PROXY", "http://p:3128")}, "https://cloud.example.com/", "http://p:3128",
			"HTTPS_PROXY"},
		{Settings{Environment: env("https_proxy", "p.example.com")}, "https://cloud.example.com/",
			"http://p.example.com:80", "https_proxy"},
		{Settings{Environment: env("HTTPS_PROXY", "http://p:3128", "NO_PROXY", ".example.com")},
			"https://cloud.example.com/", "direct", "NO_PROXY"},
		{Settings{Environment: env("HTTPS_PROXY", "http://p:3128")}, "https://127.0.0.1/", "direct",
			"the loopback is reached directly"},
		{Settings{Proxy: "none", Environment: env("HTTPS_PROXY", "http://p:3128")}, "https://cloud.example.com/", "direct", `proxy is "none"`},
		{Settings{Proxy: "https://u:pw@p"}, "https://cloud.example.com/", "https://p:443", "the proxy of the settings"},
		{Settings{Proxy: "socks5://p"}, "https://cloud.example.com/", "socks5://p:1080", "the proxy of the settings"},
		{Settings{Proxy: "http://p", NoProxy: []string{"10.0.0.0/8", "example.com"}}, "https://cloud.example.com/",
			"direct", "no_proxy"},
		{Settings{Proxy: "http://p", NoProxy: []string{"other.example"}}, "https://127.0.0.1/", "http://p:80",
			"the proxy of the settings"},
		{Settings{Proxy: "http://p", NoProxy: []string{"127.0.0.1"}}, "https://127.0.0.1/", "direct", "no_proxy"},
		{Settings{Proxy: "http://p", NoProxy: []string{"127.0.0.0/8"}}, "https://127.0.0.1/", "direct", "no_proxy"},
		{Settings{Proxy: "http://p", NoProxy: []string{"127.0.0.1:8443"}}, "https://127.0.0.1:8443/", "direct", "no_proxy"},
		{Settings{Proxy: "http://p", NoProxy: []string{"*"}}, "https://cloud.example.com/", "direct", "no_proxy"},
	} {
		d := dialer(t, x.set)
		u, err := url.Parse(x.url)
		if err != nil {
			t.Fatal(err)
		}
		c, err := d.Choose(t.Context(), u)
		if err != nil || len(c.Routes) != 1 || c.Routes[0].String() != x.want || c.Rule != x.rule {
			t.Errorf("%+v, %s: %v by %q, %v", x.set, x.url, c.Routes, c.Rule, err)
		}
	}
	for _, wrong := range []string{"ftp://p", "http://", "p:3128"} {
		if _, err := New(Settings{Proxy: wrong}, nil); err == nil {
			t.Errorf("%s is taken", wrong)
		}
	}
	d := dialer(t, Settings{Environment: env("HTTPS_PROXY", "http://u:s3cret@p:bad")})
	if _, err := d.Choose(t.Context(), &url.URL{Scheme: "https", Host: "x"}); err == nil ||
		strings.Contains(err.Error(), "s3cret") {
		t.Errorf("%v", err)
	}
}

func TestAutoConfigurationFile(t *testing.T) {
	t.Parallel()
	p := startProxy(t, &testProxy{})
	text := fmt.Sprintf(`function FindProxyForURL(url, host) {
		if (url.indexOf("/secret") >= 0) return "PROXY wrong:1";
		if (isInNet(host, "127.0.0.0", "255.0.0.0")) return "PROXY %s; DIRECT";
		return "DIRECT"; }`, p.addr)
	status := http.StatusOK
	var mu sync.Mutex
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	}))
	t.Cleanup(srv.Close)
	var warned []error
	set := Settings{Proxy: "pac:" + srv.URL + "/proxy.pac", Warn: func(err error) { warned = append(warned, err) }}
	get, _ := cloud(t, set)
	if body, err := get(); err != nil || body != "hello by HTTP/1.1" || p.requests() != 1 {
		t.Fatalf("%q, %v, %d requests by the proxy", body, err, p.requests())
	}

	d := dialer(t, set)
	file := d.chooser.(*pacFile)
	now := time.Now()
	file.now = func() time.Time { return now }
	u := &url.URL{Scheme: "https", Host: "127.0.0.1:8443", Path: "/secret"}
	if c, err := d.Choose(t.Context(), u); err != nil || c.Routes[0].Addr != p.addr {
		t.Fatalf("%v, %v: the file must not see the path", c, err)
	}
	mu.Lock()
	status = http.StatusInternalServerError
	mu.Unlock()
	now = now.Add(time.Hour)
	if c, err := d.Choose(t.Context(), u); err != nil || c.Routes[0].Addr != p.addr || len(warned) != 1 {
		t.Errorf("%v, %v, warned %v: the copy from before should stay in use", c, err, warned)
	}
	lost := dialer(t, Settings{Proxy: set.Proxy})
	if _, err := lost.Choose(t.Context(), u); err == nil || !strings.Contains(err.Error(), "the server answers 500") {
		t.Errorf("%v", err)
	}
}

func TestHostileAutoConfigurationFiles(t *testing.T) {
	t.Parallel()
	for name, x := range map[string][2]string{
		"loop":           {`function FindProxyForURL() { for (;;) {} }`, "no answer within 500ms"},
		"loop at load":   {`for (;;) {}`, "no answer within 500ms"},
		"memory":         {`function FindProxyForURL() { var a = []; for (;;) a.push(new Array(1e5).join("x") + a.length); }`, "memory"},
		"one large text": {`function FindProxyForURL() { var s = "x"; for (;;) s += s; }`, ""},
		"recursion":      {`function FindProxyForURL() { return FindProxyForURL(); }`, "calls itself"},
		"loop in text":   {`function FindProxyForURL() { return {toString: function () { for (;;) {} }}; }`, "no answer within 500ms"},
		"no text":        {`function FindProxyForURL() { return {toString: function () { throw "x"; }}; }`, "it fails: x"},
		"an address":     {`function FindProxyForURL() { return "PROXY http://127.0.0.1:3128; DIRECT"; }`, "no host and port"},
		"two in one":     {`function FindProxyForURL() { return "PROXY a:1 DIRECT; DIRECT"; }`, "no host and port"},
		"many":           {`function FindProxyForURL() { return "GOPHER x;".repeat(400000); }`, "names no proxy"},
		"no function":    {`var x = 1;`, "no function FindProxyForURL"},
		"syntax":         {`function FindProxyForURL( {`, "it fails"},
		"throws":         {`function FindProxyForURL() { throw "no\nway"; }`, "it fails: no"},
		"html":           {`<html>Sign in</html>`, "a web page"},
		"strange":        {`function FindProxyForURL() { return "GOPHER x:1"; }`, "names no proxy"},
		"too large":      {"//" + strings.Repeat("x", maxPAC), "larger than"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "proxy.pac")
			write(t, file, x[0])
			d := dialer(t, Settings{Proxy: "pac:" + file})
			_, err := d.Choose(t.Context(), &url.URL{Scheme: "https", Host: "cloud.example.com"})
			if err == nil || !strings.Contains(err.Error(), x[1]) {
				t.Fatalf("%v", err)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("more than a line: %q", err)
			}
		})
	}
}

// TestRefusalsGoNoOtherWay checks that a proxy that refuses is not passed over: the next route may be a direct
// connection, which the operator did not want.
func TestRefusalsGoNoOtherWay(t *testing.T) {
	t.Parallel()
	refuses := startProxy(t, &testProxy{check: func(int, string) []string { return []string{"Basic"} }, hangUp: true,
		silent: true})
	socks := speaker(t, func(c net.Conn) {
		_, _ = io.ReadFull(c, make([]byte, 3))
		_, _ = c.Write([]byte{5, 0xff}) // it wants a name and a password
	})
	ruled := speaker(t, func(c net.Conn) {
		_, _ = io.ReadFull(c, make([]byte, 3))
		_, _ = c.Write([]byte{5, 0})
		_, _ = io.ReadFull(c, make([]byte, 10))
		_, _ = c.Write([]byte{5, 2, 0, 1, 0, 0, 0, 0, 0, 0})
	})
	for _, x := range [][2]string{{"PROXY " + refuses.addr, "407"}, {"SOCKS " + socks, "authentication"},
		{"SOCKS " + ruled, "refuses a connection"}} {
		file := filepath.Join(t.TempDir(), "proxy.pac")
		write(t, file, `function FindProxyForURL() { return "`+x[0]+`; DIRECT"; }`)
		get, _ := cloud(t, Settings{Proxy: "pac:" + file})
		if body, err := get(); err == nil || !strings.Contains(err.Error(), x[1]) || identity.Remedy(err) == "" {
			t.Errorf("%s: %q, %v, remedy %q", x[0], body, err, identity.Remedy(err))
		}
	}
}

// TestSilentProxiesArePassedOver checks it for SOCKS and for TLS, too.
func TestSilentProxiesArePassedOver(t *testing.T) {
	t.Parallel()
	closes := speaker(t, func(net.Conn) {})
	good := startProxy(t, &testProxy{})
	for _, kind := range []string{"SOCKS", "HTTPS", "PROXY"} {
		file := filepath.Join(t.TempDir(), "proxy.pac")
		write(t, file, `function FindProxyForURL() { return "`+kind+" "+closes+"; PROXY "+good.addr+`"; }`)
		var warned []error
		get, _ := cloud(t, Settings{Proxy: "pac:" + file, Warn: func(err error) { warned = append(warned, err) }})
		if body, err := get(); err != nil || body != "hello by HTTP/1.1" || len(warned) != 1 {
			t.Errorf("%s: %q, %v, warned %v", kind, body, err, warned)
		}
	}
}

// speaker serves each connection by a function and closes it.
func speaker(t *testing.T, speak func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				speak(c)
				_ = c.(*net.TCPConn).CloseWrite()
				_, _ = io.Copy(io.Discard, c) // closing it with data unread would reset it
				_ = c.Close()
			})
		}
	})
	t.Cleanup(func() { _ = l.Close(); all.Wait() })
	return l.Addr().String()
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// TestConnectionsAreKept checks that as many workers as the cloud's client has share their connections.
func TestConnectionsAreKept(t *testing.T) {
	t.Parallel()
	p := startProxy(t, &testProxy{})
	get, _ := cloud(t, Settings{Proxy: "http://" + p.addr})
	for range 5 {
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				if _, err := get(); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	}
	if n := p.requests(); n > 16 {
		t.Errorf("%d tunnels for five rounds of eight requests at a time", n)
	}
}
