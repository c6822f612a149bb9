package identity

import "errors"

// Failure is an error with a remedy for the operator and a class, one of record.Class's values.
// Adapters return it; front ends show both texts.
type Failure struct {
	Class  string // retry, give-up, hold
	Side   Side
	Remedy string
	Err    error
}

func (f *Failure) Error() string { return f.Err.Error() }
func (f *Failure) Unwrap() error { return f.Err }

// Remedy is the remedy of a Shortage, else that of the first Failure in the chain of err, or "".
func Remedy(err error) string {
	if _, remedy := Shortage(err); remedy != "" {
		return remedy
	}
	var f *Failure
	if errors.As(err, &f) {
		return f.Remedy
	}
	return ""
}
