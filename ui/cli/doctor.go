package cli

import (
	"context"
	"errors"
	"net/url"

	"github.com/spf13/cobra"

	"dirbridge/config"
	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/ui/view"
)

// ProxyReport says how an address is reached.
type ProxyReport struct {
	Rule   string // what chose the routes
	Routes []RouteReport
	Failed error // of a run; nil if it would connect
}

// RouteReport is one of the routes, in the order in which they are tried.
type RouteReport struct {
	Route  string
	Failed error // of a connection by it; nil if it was opened
}

func (a *app) doctorCommand() *cobra.Command {
	address, cloud, name := "", false, ""
	cmd := &cobra.Command{
		Use:   "doctor {--proxy URL | --cloud}",
		Short: "Test how an address is reached, or the cloud; nothing is written to it unless --try-write",
		Long: "With --proxy it says which rule chooses which proxy for an address, and whether it works.\n\n" +
			"With --cloud it signs in to the cloud, and says to which organization, how, and until when. It finds out what a " +
			"provider of kind scim can do, by reading alone, and proposes a profile. At Webex it tests what is taken " +
			"for granted about it.\n\n" +
			"With --cloud --try-write NAME it makes a test account with that name, changes, deactivates and deletes it, " +
			"and says what the cloud made of it. Each write is a run of its own. If it is killed, the next run removes " +
			"the account. An account that exists is never touched.",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if name != "" && !cloud {
				return usageError{errors.New("--try-write goes with --cloud")}
			}
			if cloud && address != "" {
				return usageError{errors.New("--proxy and --cloud exclude each other")}
			}
			if name != "" {
				return a.with(cmd.Context(), func(s *Session) error { return a.doctorTrial(cmd.Context(), s, name) })
			}
			if cloud {
				return a.reading(cmd.Context(), func(s *Session) error { return a.doctorCloud(cmd.Context(), s) })
			}
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
	cmd.Flags().BoolVar(&cloud, "cloud", false, "test the sign-in to the cloud")
	cmd.Flags().StringVar(&name, "try-write", "",
		"with --cloud: make the test account `NAME`, try writes on it, and remove it")
	return cmd
}

// doctorCloud signs in with what is configured and stored, and says how.
func (a *app) doctorCloud(ctx context.Context, s *Session) error {
	org, in, err := s.Connector.SignIn().TestSignIn(ctx)
	if err != nil {
		return err
	}
	var found *ProviderReport
	if s.Provider != nil {
		r, err := s.Provider(ctx)
		if err != nil {
			return err
		}
		found = &r
	}
	var assumed []AssumptionReport
	if s.Assumptions != nil {
		if assumed, err = s.Assumptions(ctx); err != nil {
			return err
		}
	}
	mode, err := s.Connector.Mode(ctx)
	if err != nil {
		return err
	}
	if a.json {
		return a.document(struct {
			Organization string           `json:"organization"`
			ID           string           `json:"id"`
			SignIn       control.SignedIn `json:"sign_in"`
			Provider     *ProviderReport  `json:"provider,omitempty"`

			Assumptions  []AssumptionReport    `json:"assumptions,omitempty"`
			Provisioners []control.Provisioner `json:"provisioners,omitempty"`
		}{org.Name, org.ID, in, found, assumed, mode.Provisioners})
	}
	w := &errWriter{w: a.out}
	w.printf("Organization  %s\n", view.Named(org))
	signInLines(w, &in)
	if found != nil {
		providerLines(w, *found)
	}
	for _, p := range mode.Provisioners {
		w.printf("Beside        %s\n", control.ProvisionerSentence(p))
	}
	if assumed != nil {
		assumptionLines(w, assumed)
	}
	return w.err
}

func (a *app) doctorProxy(cmd *cobra.Command, c config.Config, u *url.URL) error {
	r, err := a.Proxy(cmd.Context(), c.Cloud, u)
	if err != nil {
		return err
	}
	if a.json {
		routes := []map[string]any{}
		for _, route := range r.Routes {
			one := map[string]any{"route": route.Route, "connected": route.Failed == nil}
			if route.Failed != nil {
				one["error"], one["remedy"] = route.Failed.Error(), identity.Remedy(route.Failed)
			}
			routes = append(routes, one)
		}
		out := map[string]any{"url": u.String(), "rule": r.Rule, "connected": r.Failed == nil, "routes": routes}
		return errors.Join(a.document(out), r.Failed)
	}
	w := &errWriter{w: a.out}
	w.printf("Address  %s\nRule     %s\n", u, r.Rule)
	for _, route := range r.Routes {
		result := "connected"
		if route.Failed != nil {
			result = "failed: " + route.Failed.Error()
		}
		w.printf("Route    %s: %s\n", route.Route, result)
	}
	return errors.Join(w.err, r.Failed)
}
