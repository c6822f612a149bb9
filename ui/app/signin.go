package app

import (
	tea "charm.land/bubbletea/v2"

	"dirbridge/ui/component"
	"dirbridge/ui/page"
	"dirbridge/ui/view"
)

// signInCommand opens the page that signs in to the cloud.
func (r *root) signInCommand() page.Command {
	return page.Command{ID: "signin", Title: "sign-in: sign in to the cloud, test it, sign out",
		Menu: place("Actions", "", "Sign In to the Cloud", "i"), Do: func() tea.Cmd { return r.show(page.SignIn) }}
}

// resetSecretCommand is the guide's: the secret that the connector signs in with is replaced.
func (r *root) resetSecretCommand() page.Command {
	c := page.Command{ID: "secret.reset", Changes: true, Title: "reset connector secret: replace the client's secret",
		Menu: place("Actions", "", view.ResetTitle+r.look.Mark.Ellipsis, "r"),
		Do: func() tea.Cmd {
			return tea.Batch(r.show(page.SignIn), r.tell(page.SignIn, page.ResetSecretMsg{}))
		}}
	switch in := r.conn.SignIn(); {
	case in == nil:
		c.Off = view.SignInUnknown
	case in.Method() == "token":
		c.Off = view.OnlyToken
	}
	return c
}

// askSignIn asks once whether to sign in again after the sign-in has ended.
func (r *root) askSignIn() {
	in := r.status.SignIn
	switch {
	case in == nil || in.Ended == "":
		r.ended = false
		return
	case r.ended || r.readOnly || r.setup.inFront() || r.top() != nil:
		return
	}
	r.ended = true
	r.ask(&component.Question{Title: view.SignInEnded,
		Lines: []string{view.Sentence(view.Capital(in.Ended)), view.WorkStays},
		Options: []component.Option{
			{Key: "s", Text: "Sign in", Do: func() tea.Cmd {
				return tea.Batch(r.show(page.SignIn), r.tell(page.SignIn, page.SignInMsg{}))
			}},
			{Key: "x", Text: "Not now"},
		}})
}
