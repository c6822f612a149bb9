package ldap

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"time"
)

// cookie is what Position.Cookie holds, as JSON.
type cookie struct {
	Version   int    `json:"v"`
	Directory string `json:"directory"` // its identity
	At        int64  `json:"at"`        // when it was given, in seconds of Unix time

	// Of DirSync: the server's own cookies by folded naming context, and under which
	// conditions they were given. Of RFC 4533 and modifyTimestamp Roots alone: the
	// cookies, and the times.
	Flags uint32            `json:"flags,omitempty"`
	Asked string            `json:"asked,omitempty"` // digest of the attributes and the filter
	Roots map[string][]byte `json:"roots,omitempty"`

	// The domain controller by name and by the DN of its settings, the database that
	// it has, and the last number that was seen of it. DirSync goes on at any domain controller and needs them only to see
	// that one was put back to an older state, which it does not say.
	Server     string `json:"server,omitempty"`
	Settings   string `json:"settings,omitempty"` // folded
	Invocation string `json:"invocation,omitempty"`
	USN        int64  `json:"usn,omitempty"`
}

const cookieVersion = 1

// cookieAge is for how long a position is good. What is deleted is forgotten after
// the forest's tombstone lifetime, of 60 days at the least in every forest whose
// administrators left it alone, and is then told no more.
const cookieAge = 30 * 24 * time.Hour

func (c cookie) encode() string {
	c.Version = cookieVersion
	text, err := json.Marshal(c)
	if err != nil {
		panic(err) // of strings, bytes and numbers it always can
	}
	return string(text)
}

func decodeCookie(text string) (c cookie, err error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return cookie{}, err
	}
	switch {
	case d.More():
		return cookie{}, errors.New("text after its end")
	case c.Version != cookieVersion:
		return cookie{}, errors.New("it is of another version of this program")
	case c.USN < 0:
		return cookie{}, errors.New("a negative number")
	}
	return c, nil
}

// digest tells apart what the server is asked for.
func digest(filter string, attrs []string) string {
	sum := sha256.Sum256([]byte(filter + "\x00" + strings.ToLower(strings.Join(attrs, "\x00"))))
	return hex.EncodeToString(sum[:8])
}
