package scimtest

import (
	"strings"
	"testing"
)

func TestElsewhere(t *testing.T) {
	s, err := Start(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.Reserve("Ana@example.com")
	s.Claim("Taken.example.org")
	take := func(name string) error {
		s.store.mu.Lock()
		defer s.store.mu.Unlock()
		_, err := s.store.create(byRequest, s.store.cat.users, map[string]any{"userName": name})
		return err
	}
	for name, want := range map[string]string{"ana@EXAMPLE.com": "409 uniqueness: ana@EXAMPLE.com could not be converted",
		"bo@taken.example.org": "403 "} {
		if err := take(name); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
		if u, ok := s.User(name); ok {
			t.Errorf("%s is listed: %+v", name, u)
		}
	}
	if err := s.Convert("bo@example.com"); err == nil {
		t.Error("one who is nowhere was converted")
	}
	if err := s.Convert("ana@example.com"); err != nil {
		t.Fatal(err)
	}
	if u, ok := s.User("ana@example.com"); !ok || u.ExternalID != "" || !u.Active {
		t.Errorf("%v %+v", ok, u)
	}
	if err := take("ana@example.com"); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("taken twice: %v", err)
	}
	if err := take("bo@example.com"); err != nil {
		t.Errorf("anybody else: %v", err)
	}
}
