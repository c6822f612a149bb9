package auth

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"dirbridge/sync/identity"
	"dirbridge/sync/scratch"
)

// Store keeps one session. Its callers hold its lock while they change it.
type Store interface {
	// Lock excludes every other process and goroutine until unlock.
	Lock(ctx context.Context) (unlock func() error, err error)
	// Load returns the session, or ErrNone.
	Load(ctx context.Context) (Session, error)
	// Save replaces the session: durably, and whole or not at all.
	Save(ctx context.Context, s Session) error
	// Forget removes the session; it is no error if there is none.
	Forget(ctx context.Context) error
}

// File is a store in an encrypted file (AES-256-GCM), which only its owner may read.
type File struct {
	Path string
	// Key returns the text from which the file's key is made: at least 16 characters. create
	// permits to make one where none exists.
	Key func(ctx context.Context, create bool) (string, error)
}

const (
	magic      = "dirbridge sign-in 1\n"
	largest    = 1 << 20
	remedyKey  = "Restore the key that [cloud] token_key refers to, or sign in again: dirbridge signin."
	remedyFile = "Give the account that runs Dirbridge the right to read and write state_dir, and see that its disk is " +
		"not full."
)

func (f *File) Lock(ctx context.Context) (func() error, error) {
	unlock, err := scratch.Lock(ctx, f.Path+".lock")
	return unlock, broken(ctx, f.Path, err)
}

func (f *File) Load(ctx context.Context) (s Session, err error) {
	text, err := f.read()
	if errors.Is(err, fs.ErrNotExist) {
		return s, ErrNone
	}
	if err != nil {
		return s, broken(ctx, f.Path, err)
	}
	seal, err := f.seal(ctx, false)
	if err != nil {
		return s, err
	}
	sealed, is := bytes.CutPrefix(text, []byte(magic))
	if !is || len(sealed) < seal.NonceSize() {
		return s, fail(identity.Hold, "Sign in again: dirbridge signin.", fmt.Errorf("%s is damaged", f.Path))
	}
	n := seal.NonceSize()
	plain, err := seal.Open(nil, sealed[:n], sealed[n:], []byte(magic))
	if err != nil {
		return s, fail(identity.Hold, remedyKey, fmt.Errorf("%s is damaged, or was encrypted with another key", f.Path))
	}
	return decode(plain)
}

func (f *File) read() ([]byte, error) {
	file, err := os.Open(f.Path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, largest))
}

func (f *File) Save(ctx context.Context, s Session) error {
	plain, err := s.encode()
	if err != nil {
		return err
	}
	seal, err := f.seal(ctx, true)
	if err != nil {
		return err
	}
	nonce := make([]byte, seal.NonceSize())
	rand.Read(nonce) // never fails
	file, err := scratch.Create(f.Path)
	if err != nil {
		return broken(ctx, f.Path, err)
	}
	if _, err := file.Write(seal.Seal(append([]byte(magic), nonce...), nonce, plain, []byte(magic))); err != nil {
		return broken(ctx, f.Path, errors.Join(err, file.Discard()))
	}
	return broken(ctx, f.Path, file.Replace())
}

func (f *File) Forget(ctx context.Context) error {
	if err := os.Remove(f.Path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return broken(ctx, f.Path, err)
	}
	return nil
}

func (f *File) seal(ctx context.Context, create bool) (cipher.AEAD, error) {
	text, err := f.Key(ctx, create)
	if err == nil && len(text) < 16 {
		err = errors.New("it is shorter than 16 characters")
	}
	if err != nil {
		return nil, fail(identity.Hold, remedyKey, fmt.Errorf("the key of the stored sign-in: %w", err))
	}
	key, err := hkdf.Key(sha256.New, []byte(text), nil, magic, 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// broken is the failure of a file that cannot be used.
func broken(ctx context.Context, path string, err error) error {
	if err == nil || ctx.Err() != nil {
		return err
	}
	if _, is := errors.AsType[*identity.Failure](err); is {
		return err
	}
	return &identity.Failure{Class: identity.Hold, Remedy: remedyFile,
		Err: fmt.Errorf("the sign-in is kept in %s: %w", path, err)}
}

// Ring is a store in the system's keyring. It has no lock of its own: LockPath is a file for that.
type Ring struct {
	LockPath string
	// Get returns ErrNone if the keyring has no entry.
	Get    func() (string, error)
	Set    func(string) error
	Delete func() error // no error if there is none
}

func (r *Ring) Lock(ctx context.Context) (func() error, error) {
	unlock, err := scratch.Lock(ctx, r.LockPath)
	return unlock, broken(ctx, r.LockPath, err)
}

func (r *Ring) Load(context.Context) (Session, error) {
	text, err := r.Get()
	if err != nil {
		return Session{}, locked(err)
	}
	return decode([]byte(text))
}

func (r *Ring) Save(_ context.Context, s Session) error {
	text, err := s.encode()
	if err != nil {
		return err
	}
	return locked(r.Set(string(text)))
}

func (r *Ring) Forget(context.Context) error { return locked(r.Delete()) }

func locked(err error) error {
	if err == nil || errors.Is(err, ErrNone) {
		return err
	}
	return &identity.Failure{Class: identity.Hold, Remedy: `Unlock the keyring, or set [cloud] token_store = "file".`,
		Err: fmt.Errorf("the keyring that keeps the sign-in: %w", err)}
}
