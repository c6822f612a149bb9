package app

import (
	"context"

	"dirbridge/sync/control"
)

// withholding is the part of the fake that has withheld records.
type withholding struct {
	withheld, confirmed []control.Withheld
	unconfirmed         error
	inReport            []control.Withheld // of any run
	unplaced            []string           // attributes that the cloud has no place for
}

func (f *withholding) Withheld(context.Context) ([]control.Withheld, error) { return f.withheld, nil }

func (f *withholding) Confirm(_ context.Context, w control.Withheld) error {
	if f.unconfirmed == nil {
		f.confirmed = append(f.confirmed, w)
	}
	return f.unconfirmed
}
