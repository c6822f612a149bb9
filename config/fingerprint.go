package config

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// manner says that a key decides how something is done, and not what: where it
// changes, a dry run shows what it showed before. Secrets are among them: who signs in
// is another key. A key that is added counts until it is listed here.
func manner(section, key string) bool {
	switch section {
	case "connector", "schedule", "metrics":
		return true
	case "cloud":
		return slices.Contains([]string{"auth", "token", "proxy", "requests_per_second"}, key)
	case "unmanaged":
		return key == "reason"
	case "directory":
		return slices.Contains([]string{"site", "bind_password", "keytab", "credential_cache", "kerberos_config", "service_principal",
			"client_cert", "client_key", "start_tls", "ca_file", "allow_plaintext"}, key)
	}
	return false
}

// valueOf spells the value of a field, the same whatever the order of what has none.
func valueOf(f field) string {
	if list, ok := f.ptr.(*[]string); ok && !inOrder(f.key) {
		sorted := slices.Sorted(slices.Values(*list))
		return tomlValue(&sorted)
	}
	return tomlValue(f.ptr)
}

// inOrder says that the order of the values in a list matters. Of servers it decides
// which is asked first, and all of them are of one directory.
func inOrder(key string) bool {
	return !slices.Contains([]string{"servers", "base_dns", "exclude_dns", "member_of", "protected"}, key)
}

// Fingerprint is a digest of all that decides what a synchronization does: a dry run
// under one tells nothing of another. Comments, form, defaults that are spelled out and
// the order of directories do not count. rules are the mapping in force, with its
// defaults: the directory's where one is named, else the general ones.
func (c Config) Fingerprint(rules func(directory string) map[string]string) string {
	var parts []string
	for _, s := range c.sections() {
		kind, name := s.name, s.name
		for i, d := range c.Directories {
			if own := fmt.Sprintf("directory[%d]", i); strings.HasPrefix(s.name, own) {
				kind = "directory" + strings.TrimPrefix(s.name, own)
				name = "directory " + d.Name + strings.TrimPrefix(s.name, own)
			}
		}
		if strings.HasPrefix(s.name, "unmanaged[") {
			kind, name = "unmanaged", "unmanaged"
		}
		var values []string
		for _, f := range s.list {
			if !manner(kind, f.key) {
				values = append(values, f.key+"="+valueOf(f))
			}
		}
		parts = append(parts, name+"\n"+strings.Join(values, "\n"))
	}
	for _, d := range c.Directories {
		in := rules(d.Name)
		for _, attribute := range slices.Sorted(maps.Keys(in)) {
			parts = append(parts, fmt.Sprintf("directory %s.mapping.%s=%s", d.Name, tomlKey(attribute), tomlString(in[attribute])))
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
