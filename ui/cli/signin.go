package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"dirbridge/config"
	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/ui/view"
)

func (a *app) signInCommand() *cobra.Command {
	var from, organization string
	cmd := &cobra.Command{
		Use:   "signin",
		Short: "Sign in to the cloud, so that it lasts: tokens are renewed from then on",
		Long: "Signs in as [cloud] auth says. For device it shows an address and a code, and waits until the code was\n" +
			"entered there; Ctrl+C ends the wait. Then it asks the cloud which organization that is, shows its name, and\n" +
			"stores the sign-in once that is confirmed: on a terminal by typing yes, else by --organization, or because\n" +
			"it is the one that base_url names. Every process with this state uses it at once, a running service too.\n\n" +
			"A service app begins with the refresh token that [cloud] refresh_token or --from refers to; without them it is\n" +
			"asked for. With auth = \"token\" a new token is asked for; once it is confirmed, it is written to where\n" +
			"[cloud] token refers.",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(s *Session) error {
				return a.signIn(cmd.Context(), s.Connector.SignIn(), from, organization)
			})
		},
	}
	cmd.Flags().StringVar(&from, "from", "", "the refresh token of a service app, or the new token, is in `REFERENCE`: "+
		"env:NAME, file:PATH, keyring:NAME")
	cmd.Flags().StringVar(&organization, "organization", "", "store it only if the organization has this `NAME`, or id")
	return cmd
}

func (a *app) signIn(ctx context.Context, c control.SigningIn, from, organization string) error {
	start := ""
	if from != "" || c.NeedsStart() {
		var err error
		if start, err = a.secret(ctx, from, view.StartLabel(c.Method())+": "); err != nil {
			return err
		}
	}
	bar := newProgressLine(a.rawErr)
	stop := func() {}
	var shown error
	org, err := c.TrySignIn(ctx, start, func(code control.SignInCode) {
		shown = a.showCode(code)
		stop = bar.count(code.Expires)
	})
	stop()
	bar.clear()
	if err := errors.Join(err, shown); err != nil {
		return err
	}
	if err := a.rightOrganization(ctx, org, organization); err != nil {
		return err
	}
	if err := c.KeepSignIn(ctx); err != nil {
		return err
	}
	if a.json {
		return a.line(signedInDocument{true, org.Name, org.ID})
	}
	w := &errWriter{w: a.out}
	w.printf("%s\n", view.SignedInTo(c.Method(), org))
	return w.err
}

// signedInDocument is the last line of signin --json.
type signedInDocument struct {
	SignedIn     bool   `json:"signed_in"`
	Organization string `json:"organization"`
	ID           string `json:"id"`
}

func (a *app) showCode(c control.SignInCode) error {
	if a.json {
		return a.line(c)
	}
	w := &errWriter{w: a.out}
	w.printf("Open     %s\nand enter the code\n         %s\n", c.Address, c.Code)
	if c.Complete != "" {
		w.printf("or open  %s\n", c.Complete)
	}
	w.printf("\nThe code is valid until %s. Ctrl+C stops; nothing is stored then.\n",
		c.Expires.Local().Format("15:04:05"))
	return w.err
}

// count shows how long an operator still has, until the function that it returns is called.
func (l *progressLine) count(until time.Time) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(500 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case now := <-tick.C:
				if left := until.Sub(now).Round(time.Second); left > 0 {
					l.say(fmt.Sprintf("waiting for the code to be entered, %s left", left), now)
				}
			}
		}
	}()
	return func() { close(done); <-ended }
}

// rightOrganization asks whether the organization is the right one, or compares it with the wanted
// one.
func (a *app) rightOrganization(ctx context.Context, org identity.Organization, wanted string) error {
	if wanted != "" {
		if strings.EqualFold(wanted, org.Name) || strings.EqualFold(wanted, org.ID) {
			return nil
		}
		return &identity.Failure{Class: identity.GiveUp,
			Err:    fmt.Errorf("this is %s, not %s: nothing was stored", view.Named(org), wanted),
			Remedy: "Correct base_url or --organization, or sign in with an account of the other organization."}
	}
	if a.noInput || a.json || !term.IsTerminal(int(os.Stdin.Fd())) {
		return nil
	}
	yes, err := a.typedYes(ctx, view.RightOrganization(org)+" Type yes: ")
	if err != nil || yes {
		return err
	}
	return &identity.Failure{Class: identity.GiveUp, Err: errors.New("not confirmed: nothing was stored"),
		Remedy: "Type yes to confirm. base_url names the organization."}
}

