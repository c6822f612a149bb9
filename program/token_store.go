package program

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"

	"github.com/zalando/go-keyring"

	"dirbridge/cloud/auth"
	"dirbridge/config"
)

// ringStore keeps a sign-in in the keyring of this user. The entry is that of the state at path.
func ringStore(path string) auth.Store {
	const service = "dirbridge"
	user := "signin " + path
	return &auth.Ring{LockPath: path + ".lock",
		Get: func() (string, error) {
			text, err := keyring.Get(service, user)
			if errors.Is(err, keyring.ErrNotFound) {
				return "", auth.ErrNone
			}
			return text, err
		},
		Set: func(text string) error { return keyring.Set(service, user, text) },
		Delete: func() error {
			if err := keyring.Delete(service, user); !errors.Is(err, keyring.ErrNotFound) {
				return err
			}
			return nil
		}}
}

// ownKey is the text from which the key of the stored sign-in is made, in a file that only this user
// can read. It keeps the sign-in out of copies of the state that lack this file.
func ownKey(path string, create bool) (string, error) {
	ref, err := config.ParseSecret("file:" + path)
	if err != nil {
		return "", err
	}
	text, err := ref.Resolve(context.Background())
	if !create || !errors.Is(err, fs.ErrNotExist) {
		return text, err
	}
	text = rand.Text() + rand.Text()
	if err := writePrivate(path, []byte(text+"\n")); err != nil {
		return "", fmt.Errorf("the key cannot be kept: %w", err)
	}
	return text, nil
}
