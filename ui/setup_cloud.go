package ui

import (
	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/ui/look"
)

// kept says where a secret goes that is typed.
func (s *setup) secretHint(what string) string {
	return "Paste the " + what + ": once it is tested it goes into a file in " + s.state.SecretIn + " that you alone can read. Or type where it is kept: env:NAME, file:PATH, keyring:NAME, credential:NAME."
}

func (s *setup) cloudRows() []field {
	c := &s.draft().Cloud
	kind := 0
	address, hint := "Organization", "The organization's id, as Control Hub shows it under Account; or the whole address of its SCIM service."
	if c.Kind == "scim" {
		kind, address, hint = 1, "Address", "The base URL of the SCIM service, such as https://scim.example.com/v2"
	}
	rows := []field{
		{kind: fieldHead, label: "Sign in to the cloud that people and groups are written to"},
		{kind: fieldChoice, id: "kind", label: "Cloud", options: []string{"Webex", "other SCIM 2.0 provider"}, on: kind, hint: "Left, Right or Space chooses.",
			set: func(i int) { c.Kind = []string{"webex", "scim"}[i] }},
		{kind: fieldText, id: "address", label: address, value: &c.Address, hint: hint},
		{kind: fieldSecret, id: "token", label: "Token", secret: &c.Token, hint: s.secretHint("token")},
		{kind: fieldText, id: "proxy", label: "Proxy", value: &c.Proxy, empty: "system", hint: "system: as the environment says; none; or the URL of a proxy"},
	}
	rows = append(rows, s.faultRows()...)
	off := ""
	if c.Address == "" {
		off = "nothing stands in " + address
	} else if c.Token.IsZero() {
		off = "there is no token"
	}
	if s.cloud == nil && !c.Confirmed {
		return append(rows, field{kind: fieldButton, id: "test", label: "Test the connection", off: off, do: s.tryCloud})
	}
	rows = append(rows, field{kind: fieldHead, label: "Confirm Organization"}, field{kind: fieldNote, label: "  " + organizationWords(c, s.cloud)})
	if s.cloud != nil {
		rows = append(rows, field{kind: fieldNote, label: "  " + sizeWords(s.cloud)})
	}
	return append(rows,
		field{kind: fieldButton, id: "confirm", label: "Confirm", do: s.confirmCloud, hint: "This is the organization that is synchronized. Nothing is written to it before you say so."},
		field{kind: fieldButton, id: "again", label: "Test again", off: off, do: s.tryCloud})
}

func organizationWords(c *control.SetupCloud, found *control.SetupCloudFound) string {
	o := c.Organization
	if found != nil {
		o = found.Organization
	}
	kind := "SCIM"
	if o.Kind == "webex" {
		kind = "Webex"
	}
	text := o.Name + " (" + kind + ")"
	if o.ID != o.Name && o.ID != o.URL {
		text += ", id " + o.ID
	}
	return text
}

func sizeWords(f *control.SetupCloudFound) string {
	if f.Users < 0 {
		return "signed in; it does not say how many users it has"
	}
	text := look.Count(f.Users, "user", "users")
	if f.Groups >= 0 {
		text += ", " + look.Count(f.Groups, "group", "groups")
	}
	return text
}

func (s *setup) tryCloud() tea.Cmd {
	ctx, trial := s.begin("Signing in to the cloud")
	api, c := s.api, s.draft().Cloud
	return func() tea.Msg {
		found, err := api.TryCloud(ctx, c)
		return setupMsg{setupCloudTried{trial, found, err}}
	}
}

func (s *setup) triedCloud(msg setupCloudTried) tea.Cmd {
	if !s.ended(msg.trial) {
		return nil
	}
	if msg.err != nil {
		s.cloud, s.focus = nil, "test"
		s.refuse("The cloud cannot be used", msg.err)
		return nil
	}
	s.cloud, s.focus = &msg.found, "confirm"
	s.draft().Cloud.Token = msg.found.Token
	return s.keep()
}

func (s *setup) confirmCloud() tea.Cmd {
	c := &s.draft().Cloud
	if s.cloud != nil {
		c.Organization = s.cloud.Organization
	}
	c.Confirmed = true
	if s.draft().Written { // it was changed afterwards
		return s.write(stepDirectory)
	}
	return tea.Batch(s.keep(), s.enter(stepDirectory))
}
