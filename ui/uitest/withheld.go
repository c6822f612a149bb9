package uitest

import (
	"context"

	"dirbridge/sync/control"
)

// Withholding is the part of an engine that has withheld records.
type Withholding struct {
	Records, Confirmed []control.Withheld
	Unconfirmed        error              // why none can be confirmed
	InReport           []control.Withheld // of any run
}

func (f *Withholding) Withheld(context.Context) ([]control.Withheld, error) { return f.Records, nil }

func (f *Withholding) Confirm(_ context.Context, w control.Withheld) error {
	if f.Unconfirmed == nil {
		f.Confirmed = append(f.Confirmed, w)
	}
	return f.Unconfirmed
}
