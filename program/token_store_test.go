package program

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/zalando/go-keyring"

	"dirbridge/cloud/auth"
	"dirbridge/config"
	"dirbridge/sync/identity"
)

// TestASignInInTheKeyring: it is kept there, and in no file.
func TestASignInInTheKeyring(t *testing.T) {
	keyring.MockInit()
	cfg := config.Default()
	cfg.Connector.StateDir, cfg.Cloud.TokenStore = t.TempDir(), "keyring"
	store := tokenStore(cfg)
	if _, err := store.Load(t.Context()); !errors.Is(err, auth.ErrNone) {
		t.Errorf("before the first: %v", err)
	}
	want := auth.Session{Grant: auth.Device, Access: "a-token", Refresh: "another"}
	if err := store.Save(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	if got, err := tokenStore(cfg).Load(t.Context()); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	if files, _ := filepath.Glob(filepath.Join(cfg.Connector.StateDir, "*")); len(files) != 0 {
		t.Errorf("files: %v", files)
	}
	for range 2 { // the second time there is none
		if err := store.Forget(t.Context()); err != nil {
			t.Error(err)
		}
	}
	keyring.MockInitWithError(errors.New("it is locked"))
	_, err := store.Load(t.Context())
	var f *identity.Failure
	if !errors.As(err, &f) || f.Class != identity.Hold || f.Remedy == "" {
		t.Errorf("a keyring that is locked: %v", err)
	}
	keyring.MockInit()
}
