package identity

import "errors"

// Class is the class of an error, which decides what follows.
type Class string

const (
	Retry  Class = "retry"   // may succeed later: network, 429, 5xx
	GiveUp Class = "give-up" // will fail again unchanged: 400, 403, 409
	Hold   Class = "hold"    // nothing further should be written: 401, wrong organization
)

// Failure is an error with a class and a remedy for the operator. Adapters return it; front ends show
// both texts.
type Failure struct {
	Class  Class
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
