package cli

import (
	"errors"
	"net/url"

	"github.com/spf13/cobra"

	"dirbridge/config"
	"dirbridge/sync/identity"
)

// ProxyReport says how an address is reached.
type ProxyReport struct {
	Rule   string   // what chose the routes
	Routes []string // in the order in which they are tried
	Failed error    // of a connection by them; nil if it was opened
}

func (a *app) doctorCommand() *cobra.Command {
	address := ""
	cmd := &cobra.Command{
		Use:   "doctor --proxy URL",
		Short: "Test how an address is reached: which rule chooses which proxy, and whether it works",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			u, err := url.Parse(address)
			if err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http" {
				return usageError{errors.New("--proxy needs the address to reach, such as https://webexapis.com/")}
			}
			c, err := a.loadConfig()
			if err != nil {
				return err
			}
			return a.doctorProxy(cmd, c, u)
		},
	}
	cmd.Flags().StringVar(&address, "proxy", "", "the `URL` to reach")
	return cmd
}

func (a *app) doctorProxy(cmd *cobra.Command, c config.Config, u *url.URL) error {
	r, err := a.Proxy(cmd.Context(), c.Cloud, u)
	if err != nil {
		return err
	}
	if a.json {
		out := map[string]any{"url": u.String(), "rule": r.Rule, "routes": r.Routes, "connected": r.Failed == nil}
		if r.Failed != nil {
			out["error"], out["remedy"] = r.Failed.Error(), identity.Remedy(r.Failed)
		}
		if err := a.document(out); err != nil {
			return err
		}
		return r.Failed
	}
	w := &errWriter{w: a.out}
	w.printf("Address  %s\nRule     %s\n", u, r.Rule)
	for i, route := range r.Routes {
		label := "Route    "
		if i > 0 {
			label = "or       "
		}
		w.printf("%s%s\n", label, route)
	}
	if r.Failed == nil {
		w.printf("Result   connected\n")
	}
	if w.err != nil {
		return w.err
	}
	return r.Failed
}
