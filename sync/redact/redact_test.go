package redact

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"dirbridge/sync/identity"
)

// A secret is hidden in every form, whatever is around it.
func TestEveryFormIsHidden(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		secret := rapid.StringMatching(`[!-~]{8,40}`).Draw(t, "secret")
		user := rapid.StringMatching(`[a-z\\@.]{1,12}`).Draw(t, "user")
		before := rapid.StringMatching(`[a-z ]{0,9}`).Draw(t, "before")
		after := rapid.StringMatching(`[a-z ]{0,9}`).Draw(t, "after")
		var s Secrets
		s.Add(secret, user)
		j, err := json.Marshal(secret)
		if err != nil {
			t.Fatal(err)
		}
		forms := []string{secret, string(j), strings.ReplaceAll(string(j), "/", `\/`), url.QueryEscape(secret),
			url.PathEscape(secret),
			strings.ToLower(url.QueryEscape("/")) + secret, strconv.Quote(secret)}
		for _, e := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding, base64.RawStdEncoding,
			base64.RawURLEncoding} {
			forms = append(forms, e.EncodeToString([]byte(secret)), e.EncodeToString([]byte(user+":"+secret)),
				e.EncodeToString([]byte(before+secret+after)))
		}
		for _, form := range forms {
			for name, hide := range map[string]func(string) string{"said": s.Said, "text": s.Text} {
				got := hide(before + " " + form + "\n" + after)
				if strings.Contains(got, form) || !strings.Contains(got, Mark) || !strings.HasPrefix(got, before) ||
					!strings.HasSuffix(got, after) {
					t.Fatalf("%s: %q of %q", name, got, form)
				}
			}
		}
	})
}

// A short secret is usually a word: it is hidden in a server's text, as a separate word, and in no
// sentence of our own. No value of a record changes because a password resembles it.
func TestShortSecrets(t *testing.T) {
	var s Secrets
	s.Add("abc") // too short
	s.Add("wrong", "svc")
	s.Add("Example Corp")
	for _, c := range []struct{ said, text, value string }{
		{"it is wrong, wrongly", "it is wrong, wrongly", "it is wrong, wrongly"},
		{"abc", "abc", "abc"},
		{"Example Corp", "Example Corp", "Example Corp"},
	} {
		if got := s.Value(c.value); got != c.value {
			t.Errorf("a value became %q", got)
		}
	}
	if got := s.Said("it is wrong, wrongly, not wrong"); got != "it is [redacted], wrongly, not [redacted]" {
		t.Errorf("%q", got)
	}
	if got := s.Text("it is wrong"); got != "it is wrong" {
		t.Errorf("%q", got)
	}
	if s.InData("Example Corp") {
		t.Error("a short secret counts in data")
	}
	var none *Secrets
	none.Add("something long")
	if none.Said("something long") != "something long" || none.InData("something long") || none.Error(errTest) != errTest {
		t.Error("nil hides something")
	}
}

// A renewed token is remembered for a while, and the list stays bounded.
func TestRenewedSecrets(t *testing.T) {
	var s Secrets
	for i := range 100 {
		s.Add(fmt.Sprintf("a token of some length, %d", i))
	}
	if s.Said("a token of some length, 99") != Mark || s.Said("a token of some length, 90") != Mark {
		t.Error("a token that was sent lately is not known")
	}
	if n := len(s.known.Load().secrets); n > mostTimes {
		t.Errorf("%d are remembered", n)
	}
}

var errTest = errors.New("test")

// An error keeps its identity, with clean texts.
func TestErrors(t *testing.T) {
	var s Secrets
	s.Add("a-long-secret")
	inner := fmt.Errorf("it said a-long-secret: %w", errors.Join(errTest, context.Canceled))
	err := fmt.Errorf("run: %w",
		s.Error(
			fmt.Errorf("listing: %w", &identity.Failure{Class: identity.Hold, Side: identity.InCloud,
				Remedy: "Change a-long-secret.",
				Err:    inner})))
	var f *identity.Failure
	if !errors.As(err, &f) || f.Class != "hold" || f.Side != identity.InCloud || !errors.Is(err, context.Canceled) ||
		!errors.Is(f, errTest) {
		t.Errorf("%#v", f)
	}
	for _, text := range []string{err.Error(), f.Error(), f.Remedy, f.Err.Error(), identity.Remedy(err)} {
		if strings.Contains(text, "secret") || !strings.Contains(text, Mark) {
			t.Errorf("%q", text)
		}
	}
	var stale *identity.Stale
	if err := s.Error(&identity.Stale{Reason: "a-long-secret"}); !errors.As(err, &stale) || stale.Reason != Mark {
		t.Errorf("%v", err)
	}
	if s.Error(errTest) != errTest || s.Error(nil) != nil {
		t.Error("an error without secrets is another one")
	}
	// A remedy alone may contain one.
	if got := identity.Remedy(s.Error(&identity.Failure{Remedy: "a-long-secret", Err: errTest})); got != Mark {
		t.Errorf("%q", got)
	}
}
