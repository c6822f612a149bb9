package config

import (
	"testing"
)

func TestTemplateLoads(t *testing.T) {
	text := Template()
	c, err := Parse("", []byte(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if again, err := Parse("", []byte(c.Effective())); err != nil || again.Effective() == "" {
		t.Errorf("what is shown does not load: %v", err)
	}
}
