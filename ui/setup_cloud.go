package ui

import (
	tea "charm.land/bubbletea/v2"

	"dirbridge/ui/firststart"
	"dirbridge/ui/view"
)

func (s *setup) cloudRows() []field {
	c := &s.draft().Cloud
	kind := 0
	address, hint := "Organization", view.OrganizationHint
	if c.Kind == "scim" {
		kind, address, hint = 1, "Address", view.AddressHint
	}
	rows := []field{
		{kind: fieldHead, label: "Sign in to the cloud that people and groups are written to"},
		{kind: fieldChoice, id: "kind", label: "Cloud", options: []string{"Webex", "other SCIM 2.0 provider"}, on: kind,
			hint: "Left, Right or Space chooses.",
			set:  func(i int) { c.Kind = []string{"webex", "scim"}[i] }},
		{kind: fieldText, id: "address", label: address, value: &c.Address, hint: hint},
		{kind: fieldSecret, id: "token", label: "Token", secret: &c.Token, hint: view.SecretHint("token",
			s.state.SecretIn)},
		{kind: fieldText, id: "proxy", label: "Proxy", value: &c.Proxy, empty: "system",
			hint: "system: as the environment says; none; or the URL of a proxy"},
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
	rows = append(rows, field{kind: fieldHead, label: "Confirm Organization"},
		field{kind: fieldNote, label: "  " + view.OrganizationWords(c, s.cloud)})
	if s.cloud != nil {
		rows = append(rows, field{kind: fieldNote, label: "  " + view.SizeWords(s.cloud)})
	}
	return append(rows,
		field{kind: fieldButton, id: "confirm", label: "Confirm", do: s.confirmCloud,
			hint: "This is the organization that is synchronized. Nothing is written to it before you say so."},
		field{kind: fieldButton, id: "again", label: "Test again", off: off, do: s.tryCloud})
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
	firststart.ConfirmCloud(c, s.cloud)
	if s.draft().Written { // it was changed afterwards
		return s.write(stepDirectory)
	}
	return tea.Batch(s.keep(), s.enter(stepDirectory))
}
