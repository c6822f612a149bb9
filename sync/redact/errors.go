package redact

import (
	"errors"

	"dirbridge/sync/identity"
)

// Error returns the error without secrets: the same text, the same for errors.Is, and a Failure in
// it has neither a text nor a remedy with secrets. An error without secrets is returned unchanged.
func (s *Secrets) Error(err error) error {
	if err == nil || s.all() == nil {
		return err
	}
	text := err.Error()
	clean := s.Text(text) == text
	if f, is := errors.AsType[*identity.Failure](err); is {
		clean = clean && s.Text(f.Remedy) == f.Remedy && s.Text(f.Error()) == f.Error()
	}
	if stale, is := errors.AsType[*identity.Stale](err); is {
		clean = clean && s.Text(stale.Reason) == stale.Reason
	}
	if clean {
		return err
	}
	return &hidden{secrets: s, text: s.Text(text), err: err}
}

// In removes the secrets from an error that a function is about to return:
//
//	defer secrets.In(&err)
func (s *Secrets) In(err *error) { *err = s.Error(*err) }

// hidden is an error with another text. It does not unwrap: the wrapped error contains a secret.
type hidden struct {
	secrets *Secrets
	text    string
	err     error
}

func (h *hidden) Error() string        { return h.text }
func (h *hidden) Is(target error) bool { return errors.Is(h.err, target) }

// As also cleans the error types that the engine uses. Any other type, such as the certificates of
// a TLS error, is returned unchanged.
func (h *hidden) As(target any) bool {
	switch t := target.(type) {
	case **identity.Failure:
		f, is := errors.AsType[*identity.Failure](h.err)
		if is {
			*t = &identity.Failure{Class: f.Class, Side: f.Side, Remedy: h.secrets.Text(f.Remedy),
				Err: &hidden{secrets: h.secrets, text: h.secrets.Text(f.Error()), err: f.Err}}
		}
		return is
	case **identity.Stale:
		stale, is := errors.AsType[*identity.Stale](h.err)
		if is {
			*t = &identity.Stale{Reason: h.secrets.Text(stale.Reason)}
		}
		return is
	}
	return errors.As(h.err, target)
}
