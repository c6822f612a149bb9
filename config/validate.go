package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// validate reports values that are impossible or missing.
func (c *Config) validate(r *report) {
	if len(c.Directories) == 0 && !r.syntax && !r.spoiled["directory"] {
		r.at(0, "directory", "add a [[directory]] block", "at least one directory is needed")
	}
	for _, s := range c.sections() {
		for _, f := range s.list {
			path := s.name + "." + f.key
			if !r.spoiled[path] && !r.spoiled[s.name] {
				f.validate(path, r)
			}
		}
	}
	names := map[string]int{}
	for i := range c.Directories {
		c.Directories[i].validate(fmt.Sprintf("directory[%d]", i), names, r)
	}
	c.Cloud.validateAuth(r)
	for i := range c.Unmanaged {
		c.Unmanaged[i].validate(fmt.Sprintf("unmanaged[%d]", i), r)
	}
	for i, s := range c.Schedule.Full {
		if _, err := ParseTime(s); err != nil {
			r.of(fmt.Sprintf("schedule.full[%d]", i), "", "%s", err)
		}
	}
}

func (f field) validate(path string, r *report) {
	if f.need && reflect.ValueOf(f.ptr).Elem().IsZero() {
		if !r.syntax {
			r.of(path, "", "is required")
		}
		return
	}
	if s, ok := f.ptr.(*string); ok && f.oneOf != nil && !slices.Contains(f.oneOf, *s) {
		choices := f.choices()
		hint := ""
		if c := closest(*s, choices); c != "" {
			hint = "did you mean " + c + "?"
		}
		r.of(path, hint, "must be one of %s", strings.Join(choices, ", "))
		return
	}
	if f.check == nil {
		return
	}
	if message, hint := f.check(); message != "" {
		r.of(path, hint, "%s", message)
	}
}

func (d *Directory) validate(path string, names map[string]int, r *report) {
	if line, taken := names[d.Name]; taken && d.Name != "" {
		r.of(path+".name", "names tell directories apart", "is also the name of the directory in line %d", line)
	}
	names[d.Name] = lookUpLine(r.lines, path+".name")
	if d.Domain == "" && len(d.Servers) == 0 && !r.syntax && !r.spoiled[path] && !r.spoiled[path+".servers"] &&
		!r.spoiled[path+".domain"] {
		r.at(lookUpLine(r.lines, path), path, `such as domain = "corp.example.com"`, "a domain or servers is required")
	}
	d.validateBind(path, r)
	d.validateSite(path, r)
	explicit := r.spoiled[path+".start_tls"] || r.spoiled[path+".allow_plaintext"]
	for i, s := range d.Servers {
		key := fmt.Sprintf("%s.servers[%d]", path, i)
		message, hint, plaintext := d.checkServer(s)
		if message != "" {
			r.of(key, hint, "%s", message)
		} else if plaintext && !explicit {
			r.of(key, "use ldaps://, or start_tls = true; allow_plaintext = true if it must be",
				"would send the password in the clear")
		}
	}
	validateDNs(path+".base_dns", d.BaseDNs, r)
	validateDNs(path+".exclude_dns", d.ExcludeDNs, r)
	validateDNs(path+".member_of", d.MemberOf, r)
}

// validateSite checks site, which sets which of the controllers in DNS come first.
func (d *Directory) validateSite(path string, r *report) {
	switch {
	case d.Site == "":
	case len(d.Servers) > 0:
		r.of(path+".site", "take one of them out", "is of no use with servers")
	case d.Domain == "":
		r.missing(path, "site", "set domain", "is of no use without domain")
	}
}

func validateDNs(path string, list []string, r *report) {
	for i, dn := range list {
		if message, hint := checkDN(dn); message != "" || dn == "" {
			r.of(fmt.Sprintf("%s[%d]", path, i), hint, "is not a DN")
		}
	}
}
