package control

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"

	"dirbridge/config"
)

// Secret is a secret as entered by a user: a reference to its place, or the secret itself, which
// only Typed returns. Printed or encoded in any form, it shows nothing but a reference. The zero
// value is no secret.
type Secret struct{ reference, typed string }

// SecretOf parses user input: env:NAME, file:PATH, keyring:NAME and credential:NAME are references,
// anything else is the secret.
func SecretOf(text string) Secret {
	scheme, name, _ := strings.Cut(text, ":")
	if name != "" && slices.Contains(config.SecretSchemes(), scheme+":") {
		return Secret{reference: text}
	}
	return Secret{typed: text}
}

// Reference is the place of the secret; "" if it was typed, or there is none.
func (s Secret) Reference() string { return s.reference }

// Typed is the secret itself; "" if it is a reference.
func (s Secret) Typed() string { return s.typed }

// Resolve returns the secret itself: as typed, or from its place.
func (s Secret) Resolve(ctx context.Context) (string, error) {
	if s.typed != "" {
		return s.typed, nil
	}
	ref, err := config.ParseSecret(s.reference)
	if err != nil {
		return "", err
	}
	return ref.Resolve(ctx)
}

// IsZero says that there is none.
func (s Secret) IsZero() bool { return s == Secret{} }

func (s Secret) String() string {
	if s.typed != "" {
		return "[redacted]"
	}
	return s.reference
}

func (s Secret) GoString() string             { return "control.Secret{" + s.String() + "}" }
func (s Secret) Format(f fmt.State, _ rune)   { _, _ = io.WriteString(f, s.String()) }
func (s Secret) LogValue() slog.Value         { return slog.StringValue(s.String()) }
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.reference), nil }

func (s *Secret) UnmarshalText(text []byte) error {
	*s = Secret{}
	if r := SecretOf(string(text)); r.typed == "" {
		*s = r
	}
	return nil
}
