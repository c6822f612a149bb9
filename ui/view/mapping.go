package view

import (
	"strings"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/sync/schema"
)

// What the mapping says about attributes and sample people.
const (
	Unmapped      = "not mapped"
	UnmappedMeans = "Not mapped: Dirbridge does not change it in the cloud."
	NoPlace       = "this cloud has no place for it"
	NoSample      = "No people are in scope, so there is no sample person."
	SampleAsk     = "Beginning of a name or e-mail address:"
	RuleHint      = "Enter one attribute, or several separated by spaces, e.g. givenName sn."
	AllValid      = "No value is invalid."
)

// NoSampleNamed says that a text finds no sample person.
func NoSampleNamed(text string) string {
	return `No name or e-mail address begins with "` + text + `".`
}

// PersonName returns the name of a sample person.
func PersonName(e identity.Entry) string {
	for _, name := range []string{"displayName", "mail", "cn"} {
		if v := e.Attrs.First(name); v != "" {
			return v
		}
	}
	return e.RDN
}

// UnknownNames says which attributes of a rule the directory does not have; "" if it has all.
func UnknownNames(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return "Not an attribute of the directory: " + strings.Join(names, ", ") + ". The rule gets no value from it."
}

// ValidFor says for how many people the value of an attribute is valid.
func ValidFor(c control.Coverage) string {
	text := "valid for " + number(c.OK) + ", empty for " + number(c.Empty)
	if c.Invalid > 0 {
		text += ", invalid for " + number(c.Invalid)
	}
	return text
}

// Invalid says for how many people the value of an attribute is invalid, with an example; "" if for
// none.
func Invalid(c control.Coverage) string {
	if c.Invalid == 0 {
		return ""
	}
	return count(c.Invalid, "person has", "people have") + " an invalid value: " + c.Example
}

// Attribute describes an attribute and its rule.
func Attribute(a schema.Attribute, rule string, c control.Coverage, counted bool) string {
	text := a.Name + ", from " + rule
	if rule == "" {
		text = a.Name + ", " + Unmapped
	}
	if a.Required {
		text += ", required"
	}
	if a.Path == "" {
		text += ", " + NoPlace
	}
	if counted {
		text += ", " + ValidFor(c)
	}
	return text
}