// typedYes asks a question on the terminal.
func (a *app) typedYes(ctx context.Context, question string) (bool, error) {
	a.warnf("%s", question)
	line, err := awaitLine(ctx, func() (string, error) { return bufio.NewReader(os.Stdin).ReadString('\n') })
	if err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	return strings.EqualFold(line, "yes"), nil
}

// awaitLine reads one line, unless ctx ends before.
func awaitLine(ctx context.Context, read func() (string, error)) (string, error) {
	type result struct {
		line string
		err  error
	}
	got := make(chan result, 1)
	go func() {
		line, err := read()
		got <- result{strings.TrimSpace(line), err}
	}()
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case r := <-got:
		return r.line, r.err
	}
}

// secret fetches a secret: by reference, or typed without being shown, or from standard input.
func (a *app) secret(ctx context.Context, from, prompt string) (string, error) {
	if from != "" {
		ref, err := config.ParseSecret(from)
		if err != nil {
			return "", usageError{fmt.Errorf("--from %w", err)}
		}
		return ref.Resolve(ctx)
	}
	if a.noInput {
		return "", usageError{errors.New("a secret is needed: name where it is by --from")}
	}
	read := func() (string, error) { return bufio.NewReader(io.LimitReader(os.Stdin, 64<<10)).ReadString('\n') }
	if in := int(os.Stdin.Fd()); term.IsTerminal(in) {
		state, err := term.GetState(in)
		if err != nil {
			return "", err
		}
		defer func() { _ = term.Restore(in, state) }() // a wait that was ended leaves the echo off
		a.warnf("%s", prompt)
		defer a.warnf("\n")
		read = func() (string, error) { b, err := term.ReadPassword(in); return string(b), err }
	}
	line, err := awaitLine(ctx, read)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	if line == "" {
		return "", &identity.Failure{Class: identity.GiveUp, Err: errors.New("nothing was typed"),
			Remedy: "Type or paste it, or name where it is by --from."}
	}
	return line, nil
}

func (a *app) signOutCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "signout",
		Short: "Forget the sign-in to the cloud, and revoke it if the server can",
		Long: "Removes the stored tokens. With [cloud] revoke_url the server revokes them as well; Webex has no such " +
			"address:\n" +
			"there, remove the integration or the service app in Control Hub. Runs fail until the next signin; nothing else\n" +
			"changes.",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(s *Session) error {
				revoked, err := s.Connector.SignIn().SignOut(cmd.Context())
				if err != nil {
					return err
				}
				if a.json {
					return a.document(map[string]bool{"signed_out": true, "revoked": revoked})
				}
				w := &errWriter{w: a.out}
				w.printf("%s\n", view.SignedOut)
				if !revoked {
					w.printf("%s\n", view.NotRevoked)
				}
				return w.err
			})
		},
	}
}

func (a *app) resetSecretCommand() *cobra.Command {
	var from string
	cmd := &cobra.Command{
		Use:   "reset-secret",
		Short: "Replace the client's secret: the old one stays until the new one has worked",
		Long: "Make a new secret at the provider first, and give it here: by --from, on standard input, or typed. It is\n" +
			"kept with the sign-in, proven by a request for tokens, and only then written to where [cloud] client_secret\n" +
			"refers. If that is interrupted, whichever secret the server accepts is used; run it again to finish.",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(s *Session) error {
				secret, err := a.secret(cmd.Context(), from, view.ResetLabel+": ")
				if err != nil {
					return err
				}
				if err := s.Connector.SignIn().ResetSecret(cmd.Context(), secret); err != nil {
					return err
				}
				if a.json {
					return a.document(map[string]bool{"replaced": true})
				}
				w := &errWriter{w: a.out}
				w.printf("%s\n", view.ResetDone)
				return w.err
			})
		},
	}
	cmd.Flags().StringVar(&from, "from", "", "the new secret is in `REFERENCE`: env:NAME, file:PATH, keyring:NAME")
	return cmd
}

// signInLines says how the cloud is signed in to, and until when.
func signInLines(w *errWriter, s *control.SignedIn) {
	for _, f := range view.SignIn(s, asVerb()) {
		if f.Label != "" {
			w.printf("%s: %s\n", f.Label, f.Text)
		} else {
			w.printf("  %s\n", f.Text)
		}
		if f.Remedy != "" {
			w.printf("  %s\n", f.Remedy)
		}
	}
}
