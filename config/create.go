package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
)

// Create writes c to a new file (see Config.Text) with mode 0600, and reads it back. It refuses a
// configuration that Parse does not accept, and a path that exists already: that error is
// fs.ErrExist.
func Create(path string, c Config, checks ...Check) (Config, error) {
	out := []byte(c.Text())
	made, err := Parse(path, out, checks...)
	if err != nil {
		return Config{}, err
	}
	if _, err := read(path); err == nil {
		return Config{}, fmt.Errorf("configuration %s: %w", path, fs.ErrExist)
	}
	written, err := replaceFile(path, nil, out)
	switch {
	case err != nil:
		return Config{}, fmt.Errorf("configuration %s: %w", path, err)
	case !written:
		return Config{}, fmt.Errorf("configuration %s: %w", path, fs.ErrExist)
	}
	return made, nil
}

// AddDirectory appends a [[directory]] block to the file and reads the file back; the rest of the
// file stays as it is. It writes those values of d that differ from the defaults. On an error the
// old file stays.
func AddDirectory(path string, d Directory, checks ...Check) (Config, error) {
	src, err := read(path)
	if err != nil {
		return Config{}, err
	}
	eol := "\n"
	if bytes.Contains(src, []byte("\r\n")) {
		eol = "\r\n"
	}
	var b bytes.Buffer
	b.Write(src)
	if len(src) > 0 && !bytes.HasSuffix(src, []byte("\n")) {
		b.WriteString(eol)
	}
	b.WriteString(eol + "[[directory]]" + eol)
	plain := DefaultDirectory()
	defaults := plain.fields()
	for i, f := range d.fields() {
		if value := tomlValue(f.ptr); value != tomlValue(defaults[i].ptr) {
			b.WriteString(f.key + " = " + value + eol)
		}
	}
	c, err := Parse(path, b.Bytes(), checks...)
	if err != nil {
		return Config{}, err
	}
	written, err := replaceFile(path, src, b.Bytes())
	switch {
	case err != nil:
		return Config{}, fmt.Errorf("configuration %s: %w", path, err)
	case !written:
		return Config{}, errors.New("configuration " + path + ": another program changed it just now; try again")
	}
	return c, nil
}
