package program

import (
	"context"
	"log"
	"net/http"
	"net/url"
	"os"

	"dirbridge/cloud/proxy"
	"dirbridge/cloud/proxy/pac"
	"dirbridge/config"
	"dirbridge/ldap"
	"dirbridge/sync/redact"
	"dirbridge/ui/cli"
)

// pacCommand makes the program the child process that runs a proxy auto-configuration file. It is not a
// verb for operators.
const pacCommand = "run-pac-file"

func servePAC() int {
	if err := pac.Serve(os.Stdin, os.Stdout, pac.ScriptTimeout); err != nil {
		return 1
	}
	return 0
}

// transportOf returns the transport of every connection to the cloud.
func transportOf(c config.Cloud, secrets *redact.Secrets) (*http.Transport, error) {
	d, err := proxyDialer(c, secrets)
	if err != nil {
		return nil, err
	}
	return d.Transport(), nil
}

func proxyDialer(c config.Cloud, secrets *redact.Secrets) (*proxy.Dialer, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	s := proxy.Settings{Proxy: c.Proxy, NoProxy: c.NoProxy, User: c.ProxyUser, Scheme: c.ProxyAuth,
		Environment: os.Getenv, Evaluator: []string{self, pacCommand}, Warn: func(err error) { log.Print(err) }}
	if !c.ProxyPassword.IsZero() {
		s.Password = func() (string, error) { return c.ProxyPassword.Resolve(context.Background()) }
	}
	if c.ProxyKeytab != "" || s.Password != nil || os.Getenv("KRB5CCNAME") != "" {
		o := ldap.Options{BindUser: c.ProxyUser, BindPassword: s.Password, Keytab: c.ProxyKeytab, Secrets: secrets}
		s.Ticket = func(ctx context.Context, host string) ([]byte, error) { return ldap.HTTPTicket(ctx, o, host) }
	}
	return proxy.New(s, secrets)
}

// askProxy says for the verb doctor how the address of a URL is reached, and tries it.
func askProxy(ctx context.Context, c config.Cloud, u *url.URL) (r cli.ProxyReport, err error) {
	secrets := &redact.Secrets{}
	defer secrets.In(&err)
	d, err := proxyDialer(c, secrets)
	if err != nil {
		return r, err
	}
	choice, err := d.Choose(ctx, u)
	if err != nil {
		return r, err
	}
	r.Rule = choice.Rule
	// As a run does it: a proxy that refuses is not passed over, even where a later route would work.
	conn, err := d.DialContext(ctx, "tcp", hostPort(u))
	if err == nil {
		err = conn.Close()
	}
	r.Failed = secrets.Error(err)
	for _, route := range choice.Routes {
		conn, err := d.Dial(ctx, route, hostPort(u))
		if err == nil {
			err = conn.Close()
		}
		r.Routes = append(r.Routes, cli.RouteReport{Route: route.String(), Failed: secrets.Error(err)})
	}
	return r, nil
}

func hostPort(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Host
	case u.Scheme == "http":
		return u.Host + ":80"
	}
	return u.Host + ":443"
}
