package redact

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"unicode"
	"unicode/utf8"
)

// Mark stands in the place of a secret.
const Mark = "[redacted]"

const (
	shortest  = 4  // bytes of a secret; what is shorter stands in any text by chance
	textFrom  = 8  // bytes from which a secret is no word of ours, and is hidden within words
	dataFrom  = 16 // bytes from which a secret is not a value that a record may have by chance
	mostTimes = 16 // secrets that are remembered: a token that is renewed replaces the oldest
)

// Secrets hides secrets. The zero value knows none. Its methods may be called from
// several goroutines, and on nil.
type Secrets struct {
	mu    sync.Mutex // of those that add
	known atomic.Pointer[known]
}

type known struct {
	secrets []secret
	said    []form // the longest first, as in the others
	text    []form // of secrets that are no words of ours
	data    []form // of those that cannot stand in data by chance
}

type secret struct {
	text string
	user string
}

// Add makes a secret known. Users are the names that it may be joined to, as in
// user:password; without one it stands alone.
func (s *Secrets) Add(text string, users ...string) {
	if s == nil || len(text) < shortest {
		return
	}
	for _, user := range append([]string{""}, users...) {
		s.add(secret{text, user})
	}
}

func (s *Secrets) add(one secret) {
	has := func() bool { k := s.known.Load(); return k != nil && slices.Contains(k.secrets, one) }
	if has() {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if has() {
		return
	}
	next := &known{}
	if k := s.known.Load(); k != nil {
		next.secrets = append(next.secrets, k.secrets[max(0, len(k.secrets)+1-mostTimes):]...)
	}
	next.secrets = append(next.secrets, one)
	for _, of := range next.secrets {
		forms := of.forms()
		next.said = append(next.said, forms...)
		if len(of.text) >= textFrom {
			next.text = append(next.text, forms...)
		}
		if len(of.text) >= dataFrom {
			next.data = append(next.data, forms...)
		}
	}
	for _, list := range []*[]form{&next.said, &next.text, &next.data} {
		slices.SortStableFunc(*list, func(a, b form) int { return len(b.text) - len(a.text) })
		*list = slices.Compact(*list)
	}
	s.known.Store(next)
}

// Said is what a server said, with a mark in the place of each secret.
func (s *Secrets) Said(text string) string {
	if k := s.all(); k != nil {
		return hide(k.said, text)
	}
	return text
}

// Text is a text of ours, in which a server's words may stand, with a mark in the place of
// each secret. One that is as short as a word stays: "wrong" may be a password, and must not
// be taken out of every sentence.
func (s *Secrets) Text(text string) string {
	if k := s.all(); k != nil {
		return hide(k.text, text)
	}
	return text
}

// Value is a value of a record with a mark in the place of each secret that is too long to
// stand there by chance.
func (s *Secrets) Value(text string) string {
	if k := s.all(); k != nil {
		return hide(k.data, text)
	}
	return text
}

// InData says whether values of records hold a secret that is too long to stand there by
// chance.
func (s *Secrets) InData(text string) bool {
	k := s.all()
	return k != nil && slices.ContainsFunc(k.data, func(f form) bool { return strings.Contains(text, f.text) })
}

func (s *Secrets) all() *known {
	if s == nil {
		return nil
	}
	return s.known.Load()
}

func hide(forms []form, text string) string {
	for _, f := range forms {
		if len(text) >= len(f.text) && strings.Contains(text, f.text) {
			text = f.hide(text)
		}
	}
	return text
}

// hide puts the mark where the form stands; where it is a short word, not within another.
func (f form) hide(text string) string {
	if !f.word {
		return strings.ReplaceAll(text, f.text, Mark)
	}
	var out strings.Builder
	for rest, before := text, utf8.RuneError; ; {
		at := strings.Index(rest, f.text)
		if at < 0 {
			out.WriteString(rest)
			return out.String()
		}
		end := at + len(f.text)
		if at > 0 {
			before, _ = utf8.DecodeLastRuneInString(rest[:at])
		}
		after, _ := utf8.DecodeRuneInString(rest[end:])
		out.WriteString(rest[:at])
		if ofWord(before) || ofWord(after) {
			out.WriteString(f.text)
		} else {
			out.WriteString(Mark)
		}
		before, _ = utf8.DecodeLastRuneInString(rest[:end])
		rest = rest[end:]
	}
}

func ofWord(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r))
}
