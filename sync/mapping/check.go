package mapping

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"dirbridge/sync/schema"
)

// check validates a trimmed, printable value and converts it to the cloud's form. because is "" if
// it is valid, else a sentence that says what is wrong.
type check func(v string) (out, because string)

// badValue is a value that a check refused.
type badValue struct {
	value   string
	because string
}

// isDisabled is the result of the state's check for a disabled account.
const isDisabled = "true"

func checkFor(f schema.Format) check {
	switch f {
	case schema.Mail:
		return checkMail
	case schema.Phone:
		return checkPhone
	case schema.SIP:
		return checkSIP
	case schema.Language:
		return checkLanguage
	case schema.Disabled:
		return checkDisabled
	}
	return nil
}

// value checks one value; "" without a badValue means no value.
func (r *rule) value(raw string) (string, *badValue) {
	v, because := trim(raw), ""
	if v == "" {
		return "", nil
	}
	if because = checkText(v, r.attr.MaxLen, r.lines); because == "" && r.check != nil {
		v, because = r.check(v)
	}
	if because != "" {
		return "", &badValue{value: raw, because: because}
	}
	return v, nil
}

// trim removes surrounding blanks. Most strings have none, and strings.TrimSpace decodes runes
// before it finds out.
func trim(s string) string {
	if s == "" || s[0] > ' ' && s[0] < utf8.RuneSelf && s[len(s)-1] > ' ' && s[len(s)-1] < utf8.RuneSelf {
		return s
	}
	return strings.TrimSpace(s)
}

// checkText refuses what no attribute may have: invalid UTF-8, control characters (except line
// breaks if lines is set), and more characters than the attribute permits.
func checkText(v string, maxLen int, lines bool) string {
	ascii := true
	for i := 0; i < len(v); i++ {
		c := v[i]
		if c >= utf8.RuneSelf {
			ascii = false
			break
		}
		if (c < ' ' && !(lines && isLineBreak(c))) || c == 0x7f {
			return hasControl
		}
	}
	n := len(v)
	if !ascii {
		if !utf8.ValidString(v) {
			return "This attribute must be text in UTF-8."
		}
		for _, c := range v {
			if unicode.IsControl(c) && !(lines && c < utf8.RuneSelf && isLineBreak(byte(c))) {
				return hasControl
			}
		}
		if maxLen > 0 && n > maxLen {
			n = utf8.RuneCountInString(v)
		}
	}
	if maxLen > 0 && n > maxLen {
		return "This attribute must not be longer than " + strconv.Itoa(maxLen) + " characters; it has " +
			strconv.Itoa(n) + "."
	}
	return ""
}

const hasControl = "This attribute must not contain control characters."

func isLineBreak(c byte) bool { return c == '\r' || c == '\n' }

// checkMail accepts what mail servers accept in practice: plus, apostrophe and letters of any
// script; one @, no blanks, and a domain of non-empty labels.
func checkMail(v string) (string, string) {
	const because = "This attribute must be an e-mail address such as name@example.com."
	at := strings.IndexByte(v, '@')
	if at <= 0 || at == len(v)-1 || strings.IndexByte(v[at+1:], '@') >= 0 {
		return "", because
	}
	for _, c := range v {
		if c <= ' ' || c >= utf8.RuneSelf && (unicode.IsSpace(c) || unicode.Is(unicode.Cf, c)) || c < utf8.RuneSelf &&
			strings.IndexByte(`<>()[],;:"\`, byte(c)) >= 0 {
			return "", because
		}
	}
	domain := v[at+1:]
	if domain[0] == '.' || domain[len(domain)-1] == '.' || strings.Contains(domain, "..") || v[0] == '.' ||
		v[at-1] == '.' {
		return "", because
	}
	return v, ""
}

func checkPhone(v string) (string, string) {
	for _, c := range v {
		if c >= '0' && c <= '9' || c >= utf8.RuneSelf && unicode.IsDigit(c) {
			return v, ""
		}
	}
	return "", "This attribute must contain at least one number."
}

// checkSIP is the rule ^([^@])(.*)@(.*)$ of the cloud's own connector, without the scheme that the
// directory has before the address.
func checkSIP(v string) (string, string) {
	if len(v) >= 4 && strings.EqualFold(v[:4], "sip:") {
		v = trim(v[4:])
	}
	if strings.IndexByte(v, '@') <= 0 {
		return "", "This attribute must be a SIP address such as name@example.com."
	}
	return v, ""
}

// checkLanguage accepts xx, xx_YY and xx-YY unchanged: the target knows that the last two are the
// same.
func checkLanguage(v string) (string, string) {
	if (len(v) == 2 || len(v) == 5 && (v[2] == '_' || v[2] == '-') && letters(v[3:])) && letters(v[:2]) {
		return v, ""
	}
	return "", "This attribute must be a language such as en, en_US or en-US."
}

func letters(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i] | 0x20; c < 'a' || c > 'z' {
			return false
		}
	}
	return true
}

// accountDisable is ADS_UF_ACCOUNTDISABLE of userAccountControl (MS-ADTS 2.2.16).
const accountDisable = 0x2

// checkDisabled reads userAccountControl, a boolean such as msDS-UserAccountDisabled of AD LDS, or
// a pwdAccountLockedTime.
func checkDisabled(v string) (string, string) {
	if n, err := strconv.ParseInt(v, 10, 64); err == nil {
		return strconv.FormatBool(n&accountDisable != 0), ""
	}
	switch {
	case strings.EqualFold(v, "TRUE"):
		return "true", ""
	case strings.EqualFold(v, "FALSE"):
		return "false", ""
	}
	if disabled, ok := lockTime(v); ok {
		return strconv.FormatBool(disabled), ""
	}
	return "", "This attribute must be a number, or TRUE or FALSE."
}
