package plain

import (
	"context"
	"errors"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/ui/view"
	"dirbridge/ui/wizard"
)

// signInPage signs in to the cloud, and out. Neither the plan nor the changes of the settings are touched.
func (s *session) signInPage() error {
	return s.menu(page{title: view.SignInTitle, head: func() error { return told(s.signInStands()) },
		choices: func() []choice {
			off, token := s.forbidden(), ""
			in := s.conn.SignIn()
			switch {
			case in == nil:
				off = first(off, view.SignInUnknown)
			case in.Method() == "token":
				token = view.OnlyToken
			}
			return []choice{
				{text: "Sign in", off: off, do: s.signInNow},
				{text: "Test the sign-in", off: off, do: s.testSignIn},
				{text: view.ResetTitle, off: first(off, token), do: s.resetSecret},
				{text: "Sign out", off: first(off, token), do: s.signOut},
			}
		}})
}

// signInStands says how the cloud is signed in to.
func (s *session) signInStands() error {
	var st control.Status
	err := s.wait("Reading the state", func(ctx context.Context) (err error) { st, err = s.conn.Status(ctx); return err })
	if err == nil {
		s.facts(view.SignIn(st.SignIn, s.voice()))
	}
	return err
}

// signInNow signs in, and stores it once the organization is confirmed.
func (s *session) signInNow() error {
	in, start := s.conn.SignIn(), ""
	if in.NeedsStart() {
		var err error
		if start, err = s.secretOf(view.StartLabel(in.Method()), view.StartMeans(in.Method())); err != nil {
			return err
		}
	}
	var org identity.Organization
	err := s.waitCode(view.SignInWait, func(ctx context.Context, show func(control.SignInCode)) (err error) {
		org, err = in.TrySignIn(ctx, start, show)
		return err
	})
	if err != nil {
		return err
	}
	if err := s.confirm([]string{view.RightOrganization(org)}, "yes"); err != nil {
		if errors.Is(err, errBack) {
			s.say("%s", view.NotConfirmed)
		}
		return err
	}
	if err := s.wait("Storing the sign-in", in.KeepSignIn); err != nil {
		return err
	}
	s.say("%s", view.SignedInTo(in.Method(), org))
	return nil
}

// waitCode waits for a sign-in, and says the address and the code that it may have.
func (s *session) waitCode(what string, fn func(context.Context, func(control.SignInCode)) error) error {
	tell := make(chan func(), 1)
	return s.waitTelling(what, tell, func(ctx context.Context) error {
		return fn(ctx, func(code control.SignInCode) { tell <- func() { s.sayCode(code) } })
	})
}

func (s *session) sayCode(code control.SignInCode) {
	s.say("%s", view.CodeOpen)
	s.say("%s", code.Address)
	s.say("%s %s", view.CodeEnter, code.Code)
	if code.Complete != "" {
		s.say("Or open: %s", code.Complete)
	}
	s.say("%s Ctrl+C stops; nothing is stored then.", view.CodeLeft(code, s.now()))
}

// secretOf asks for a secret, which is fetched if its place is named.
func (s *session) secretOf(label, means string) (string, error) {
	var entered control.Secret
	text, err := s.enterSecret(wizard.Field{Label: label, Help: means, Kind: wizard.Secret,
		Get: func() string { return "" }})
	if err != nil {
		return "", err
	}
	if entered = control.SecretOf(text); entered.Typed() != "" {
		return entered.Typed(), nil
	}
	err = s.wait("Reading the secret", func(ctx context.Context) (err error) {
		text, err = entered.Resolve(ctx)
		return err
	})
	return text, err
}

func (s *session) testSignIn() error {
	var org identity.Organization
	err := s.wait("The test", func(ctx context.Context) (err error) {
		org, _, err = s.conn.SignIn().TestSignIn(ctx)
		return err
	})
	if err == nil {
		s.say("The cloud accepts the sign-in. Organization: %s.", view.Named(org))
	}
	return err
}

func (s *session) resetSecret() error {
	secret, err := s.secretOf(view.ResetLabel, view.ResetDoes)
	if err != nil {
		return err
	}
	if err := s.wait("Proving the new secret", func(ctx context.Context) error {
		return s.conn.SignIn().ResetSecret(ctx, secret)
	}); err != nil {
		return err
	}
	s.say("%s", view.ResetDone)
	return nil
}

func (s *session) signOut() error {
	if err := s.confirm([]string{view.SignOutAsk, view.SignOutDoes}, "sign out"); err != nil {
		return err
	}
	revoked := false
	if err := s.wait("Signing out", func(ctx context.Context) (err error) {
		revoked, err = s.conn.SignIn().SignOut(ctx)
		return err
	}); err != nil {
		return err
	}
	s.say("%s", view.SignedOut)
	if !revoked {
		s.say("%s", view.NotRevoked)
	}
	return nil
}
