package redact

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
)

// form is one way to write a secret.
type form struct {
	text string
	word bool // hidden only as a separate word
}

// forms lists the forms in which a secret may come back: as it is, escaped as in URLs, JSON and Go,
// and in base64, alone or within a longer text.
func (s secret) forms() (all []form) {
	seen := map[string]bool{"": true}
	add := func(texts ...string) {
		for _, t := range texts {
			if !seen[t] {
				seen[t] = true
				all = append(all, form{t, len(t) < textFrom})
			}
		}
	}
	if s.user != "" {
		add(encoded(s.user + ":" + s.text)...)
		return all
	}
	add(s.text)
	for _, escaped := range []string{url.QueryEscape(s.text), url.PathEscape(s.text),
		strings.ReplaceAll(url.QueryEscape(s.text), "+", "%20")} {
		add(escaped, lowerHex(escaped))
	}
	add(quoted(s.text)...)
	add(encoded(s.text)...)
	if len(s.text) >= textFrom {
		add(within(s.text)...)
	}
	return all
}

// encoded is the text in base64, with both alphabets, with padding and without.
func encoded(text string) []string {
	var all []string
	for _, e := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding, base64.RawStdEncoding,
		base64.RawURLEncoding} {
		all = append(all, e.EncodeToString([]byte(text)))
	}
	return all
}

// within returns the base64 of the secret inside a longer text, for any length of the text before
// it: the characters that depend on the secret alone.
func within(text string) []string {
	var all []string
	for shift := range 3 {
		whole := append(make([]byte, shift), text...)
		from, to := (shift*8+5)/6, len(whole)*8/6
		for _, e := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			all = append(all, e.EncodeToString(whole)[from:to])
		}
	}
	return all
}

// quoted is the text within a string of JSON or Go, without the quotation marks.
func quoted(text string) []string {
	plain := strconv.Quote(text)
	ascii := strconv.QuoteToASCII(text)
	all := []string{plain[1 : len(plain)-1], ascii[1 : len(ascii)-1]}
	for _, html := range []bool{true, false} {
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(html)
		if err := e.Encode(text); err != nil {
			continue
		}
		in := strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(b.String()), `"`), `"`)
		all = append(all, in, strings.ReplaceAll(in, "/", `\/`))
	}
	return all
}

// lowerHex writes the digits of %2B as %2b.
func lowerHex(text string) string {
	b := []byte(text)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i+1:i+3], bytes.ToLower(b[i+1:i+3]))
			i += 2
		}
	}
	return string(b)
}
