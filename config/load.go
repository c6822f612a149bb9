package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/BurntSushi/toml"

	"dirbridge/sync/fileperm"
)

// maxSize limits the size of the file, in bytes.
const maxSize = 4 << 20

// Load reads and checks a file. All problems with its contents come together as *Invalid; other
// errors are read errors.
func Load(path string, checks ...Check) (Config, error) {
	src, err := read(path)
	if err != nil {
		return Config{}, err
	}
	return Parse(path, src, checks...)
}

func read(path string) ([]byte, error) {
	if err := fileperm.Check(path); err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	defer f.Close()
	src, err := io.ReadAll(io.LimitReader(f, maxSize+1))
	if err != nil {
		return nil, fmt.Errorf("configuration %s: %w", path, err)
	}
	if len(src) > maxSize {
		return nil, &Invalid{Path: path, Problems: []Problem{{Message: fmt.Sprintf("is larger than %d bytes", maxSize)}}}
	}
	return src, nil
}

// Parse is Load for a text in memory. Relative paths in it are relative to the directory of path.
func Parse(path string, src []byte, checks ...Check) (Config, error) {
	c, _, err := parseConfig(path, src, checks)
	return c, err
}

func parseConfig(path string, src []byte, checks []Check) (Config, *document, error) {
	r := newReport()
	d := parse(src, r)
	c := Default()
	c.Path, c.lines, c.text = path, r.lines, src
	c.decode(d, r)
	if len(r.problems) == 0 {
		secondOpinion(src, r)
	}
	c.validate(r)
	for _, check := range checks {
		for _, p := range check(c) {
			if p.Line == 0 {
				p.Line = c.Line(p.Key)
			}
			r.problems = append(r.problems, p)
		}
	}
	c.resolvePaths()
	return c, d, r.err(path)
}

// secondOpinion has the text parsed by the decoder that other programs use. A text that this
// decoder refuses must not pass here, or the file would mean two things. FuzzLoad pins this.
func secondOpinion(src []byte, r *report) {
	var all map[string]any
	_, err := toml.Decode(string(bytes.TrimPrefix(src, bom)), &all)
	if err == nil {
		return
	}
	line := 0
	var pe toml.ParseError
	if errors.As(err, &pe) {
		line = pe.Position.Line
	}
	r.at(line, "", "", "not valid TOML")
}

// resolvePaths makes relative paths relative to the file, not to the working directory.
func (c *Config) resolvePaths() {
	dir, err := filepath.Abs(filepath.Dir(c.Path))
	if err != nil || c.Path == "" {
		return
	}
	resolve := func(p *string) {
		if *p != "" && !filepath.IsAbs(*p) {
			*p = filepath.Join(dir, *p)
		}
	}
	for _, s := range c.sections() {
		for _, f := range s.list {
			if f.file {
				resolve(f.ptr.(*string))
			}
			if secret, is := f.ptr.(*Secret); is {
				secret.dir = dir
			}
		}
	}
	if file, is := strings.CutPrefix(c.Cloud.Proxy, "pac:"); is && !strings.Contains(file, "://") {
		resolve(&file)
		c.Cloud.Proxy = "pac:" + file
	}
	for i := range c.Directories {
		d := &c.Directories[i]
		if message, _ := checkCache(d.CredentialCache); message == "" && d.CredentialCache != "" {
			if kind, file, typed := strings.Cut(d.CredentialCache, ":"); typed && strings.EqualFold(kind, "FILE") {
				d.CredentialCache = file
			}
			resolve(&d.CredentialCache)
		}
	}
}
