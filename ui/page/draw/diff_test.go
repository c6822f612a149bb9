package draw

import "testing"

func TestDifferingPart(t *testing.T) {
	for _, x := range [][4]string{
		{"Engineer", "Senior Engineer", "", "^^^^^^^"},
		{"ana.silva@example.com", "ana.souza@example.com", "     ^^^", "     ^^^"},
		{"R&D", "Research", "", ""},
		{"OU=Sales,DC=x", "OU=Sales EMEA,DC=x", "", "        ^^^^^"},
		{"", "x", "", ""},
	} {
		a, b := differing(x[0], x[1])
		if a.carets() != x[2] || b.carets() != x[3] {
			t.Errorf("%q -> %q: %q, %q", x[0], x[1], a.carets(), b.carets())
		}
	}
}
