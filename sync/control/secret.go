package control

import (
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"

	"dirbridge/config"
)

// Secret is a secret as somebody entered it: a reference to where it is kept, or the
// secret itself, which only Typed gives away. However it is printed or encoded, nothing
// but a reference is seen. The zero value is none.
type Secret struct{ reference, typed string }

// SecretOf takes what was typed: env:NAME, file:PATH, keyring:NAME and credential:NAME
// are references, anything else is the secret.
func SecretOf(text string) Secret {
	scheme, name, _ := strings.Cut(text, ":")
	if name != "" && slices.Contains(config.SecretSchemes(), scheme+":") {
		return Secret{reference: text}
	}
	return Secret{typed: text}
}

// Reference is where it is kept; "" where it is not, or there is none.
func (s Secret) Reference() string { return s.reference }

// Typed is the secret itself; "" where it is kept elsewhere.
func (s Secret) Typed() string { return s.typed }

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
