package redact

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"unicode"
	"unicode/utf8"
)

// Mark replaces a secret.
const Mark = "[redacted]"

const (
	shortest  = 4  // bytes of a secret; a shorter one occurs in any text by chance
	textFrom  = 8  // bytes from which a secret cannot be a word of our own texts, and is hidden within words
	dataFrom  = 16 // bytes from which a secret cannot be the value of a record by chance
	mostTimes = 16 // remembered secrets: a renewed token replaces the oldest
)

// Secrets hides secrets. The zero value knows none. Its methods may be called from several
// goroutines, and on nil.
type Secrets struct {
	mu    sync.Mutex // for writers
	known atomic.Pointer[known]
}

type known struct {
	secrets []secret
	said    []form // the longest first, as in the others
	text    []form // of secrets that are no words of our own texts
	data    []form // of those that cannot occur in data by chance
}

type secret struct {
	text string
	user string
}

// Add adds a secret. Users are the names that it may be joined to, as in user:password.
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

// Said redacts a server's text.
func (s *Secrets) Said(text string) string {
	if k := s.all(); k != nil {
		return hide(k.said, text)
	}
	return text
}

// Text redacts a text of our own that may quote a server. A secret as short as a word stays:
// "wrong" may be a password, and must not vanish from every sentence.
func (s *Secrets) Text(text string) string {
	if k := s.all(); k != nil {
		return hide(k.text, text)
	}
	return text
}

// Value redacts the value of a record: only secrets that are too long to occur by chance.
func (s *Secrets) Value(text string) string {
	if k := s.all(); k != nil {
		return hide(k.data, text)
	}
	return text
}

// InData reports whether values of records contain a secret that is too long to occur by chance.
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

// hide replaces the form by the mark; a short word only where it stands alone.
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
