package ldap

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"time"
)

// cookie is the JSON content of identity.Cookie.
type cookie struct {
	Version   int    `json:"v"`
	Directory string `json:"directory"` // identity of the directory
	At        int64  `json:"at"`        // creation time, in seconds of Unix time

	// For DirSync: the server's own cookie of each naming context (folded DN), and the conditions
	// that it is valid for. For RFC 4533 and modifyTimestamp: Roots alone, with the cookies or the
	// times.
	Flags uint32            `json:"flags,omitempty"`
	Asked string            `json:"asked,omitempty"` // digest of the requested attributes and the filter
	Roots map[string][]byte `json:"roots,omitempty"`

	// The domain controller by name and by the DN of its settings, its database, and the last
	// number seen there. DirSync works with any domain controller; it needs these only to detect
	// that one was restored from a backup, which the controller does not report.
	Server     string `json:"server,omitempty"`
	Settings   string `json:"settings,omitempty"` // folded
	Invocation string `json:"invocation,omitempty"`
	USN        int64  `json:"usn,omitempty"`
}

const cookieVersion = 1

// cookieAge is how long a cookie is valid. A server forgets deleted objects after the tombstone
// lifetime of the forest, which is at least 60 days by default, and does not report them
// afterwards.
const cookieAge = 30 * 24 * time.Hour

func (c cookie) encode() string {
	c.Version = cookieVersion
	text, err := json.Marshal(c)
	if err != nil {
		panic(err) // strings, bytes and numbers always can
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

// digest identifies what the server is asked for.
func digest(filter string, attrs []string) string {
	sum := sha256.Sum256([]byte(filter + "\x00" + strings.ToLower(strings.Join(attrs, "\x00"))))
	return hex.EncodeToString(sum[:8])
}
