package scope

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

const (
	root  = "DC=corp,DC=example,DC=com"
	staff = "OU=Staff," + root
	eng   = "OU=Engineering," + staff
	sales = "OU=Sales," + staff
	emea  = "OU=EMEA," + sales
	svc   = "OU=Service Accounts," + root
)

var all = []string{root, staff, eng, sales, emea, svc}

func ticks(s *Scope) string {
	var b strings.Builder
	for _, dn := range all {
		b.WriteByte("o+-"[s.Tick(dn)])
	}
	return b.String()
}

func TestListsToTicks(t *testing.T) {
	tests := []struct {
		name            string
		bases, excludes []string
		want            string // root staff eng sales emea svc
	}{
		{"no base is the whole domain", nil, nil, "++++++"},
		{"one container", []string{eng}, nil, "--+ooo"},
		{"a ticked parent takes its children", []string{staff}, nil, "-++++o"},
		{"an exclusion greys what is above", nil, []string{sales}, "--+oo+"},
		{"spelling does not matter", []string{"ou=STAFF , dc=Corp,DC=example,dc=COM"}, nil, "-++++o"},
		{"an exclusion wins over a base below it", []string{emea}, []string{sales}, "oooooo"},
		{"base and exclusion", []string{staff}, []string{emea}, "--+-oo"},
	}
	for _, tt := range tests {
		s := New(tt.bases, tt.excludes)
		if got := ticks(s); got != tt.want {
			t.Errorf("%s: ticks %q, want %q", tt.name, strings.NewReplacer("o", "o").Replace(got), tt.want)
		}
	}
}

func TestTicksToLists(t *testing.T) {
	tests := []struct {
		name            string
		bases, excludes []string
		toggle          []string
		wantB, wantX    []string
	}{
		{"untick below a ticked parent", nil, nil, []string{sales}, nil, []string{sales}},
		{"and tick it again", nil, nil, []string{sales, sales}, nil, nil},
		{"tick the parent of an exclusion", nil, []string{sales}, []string{staff}, nil, nil},
		{"untick the root, tick one", nil, nil, []string{root, eng}, []string{eng}, nil},
		{"tick two children, then their parent", nil, nil, []string{root, eng, sales, staff}, []string{staff}, nil},
		{"the root again is the whole domain", []string{eng}, nil, []string{root}, nil, nil},
		{"untick a base, another stays", []string{eng, svc}, nil, []string{eng}, []string{svc}, nil},
		{"untick a greyed parent by two toggles", []string{eng}, nil, []string{staff, staff, svc}, []string{svc}, nil},
		{"an exclusion deep below", []string{staff}, nil, []string{emea}, []string{staff}, []string{emea}},
	}
	for _, tt := range tests {
		s := New(tt.bases, tt.excludes)
		s.Roots([]string{root})
		for _, dn := range tt.toggle {
			if err := s.Toggle(dn); err != nil {
				t.Fatalf("%s: %v", tt.name, err)
			}
		}
		b, x := s.Lists()
		if !slices.Equal(b, tt.wantB) || !slices.Equal(x, tt.wantX) {
			t.Errorf("%s: bases %q excludes %q, want %q and %q", tt.name, b, x, tt.wantB, tt.wantX)
		}
		if s.None() {
			t.Errorf("%s: None", tt.name)
		}
	}
}

func TestNothingBelowAnExclusionIsTicked(t *testing.T) {
	s := New(nil, []string{sales})
	err := s.Toggle(emea)
	if err == nil || !strings.Contains(err.Error(), sales) {
		t.Fatalf("error %v, want one that names %s", err, sales)
	}
	if s.Includes(emea) {
		t.Error("it is in scope all the same")
	}
}

func TestNothingChosenIsSaid(t *testing.T) {
	for _, start := range [][]string{nil, {eng}, {staff, svc}} {
		s := New(start, nil)
		s.Roots([]string{root})
		if err := s.Set(root, false); err != nil {
			t.Fatal(err)
		}
		if !s.None() || ticks(s) != "oooooo" {
			t.Errorf("from %q: None %v, ticks %q", start, s.None(), ticks(s))
		}
		if b, x := s.Lists(); len(b) == 0 && len(x) == 0 {
			t.Errorf("from %q: nothing chosen reads as the whole directory", start)
		}
	}
}

// TestTogglingAtRandomRoundTrips checks that the lists always say exactly what the ticks say, and
// that ticking affects the container and everything below it.
func TestTogglingAtRandomRoundTrips(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		s := New(nil, nil)
		s.Roots([]string{root})
		for range 1 + r.IntN(8) {
			dn := all[r.IntN(len(all))]
			want := s.Tick(dn) != On
			if err := s.Toggle(dn); err != nil {
				continue
			}
			for _, below := range all {
				if strings.HasSuffix(below, dn) && s.Includes(below) != want {
					t.Fatalf("%s set to %v, but %s is %v", dn, want, below, !want)
				}
			}
		}
		b, x := s.Lists()
		again := New(b, x)
		again.Roots([]string{root})
		if got, want := ticks(again), ticks(s); got != want {
			t.Fatalf("ticks %q became %q through %q and %q", want, got, b, x)
		}
	}
}

func TestDNsCompare(t *testing.T) {
	same := [][2]string{
		{"OU=A, DC=x", "ou=a,dc=X"},
		{`OU=Sales\, EMEA,DC=x`, `ou=sales\2C EMEA,DC=x`},
		{`OU=a\+b,DC=x`, `OU=a\2Bb,DC=x`},
	}
	for _, p := range same {
		if key(p[0]) != key(p[1]) {
			t.Errorf("%q and %q differ", p[0], p[1])
		}
	}
	if New([]string{`OU=Sales\,OU=Staff,DC=x`}, nil).Tick(`OU=Staff,DC=x`) != Off {
		t.Error("an escaped comma was taken for a separator")
	}
	if New([]string{"OU=Staff,DC=x"}, nil).Includes("OU=Staffing,DC=x") {
		t.Error("a longer name was taken for a child")
	}
}

func FuzzKey(f *testing.F) {
	for _, s := range []string{root, `CN=a\,b,DC=x`, `\`, `=,=;\2`, `CN=a\ ,DC=x`, ",,,"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, dn string) {
		k := key(dn)
		steps := 0
		for p := k; p != ""; p = parent(p) {
			if steps++; steps > len(dn)+2 {
				t.Fatal("climbing to the root does not end")
			}
		}
		s := New([]string{dn}, []string{dn})
		_ = s.Toggle(dn)
		s.Tick(dn)
		s.Lists()
	})
}
