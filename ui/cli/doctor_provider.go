package cli

import (
	"cmp"
	"context"
	"errors"
	"strings"
)

// ProviderReport is what was found out about a provider.
type ProviderReport struct {
	Found      []ProviderFinding `json:"found"`
	Configured string            `json:"configured"` // the profile of the configuration; "" for that of the kind
	Named      string            `json:"named"`      // the profile of the address; "" if there is none
	Title      string            `json:"title"`      // its provider
	Note       string            `json:"note"`
	Same       bool              `json:"same"`    // what was found is as that profile says
	Profile    string            `json:"profile"` // the proposed profile, as a file
}

// ProviderFinding is one thing that was found out.
type ProviderFinding struct {
	Subject string `json:"subject"`
	Result  string `json:"result"`
}

// providerLines writes what was found out, and the profile that follows from it.
func providerLines(w *errWriter, r ProviderReport) {
	w.printf("\nWhat the provider can do, by reading alone\n")
	for _, f := range r.Found {
		w.printf("  %s: %s\n", f.Subject, f.Result)
	}
	w.printf("\nProfile       %s\n", cmp.Or(r.Configured, "that of the kind"))
	switch {
	case r.Named != "" && r.Named != r.Configured:
		w.printf("Proposed      profile = %q, for %s\n", r.Named, r.Title)
	case r.Named != "":
		w.printf("Proposed      the same, for %s\n", r.Title)
	}
	if r.Note != "" {
		w.printf("              %s\n", r.Note)
	}
	if r.Named != "" && r.Same {
		return
	}
	if r.Named != "" {
		w.printf("What was found differs from that profile. As a file of your own it would be:\n\n")
	} else {
		w.printf("Proposed      a file of your own, such as provider.toml, and profile = \"provider.toml\":\n\n")
	}
	for line := range strings.Lines(r.Profile) {
		w.printf("    %s\n", strings.TrimSuffix(line, "\n"))
	}
}

// TrialReport is what writes to a test account showed.
type TrialReport struct {
	Found   []ProviderFinding `json:"found"`
	Profile string            `json:"profile"` // as a file, with what was found
}

// doctorTrial makes a test account, and says what writes to it showed.
func (a *app) doctorTrial(ctx context.Context, s *Session, name string) error {
	r, failed := s.TryWrite(ctx, name)
	if a.json {
		return errors.Join(a.document(r), failed)
	}
	w := &errWriter{w: a.out}
	for _, f := range r.Found {
		w.printf("%s: %s\n", f.Subject, f.Result)
	}
	if r.Profile != "" {
		w.printf("\nThe profile, with what was found:\n\n")
		for line := range strings.Lines(r.Profile) {
			w.printf("    %s\n", strings.TrimSuffix(line, "\n"))
		}
	}
	return errors.Join(w.err, failed)
}
