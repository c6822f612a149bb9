package profile

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// checkWords returns the first value that is none of the words for its key, or nil. It also sets
// Settling from its text.
func (p *Profile) checkWords() *Problem {
	for _, c := range []struct {
		key, is string
		words   []string
	}{
		{"list.paging", string(p.List.Paging), texts(Index, Cursor, Unlisted)},
		{"user.deactivate", string(p.User.Deactivate), texts(Disables, Destroys)},
		{"user.delete", string(p.User.Delete), texts(Deletes, Deactivates)},
		{"group.members", string(p.Group.Members), texts(InListing, InGroup, Endpoint, ByFilter)},
		{"group.remove", string(p.Group.Remove), texts(ByPath, ByValue)},
		{"write.users", string(p.Write.Users), texts(Patch, Put)},
		{"write.groups", string(p.Write.Groups), texts(Patch, Put)},
		{"write.state", string(p.Write.State), texts(Patch, Put)},
		{"write.ops", string(p.Write.Ops), texts(Lower, Capital)},
		{"write.booleans", string(p.Write.Booleans), texts(JSON, Text)},
		{"write.etag", string(p.Write.ETag), texts(AsPublished, Always, Never)},
	} {
		if !slices.Contains(c.words, c.is) {
			return &Problem{Key: c.key, Text: fmt.Sprintf("it must be %s, not %q", strings.Join(c.words, " or "), c.is)}
		}
	}
	d, err := time.ParseDuration(p.SettlingText)
	if err != nil || d < 0 || d > time.Hour {
		return &Problem{Key: "settling", Text: fmt.Sprintf("it must be a duration up to an hour, such as 15s, not %q",
			p.SettlingText)}
	}
	p.Settling = d
	return nil
}

func texts[T ~string](words ...T) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = string(w)
	}
	return out
}
