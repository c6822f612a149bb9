package profile

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

//go:embed named/*.toml
var named embed.FS

// Names are the names of the embedded profiles, sorted.
func Names() []string {
	files, err := named.ReadDir("named")
	if err != nil {
		return nil // it is embedded
	}
	var names []string
	for _, f := range files {
		names = append(names, strings.TrimSuffix(f.Name(), ".toml"))
	}
	return names
}

// Named is an embedded profile; false for an unknown name.
func Named(name string) (Profile, bool) {
	data, err := named.ReadFile(path.Join("named", name+".toml"))
	if err != nil {
		return Profile{}, false
	}
	p, err := Decode(data)
	p.Name = name
	return p, err == nil
}

// Must is an embedded profile. The name must be one of Names.
func Must(name string) Profile {
	p, ok := Named(name)
	if !ok {
		panic("profile: no embedded profile " + name) // TestEmbeddedProfiles decodes them all
	}
	return p
}

// IsPath reports whether a reference is the path of a file, not the name of an embedded profile.
func IsPath(ref string) bool {
	return strings.ContainsAny(ref, `/\`) || strings.HasSuffix(ref, ".toml")
}

// Load finds a profile by its name, or by the path of its file, which is relative to dir.
func Load(dir, ref string) (Profile, error) {
	if !IsPath(ref) {
		p, ok := Named(ref)
		if !ok {
			return Profile{}, fmt.Errorf("there is no profile %q: name one of %s, or the path of a file", ref,
				strings.Join(Names(), ", "))
		}
		return p, nil
	}
	file := ref
	if !filepath.IsAbs(file) {
		file = filepath.Join(dir, file)
	}
	data, err := read(file)
	if err != nil {
		return Profile{}, fmt.Errorf("the profile cannot be read: %w", err)
	}
	p, err := Decode(data)
	if err != nil {
		return Profile{}, fmt.Errorf("the profile %s: %w", file, err)
	}
	p.Name = strings.TrimSuffix(filepath.Base(file), ".toml")
	return p, nil
}

// read reads a file of at most the permitted size.
func read(file string) (_ []byte, err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return io.ReadAll(io.LimitReader(f, largest+1))
}

// ForHost is the name of the embedded profile of a base URL's host; "" if there is none.
func ForHost(host string) string {
	host = strings.ToLower(host)
	for _, name := range Names() {
		p := Must(name)
		if slices.ContainsFunc(p.Hosts, func(pattern string) bool {
			rest, below := strings.CutPrefix(pattern, "*")
			return host == pattern || below && strings.HasSuffix(host, rest)
		}) {
			return name
		}
	}
	return ""
}
