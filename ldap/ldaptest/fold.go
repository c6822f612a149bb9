package ldaptest

import "strings"

// foldings are letters that Windows treats as equal: those that differ by a mark only.
const foldings = "aàáâãäåāăą" + " cçćĉċč" + " dďđ" + " eèéêëēĕėęě" + " gĝğġģ" + " hĥħ" + " iìíîïĩīĭįı" + " jĵ" + " kķ" +
	" lĺļľŀł" + " nñńņňŉ" + " oòóôõöøōŏő" + " rŕŗř" + " sśŝşš" + " tţťŧ" + " uùúûüũūŭůűų" + " wŵ" + " yýÿŷ" + " zźżž"

// newFolding builds the replacer.
func newFolding() *strings.Replacer {
	pairs := []string{"ß", "ss", "æ", "ae", "œ", "oe", "ĳ", "ij"}
	for group := range strings.FieldsSeq(foldings) {
		letters := []rune(group)
		for _, l := range letters[1:] {
			pairs = append(pairs, string(l), string(letters[0]))
		}
	}
	// combining marks after a decomposed letter
	for mark := rune(0x300); mark <= 0x36f; mark++ {
		pairs = append(pairs, string(mark), "")
	}
	return strings.NewReplacer(pairs...)
}

// fold normalizes a text for Active Directory's comparison: without case and marks.
func (s *schema) fold(v string) string {
	v = lower(v)
	if ascii(v) {
		return v
	}
	return s.folding.Replace(v)
}

func ascii(v string) bool {
	for i := range len(v) {
		if v[i] >= 0x80 {
			return false
		}
	}
	return true
}
