package scimtest

import (
	"reflect"
	"sort"
	"strings"
)

func contains(list []any, v any) bool {
	for _, have := range list {
		if reflect.DeepEqual(have, v) {
			return true
		}
	}
	return false
}

func isPrimary(v any) bool {
	m, ok := v.(map[string]any)
	return ok && m["primary"] == true
}

func textOf(m map[string]any, name string) string {
	s, _ := m[name].(string)
	return s
}

// clone copies a decoded JSON value.
func clone(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = clone(e)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = clone(e)
		}
		return out
	case []string:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = e
		}
		return out
	case []map[string]any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = clone(e)
		}
		return out
	}
	return v
}

// looksLikeMail is the rule for userName: one @ between two parts without blanks, quotes or
// brackets. Letters need not be ASCII.
func looksLikeMail(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	if !ok || local == "" || domain == "" || len(s) > 254 {
		return false
	}
	if strings.HasPrefix(domain, ".") || strings.HasSuffix(domain, ".") || strings.Contains(domain, "..") {
		return false
	}
	return !strings.ContainsFunc(local+domain, func(r rune) bool {
		return r <= ' ' || r == 0x7f || strings.ContainsRune(`@<>()[],;:\"`, r)
	})
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
