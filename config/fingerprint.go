package config

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// valueOf returns the text of a field's value. For a list whose order does not matter, the text
// does not depend on the order.
func valueOf(f field) string {
	if list, ok := f.ptr.(*[]string); ok && f.anyOrder {
		sorted := slices.Sorted(slices.Values(*list))
		return tomlValue(&sorted)
	}
	return tomlValue(f.ptr)
}

// Fingerprint returns a digest of everything that affects what a synchronization does. If it
// changes, an earlier dry run no longer counts. Comments, layout, spelled-out defaults and the
// order of directories do not affect it. general has the rules of the mapping, defaults included.
// TestWhatCountsAsAChange, TestWhatIsNoChange and TestFingerprintsAreThoseOfEarlierVersions pin
// this.
func (c Config) Fingerprint(general map[string]string) string {
	var parts []string
	for _, s := range c.sections() {
		name := s.name
		switch s.head {
		case "[[directory]]":
			name = "directory " + s.directory.Name
		case "[[unmanaged]]":
			name = "unmanaged"
		}
		var values []string
		for _, f := range s.list {
			if text, is := f.ptr.(*string); is && f.later && *text == "" {
				continue
			}
			if !f.how {
				values = append(values, f.key+"="+valueOf(f))
			}
		}
		parts = append(parts, name+"\n"+strings.Join(values, "\n"))
	}
	for _, d := range c.Directories {
		in := d.Rules(general)
		for _, attribute := range slices.Sorted(maps.Keys(in)) {
			parts = append(parts, fmt.Sprintf("directory %s.mapping.%s=%s", d.Name, tomlKey(attribute),
				tomlString(in[attribute])))
		}
	}
	for _, d := range c.Directories {
		in := c.Guards.With(d.Guards)
		for _, f := range in.fields() {
			parts = append(parts, fmt.Sprintf("directory %s.guards.%s=%s", d.Name, f.key, tomlValue(f.ptr)))
		}
	}
	slices.Sort(parts)
	sum := sha256.Sum256([]byte(strings.Join(parts, "\n")))
	return hex.EncodeToString(sum[:])
}
